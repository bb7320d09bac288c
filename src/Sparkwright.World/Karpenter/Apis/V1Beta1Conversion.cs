using Sparkwright.Kubernetes.Admission;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;

namespace Sparkwright.World.Karpenter.Apis;

/// <summary>v1beta1 as a served version: its own expressions hold before a document becomes v1, where those of v1 hold as well.</summary>
public sealed class V1Beta1Conversion : IVersionConversion
{
    public TreeMap ToStored(TreeMap document) => V1Beta1.ToStored(document);

    public string? StoredApiVersion(ResourceType served) =>
        served is { Version: "v1beta1", Group: "karpenter.sh" or "karpenter.k8s.aws" } ? $"{served.Group}/v1" : null;

    public TreeMap FromStored(ResourceType served, TreeMap document) => V1Beta1.FromStored(document);

    public IEnumerable<FieldError> Faults(TreeMap document) => (document["apiVersion"]?.Text, document["kind"]?.Text) switch
    {
        ("karpenter.sh/v1beta1", "NodePool") => Disruption(document.At("spec", "disruption"))
            .Concat(KubeletRules.Validate(document.At("spec", "template", "spec", "kubelet"), "spec.template.spec.kubelet")),
        ("karpenter.sh/v1beta1", "NodeClaim") => KubeletRules.Validate(document.At("spec", "kubelet"), "spec.kubelet"),
        _ => [],
    };

    private static IEnumerable<FieldError> Disruption(Tree? disruption)
    {
        var (policy, after) = (disruption?["consolidationPolicy"]?.Text, disruption?["consolidateAfter"]?.Text);
        if (policy == "WhenUnderutilized" && after is not (null or "Never"))
        {
            yield return CelRules.Broken("spec.disruption", "object", "consolidateAfter cannot be combined with consolidationPolicy=WhenUnderutilized");
        }

        if (policy == "WhenEmpty" && after is null)
        {
            yield return CelRules.Broken("spec.disruption", "object", "consolidateAfter must be specified with consolidationPolicy=WhenEmpty");
        }
    }
}
