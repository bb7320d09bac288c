using Sparkwright.Kubernetes.Admission;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Karpenter.Apis;

/// <summary>The expressions of the NodeClaim's CustomResourceDefinition.</summary>
public sealed class NodeClaimRules : KindRules
{
    public override IEnumerable<FieldError> Validate(ApiObject candidate, ApiObject? old)
    {
        var errors = CelRules.NotEmpty(candidate.Spec["nodeClassRef"], "spec.nodeClassRef")
            .Concat(CelRules.Requirements(candidate.Spec["requirements"], "spec.requirements", mayNamePool: true));
        return old is not null && !old.Spec.Equals(candidate.Spec)
            ? errors.Append(CelRules.Broken("spec", "object", "spec is immutable"))
            : errors;
    }
}
