using System.Collections.Immutable;
using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Karpenter.Requirements;

namespace Sparkwright.World.Karpenter.Apis;

/// <summary>A pool among those of both kinds, which may share names.</summary>
public readonly record struct PoolKey(Generation Generation, string Name)
{
    public ResourceType Type => Generation == Generation.V1Alpha5 ? KarpenterTypes.Provisioner : KarpenterTypes.NodePool;

    /// <summary>The pool that an object's labels name; null when it belongs to none.</summary>
    public static PoolKey? Of(ObjectMeta metadata) =>
        metadata.Label(KarpenterLabels.NodePool) is { Length: > 0 } nodePool ? new(Generation.V1, nodePool)
        : metadata.Label(KarpenterLabels.ProvisionerName) is { Length: > 0 } provisioner ? new(Generation.V1Alpha5, provisioner)
        : null;
}

/// <summary>The class that a pool's nodes are launched from, by name.</summary>
public sealed record NodeClassRef(string Group, string Kind, string Name);

/// <summary>A Provisioner or a NodePool, typed: all of Karpenter but its API reads pools through this.</summary>
public sealed class Pool
{
    /// <summary>The resource by which limits and usage count nodes.</summary>
    public const string NodesResource = "nodes";

    private Pool(ApiObject from, Generation generation, TreeMap metadata, TreeMap node)
    {
        Object = from;
        Generation = generation;
        Weight = from.Spec["weight"]?.Integer ?? 0;
        Labels = metadata["labels"] as TreeMap ?? TreeMap.Empty;
        Annotations = metadata["annotations"] as TreeMap ?? TreeMap.Empty;
        Taints = [.. Tree.ItemsOf(node["taints"]).ToArray().Select(Taint.From)];
        StartupTaints = [.. Tree.ItemsOf(node["startupTaints"]).ToArray().Select(Taint.From)];
        Requirements = RequirementSet.Of(Tree.ItemsOf(node["requirements"]).ToArray().Select(one => Requirement.From(one)))
            .With(RequirementSet.OfLabels(Labels))
            .With(Requirement.In(GenerationRules.Of(generation).PoolLabel, from.Name));
        Limits = AmountsOf(generation == Generation.V1Alpha5 ? from.Spec.At("limits", "resources") : from.Spec["limits"]);
        Disruption = generation == Generation.V1Alpha5 ? DisruptionPolicy.OfProvisioner(from.Spec) : DisruptionPolicy.OfNodePool(from.Spec);
        NodeClass = ClassOf(generation == Generation.V1Alpha5 ? from.Spec["providerRef"] : node["nodeClassRef"], generation);
        ExpireAfter = generation == Generation.V1Alpha5
            ? from.Spec["ttlSecondsUntilExpired"]?.Integer is { } seconds ? TimeSpan.FromSeconds(seconds) : null
            : node["expireAfter"] is { } after ? NillableDuration.Of(after) : TimeSpan.FromHours(720);
        TerminationGracePeriod = generation == Generation.V1Alpha5 ? null : NillableDuration.Of(node["terminationGracePeriod"]);
    }

    public ApiObject Object { get; }

    public Generation Generation { get; }

    public string Name => Object.Name;

    public PoolKey Key => new(Generation, Name);

    /// <summary>0 when none is given.</summary>
    public long Weight { get; }

    public TreeMap Labels { get; }

    public TreeMap Annotations { get; }

    public ImmutableArray<Taint> Taints { get; }

    public ImmutableArray<Taint> StartupTaints { get; }

    /// <summary>The requirements with their minValues, the labels and the pool's name, all of which its nodes will have.</summary>
    public RequirementSet Requirements { get; }

    /// <summary>By resource: millicores, bytes, units; <see cref="NodesResource"/> counts nodes.</summary>
    public ImmutableSortedDictionary<string, long> Limits { get; }

    public DisruptionPolicy Disruption { get; }

    /// <summary>Null when the settings stand in the Provisioner itself.</summary>
    public NodeClassRef? NodeClass { get; }

    /// <summary>How old a node may become; null = any age.</summary>
    public TimeSpan? ExpireAfter { get; }

    /// <summary>How long a node's drain may take before it is forced; null = any time.</summary>
    public TimeSpan? TerminationGracePeriod { get; }

    /// <summary>Whether it may launch nodes: a NodePool's controller says so, a Provisioner always may.</summary>
    public bool IsReady => Generation == Generation.V1Alpha5 || Conditions.IsTrue(Object.Status, "Ready");

    /// <summary>How many nodes a static pool keeps whatever the pods need; null = the pods decide.</summary>
    public long? Replicas => Generation == Generation.V1 ? Object.Spec["replicas"]?.Integer : null;

    /// <summary>How long an empty node stays where only empty nodes go; null = the rule does not apply.</summary>
    public TimeSpan? TtlAfterEmpty => Disruption.Policy == ConsolidationPolicy.WhenEmpty ? Disruption.ConsolidateAfter : null;

    /// <summary>
    /// A Provisioner's <c>kubeletConfiguration</c>, or what a NodePool written as v1beta1 said; null when the pool does not speak of it: then
    /// an EC2NodeClass does.
    /// </summary>
    public TreeMap? Kubelet => Generation == Generation.V1Alpha5
        ? Object.Spec["kubeletConfiguration"] as TreeMap
        : Object.Metadata.Annotation(V1Beta1.KubeletAnnotation) is { } text ? TreeJson.Parse(text) as TreeMap : null;

    public static Pool Of(ApiObject from) => from.Type == KarpenterTypes.Provisioner
        ? new(from, Generation.V1Alpha5, from.Spec, from.Spec)
        : new(
            from,
            Generation.V1,
            from.Spec.At("template", "metadata") as TreeMap ?? TreeMap.Empty,
            from.Spec.At("template", "spec") as TreeMap ?? TreeMap.Empty);

    private static ImmutableSortedDictionary<string, long> AmountsOf(Tree? limits) => limits is TreeMap map
        ? map.Members().ToImmutableSortedDictionary(limit => limit.Key, limit => ResourceList.From(map).Of(limit.Key), StringComparer.Ordinal)
        : ImmutableSortedDictionary.Create<string, long>(StringComparer.Ordinal);

    private static NodeClassRef? ClassOf(Tree? reference, Generation generation)
    {
        if (reference?["name"]?.Text is not { } name)
        {
            return null;
        }

        var type = generation == Generation.V1Alpha5 ? KarpenterTypes.AwsNodeTemplate : KarpenterTypes.Ec2NodeClass;
        return new NodeClassRef(reference["group"]?.Text ?? type.Group, reference["kind"]?.Text ?? type.Kind, name);
    }
}
