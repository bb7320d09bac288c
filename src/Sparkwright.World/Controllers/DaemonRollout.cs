using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Controllers;

/// <summary>The pods of a daemon set on one node that should run one; those on their way out left out.</summary>
public sealed record DaemonNode(string Name, IReadOnlyList<ApiObject> Pods);

/// <summary>Decides which daemon pods of an old template make room for new ones.</summary>
public static class DaemonRollout
{
    /// <summary>Old pods that serve nobody go at once, the others as far as nodes may be without a pod.</summary>
    public static IReadOnlyList<ApiObject> Replaced(
        IReadOnlyList<DaemonNode> nodes,
        string revision,
        long maxUnavailable,
        Func<ApiObject, bool> isAvailable)
    {
        long unavailable = 0;
        var replaced = new List<ApiObject>();
        var candidates = new List<ApiObject>();
        foreach (var node in nodes)
        {
            var old = node.Pods.Where(pod => pod.Metadata.Label(DaemonPods.RevisionLabel) != revision).ToList();
            if (old.Count == 1 && node.Pods.Count == 1)
            {
                if (isAvailable(old[0]))
                {
                    candidates.Add(old[0]);
                }
                else
                {
                    unavailable++;
                    replaced.Add(old[0]);
                }
            }
            else if (node.Pods.Count != 1 || !isAvailable(node.Pods[0]))
            {
                unavailable++;
            }
        }

        replaced.AddRange(candidates.Take((int)Math.Max(0, maxUnavailable - unavailable)));
        return replaced;
    }
}
