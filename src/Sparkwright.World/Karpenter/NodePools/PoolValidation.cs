using Sparkwright.Kubernetes.Admission;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Karpenter.Apis;

namespace Sparkwright.World.Karpenter.NodePools;

/// <summary>What the schema of a NodePool cannot say and Karpenter checks while it runs; such a pool is accepted, but is not ready.</summary>
public static class PoolValidation
{
    /// <summary>What is wrong with a pool; empty when nothing is.</summary>
    public static IEnumerable<string> Faults(Pool pool)
    {
        foreach (var (key, value) in pool.Labels.Members())
        {
            foreach (var fault in Restricted(key).Concat(Texts(MetadataRules.Key(key, "label"))).Concat(Texts(MetadataRules.LabelValue(value.Text ?? "", $"label {key}"))))
            {
                yield return fault;
            }
        }

        foreach (var requirement in Tree.ItemsOf(pool.Object.Spec.At("template", "spec", "requirements")).ToArray())
        {
            var key = requirement["key"]?.Text ?? "";
            foreach (var fault in Restricted(key).Concat(Tree.ItemsOf(requirement["values"]).ToArray()
                .SelectMany(value => Texts(MetadataRules.LabelValue(value.Text ?? "", $"requirement {key}")))))
            {
                yield return fault;
            }
        }

        foreach (var twice in pool.Taints.Concat(pool.StartupTaints).GroupBy(taint => (taint.Key, taint.Effect)).Where(group => group.Count() > 1))
        {
            yield return $"duplicate taint {twice.Key.Key}:{twice.Key.Effect}";
        }
    }

    private static IEnumerable<string> Restricted(string key)
    {
        if (KarpenterLabels.IsRestricted(KarpenterLabels.Normalized(key), Generation.V1))
        {
            yield return KarpenterLabels.RestrictionOf(key, Generation.V1);
        }
    }

    private static IEnumerable<string> Texts(IEnumerable<FieldError> errors) => errors.Select(error => error.ToString());
}
