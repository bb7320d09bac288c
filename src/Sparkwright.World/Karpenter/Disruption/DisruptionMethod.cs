namespace Sparkwright.World.Karpenter.Disruption;

/// <summary>The ways in which nodes are disrupted.</summary>
public enum DisruptionMethod
{
    /// <summary>Of Provisioners: nodes older than ttlSecondsUntilExpired.</summary>
    Expiration,

    /// <summary>Nodes that are no longer what their pool asks for.</summary>
    Drift,

    /// <summary>Nodes of static pools that are no longer what their pool asks for; each is replaced by another, whatever its pods need.</summary>
    StaticDrift,

    /// <summary>Nodes without pods, all at once.</summary>
    Emptiness,

    /// <summary>Several nodes whose pods fit elsewhere, or on one cheaper node.</summary>
    MultiNode,

    /// <summary>One node whose pods fit elsewhere, or on one cheaper node.</summary>
    SingleNode,
}

/// <summary>What follows from a method.</summary>
public static class DisruptionMethods
{
    extension(DisruptionMethod method)
    {
        /// <summary>Whether it is about money, and so must know prices and be sure: it is validated before it is done.</summary>
        public bool IsConsolidation() => method is DisruptionMethod.Emptiness or DisruptionMethod.MultiNode or DisruptionMethod.SingleNode;

        public DisruptionReason Reason() => method switch
        {
            DisruptionMethod.Expiration => DisruptionReason.Expired,
            DisruptionMethod.Drift or DisruptionMethod.StaticDrift => DisruptionReason.Drifted,
            DisruptionMethod.Emptiness => DisruptionReason.Empty,
            _ => DisruptionReason.Underutilized,
        };
    }
}
