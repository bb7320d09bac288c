using System.Collections.Immutable;
using System.Globalization;
using Sparkwright.World.Karpenter.Solver;

namespace Sparkwright.World.Insight;

/// <summary>Why Karpenter had no node for pods: pool by pool, with the rule that refused and both of its sides.</summary>
public static class WaitLines
{
    /// <summary>One line for pods that were refused for the same reasons, the longest waits first.</summary>
    public static ImmutableArray<WaitLine> Of(IEnumerable<PodHistory> pods, DateTime start, DateTime now) =>
    [
        .. pods.Where(pod => pod.Refusal is not null)
            .Select(pod => (Pod: pod, Pools: Explain(pod.Refusal!)))
            .GroupBy(one => string.Join('\n', one.Pools.Select(pool => pool.ToString()).Prepend(one.Pod.RefusedUntil is null ? "waits" : "waited")), StringComparer.Ordinal)
            .Select(alike => new WaitLine
            {
                Pods = [.. alike.Select(one => $"{one.Pod.Namespace}/{one.Pod.Name}")],
                Since = alike.Min(one => one.Pod.RefusedFrom!.Value) - start,
                Longest = alike.Max(one => (one.Pod.RefusedUntil ?? now) - one.Pod.RefusedFrom!.Value),
                StillWaits = alike.First().Pod.RefusedUntil is null,
                Pools = alike.First().Pools,
            })
            .OrderByDescending(line => line.StillWaits)
            .ThenByDescending(line => line.Longest)
            .ThenBy(line => line.Pods[0], StringComparer.Ordinal),
    ];

    /// <summary>What a refusal says of each pool; a pod that was not planned for has one line without a pool.</summary>
    public static ImmutableArray<PoolRefusalLine> Explain(PodRefusal refusal) =>
        refusal.Objection is { } objection ? [new PoolRefusalLine(null, "pod", objection, [])]
        : refusal.Pools.IsEmpty ? [new PoolRefusalLine(null, "pools", "there is no pool that is ready to launch nodes", [])]
        : [.. refusal.Pools.Select(Explain)];

    private static PoolRefusalLine Explain(PoolRejection rejection) => rejection.Cause switch
    {
        RejectionCause.NotTolerated(var taints) => Line(
            rejection, "taint", $"the pod does not tolerate {string.Join(" and ", taints.Select(taint => $"{taint.Key}={taint.Value}:{taint.Effect}"))}"),
        RejectionCause.PortTaken port => Line(rejection, "host port", port.ToString()),
        RejectionCause.Incompatible(var conflicts) => Line(rejection, "labels", string.Join("; ", conflicts)),
        RejectionCause.Volumes(var conflicts) => Line(rejection, "volumes", string.Join("; ", conflicts)),
        RejectionCause.Topology(var refusal) => Line(rejection, "neighbours", refusal.ToString()),
        RejectionCause.LimitsExhausted(var limits) => Line(rejection, "limit", Left(limits)),
        RejectionCause.TooLittleVariety(var lacks, _) => Line(rejection, "minValues", string.Join("; ", lacks)),
        RejectionCause.NoShapeLeft(var search) => Explain(rejection, search),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    /// <summary>The types of a pool by what each of them lacks; where limits keep the larger ones out, that is the matter.</summary>
    private static PoolRefusalLine Explain(PoolRejection rejection, ShapeSearch search)
    {
        var types = TypesOut(search);
        var lack = types.IsEmpty
            ? "no instance type of the pool can be launched"
            : $"none of {Count(types.Sum(type => type.Count), "instance type")} will do";
        return search.Limits.IsEmpty
            ? Line(rejection, "instance types", lack) with { Types = types }
            : Line(rejection, "limit", $"{Left(search.Limits)}; of the types that the limit lets pass, {lack}") with { Types = types };
    }

    private static ImmutableArray<TypesOutLine> TypesOut(ShapeSearch search) =>
    [
        .. search.ByShape()
            .GroupBy(shape => (shape.Rule, Scarce: shape.Rule == "resources" ? shape.Detail.Split(':')[0] : shape.Rule == "offering" ? shape.Detail : ""))
            .Select(alike =>
            {
                // The type that comes nearest shows best how far all of them are off.
                var nearest = alike.Key.Rule == "resources" ? alike.MaxBy(shape => Size(search, shape.Type, alike.Key.Scarce))! : alike.First();
                return new TypesOutLine(alike.Key.Rule, alike.Count(), nearest.Type, nearest.Detail);
            })
            .OrderByDescending(line => line.Count)
            .ThenBy(line => line.Detail, StringComparer.Ordinal),
    ];

    private static long Size(ShapeSearch search, string type, string resource) => search.Pool.Shapes.Shapes[search.Pool.Shapes.Find(type)].Allocatable.Of(resource);

    private static PoolRefusalLine Line(PoolRejection rejection, string rule, string why) => new(rejection.Pool.Name, rule, why, []);

    private static string Left(ImmutableArray<ExhaustedLimit> limits) => "the pool's limits leave " + string.Join(", ", limits);

    private static string Count(int count, string what) => $"{count.ToString(CultureInfo.InvariantCulture)} {what}{(count == 1 ? "" : "s")}";
}

/// <summary>Pods for which Karpenter had no node, for the same reasons.</summary>
public sealed record WaitLine
{
    /// <summary>namespace/name.</summary>
    public required ImmutableArray<string> Pods { get; init; }

    /// <summary>When the first of them was refused, since the world's start.</summary>
    public required TimeSpan Since { get; init; }

    /// <summary>How long the one that waited longest was refused.</summary>
    public required TimeSpan Longest { get; init; }

    /// <summary>Whether there was no place for them until the end.</summary>
    public required bool StillWaits { get; init; }

    public required ImmutableArray<PoolRefusalLine> Pools { get; init; }
}

/// <summary>Why a pool could not serve a pod.</summary>
/// <param name="Pool">Null where no pool was asked.</param>
/// <param name="Rule">taint, host port, labels, volumes, neighbours, limit, minValues, instance types; pod or pools where no pool was asked.</param>
/// <param name="Why">Both sides of the rule.</param>
/// <param name="Types">The instance types of the pool by what they lack, where they are the matter.</param>
public sealed record PoolRefusalLine(string? Pool, string Rule, string Why, ImmutableArray<TypesOutLine> Types)
{
    public override string ToString() => $"{Pool} {Rule} {Why} {string.Join(' ', Types)}";
}

/// <summary>Instance types that are out for the same reason.</summary>
/// <param name="Rule">requirements, resources or offering.</param>
/// <param name="Example">The one that comes nearest.</param>
/// <param name="Detail">Both sides for that one.</param>
public sealed record TypesOutLine(string Rule, int Count, string Example, string Detail);
