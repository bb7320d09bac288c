using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Karpenter.Solver;

namespace Sparkwright.World.Karpenter.Provisioning;

/// <summary>What a plan would be made of if some nodes went: the round of a moment without these nodes, and with their pods among those that need a place.</summary>
/// <param name="round">The round as it is now.</param>
/// <param name="read">A pod as a round has it, with what its volumes ask of a node.</param>
/// <param name="complete">Adds what rules about neighbours count: pods that stay where they are.</param>
public sealed class Evacuation(SolverInput round, Func<ApiObject, SolverPod> read, Func<SolverInput, SolverInput> complete)
{
    private readonly Dictionary<ObjectKey, SolverPod> moved = [];
    private SolverGround? ground;

    public SolverInput Round => round;

    /// <param name="gone">The names of the nodes that go.</param>
    /// <param name="pods">Their pods that need another place.</param>
    public SolverInput Without(IReadOnlySet<string> gone, IReadOnlyDictionary<ObjectKey, ApiObject> pods) => complete(round with
    {
        Gone = gone,
        Pods = [.. round.Pods.Where(pod => !pods.ContainsKey(pod.Key)), .. pods.Values.Select(Read)],
    });

    /// <summary>The same evacuation into a round with other nodes.</summary>
    public Evacuation With(IEnumerable<SolverNode> nodes) => new(round with { Nodes = [.. nodes] }, read, complete);

    /// <summary>The plan for an input of this evacuation; what it has in common with others of the moment is worked out once.</summary>
    public SolverPlan Solve(SolverInput input)
    {
        if (ground?.Serves(input) != true)
        {
            ground = new SolverGround(input);
        }

        return PackingSolver.Solve(ground, input);
    }

    private SolverPod Read(ApiObject pod)
    {
        if (!moved.TryGetValue(pod.Key, out var known))
        {
            moved.Add(pod.Key, known = read(pod) with { IsMoved = true });
        }

        return known;
    }
}
