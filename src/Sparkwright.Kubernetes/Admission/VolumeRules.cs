using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.Kubernetes.Admission;

/// <summary>The faults of a pod's volumes.</summary>
internal static class VolumeRules
{
    private static readonly string[] HostPathTypes = ["", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"];

    /// <summary>Checks the volumes and gives their names.</summary>
    public static HashSet<string> Check(Tree? volumes, FieldPath path, List<FieldError> errors)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var at = 0; at < Tree.ItemsOf(volumes).Length; at++)
        {
            var volume = Tree.ItemsOf(volumes)[at];
            var name = volume["name"]?.Text ?? "";
            var here = path.Index(at);
            if (name.Length == 0)
            {
                errors.Add(FieldError.Required(here.Child("name")));
            }
            else
            {
                errors.AddRange(Formats.Label(name).Select(fault => FieldError.Invalid(here.Child("name"), name, fault)));
                if (!names.Add(name))
                {
                    errors.Add(FieldError.Duplicate(here.Child("name"), name));
                }
            }

            CheckSource(volume as TreeMap ?? TreeMap.Empty, here, errors);
        }

        return names;
    }

    public static void CheckRelative(string place, FieldPath path, List<FieldError> errors)
    {
        if (place.StartsWith('/'))
        {
            errors.Add(FieldError.Invalid(path, place, "must be a relative path"));
        }

        CheckNoBacksteps(place, path, errors);
    }

    private static void CheckNoBacksteps(string place, FieldPath path, List<FieldError> errors)
    {
        if (place.Split('/').Contains(".."))
        {
            errors.Add(FieldError.Invalid(path, place, "must not contain '..'"));
        }
    }

    private static void CheckSource(TreeMap volume, FieldPath path, List<FieldError> errors)
    {
        var sources = volume.Keys.ToArray().Where(key => key != "name").ToList();
        if (sources.Count == 0)
        {
            errors.Add(FieldError.Required(path, "must specify a volume type"));
            return;
        }

        foreach (var more in sources.Skip(1))
        {
            errors.Add(FieldError.Forbidden(path.Child(more), "may not specify more than 1 volume type"));
        }

        var kind = sources[0];
        var source = volume[kind];
        var at = path.Child(kind);
        switch (kind)
        {
            case "hostPath":
                CheckHostPath(source, at, errors);
                break;
            case "configMap":
                RequireName(source?["name"]?.Text, at.Child("name"), errors);
                CheckItems(source, at, errors);
                break;
            case "secret":
                RequireName(source?["secretName"]?.Text, at.Child("secretName"), errors);
                CheckItems(source, at, errors);
                break;
            case "persistentVolumeClaim":
                RequireName(source?["claimName"]?.Text, at.Child("claimName"), errors);
                break;
            case "projected" or "downwardAPI":
                CheckMode(source?["defaultMode"], at.Child("defaultMode"), errors);
                break;
        }
    }

    private static void CheckHostPath(Tree? source, FieldPath path, List<FieldError> errors)
    {
        var place = source?["path"]?.Text ?? "";
        if (place.Length == 0)
        {
            errors.Add(FieldError.Required(path.Child("path")));
        }

        CheckNoBacksteps(place, path.Child("path"), errors);
        if (source?["type"]?.Text is { } type && !HostPathTypes.Contains(type))
        {
            errors.Add(FieldError.Unsupported(path.Child("type"), type, HostPathTypes));
        }
    }

    private static void CheckItems(Tree? source, FieldPath path, List<FieldError> errors)
    {
        CheckMode(source?["defaultMode"], path.Child("defaultMode"), errors);
        for (var at = 0; at < Tree.ItemsOf(source?["items"]).Length; at++)
        {
            var item = Tree.ItemsOf(source!["items"])[at];
            var here = path.Child("items").Index(at);
            RequireName(item["key"]?.Text, here.Child("key"), errors);
            RequireName(item["path"]?.Text, here.Child("path"), errors);
            CheckRelative(item["path"]?.Text ?? "", here.Child("path"), errors);
            CheckMode(item["mode"], here.Child("mode"), errors);
        }
    }

    private static void CheckMode(Tree? mode, FieldPath path, List<FieldError> errors)
    {
        if (mode?.Integer is { } bits and (< 0 or > 511))
        {
            errors.Add(FieldError.Invalid(path, bits, "must be a number between 0 and 0777 (octal), both inclusive"));
        }
    }

    private static void RequireName(string? name, FieldPath path, List<FieldError> errors)
    {
        if (string.IsNullOrEmpty(name))
        {
            errors.Add(FieldError.Required(path));
        }
    }
}
