namespace Sparkwright.World.Karpenter;

/// <summary>Which of Karpenter's two sets of rules a pool follows: that of its API.</summary>
public enum Generation
{
    /// <summary>karpenter.sh/v1alpha5 Provisioners, as Karpenter 0.20 and 0.21 treat them.</summary>
    V1Alpha5,

    /// <summary>karpenter.sh/v1 NodePools.</summary>
    V1,
}
