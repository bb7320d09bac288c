using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Karpenter.Requirements;

namespace Sparkwright.World.Karpenter.Provisioning;

/// <summary>Which pods are Karpenter's business, and what makes it leave one alone.</summary>
public static class PodChecks
{
    /// <summary>A pod that Karpenter may buy a node for: nobody could schedule it, and no DaemonSet owns it.</summary>
    public static bool IsProvisionable(ApiObject pod)
    {
        if (!string.IsNullOrEmpty(pod.Spec["nodeName"]?.Text) || pod.Metadata.IsBeingDeleted || pod.Status["phase"]?.Text is "Succeeded" or "Failed"
            || !string.IsNullOrEmpty(pod.Status["nominatedNodeName"]?.Text) || pod.Metadata.Controller?.Kind is "DaemonSet" or "Node")
        {
            return false;
        }

        var scheduled = Conditions.Find(pod.Status, "PodScheduled");
        return scheduled?["status"]?.Text == "False" && scheduled["reason"]?.Text == "Unschedulable";
    }

    /// <summary>A pod on a node that is being deleted, for which a place is planned before it is evicted.</summary>
    public static bool MovesWithItsNode(ApiObject pod) =>
        pod.Status["phase"]?.Text is not ("Succeeded" or "Failed")
        && pod.Metadata.Controller?.Kind is not ("DaemonSet" or "Node")
        && (!pod.Metadata.IsBeingDeleted || pod.Metadata.Controller?.Kind == "StatefulSet");

    /// <summary>Why a pod is left out of planning; null when it is not. Empty when nothing is said about it.</summary>
    public static string? Objection(PodSpecView pod, Generation generation)
    {
        var asked = RequirementSet.OfLabels(pod.NodeSelector).All
            .Concat((pod.RequiredTerms ?? []).SelectMany(term => term.Expressions).Select(Requirement.From))
            .Concat(pod.PreferredTerms.SelectMany(term => term.Term.Expressions).Select(Requirement.From))
            .ToList();
        var poolLabel = GenerationRules.Of(generation).PoolLabel;
        if (asked.Exists(one => one.Key == poolLabel && one.IsEmpty))
        {
            // It says that it wants none of our nodes.
            return "";
        }

        if ((pod.RequiredTerms ?? []).Concat(pod.PreferredTerms.Select(term => term.Term)).Any(term => !term.Fields.IsEmpty))
        {
            return "node selector term with matchFields is not supported";
        }

        if (asked.Find(one => KarpenterLabels.IsRestricted(one.Key, generation)) is not { } restricted)
        {
            return null;
        }

        var meant = NearMiss.Of(restricted.Key, GenerationRules.Of(generation).WellKnownLabels, []);
        return KarpenterLabels.RestrictionOf(restricted.Key, generation, meant);
    }
}
