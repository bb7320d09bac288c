using System.Collections.Immutable;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Quantities;
using Sparkwright.World.Karpenter.InstanceTypes;

namespace Sparkwright.World.Karpenter.Apis;

/// <summary>What nodes are launched from, typed: an AWSNodeTemplate, the <c>provider</c> of a Provisioner, or an EC2NodeClass.</summary>
public sealed class NodeClass
{
    private NodeClass(ApiObject from, Generation generation, TreeMap spec)
    {
        Object = from;
        Generation = generation;
        Spec = spec;
        var isLegacy = generation == Generation.V1Alpha5;
        Subnets = isLegacy ? SelectorTerm.OfMap(spec["subnetSelector"]) : SelectorTerm.ListOf(spec["subnetSelectorTerms"]);
        SecurityGroups = isLegacy ? SelectorTerm.OfMap(spec["securityGroupSelector"]) : SelectorTerm.ListOf(spec["securityGroupSelectorTerms"]);
        Images = isLegacy ? SelectorTerm.OfMap(spec["amiSelector"]) : SelectorTerm.ListOf(spec["amiSelectorTerms"]);
        AmiFamily = spec["amiFamily"]?.Text ?? Alias?.Family ?? "AL2";
    }

    /// <summary>The object that the settings stand in; for an inline provider the Provisioner.</summary>
    public ApiObject Object { get; }

    public Generation Generation { get; }

    public string Name => Object.Name;

    /// <summary>All settings as they were given.</summary>
    public TreeMap Spec { get; }

    public ImmutableArray<SelectorTerm> Subnets { get; }

    public ImmutableArray<SelectorTerm> SecurityGroups { get; }

    /// <summary>None for a template without amiSelector: then the family decides.</summary>
    public ImmutableArray<SelectorTerm> Images { get; }

    /// <summary>AL2, AL2023, Bottlerocket, Ubuntu, Custom or Windows…: how the node is told to join.</summary>
    public string AmiFamily { get; }

    /// <summary>The family and version of <c>family@version</c>; null where images are chosen otherwise.</summary>
    public AmiAlias? Alias => Images is [{ Alias: { } alias }] ? AmiAlias.Of(alias) : null;

    /// <summary>A launch template of the user's own (v1alpha1).</summary>
    public string? LaunchTemplate => Generation == Generation.V1Alpha5 ? Spec["launchTemplate"]?.Text : null;

    public string? InstanceProfile => Spec["instanceProfile"]?.Text;

    /// <summary>The role for which Karpenter makes an instance profile (v1).</summary>
    public string? Role => Spec["role"]?.Text;

    public string? UserData => Spec["userData"]?.Text;

    public TreeList BlockDeviceMappings => Spec["blockDeviceMappings"] as TreeList ?? TreeList.Empty;

    public TreeMap MetadataOptions => Spec["metadataOptions"] as TreeMap ?? TreeMap.Empty;

    public TreeMap Tags => Spec["tags"] as TreeMap ?? TreeMap.Empty;

    /// <summary>Whether the local NVMe disks are joined to hold what pods write.</summary>
    public bool UsesInstanceStore => Spec["instanceStorePolicy"]?.Text == "RAID0";

    /// <summary>The device that holds what pods write.</summary>
    public string EphemeralDevice => DeviceOf(AmiFamily);

    public static NodeClass OfTemplate(ApiObject template) => new(template, Generation.V1Alpha5, template.Spec);

    public static NodeClass OfInlineProvider(ApiObject provisioner) =>
        new(provisioner, Generation.V1Alpha5, provisioner.Spec["provider"] as TreeMap ?? TreeMap.Empty);

    public static NodeClass OfEc2NodeClass(ApiObject nodeClass) => new(nodeClass, Generation.V1, nodeClass.Spec);

    /// <summary>What the kubelet of a pool's nodes is told, and what the class's image and disks mean for it.</summary>
    public KubeletSettings KubeletFor(Pool pool)
    {
        var kubelet = pool.Kubelet ?? Spec["kubelet"] as TreeMap ?? TreeMap.Empty;
        return new KubeletSettings
        {
            MaxPods = kubelet["maxPods"]?.Integer,
            PodsPerCore = kubelet["podsPerCore"]?.Integer,
            KubeReserved = kubelet["kubeReserved"] as TreeMap ?? TreeMap.Empty,
            SystemReserved = kubelet["systemReserved"] as TreeMap ?? TreeMap.Empty,
            EvictionHard = kubelet["evictionHard"] as TreeMap ?? TreeMap.Empty,
            EvictionSoft = kubelet["evictionSoft"] as TreeMap ?? TreeMap.Empty,
            IsBottlerocket = AmiFamily == "Bottlerocket",
            UsesInstanceStore = UsesInstanceStore,
            RootVolumeBytes = RootVolumeBytes(),
        };
    }

    /// <summary>The device that a family's pods write to.</summary>
    public static string DeviceOf(string amiFamily) => amiFamily switch
    {
        "Bottlerocket" => "/dev/xvdb",
        "Ubuntu" => "/dev/sda1",
        _ => "/dev/xvda",
    };

    /// <summary>Of the mapping marked as root, else of the family's own device (a custom image: of the last mapping), else 20Gi.</summary>
    private long RootVolumeBytes()
    {
        var mappings = BlockDeviceMappings.Span.ToArray();
        var root = Array.Find(mappings, mapping => mapping["rootVolume"]?.Boolean == true && SizeOf(mapping) is not null)
            ?? (AmiFamily == "Custom" ? mappings.LastOrDefault() : Array.Find(mappings, mapping => mapping["deviceName"]?.Text == EphemeralDevice && SizeOf(mapping) is not null));
        return SizeOf(root) ?? (20L << 30);
    }

    private static long? SizeOf(Tree? mapping) =>
        mapping?.At("ebs", "volumeSize") is { } size && Quantity.TryParse(size.Text ?? size.ToString(), out var quantity) ? quantity.Value : null;
}

/// <summary>An image family and the version wanted of it.</summary>
/// <param name="Family">As amiFamily names it: AL2023.</param>
/// <param name="Version"><c>latest</c>, or a release such as <c>v20240703</c>.</param>
public sealed record AmiAlias(string Family, string Version)
{
    private static readonly string[] Families = ["AL2", "AL2023", "Bottlerocket", "Windows2019", "Windows2022", "Windows2025"];

    /// <summary>Null when the text is no alias of a known family.</summary>
    public static AmiAlias? Of(string text) =>
        text.Split('@', 2) is [var name, { Length: > 0 } version] && Array.Find(Families, family => string.Equals(family, name, StringComparison.OrdinalIgnoreCase)) is { } known
            ? new AmiAlias(known, version)
            : null;
}
