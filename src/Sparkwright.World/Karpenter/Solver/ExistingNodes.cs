using System.Collections.Immutable;
using Sparkwright.Kubernetes.Fitting;

namespace Sparkwright.World.Karpenter.Solver;

/// <summary>The nodes that are there already, with what is left of them as the round goes on; the first that fits is taken.</summary>
internal sealed class ExistingNodes(ImmutableArray<SolverNode> nodes)
{
    private readonly ResourceList[] available = [.. nodes.Select(node => node.Available)];
    private readonly List<HostPort>[] ports = [.. nodes.Select(node => node.Ports.ToList())];
    private readonly Dictionary<PodNeeds, int> firstFor = [];

    /// <summary>Puts a pod on a node and names it, or answers null.</summary>
    public string? Take(PodNeeds needs)
    {
        // A node that refused a class once has only got fuller since.
        for (var at = firstFor.GetValueOrDefault(needs); at < nodes.Length; at++)
        {
            var node = nodes[at];
            if (needs.Requests.FitsIn(available[at])
                && needs.Untolerated(node.Taints) is null
                && needs.ConflictIn(ports[at]) is null
                && node.Labels.Admits(needs.Requirements, []))
            {
                firstFor[needs] = at;
                available[at] -= needs.Requests;
                ports[at].AddRange(needs.Ports);
                return node.Name;
            }
        }

        firstFor[needs] = nodes.Length;
        return null;
    }
}
