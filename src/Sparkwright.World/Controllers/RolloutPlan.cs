using System.Globalization;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Controllers;

/// <summary>A replica set of a deployment, as far as a roll-out looks at it.</summary>
public sealed record RolloutSet(string Name, DateTime CreatedAt, long Replicas, long Available)
{
    /// <summary>The deployment's size when this set was last scaled; null when unknown.</summary>
    public long? DesiredBefore { get; init; }

    /// <summary>The deployment's size and surge then.</summary>
    public long? MaxBefore { get; init; }
}

/// <summary>How fast a deployment may change its pods.</summary>
/// <param name="MaxSurge">Pods above the wanted number.</param>
/// <param name="MaxUnavailable">Pods that may be missing.</param>
public sealed record RolloutPace(long Replicas, long MaxSurge, long MaxUnavailable)
{
    public long MostPods => Replicas + MaxSurge;

    /// <summary>Reads the strategy: percentages of the replicas, surge rounded up, unavailability down; not both may be zero.</summary>
    public static RolloutPace Of(TreeMap deploymentSpec)
    {
        var replicas = deploymentSpec["replicas"]?.Integer ?? 1;
        if (deploymentSpec.At("strategy", "type")?.Text == "Recreate")
        {
            return new RolloutPace(replicas, 0, 0);
        }

        var rolling = deploymentSpec.At("strategy", "rollingUpdate");
        var surge = Resolve(rolling?["maxSurge"], replicas, roundUp: true);
        var unavailable = Resolve(rolling?["maxUnavailable"], replicas, roundUp: false);
        if (surge == 0 && unavailable == 0)
        {
            // Both may round to zero; then nothing could move.
            unavailable = 1;
        }

        return new RolloutPace(replicas, surge, Math.Min(unavailable, replicas));
    }

    /// <summary>A number of pods from a number or a percentage; absent is 25%.</summary>
    public static long Resolve(Tree? value, long total, bool roundUp, string absent = "25%")
    {
        if (value?.Integer is { } number)
        {
            return number;
        }

        var text = value?.Text ?? absent;
        if (!text.EndsWith('%'))
        {
            return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var plain) ? plain : 0;
        }

        var percent = long.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var parsed) ? parsed : 0;
        return ((percent * total) + (roundUp ? 99 : 0)) / 100;
    }
}

/// <summary>A replica set and the number of pods that it gets.</summary>
public sealed record RolloutScaling(string Name, long From, long To);

/// <summary>Decides the sizes of a deployment's replica sets. Sets that keep their size are left out of the answers.</summary>
public static class RolloutPlan
{
    /// <summary>The size with which the set of a new template begins.</summary>
    public static long NewSetReplicas(RolloutPace pace, bool recreate, long current, long allPods)
    {
        if (recreate)
        {
            return pace.Replicas;
        }

        return allPods >= pace.MostPods ? current : current + Math.Min(pace.MostPods - allPods, pace.Replicas - current);
    }

    /// <summary>The next step of a rolling update: the new set first; once it can grow no more for now, the old ones.</summary>
    public static IReadOnlyList<RolloutScaling> Roll(RolloutPace pace, RolloutSet newSet, IReadOnlyList<RolloutSet> oldSets)
    {
        var allPods = newSet.Replicas + oldSets.Sum(set => set.Replicas);
        var target = newSet.Replicas > pace.Replicas ? pace.Replicas
            : newSet.Replicas == pace.Replicas ? newSet.Replicas
            : NewSetReplicas(pace, false, newSet.Replicas, allPods);
        if (target != newSet.Replicas)
        {
            return [new RolloutScaling(newSet.Name, newSet.Replicas, target)];
        }

        return ShrinkOld(pace, newSet, oldSets, allPods);
    }

    /// <summary>The sizes of all sets when the deployment was resized in the middle of a roll-out: each keeps its share.</summary>
    public static IReadOnlyList<RolloutScaling> Scale(RolloutPace pace, bool rolling, RolloutSet? newSet, IReadOnlyList<RolloutSet> oldSets)
    {
        RolloutSet[] all = newSet is null ? [.. oldSets] : [.. oldSets, newSet];
        var active = all.Where(set => set.Replicas > 0).ToList();
        if (active.Count <= 1)
        {
            var only = active.FirstOrDefault() ?? newSet ?? all.OrderBy(set => set.CreatedAt).ThenBy(set => set.Name, StringComparer.Ordinal).LastOrDefault();
            return only is null || only.Replicas == pace.Replicas ? [] : [new RolloutScaling(only.Name, only.Replicas, pace.Replicas)];
        }

        if (newSet is not null && newSet.Replicas == pace.Replicas && newSet.Available == pace.Replicas && newSet.DesiredBefore == pace.Replicas)
        {
            return [.. active.Where(set => set != newSet).Select(set => new RolloutScaling(set.Name, set.Replicas, 0))];
        }

        return rolling ? Share(pace, active) : [];
    }

    private static List<RolloutScaling> ShrinkOld(RolloutPace pace, RolloutSet newSet, IReadOnlyList<RolloutSet> oldSets, long allPods)
    {
        var minAvailable = pace.Replicas - pace.MaxUnavailable;
        var most = allPods - minAvailable - (newSet.Replicas - newSet.Available);
        var sizes = oldSets
            .OrderBy(set => set.CreatedAt).ThenBy(set => set.Name, StringComparer.Ordinal)
            .Select(set => (Set: set, To: set.Replicas)).ToArray();
        if (most <= 0)
        {
            return [];
        }

        // Pods that serve nobody go first.
        for (var at = 0; at < sizes.Length && most > 0; at++)
        {
            var unhealthy = Math.Min(most, Math.Max(0, sizes[at].To - sizes[at].Set.Available));
            sizes[at].To -= unhealthy;
            most -= unhealthy;
        }

        var spare = newSet.Available + oldSets.Sum(set => set.Available) - minAvailable;
        for (var at = 0; at < sizes.Length && spare > 0; at++)
        {
            var taken = Math.Min(spare, sizes[at].To);
            sizes[at].To -= taken;
            spare -= taken;
        }

        return [.. sizes.Where(size => size.To != size.Set.Replicas).Select(size => new RolloutScaling(size.Set.Name, size.Set.Replicas, size.To))];
    }

    private static List<RolloutScaling> Share(RolloutPace pace, List<RolloutSet> active)
    {
        var toAdd = (pace.Replicas > 0 ? pace.MostPods : 0) - active.Sum(set => set.Replicas);
        var bySize = active.OrderByDescending(set => set.Replicas);
        var ordered = (toAdd > 0 ? bySize.ThenByDescending(set => set.CreatedAt) : bySize.ThenBy(set => set.CreatedAt))
            .ThenBy(set => set.Name, StringComparer.Ordinal)
            .Select(set => (Set: set, To: set.Replicas)).ToArray();
        long added = 0;
        for (var at = 0; at < ordered.Length && toAdd != 0; at++)
        {
            var set = ordered[at].Set;
            var change = ShareOf(set, pace);
            var allowed = toAdd - added;
            change = allowed == 0 ? 0 : toAdd > 0 ? Math.Min(change, allowed) : Math.Max(change, allowed);
            ordered[at].To += change;
            added += change;
        }

        if (ordered.Length > 0)
        {
            ordered[0].To = Math.Max(0, ordered[0].To + toAdd - added);
        }

        // A set of unchanged size still notes the deployment's new one.
        return [.. ordered.Select(size => new RolloutScaling(size.Set.Name, size.Set.Replicas, size.To))];
    }

    /// <summary>How much a set grows or shrinks so that its part of all pods stays the same, rounded to the nearest.</summary>
    private static long ShareOf(RolloutSet set, RolloutPace pace)
    {
        if (pace.Replicas == 0)
        {
            return -set.Replicas;
        }

        var before = set.MaxBefore is { } known and > 0 ? known : pace.MostPods;
        return (((2 * set.Replicas * pace.MostPods) + before) / (2 * before)) - set.Replicas;
    }
}
