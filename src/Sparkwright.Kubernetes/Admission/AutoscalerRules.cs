using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.Kubernetes.Admission;

/// <summary>HorizontalPodAutoscalers of autoscaling/v2: bounds, a target, and the 80 % of CPU that upstream aims at when nothing else is said.</summary>
public sealed class AutoscalerRules : KindRules
{
    private static readonly TreeList CpuOnly = TreeList.Of(TreeMap.Of(
        ("resource", TreeMap.Of(("name", "cpu"), ("target", TreeMap.Of(("averageUtilization", 80), ("type", "Utilization"))))), ("type", "Resource")));

    public override ApiObject Default(ApiObject candidate) =>
        candidate.WithSpec(candidate.Spec.OrElse("minReplicas", 1).With("metrics", candidate.Spec["metrics"] is TreeList { Count: > 0 } metrics ? metrics : CpuOnly));

    public override IEnumerable<FieldError> Validate(ApiObject candidate, ApiObject? old)
    {
        var spec = candidate.Spec;
        var (least, most) = (spec["minReplicas"]?.Integer ?? 1, spec["maxReplicas"]?.Integer ?? 0);
        if (least < 1)
        {
            yield return FieldError.Invalid("spec.minReplicas", least, "must be greater than or equal to 1");
        }

        if (most < 1)
        {
            yield return FieldError.Invalid("spec.maxReplicas", most, "must be greater than 0");
        }

        if (most < least)
        {
            yield return FieldError.Invalid("spec.maxReplicas", most, "must be greater than or equal to `minReplicas`");
        }

        foreach (var field in (string[])["kind", "name"])
        {
            if (spec.At("scaleTargetRef", field)?.Text is not { Length: > 0 })
            {
                yield return FieldError.Required($"spec.scaleTargetRef.{field}");
            }
        }
    }
}
