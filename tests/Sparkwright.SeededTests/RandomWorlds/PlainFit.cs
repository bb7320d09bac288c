using System.Collections.Immutable;
using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.SeededTests.RandomWorlds;

using World = Sparkwright.World.World;

/// <summary>The rules of placement written once more, slowly and plainly, to check what the scheduler did against.</summary>
internal static class PlainFit
{
    /// <summary>
    /// Each rule of the pod, of the node and of its neighbours that the place breaks. A pod whose volumes are being made may count where its claims
    /// were told that it goes, or may have lost that place since; what is broken either way is broken.
    /// </summary>
    /// <param name="pod">The pod as it is bound.</param>
    public static IEnumerable<string> Broken(World world, ApiObject pod) =>
        Broken(world, pod, world.Store.List(CoreTypes.Pod)).Intersect(Broken(world, pod, world.Store.List(CoreTypes.Pod).Select(other => Assumed(world, other))), StringComparer.Ordinal);

    private static IEnumerable<string> Broken(World world, ApiObject pod, IEnumerable<ApiObject> pods)
    {
        var spec = PodSpecView.Of(pod);
        if (world.Store.Get(CoreTypes.Node, "", spec.NodeName) is not { } node)
        {
            yield return "there is no such node";
            yield break;
        }

        var nodes = world.Store.List(CoreTypes.Node).ToImmutableSortedDictionary(known => known.Name, known => known, StringComparer.Ordinal);
        var others = pods
            .Where(other => other.Key != pod.Key && other.Status["phase"]?.Text is not ("Succeeded" or "Failed") && nodes.ContainsKey(PodSpecView.Of(other).NodeName))
            .ToList();

        // The place of a pod is chosen before its volumes are made; the node and its neighbours may change meanwhile, and the pod is bound all the same.
        var waitedForVolumes = ClaimsOf(world, pod).Any(claim =>
            world.Store.Get(CoreTypes.PersistentVolume, "", claim.Spec["volumeName"]?.Text ?? "")?.Metadata.CreationTimestamp >= pod.Metadata.CreationTimestamp);
        if (!waitedForVolumes && NodeView.Of(node).UntoleratedBy(spec) is { } taint)
        {
            yield return $"taint {taint}";
        }

        if (!waitedForVolumes && NodeView.Of(node).IsUnschedulable && !spec.Tolerates(new Taint("node.kubernetes.io/unschedulable", "", Taint.NoSchedule)))
        {
            yield return "the node is cordoned";
        }

        if (!Admits(spec, node))
        {
            yield return "node selector or affinity";
        }

        foreach (var other in others.Where(other => PodSpecView.Of(other).NodeName == node.Name && PodSpecView.Of(other).HostPorts.Any(port => spec.HostPorts.Any(port.ConflictsWith))))
        {
            yield return $"host port of {other.Key}";
        }

        foreach (var broken in waitedForVolumes ? [] : Neighbours(world, pod, spec, node, nodes, others).Concat(Spreads(world, pod, spec, node, nodes, others)))
        {
            yield return broken;
        }
    }

    /// <summary>A pod without a node as it would be on the node that its claims were told.</summary>
    private static ApiObject Assumed(World world, ApiObject pod)
    {
        if (PodSpecView.Of(pod).NodeName.Length > 0)
        {
            return pod;
        }

        var node = ClaimsOf(world, pod).Select(claim => claim.Metadata.Annotation("volume.kubernetes.io/selected-node")).FirstOrDefault(chosen => chosen is not null);
        return node is null ? pod : pod.Set(["spec", "nodeName"], node);
    }

    private static IEnumerable<ApiObject> ClaimsOf(World world, ApiObject pod) => Tree.ItemsOf(pod.Spec["volumes"]).ToArray()
        .Select(volume => world.Store.Get(CoreTypes.PersistentVolumeClaim, pod.Namespace, volume.At("persistentVolumeClaim", "claimName")?.Text ?? ""))
        .OfType<ApiObject>();

    private static IEnumerable<string> Neighbours(
        World world, ApiObject pod, PodSpecView spec, ApiObject node, ImmutableSortedDictionary<string, ApiObject> nodes, List<ApiObject> others)
    {
        string? DomainOf(ApiObject one, string key) => nodes[PodSpecView.Of(one).NodeName].Metadata.Label(key);
        bool Selects(PodAffinityTerm term, ApiObject declares, ApiObject other) =>
            term.QueryOf(declares.Namespace, declares.Metadata.Labels).Selects(other.Namespace, other.Metadata.Labels, name => LabelsOf(world, name));

        foreach (var term in spec.RequiredAffinity)
        {
            var meant = others.Where(other => Selects(term, pod, other) && DomainOf(other, term.TopologyKey) is not null).ToList();
            var isFirst = meant.Count == 0 && Selects(term, pod, pod);
            if (node.Metadata.Label(term.TopologyKey) is not { } domain || (!isFirst && !meant.Exists(other => DomainOf(other, term.TopologyKey) == domain)))
            {
                yield return $"affinity {term.Source}";
            }
        }

        foreach (var term in spec.RequiredAntiAffinity)
        {
            if (node.Metadata.Label(term.TopologyKey) is { } domain && others.Find(other => Selects(term, pod, other) && DomainOf(other, term.TopologyKey) == domain) is { } beside)
            {
                yield return $"anti-affinity {term.Source} to {beside.Key}";
            }
        }

        foreach (var other in others)
        {
            foreach (var term in PodSpecView.Of(other).RequiredAntiAffinity)
            {
                if (Selects(term, other, pod) && DomainOf(other, term.TopologyKey) is { } domain && node.Metadata.Label(term.TopologyKey) == domain)
                {
                    yield return $"anti-affinity {term.Source} of {other.Key}";
                }
            }
        }
    }

    private static IEnumerable<string> Spreads(
        World world, ApiObject pod, PodSpecView spec, ApiObject node, ImmutableSortedDictionary<string, ApiObject> nodes, List<ApiObject> others)
    {
        var hard = spec.Spreads.Where(spread => spread.IsHard).ToList();
        foreach (var spread in hard)
        {
            if (node.Metadata.Label(spread.TopologyKey) is not { } mine)
            {
                yield return $"spread {spread.Source}: the node has no such label";
                continue;
            }

            var query = spread.QueryOf(pod.Namespace, pod.Metadata.Labels);
            bool Counts(ApiObject one) => query.Selects(one.Namespace, one.Metadata.Labels, name => LabelsOf(world, name));
            var eligible = nodes.Values
                .Where(one => hard.TrueForAll(any => one.Metadata.Label(any.TopologyKey) is not null)
                    && (!spread.HonoursAffinity || Admits(spec, one))
                    && (!spread.HonoursTaints || NodeView.Of(one).UntoleratedBy(spec) is null))
                .ToList();
            var domains = eligible.GroupBy(one => one.Metadata.Label(spread.TopologyKey)!, StringComparer.Ordinal).ToDictionary(
                domain => domain.Key,
                domain => others.Count(other => !other.Metadata.IsBeingDeleted && domain.Any(one => one.Name == PodSpecView.Of(other).NodeName) && Counts(other)),
                StringComparer.Ordinal);
            var least = spread.MinDomains > domains.Count ? 0 : domains.Values.DefaultIfEmpty(0).Min();
            if (domains.GetValueOrDefault(mine) + (Counts(pod) ? 1 : 0) - least > spread.MaxSkew)
            {
                yield return $"spread {spread.Source}: {string.Join(", ", domains.Select(domain => $"{domain.Key}: {domain.Value}"))}, and it went to {mine}";
            }
        }
    }

    private static bool Admits(PodSpecView spec, ApiObject node) =>
        spec.NodeSelector.Members().All(wanted => node.Metadata.Label(wanted.Key) == wanted.Value.Text)
        && (spec.RequiredTerms is not { } terms || terms.Any(term => term.Matches(node.Metadata.Labels, node.Name)));

    private static TreeMap LabelsOf(World world, string name) => world.Store.Get(CoreTypes.Namespace, "", name)?.Metadata.Labels ?? TreeMap.Empty;
}
