using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.Kubernetes.Admission;

/// <summary>The faults of a pod's spec, alone or in a template.</summary>
internal static class PodSpecRules
{
    private static readonly string[] RestartPolicies = ["Always", "OnFailure", "Never"];
    private static readonly string[] DnsPolicies = ["ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"];

    public static void Check(TreeMap spec, FieldPath path, List<FieldError> errors)
    {
        var volumes = VolumeRules.Check(spec["volumes"], path.Child("volumes"), errors);
        CheckContainers(spec, volumes, path, errors);
        CheckPolicy(spec["restartPolicy"]?.Text, RestartPolicies, path.Child("restartPolicy"), errors);
        CheckPolicy(spec["dnsPolicy"]?.Text, DnsPolicies, path.Child("dnsPolicy"), errors);
        if (spec["preemptionPolicy"]?.Text is { } preemption)
        {
            CheckPolicy(preemption, ["Never", "PreemptLowerPriority"], path.Child("preemptionPolicy"), errors);
        }

        CheckNumbers(spec, path, errors);
        CheckNames(spec, path, errors);
        SchedulingRules.Check(spec, path, errors);
    }

    private static void CheckContainers(TreeMap spec, HashSet<string> volumes, FieldPath path, List<FieldError> errors)
    {
        if (Tree.ItemsOf(spec["containers"]).Length == 0)
        {
            errors.Add(FieldError.Required(path.Child("containers")));
        }

        var setting = new ContainerSetting(volumes, spec["hostNetwork"]?.Boolean == true);
        foreach (var list in new[] { "containers", "initContainers" })
        {
            var items = Tree.ItemsOf(spec[list]);
            for (var at = 0; at < items.Length; at++)
            {
                ContainerRules.Check(items[at], list == "initContainers", setting, path.Child(list).Index(at), errors);
            }
        }
    }

    private static void CheckPolicy(string? policy, string[] allowed, FieldPath path, List<FieldError> errors)
    {
        if (string.IsNullOrEmpty(policy))
        {
            errors.Add(FieldError.Required(path));
        }
        else if (!allowed.Contains(policy))
        {
            errors.Add(FieldError.Unsupported(path, policy, allowed));
        }
    }

    private static void CheckNumbers(TreeMap spec, FieldPath path, List<FieldError> errors)
    {
        if (spec["activeDeadlineSeconds"]?.Integer is { } deadline and (< 1 or > int.MaxValue))
        {
            errors.Add(FieldError.Invalid(path.Child("activeDeadlineSeconds"), deadline, $"must be between 1 and {int.MaxValue}, inclusive"));
        }

        if (spec["terminationGracePeriodSeconds"]?.Integer is { } grace and < 0)
        {
            errors.Add(FieldError.Invalid(path.Child("terminationGracePeriodSeconds"), grace, "must be greater than or equal to 0"));
        }
    }

    private static void CheckNames(TreeMap spec, FieldPath path, List<FieldError> errors)
    {
        CheckName("serviceAccountName", Formats.Subdomain);
        CheckName("nodeName", Formats.Subdomain);
        CheckName("priorityClassName", Formats.Subdomain);
        CheckName("runtimeClassName", Formats.Subdomain);
        CheckName("hostname", Formats.Label);
        CheckName("subdomain", Formats.Label);
        if (spec["schedulingGates"] is TreeList gates && spec["nodeName"]?.Text is { Length: > 0 } && gates.Count > 0)
        {
            errors.Add(FieldError.Forbidden(path.Child("nodeName"), "cannot be set until all schedulingGates have been cleared"));
        }

        void CheckName(string field, Func<string, IEnumerable<string>> faults)
        {
            if (spec[field]?.Text is { Length: > 0 } name)
            {
                errors.AddRange(faults(name).Select(fault => FieldError.Invalid(path.Child(field), name, fault)));
            }
        }
    }
}

/// <summary>What the containers of one pod share while they are checked.</summary>
/// <param name="Volumes">The names of the pod's volumes.</param>
internal sealed record ContainerSetting(HashSet<string> Volumes, bool HostNetwork)
{
    public HashSet<string> Names { get; } = new(StringComparer.Ordinal);

    public HashSet<string> HostPorts { get; } = new(StringComparer.Ordinal);
}
