using System.Collections.Immutable;

namespace Sparkwright.World.Karpenter;

/// <summary>Labels that Karpenter knows, by generation.</summary>
public static class KarpenterLabels
{
    public const string ProvisionerName = "karpenter.sh/provisioner-name";
    public const string NodePool = "karpenter.sh/nodepool";
    public const string CapacityType = "karpenter.sh/capacity-type";
    public const string Initialized = "karpenter.sh/initialized";
    public const string InstanceType = "node.kubernetes.io/instance-type";
    public const string Arch = "kubernetes.io/arch";
    public const string Os = "kubernetes.io/os";
    public const string Zone = "topology.kubernetes.io/zone";
    public const string ZoneId = "topology.k8s.aws/zone-id";
    public const string Region = "topology.kubernetes.io/region";
    public const string Hostname = "kubernetes.io/hostname";
    public const string WindowsBuild = "node.kubernetes.io/windows-build";
    public const string InstancePrefix = "karpenter.k8s.aws/instance-";

    private static readonly ImmutableHashSet<string> Common =
    [
        CapacityType, InstanceType, Arch, Os, Zone, Region, WindowsBuild,
        .. new[] { "hypervisor", "category", "family", "generation", "size", "local-nvme", "cpu", "memory", "gpu-name", "gpu-manufacturer", "gpu-count", "gpu-memory" }
            .Select(name => InstancePrefix + name),
    ];

    private static readonly ImmutableHashSet<string> V1Alpha5 = Common.Union([ProvisionerName, InstancePrefix + "pods"]);

    private static readonly ImmutableHashSet<string> V1 = Common.Union(
    [
        NodePool, ZoneId, "karpenter.k8s.aws/capacity-reservation-id", "karpenter.k8s.aws/capacity-reservation-type",
        .. new[]
        {
            "encryption-in-transit-supported", "capability-flex", "cpu-manufacturer", "cpu-sustained-clock-speed-mhz", "ebs-bandwidth", "network-bandwidth",
            "accelerator-name", "accelerator-manufacturer", "accelerator-count", "tenancy",
        }.Select(name => InstancePrefix + name),
    ]);

    /// <summary>Labels of the AWS provider that users may name although scheduling does not know them.</summary>
    private static readonly ImmutableHashSet<string> AlsoKnownToAws =
    [
        "karpenter.k8s.aws/capacity-reservation-interruptible", "karpenter.k8s.aws/ec2nodeclass", "karpenter.k8s.aws/nitro-sandbox",
        "karpenter.k8s.aws/placement-group-id", "karpenter.k8s.aws/placement-group-partition",
    ];

    private static readonly ImmutableDictionary<string, string> Aliases = ImmutableDictionary.CreateRange(StringComparer.Ordinal,
    [
        KeyValuePair.Create("failure-domain.beta.kubernetes.io/zone", Zone),
        KeyValuePair.Create("failure-domain.beta.kubernetes.io/region", Region),
        KeyValuePair.Create("beta.kubernetes.io/arch", Arch),
        KeyValuePair.Create("beta.kubernetes.io/os", Os),
        KeyValuePair.Create("beta.kubernetes.io/instance-type", InstanceType),
        KeyValuePair.Create("topology.ebs.csi.aws.com/zone", Zone),
    ]);

    public static ImmutableHashSet<string> WellKnown(Generation generation) => generation == Generation.V1Alpha5 ? V1Alpha5 : V1;

    /// <summary>Whether the CustomResourceDefinitions of v1 let a label of the provider's domain pass.</summary>
    public static bool IsKnownToAws(string key) => V1.Contains(key) || AlsoKnownToAws.Contains(key);

    /// <summary>The stable name of a label that is known under an older one.</summary>
    public static string Normalized(string key) => Aliases.GetValueOrDefault(key, key);

    /// <summary>Whether nobody may ask for a label of this key on nodes.</summary>
    public static bool IsRestricted(string key, Generation generation)
    {
        if (WellKnown(generation).Contains(key))
        {
            return false;
        }

        if (key == Hostname)
        {
            return true;
        }

        var slash = key.IndexOf('/', StringComparison.Ordinal);
        var domain = slash < 0 ? "" : key[..slash];
        if (IsWithin(domain, "karpenter.sh") || IsWithin(domain, "karpenter.k8s.aws"))
        {
            return true;
        }

        return generation == Generation.V1Alpha5
            && (IsWithin(domain, "kubernetes.io") || IsWithin(domain, "k8s.io"))
            && !IsWithin(domain, "kops.k8s.io") && !IsWithin(domain, "node.kubernetes.io");
    }

    /// <summary>What Karpenter answers to whoever asks for a restricted label.</summary>
    /// <param name="meant">The label that was probably meant; null when none is near.</param>
    public static string RestrictionOf(string key, Generation generation, string? meant = null) =>
        $"label {key} is restricted{(meant is null ? "" : $" (typo of \"{meant}\"?)")}; specify a well known label: [{string.Join(' ', WellKnown(generation).Order(StringComparer.Ordinal))}], "
        + $"or a custom label that does not use a restricted domain: [{(generation == Generation.V1Alpha5 ? "k8s.io karpenter.k8s.aws karpenter.sh kubernetes.io" : "karpenter.k8s.aws karpenter.sh")}]";

    private static bool IsWithin(string domain, string parent) =>
        domain == parent || domain.EndsWith("." + parent, StringComparison.Ordinal);
}
