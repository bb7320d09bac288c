using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Scheduling;

/// <summary>The classes of pods that a scheduler has seen lately, so that pods of one template are searched for as one.</summary>
internal sealed class PodClasses(ClusterPicture cluster)
{
    /// <summary>Classes remembered at once; forgetting one costs time alone.</summary>
    private const int MostClasses = 64;

    private readonly Dictionary<(TreeMap Spec, string Needs), PodClass> classes = [];
    private long uses;

    /// <summary>Forgets everything that depends on labels of namespaces.</summary>
    public void Forget()
    {
        foreach (var known in classes.Keys.ToList())
        {
            Drop(known);
        }
    }

    public PodClass Of(ApiObject pod, PodSpecView spec, PodNeeds needs)
    {
        var key = (pod.Spec, needs.Signature);
        if (!classes.TryGetValue(key, out var known))
        {
            if (classes.Count >= MostClasses)
            {
                Drop(classes.MinBy(one => one.Value.LastUse).Key);
            }

            classes.Add(key, known = new PodClass(spec, needs, cluster.Nodes));
        }

        known.LastUse = ++uses;
        return known;
    }

    private void Drop((TreeMap Spec, string Needs) key)
    {
        classes.Remove(key, out var dropped);
        foreach (var tally in dropped!.Tallies)
        {
            cluster.Neighbours.Release(tally, cluster.Nodes.Ranked);
        }
    }
}
