using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Karpenter.Apis;

namespace Sparkwright.World.Karpenter.Cloud;

/// <summary>A pool's kubelet settings as the arguments of a kubelet, and as its configuration file.</summary>
internal static class KubeletArguments
{
    private static readonly string[] Maps = ["systemReserved", "kubeReserved", "evictionHard", "evictionSoft", "evictionSoftGracePeriod"];

    /// <summary>Such as <c>--max-pods=20 --kube-reserved="cpu=100m"</c>; empty when nothing is set.</summary>
    public static string CommandLine(TreeMap kubelet)
    {
        var arguments = new List<string>();
        foreach (var (field, flag) in new[] { ("maxPods", "max-pods"), ("podsPerCore", "pods-per-core") })
        {
            if (kubelet[field]?.Integer is { } number)
            {
                arguments.Add($"--{flag}={number}");
            }
        }

        foreach (var field in Maps)
        {
            if (kubelet[field] is TreeMap { Count: > 0 } map)
            {
                // Thresholds compare, amounts are assigned.
                var sign = field is "evictionHard" or "evictionSoft" ? '<' : '=';
                arguments.Add($"--{Flag(field)}={string.Join(',', map.Members().Select(member => $"{member.Key}{sign}{Plain(member.Value)}"))}");
            }
        }

        return string.Join(' ', arguments);
    }

    /// <summary>What a KubeletConfiguration of these settings and taints has.</summary>
    public static TreeMap Configuration(TreeMap kubelet, NodeRegistration registration, KarpenterSettings settings) => kubelet
        .With("clusterDNS", kubelet["clusterDNS"] ?? TreeList.Of("10.100.0.10"))
        .With("maxPods", kubelet["maxPods"] ?? (settings.EniLimitedPodDensity ? null : 110))
        .With("registerWithTaints", registration.Taints.IsEmpty ? null : TreeList.From(registration.Taints.Select(taint => taint.ToTree())));

    /// <summary>What a class and its pool say of the kubelet.</summary>
    public static TreeMap Of(Pool pool, NodeClass nodeClass) => pool.Kubelet ?? nodeClass.Spec["kubelet"] as TreeMap ?? TreeMap.Empty;

    private static string Flag(string field) => string.Concat(field.Select(letter => char.IsAsciiLetterUpper(letter) ? $"-{(char)(letter + 32)}" : $"{letter}"));

    private static string Plain(Tree value) => value.Text ?? value.ToString();
}
