using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Quantities;

namespace Sparkwright.World.Karpenter;

/// <summary>The annotation with which a pod or a node asks to be left in peace.</summary>
public static class DoNotDisrupt
{
    public const string Annotation = "karpenter.sh/do-not-disrupt";

    /// <summary>
    /// Until when a pod asks for peace; null when it does not, or not any more. <c>true</c> is for ever, a duration counts from the pod's
    /// start, and what is neither says nothing.
    /// </summary>
    public static DateTime? Until(ApiObject pod, DateTime now)
    {
        if (pod.Metadata.Annotation(Annotation) is not { } asked)
        {
            return null;
        }

        if (asked == "true")
        {
            return DateTime.MaxValue;
        }

        if (!GoDuration.TryParse(asked, out var duration) || duration <= TimeSpan.Zero)
        {
            return null;
        }

        var end = (Timestamps.Read(pod.Status["startTime"]) ?? pod.Metadata.CreationTimestamp) + duration;
        return end > now ? end : null;
    }
}
