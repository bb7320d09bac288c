using Sparkwright.Kubernetes.Admission;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Karpenter.Apis;

/// <summary>The expressions over the kubelet's settings in an EC2NodeClass.</summary>
internal static class KubeletRules
{
    private static readonly string[] Reservable = ["cpu", "memory", "ephemeral-storage", "pid"];
    private static readonly string[] Signals = ["memory.available", "nodefs.available", "nodefs.inodesFree", "imagefs.available", "imagefs.inodesFree", "pid.available"];

    public static IEnumerable<FieldError> Validate(Tree? kubelet, string path)
    {
        foreach (var field in new[] { "kubeReserved", "systemReserved" })
        {
            foreach (var error in Keys(kubelet, field, Reservable, path))
            {
                yield return error;
            }

            if (Map(kubelet, field).Members().Any(member => member.Value.Text?.StartsWith('-') == true))
            {
                yield return CelRules.Broken($"{path}.{field}", "object", $"{field} value cannot be a negative resource quantity");
            }
        }

        foreach (var error in new[] { "evictionHard", "evictionSoft", "evictionSoftGracePeriod" }.SelectMany(field => Keys(kubelet, field, Signals, path)))
        {
            yield return error;
        }

        if (kubelet?["imageGCHighThresholdPercent"]?.Integer is { } high && kubelet["imageGCLowThresholdPercent"]?.Integer is { } low && high <= low)
        {
            yield return CelRules.Broken(path, "object", "imageGCHighThresholdPercent must be greater than imageGCLowThresholdPercent");
        }

        var (soft, grace) = (Map(kubelet, "evictionSoft"), Map(kubelet, "evictionSoftGracePeriod"));
        if (soft.Members().Any(member => !grace.ContainsKey(member.Key)))
        {
            yield return CelRules.Broken(path, "object", "evictionSoft OwnerKey does not have a matching evictionSoftGracePeriod");
        }

        if (grace.Members().Any(member => !soft.ContainsKey(member.Key)))
        {
            yield return CelRules.Broken(path, "object", "evictionSoftGracePeriod OwnerKey does not have a matching evictionSoft");
        }
    }

    private static IEnumerable<FieldError> Keys(Tree? kubelet, string field, string[] valid, string path)
    {
        if (Map(kubelet, field).Members().Any(member => !valid.Contains(member.Key)))
        {
            yield return CelRules.Broken($"{path}.{field}", "object", $"valid keys for {field} are [{string.Join(',', valid.Select(key => $"'{key}'"))}]");
        }
    }

    private static TreeMap Map(Tree? kubelet, string field) => kubelet?[field] as TreeMap ?? TreeMap.Empty;
}
