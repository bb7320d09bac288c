using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Karpenter.Disruption;

/// <summary>Why a node is no candidate for disruption; as text, what Karpenter's event says.</summary>
public abstract record BlockReason
{
    private BlockReason()
    {
    }

    /// <summary>Whether it is Karpenter's own doing, of which no event tells.</summary>
    public virtual bool IsOwnDoing => false;

    /// <summary>Whether a terminationGracePeriod lifts it, where the disruption is one that must happen in the end.</summary>
    public virtual bool IsLiftedByGracePeriod => false;

    public sealed record NotInitialized : BlockReason
    {
        public override string ToString() => "Node isn't initialized";
    }

    public sealed record Leaving : BlockReason
    {
        public override string ToString() => "Node is deleting or marked for deletion";
    }

    /// <summary>A plan has just given it a pending pod.</summary>
    /// <param name="Until">When that lapses; null where something else will end it.</param>
    public sealed record Nominated(DateTime? Until) : BlockReason
    {
        public override string ToString() => "Node is nominated for a pending pod";
    }

    /// <summary>A command in progress has it already.</summary>
    public sealed record InQueue : BlockReason
    {
        public override bool IsOwnDoing => true;

        public override string ToString() => "Candidate is already being disrupted";
    }

    /// <summary>The node's annotation do-not-disrupt, or do-not-consolidate of v1alpha5.</summary>
    public sealed record NodeAnnotation(string Key) : BlockReason
    {
        public override string ToString() => $"Disruption is blocked through the \"{Key}\" annotation";
    }

    public sealed record PoolGone(string Pool) : BlockReason
    {
        public override string ToString() => $"NodePool \"{Pool}\" not found";
    }

    public sealed record TypeUnknown(string Type) : BlockReason
    {
        public override string ToString() => $"Instance Type \"{Type}\" not found";
    }

    public sealed record LabelMissing(string Key) : BlockReason
    {
        public override string ToString() => $"Node does not have label \"{Key}\"";
    }

    /// <summary>A pod's annotation do-not-disrupt, or do-not-evict of v1alpha5.</summary>
    /// <param name="Until">When it stops to hold; null = never.</param>
    public sealed record PodAnnotation(ObjectKey Pod, string Key, DateTime? Until) : BlockReason
    {
        public override bool IsLiftedByGracePeriod => true;

        public override string ToString() => $"Pod has \"{Key}\" annotation (Pod={Pod})";
    }

    /// <summary>A PodDisruptionBudget that allows no disruption now.</summary>
    public sealed record PodBudget(ObjectKey Pod, ObjectKey Budget) : BlockReason
    {
        public override bool IsLiftedByGracePeriod => true;

        public override string ToString() => $"Pdb prevents pod evictions (PodDisruptionBudget=[{Budget}])";
    }

    /// <summary>Several PodDisruptionBudgets on one pod: the eviction API refuses to choose.</summary>
    public sealed record SeveralPodBudgets(ObjectKey Pod, string Budgets) : BlockReason
    {
        public override bool IsLiftedByGracePeriod => true;

        public override string ToString() => $"Eviction does not support multiple PDBs (PodDisruptionBudget=[{Budgets}])";
    }
}
