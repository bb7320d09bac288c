using System.Collections.Immutable;
using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Quantities;
using Sparkwright.World.Karpenter.InstanceTypes;
using Sparkwright.World.Karpenter.Requirements;

namespace Sparkwright.World.Karpenter.Apis;

/// <summary>A v1alpha5 Provisioner, typed.</summary>
public sealed class Provisioner
{
    private Provisioner(ApiObject from)
    {
        Object = from;
        var spec = from.Spec;
        Weight = spec["weight"]?.Integer ?? 0;
        Labels = spec["labels"] as TreeMap ?? TreeMap.Empty;
        Annotations = spec["annotations"] as TreeMap ?? TreeMap.Empty;
        Taints = [.. Tree.ItemsOf(spec["taints"]).ToArray().Select(Taint.From)];
        StartupTaints = [.. Tree.ItemsOf(spec["startupTaints"]).ToArray().Select(Taint.From)];
        Requirements = RequirementSet.Of(Tree.ItemsOf(spec["requirements"]).ToArray().Select(one => Requirement.From(one)))
            .With(RequirementSet.OfLabels(Labels))
            .With(Requirement.In(KarpenterLabels.ProvisionerName, from.Name));
        Limits = spec.At("limits", "resources") is TreeMap limits
            ? limits.Members().ToImmutableSortedDictionary(limit => limit.Key, limit => ResourceList.From(limits).Of(limit.Key), StringComparer.Ordinal)
            : ImmutableSortedDictionary.Create<string, long>(StringComparer.Ordinal);
        TtlAfterEmpty = spec["ttlSecondsAfterEmpty"]?.Integer is { } seconds ? TimeSpan.FromSeconds(seconds) : null;
    }

    public ApiObject Object { get; }

    public string Name => Object.Name;

    public long Weight { get; }

    public TreeMap Labels { get; }

    public TreeMap Annotations { get; }

    public ImmutableArray<Taint> Taints { get; }

    public ImmutableArray<Taint> StartupTaints { get; }

    /// <summary>The requirements, the labels and the provisioner's name, all of which its nodes will have.</summary>
    public RequirementSet Requirements { get; }

    /// <summary>By resource: millicores, bytes, units.</summary>
    public ImmutableSortedDictionary<string, long> Limits { get; }

    /// <summary>How long an empty node stays; null = for ever.</summary>
    public TimeSpan? TtlAfterEmpty { get; }

    /// <summary>The AWSNodeTemplate's name, or null when the provider's settings stand in the Provisioner itself.</summary>
    public string? ProviderRef => Object.Spec.At("providerRef", "name")?.Text;

    public static Provisioner Of(ApiObject from) => new(from);

    /// <summary>What the kubelet of its nodes is told.</summary>
    public KubeletSettings Kubelet(TreeMap nodeTemplate)
    {
        var kubelet = Object.Spec["kubeletConfiguration"];
        var family = nodeTemplate["amiFamily"]?.Text ?? "AL2";
        return new KubeletSettings
        {
            MaxPods = kubelet?["maxPods"]?.Integer,
            PodsPerCore = kubelet?["podsPerCore"]?.Integer,
            KubeReserved = kubelet?["kubeReserved"] as TreeMap ?? TreeMap.Empty,
            SystemReserved = kubelet?["systemReserved"] as TreeMap ?? TreeMap.Empty,
            EvictionHard = kubelet?["evictionHard"] as TreeMap ?? TreeMap.Empty,
            EvictionSoft = kubelet?["evictionSoft"] as TreeMap ?? TreeMap.Empty,
            IsBottlerocket = family == "Bottlerocket",
            RootVolumeBytes = RootVolume(nodeTemplate, RootDeviceOf(family)),
        };
    }

    /// <summary>The device that holds what pods write.</summary>
    public static string RootDeviceOf(string amiFamily) => amiFamily switch
    {
        "Bottlerocket" => "/dev/xvdb",
        "Ubuntu" => "/dev/sda1",
        _ => "/dev/xvda",
    };

    private static long RootVolume(TreeMap nodeTemplate, string device)
    {
        foreach (var mapping in Tree.ItemsOf(nodeTemplate["blockDeviceMappings"]))
        {
            if (mapping["deviceName"]?.Text == device && mapping.At("ebs", "volumeSize") is { } size
                && Quantity.TryParse(size.Text ?? size.ToString(), out var quantity))
            {
                return quantity.Value;
            }
        }

        return 20L << 30;
    }
}
