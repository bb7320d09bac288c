using Sparkwright.Kubernetes.Admission;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Karpenter.Apis;

/// <summary>The expressions of the NodePool's CustomResourceDefinition; defaults, patterns and bounds are in the schema.</summary>
public sealed class NodePoolRules : KindRules
{
    public override IEnumerable<FieldError> Validate(ApiObject candidate, ApiObject? old)
    {
        var spec = candidate.Spec;
        var node = spec.At("template", "spec");
        return Labels(spec.At("template", "metadata", "labels"))
            .Concat(CelRules.NotEmpty(node?["nodeClassRef"], "spec.template.spec.nodeClassRef"))
            .Concat(SameClassKind(node?["nodeClassRef"], old?.Spec.At("template", "spec", "nodeClassRef")))
            .Concat(CelRules.Requirements(node?["requirements"], "spec.template.spec.requirements", mayNamePool: false))
            .Concat(Budgets(spec.At("disruption", "budgets")))
            .Concat(Static(spec, old?.Spec));
    }

    private static IEnumerable<FieldError> Labels(Tree? labels) => (labels as TreeMap ?? TreeMap.Empty).Members()
        .Select(label => CelRules.LabelFault(label.Key, mayNamePool: false))
        .OfType<string>()
        .Distinct(StringComparer.Ordinal)
        .Select(fault => CelRules.Broken("spec.template.metadata.labels", "object", fault));

    private static IEnumerable<FieldError> SameClassKind(Tree? reference, Tree? old)
    {
        foreach (var field in new[] { "group", "kind" })
        {
            if (old is not null && !Equals(old[field], reference?[field]))
            {
                yield return CelRules.Broken("spec.template.spec.nodeClassRef", "object", $"nodeClassRef.{field} is immutable");
            }
        }
    }

    private static IEnumerable<FieldError> Budgets(Tree? budgets)
    {
        if (Array.Exists(Tree.ItemsOf(budgets).ToArray(), budget => budget["schedule"] is null != budget["duration"] is null))
        {
            yield return CelRules.Broken("spec.disruption.budgets", "array", "'schedule' must be set with 'duration'");
        }
    }

    private static IEnumerable<FieldError> Static(TreeMap spec, TreeMap? old)
    {
        var isStatic = spec["replicas"] is not null;
        if (old is not null && isStatic != old["replicas"] is not null)
        {
            yield return CelRules.Broken("spec", "object", "Cannot transition NodePool between static (replicas set) and dynamic (replicas unset) provisioning modes");
        }

        if (isStatic && spec["limits"] is TreeMap { Count: > 0 } limits && !(limits.Count == 1 && limits.ContainsKey(Pool.NodesResource)))
        {
            yield return CelRules.Broken("spec", "object", "only 'limits.nodes' is supported on static NodePools");
        }

        if (isStatic && spec["weight"] is not null)
        {
            yield return CelRules.Broken("spec", "object", "'weight' is not supported on static NodePools");
        }
    }
}
