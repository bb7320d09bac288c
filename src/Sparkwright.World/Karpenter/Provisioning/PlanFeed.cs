using System.Collections.Immutable;
using Sparkwright.World.Karpenter.Solver;

namespace Sparkwright.World.Karpenter.Provisioning;

/// <summary>Tells those who explain of each plan with its reasons, at the moment in which it is carried out. Nothing that acts depends on it.</summary>
public sealed class PlanFeed
{
    /// <summary>The plan, and the pods that were left out of it.</summary>
    public event Action<SolverPlan, ImmutableArray<PodObjection>>? Carried;

    internal void Tell(SolverPlan plan, ImmutableArray<PodObjection> objections) => Carried?.Invoke(plan, objections);
}
