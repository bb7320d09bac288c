using System.Collections.Immutable;
using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Karpenter.Apis;
using Sparkwright.World.Karpenter.Cloud;
using Sparkwright.World.Karpenter.Requirements;
using Sparkwright.World.Karpenter.Solver;
using Sparkwright.World.Karpenter.Termination;

namespace Sparkwright.World.Karpenter.NodeClaims;

/// <summary>The NodeClaim that a planned node becomes: the pool's template, narrowed to what its pods need.</summary>
public static class ClaimObject
{
    /// <summary>A NodeClaim names at most this many types, the cheapest.</summary>
    private const int MostTypes = 600;

    /// <summary>What a template's fields say, in a number; set on pools by who watches for drift.</summary>
    private static readonly string[] CopiedAnnotations = ["karpenter.sh/nodepool-hash", "karpenter.sh/nodepool-hash-version"];

    /// <summary>That of a static pool is the template as it stands: nothing is known of pods, and the launch chooses among all types.</summary>
    public static ApiObject Of(PlannedClaim planned, Pool pool) =>
        Of(pool, planned.Requirements, pool.Replicas is null ? CheapestTypes(planned) : null, planned.Requests);

    /// <param name="types">Any of these may be bought; null = any that the requirements admit.</param>
    /// <param name="requests">What its pods and daemons ask for.</param>
    private static ApiObject Of(Pool pool, RequirementSet requirements, IEnumerable<string>? types, ResourceList requests)
    {
        var nodeClass = pool.NodeClass!;
        var labels = pool.Labels
            .With(KarpenterLabels.NodePool, pool.Name)
            .With(NodeClassLabel(nodeClass), nodeClass.Name);
        var annotations = pool.Annotations;
        foreach (var key in CopiedAnnotations)
        {
            annotations = pool.Object.Metadata.Annotation(key) is { } value ? annotations.With(key, value) : annotations;
        }

        var asked = requirements.With(RequirementSet.OfLabels(labels));
        if (types is not null)
        {
            asked = asked.With(Requirement.In(KarpenterLabels.InstanceType, types).WithMinValues(requirements.Get(KarpenterLabels.InstanceType)?.MinValues));
        }

        var template = pool.Object.Spec.At("template", "spec") as TreeMap ?? TreeMap.Empty;
        return new ApiObject(
            KarpenterTypes.NodeClaim,
            new ObjectMeta
            {
                GenerateName = pool.Name + "-",
                Labels = labels,
                Annotations = annotations,
                Finalizers = [NodeTermination.Finalizer],
                OwnerReferences = [pool.Object.AsOwner(controller: false) with { BlocksDeletion = true }],
            },
            TreeMap.Of(("spec", TreeMap.Of(
                ("expireAfter", template["expireAfter"]),
                ("nodeClassRef", TreeMap.Of(("group", nodeClass.Group), ("kind", nodeClass.Kind), ("name", nodeClass.Name))),
                ("requirements", RequirementTrees.Of(asked)),
                ("resources", TreeMap.Of(("requests", requests.ToTree()))),
                ("startupTaints", pool.StartupTaints.IsEmpty ? null : TreeList.From(pool.StartupTaints.Select(taint => taint.ToTree()))),
                ("taints", pool.Taints.IsEmpty ? null : TreeList.From(pool.Taints.Select(taint => taint.ToTree()))),
                ("terminationGracePeriod", template["terminationGracePeriod"])))));
    }

    /// <summary>The label that names a node's class: the class's group and kind.</summary>
    public static string NodeClassLabel(NodeClassRef nodeClass) => $"{nodeClass.Group}/{nodeClass.Kind.ToLowerInvariant()}";

    private static ImmutableArray<string> CheapestTypes(PlannedClaim planned) =>
    [
        .. LaunchChoice.Of(planned)
            .Select(choice => (choice.Shape.Name, Usd: choice.Offerings.IsEmpty ? decimal.MaxValue : choice.Offerings.Min(offering => offering.UsdPerHour)))
            .OrderBy(choice => choice.Usd)
            .ThenBy(choice => choice.Name, StringComparer.Ordinal)
            .Take(MostTypes)
            .Select(choice => choice.Name),
    ];
}
