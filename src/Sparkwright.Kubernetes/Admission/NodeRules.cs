using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.Kubernetes.Admission;

/// <summary>Nodes: their taints.</summary>
public sealed class NodeRules : KindRules
{
    public override ApiObject Default(ApiObject candidate) => candidate.With(candidate.Body.OrElse("spec", TreeMap.Empty));

    public override IEnumerable<FieldError> Validate(ApiObject candidate, ApiObject? old)
    {
        var errors = new List<FieldError>();
        if (old is not null && ReferenceEquals(candidate.Spec, old.Spec))
        {
            return errors;
        }

        var taints = Tree.ItemsOf(candidate.Spec["taints"]);
        var seen = new HashSet<(string, string)>();
        for (var at = 0; at < taints.Length; at++)
        {
            var taint = Taint.From(taints[at]);
            var path = FieldPath.Root("spec").Child("taints").Index(at);
            errors.AddRange(MetadataRules.Key(taint.Key, path.Child("key")));
            errors.AddRange(MetadataRules.LabelValue(taint.Value, path.Child("value")));
            SchedulingRules.CheckEffect(taint.Effect, mayBeAbsent: false, path.Child("effect"), errors);
            if (!seen.Add((taint.Key, taint.Effect)))
            {
                errors.Add(new FieldError(path, $"Duplicate value: {taints[at]}: taints must be unique by key and effect pair"));
            }
        }

        return errors;
    }
}
