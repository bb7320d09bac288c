using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Quantities;

namespace Sparkwright.Kubernetes.Admission;

/// <summary>Storage classes: a provisioner and modes that exist, and what stays once it is there.</summary>
public sealed class StorageClassRules : KindRules
{
    private static readonly string[] Fixed = ["parameters", "provisioner", "reclaimPolicy", "volumeBindingMode"];

    public override ApiObject Default(ApiObject candidate) =>
        candidate.With(candidate.Body.OrElse("reclaimPolicy", "Delete").OrElse("volumeBindingMode", "Immediate"));

    public override IEnumerable<FieldError> Validate(ApiObject candidate, ApiObject? old)
    {
        var errors = new List<FieldError>();
        if (string.IsNullOrEmpty(candidate.Body["provisioner"]?.Text))
        {
            errors.Add(FieldError.Required("provisioner"));
        }

        if (candidate.Body["reclaimPolicy"]?.Text is { } policy and not ("Delete" or "Retain"))
        {
            errors.Add(FieldError.Unsupported("reclaimPolicy", policy, "Delete", "Retain"));
        }

        if (candidate.Body["volumeBindingMode"]?.Text is { } mode and not ("Immediate" or "WaitForFirstConsumer"))
        {
            errors.Add(FieldError.Unsupported("volumeBindingMode", mode, "Immediate", "WaitForFirstConsumer"));
        }

        foreach (var field in old is null ? [] : Fixed)
        {
            if (!Equals(candidate.Body[field], old!.Body[field]))
            {
                errors.Add(FieldError.Forbidden(field, "updates to " + field + " are forbidden."));
            }
        }

        return errors;
    }
}

/// <summary>Volumes: a size, access modes and one source, which stays.</summary>
public sealed class PersistentVolumeRules : KindRules
{
    private static readonly HashSet<string> NoSources = new(StringComparer.Ordinal)
    {
        "accessModes", "capacity", "claimRef", "mountOptions", "nodeAffinity", "persistentVolumeReclaimPolicy", "storageClassName", "volumeAttributesClassName", "volumeMode",
    };

    public override ApiObject Default(ApiObject candidate) => candidate.With(candidate.Body
        .With("spec", candidate.Spec.OrElse("persistentVolumeReclaimPolicy", "Retain").OrElse("volumeMode", "Filesystem"))
        .OrElse("status", TreeMap.Of(("phase", "Pending"))));

    public override IEnumerable<FieldError> Validate(ApiObject candidate, ApiObject? old)
    {
        var errors = new List<FieldError>();
        var spec = candidate.Spec;
        if (Tree.ItemsOf(spec["accessModes"]).Length == 0)
        {
            errors.Add(FieldError.Required("spec.accessModes"));
        }

        AccessModes.Check(spec, errors);
        if (spec["capacity"] is not TreeMap { Count: > 0 } capacity)
        {
            errors.Add(FieldError.Required("spec.capacity"));
        }
        else if (capacity["storage"] is not { } size)
        {
            errors.Add(FieldError.Unsupported("spec.capacity", capacity.ToString(), "storage"));
        }
        else
        {
            AccessModes.CheckSize(size, "spec.capacity[storage]", errors);
        }

        if (spec["persistentVolumeReclaimPolicy"]?.Text is { } policy and not ("Delete" or "Recycle" or "Retain"))
        {
            errors.Add(FieldError.Unsupported("spec.persistentVolumeReclaimPolicy", policy, "Delete", "Recycle", "Retain"));
        }

        CheckSource(spec, errors);
        if (old is not null && !SourceOf(old.Spec).SequenceEqual(SourceOf(spec)))
        {
            errors.Add(FieldError.Forbidden("spec.persistentvolumesource", "spec.persistentvolumesource is immutable after creation"));
        }

        if (old is not null && !Equals(old.Spec["volumeMode"], spec["volumeMode"]))
        {
            errors.Add(FieldError.Invalid("spec.volumeMode", spec["volumeMode"], "field is immutable"));
        }

        return errors;
    }

    private static void CheckSource(TreeMap spec, List<FieldError> errors)
    {
        var sources = SourceOf(spec).Select(source => source.Key).ToList();
        if (sources.Count == 0)
        {
            errors.Add(FieldError.Required("spec", "must specify a volume type"));
        }

        foreach (var more in sources.Skip(1))
        {
            errors.Add(FieldError.Forbidden($"spec.{more}", "may not specify more than 1 volume type"));
        }

        if (spec["local"] is not null && spec.At("nodeAffinity", "required") is null)
        {
            errors.Add(FieldError.Required("spec.nodeAffinity", "Local volume requires node affinity"));
        }

        foreach (var field in spec["csi"] is null ? [] : new[] { "driver", "volumeHandle" })
        {
            if (string.IsNullOrEmpty(spec.At("csi", field)?.Text))
            {
                errors.Add(FieldError.Required($"spec.csi.{field}"));
            }
        }
    }

    private static List<KeyValuePair<string, Tree>> SourceOf(TreeMap spec)
    {
        var sources = new List<KeyValuePair<string, Tree>>();
        foreach (var (field, value) in spec)
        {
            if (!NoSources.Contains(field))
            {
                sources.Add(new(field, value));
            }
        }

        return sources;
    }
}

/// <summary>Claims: access modes and a size; of a bound claim only the size may change, and only grow beyond what is there.</summary>
public sealed class ClaimRules : KindRules
{
    public override ApiObject Default(ApiObject candidate) => candidate.With(candidate.Body
        .With("spec", candidate.Spec.OrElse("volumeMode", "Filesystem"))
        .OrElse("status", TreeMap.Of(("phase", "Pending"))));

    public override IEnumerable<FieldError> Validate(ApiObject candidate, ApiObject? old)
    {
        var errors = new List<FieldError>();
        var spec = candidate.Spec;
        if (Tree.ItemsOf(spec["accessModes"]).Length == 0)
        {
            errors.Add(FieldError.Required("spec.accessModes", "at least 1 access mode is required"));
        }

        AccessModes.Check(spec, errors);
        if (spec.At("resources", "requests", "storage") is not { } size)
        {
            errors.Add(FieldError.Required("spec.resources[storage]"));
        }
        else
        {
            AccessModes.CheckSize(size, "spec.resources[storage]", errors);
        }

        if (old is not null)
        {
            CheckChange(candidate, old, errors);
        }

        return errors;
    }

    private static void CheckChange(ApiObject candidate, ApiObject old, List<FieldError> errors)
    {
        // A claim that has no volume or no class yet may get one.
        var kept = old.Spec;
        kept = string.IsNullOrEmpty(kept["volumeName"]?.Text) ? kept.With("volumeName", candidate.Spec["volumeName"]) : kept;
        kept = kept["storageClassName"] is null ? kept.With("storageClassName", candidate.Spec["storageClassName"]) : kept;
        if (old.Status["phase"]?.Text == "Bound")
        {
            kept = kept.With("resources", candidate.Spec["resources"]).With("volumeAttributesClassName", candidate.Spec["volumeAttributesClassName"]);
            var size = AccessModes.SizeOf(candidate.Spec.At("resources", "requests", "storage"));
            if (size < AccessModes.SizeOf(old.Spec.At("resources", "requests", "storage")) && size < AccessModes.SizeOf(old.Status.At("capacity", "storage")))
            {
                errors.Add(FieldError.Forbidden("spec.resources.requests.storage", "field can not be less than status.capacity"));
            }
        }

        if (!kept.Equals(candidate.Spec))
        {
            errors.Add(FieldError.Forbidden("spec", "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims"));
        }
    }
}

/// <summary>What claims and volumes have in common.</summary>
internal static class AccessModes
{
    private const string OnePod = "ReadWriteOncePod";

    private static readonly string[] All = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", OnePod];

    public static void Check(TreeMap spec, List<FieldError> errors)
    {
        var modes = Tree.ItemsOf(spec["accessModes"]).ToArray().Select(mode => mode.Text ?? "").ToList();
        foreach (var unknown in modes.Where(mode => !All.Contains(mode)))
        {
            errors.Add(FieldError.Unsupported("spec.accessModes", unknown, All));
        }

        if (modes.Contains(OnePod) && modes.Count > 1)
        {
            errors.Add(FieldError.Forbidden("spec.accessModes", "may not use ReadWriteOncePod with other access modes"));
        }
    }

    public static void CheckSize(Tree size, string path, List<FieldError> errors)
    {
        if (!(SizeOf(null) < SizeOf(size)))
        {
            errors.Add(FieldError.Invalid(path, size.Text ?? size.ToString() ?? "", "must be greater than zero"));
        }
    }

    public static Quantity SizeOf(Tree? size) => Quantity.TryParse(size?.Text ?? size?.ToString() ?? "", out var quantity) ? quantity : default;
}
