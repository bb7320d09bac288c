using System.Collections.Immutable;
using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Karpenter.Requirements;

namespace Sparkwright.World.Karpenter.Apis;

/// <summary>A v1 NodeClaim, typed: a node that was asked for, and what became of it.</summary>
public sealed class NodeClaim
{
    private readonly Lazy<RequirementSet> requirements;

    private NodeClaim(ApiObject from)
    {
        Object = from;
        requirements = new(() => RequirementSet.Of(Tree.ItemsOf(from.Spec["requirements"]).ToArray().Select(one => Requirement.From(one))));
    }

    public ApiObject Object { get; }

    public string Name => Object.Name;

    /// <summary>The pool that its labels name; null for one that was made by hand.</summary>
    public string? PoolName => Object.Metadata.Label(KarpenterLabels.NodePool);

    /// <summary>With their minValues; labels of the object are not among them.</summary>
    public RequirementSet Requirements => requirements.Value;

    /// <summary>What its pods and daemons ask for.</summary>
    public ResourceList Requests => ResourceList.From(Object.Spec.At("resources", "requests"));

    public ImmutableArray<Taint> Taints => [.. Tree.ItemsOf(Object.Spec["taints"]).ToArray().Select(Taint.From)];

    public ImmutableArray<Taint> StartupTaints => [.. Tree.ItemsOf(Object.Spec["startupTaints"]).ToArray().Select(Taint.From)];

    /// <summary>The EC2NodeClass's name.</summary>
    public string NodeClassName => Object.Spec.At("nodeClassRef", "name")?.Text ?? "";

    /// <summary>How old it may become; null = any age.</summary>
    public TimeSpan? ExpireAfter => Object.Spec["expireAfter"] is { } after ? NillableDuration.Of(after) : TimeSpan.FromHours(720);

    public TimeSpan? TerminationGracePeriod => NillableDuration.Of(Object.Spec["terminationGracePeriod"]);

    public string? ProviderId => Object.Status["providerID"]?.Text;

    /// <summary>Its Node, once that has registered.</summary>
    public string? NodeName => Object.Status["nodeName"]?.Text;

    public string? ImageId => Object.Status["imageID"]?.Text;

    public ResourceList Capacity => ResourceList.From(Object.Status["capacity"]);

    public ResourceList Allocatable => ResourceList.From(Object.Status["allocatable"]);

    public bool IsLaunched => Is("Launched");

    public bool IsRegistered => Is("Registered");

    public bool IsInitialized => Is("Initialized");

    public static NodeClaim Of(ApiObject from) => new(from);

    /// <summary>Whether a condition is True.</summary>
    public bool Is(string condition) => Conditions.IsTrue(Object.Status, condition);
}
