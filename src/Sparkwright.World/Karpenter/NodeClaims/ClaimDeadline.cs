using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Karpenter.NodeClaims;

/// <summary>The time at which a NodeClaim that is being deleted goes whatever its pods say, kept in an annotation.</summary>
public static class ClaimDeadline
{
    public const string Annotation = "karpenter.sh/nodeclaim-termination-timestamp";

    /// <summary>Null when there is none.</summary>
    public static DateTime? Of(ApiObject claim) =>
        claim.Metadata.Annotation(Annotation) is { } text && Timestamps.TryParse(text, out var time) ? time : null;
}
