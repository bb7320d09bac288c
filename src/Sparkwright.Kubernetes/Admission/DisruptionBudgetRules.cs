using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.Kubernetes.Admission;

/// <summary>PodDisruptionBudgets: one of the two bounds, in a form that can be counted with.</summary>
public sealed class DisruptionBudgetRules : KindRules
{
    private static readonly TreeMap NotLookedAt =
        TreeMap.Of(("currentHealthy", 0), ("desiredHealthy", 0), ("disruptionsAllowed", 0), ("expectedPods", 0));

    public override ApiObject Default(ApiObject candidate) => candidate.With(candidate.Body.OrElse("status", NotLookedAt));

    public override IEnumerable<FieldError> Validate(ApiObject candidate, ApiObject? old)
    {
        var errors = new List<FieldError>();
        var spec = candidate.Spec;
        var path = FieldPath.Root("spec");
        if (spec["minAvailable"] is not null && spec["maxUnavailable"] is not null)
        {
            errors.Add(FieldError.Invalid(path, spec, "minAvailable and maxUnavailable cannot be both set"));
        }

        RolloutRules.CheckAmount(spec["minAvailable"], path.Child("minAvailable"), mayExceedAll: false, errors);
        RolloutRules.CheckAmount(spec["maxUnavailable"], path.Child("maxUnavailable"), mayExceedAll: false, errors);
        if (spec["unhealthyPodEvictionPolicy"]?.Text is { } policy and not ("AlwaysAllow" or "IfHealthyBudget"))
        {
            errors.Add(FieldError.Unsupported(path.Child("unhealthyPodEvictionPolicy"), policy, "AlwaysAllow", "IfHealthyBudget"));
        }

        SelectorRules.Check(spec["selector"], path.Child("selector"), errors);
        return errors;
    }
}
