using System.Collections.Immutable;
using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Selectors;
using Sparkwright.Simulation;

namespace Sparkwright.World.Scheduling;

/// <summary>What nodes answer to a pod when some of their pods were gone.</summary>
internal interface IPreemptionTrial
{
    /// <summary>Null when the node would take the pod if it were as its copy is.</summary>
    Refusal? Check(NodeState node, NodeState trial);

    /// <summary>Takes a pod from the copy of a node, or puts it back.</summary>
    void Move(NodeState trial, ApiObject pod, bool away);
}

/// <summary>
/// Decides whether a pod that fits nowhere may take the place of pods with a lower priority, where, and whose: as few as possible, disruption
/// budgets first, the least important ones.
/// </summary>
internal static class Preemption
{
    private const long LeastCandidates = 100;

    /// <param name="preemptor">The pod that fits nowhere.</param>
    /// <param name="potential">The nodes that refuse it for what runs on them, by name.</param>
    /// <param name="budgets">The PodDisruptionBudgets.</param>
    /// <param name="start">Where to begin to look; upstream draws it.</param>
    public static PreemptionPlan Plan(
        ApiObject preemptor, IReadOnlyList<NodeState> potential, IPreemptionTrial trial, IReadOnlyList<ApiObject> budgets, DateTime now, Draw start)
    {
        if (potential.Count == 0)
        {
            return new PreemptionPlan.Nowhere([]);
        }

        var enough = Math.Min(potential.Count, Math.Max(LeastCandidates, potential.Count / 10));
        var offset = (int)start.Below(potential.Count);
        var priority = PodSpecView.Of(preemptor).Priority;
        List<PreemptionCandidate> candidates = [];
        var outlooks = ImmutableArray.CreateBuilder<Refusal>();
        for (var at = 0; at < potential.Count; at++)
        {
            var node = potential[(offset + at) % potential.Count];
            switch (SelectVictims(priority, node, trial, budgets, now))
            {
                case { Candidate: { } candidate }:
                    candidates.Add(candidate);
                    break;
                case { Refusal: { } refusal }:
                    outlooks.Add(refusal);
                    break;
            }

            if (candidates.Count >= enough && candidates.Exists(one => one.Violations == 0))
            {
                break;
            }
        }

        return candidates.Count == 0 ? new PreemptionPlan.Nowhere(outlooks.ToImmutable()) : new PreemptionPlan.Nominates(Best(candidates, now));
    }

    /// <summary>Pods in the order of their importance: priority, then the longer running.</summary>
    private static IEnumerable<ApiObject> ByImportance(IEnumerable<ApiObject> pods, DateTime now) => pods
        .OrderByDescending(pod => PodSpecView.Of(pod).Priority)
        .ThenBy(pod => StartOf(pod, now))
        .ThenBy(pod => pod.Key);

    private static DateTime StartOf(ApiObject pod, DateTime now) => Timestamps.Read(pod.Status["startTime"]) ?? now;

    /// <summary>Takes every pod of lower priority away, and then gives back whom the pod can do without.</summary>
    private static (PreemptionCandidate? Candidate, Refusal? Refusal) SelectVictims(
        long priority, NodeState node, IPreemptionTrial trial, IReadOnlyList<ApiObject> budgets, DateTime now)
    {
        if (node.LowestPriority >= priority)
        {
            return (null, UnschedulableMessage.NoVictims);
        }

        var lower = ByImportance(node.Pods.Values.Where(pod => PodSpecView.Of(pod).Priority < priority), now).ToList();
        var copy = node.Copy();
        foreach (var pod in lower)
        {
            trial.Move(copy, pod, true);
        }

        if (trial.Check(node, copy) is { } refusal)
        {
            return (null, refusal);
        }

        var victims = new List<ApiObject>();
        var violations = 0;
        var protectedPods = Protected(lower, budgets);
        foreach (var pod in lower.OrderBy(pod => protectedPods.Contains(pod.Key) ? 0 : 1))
        {
            trial.Move(copy, pod, false);
            if (trial.Check(node, copy) is not null)
            {
                trial.Move(copy, pod, true);
                victims.Add(pod);
                violations += protectedPods.Contains(pod.Key) ? 1 : 0;
            }
        }

        // Upstream answers with an error of its own when nobody has to go; that happens only where another turn will find room.
        return victims.Count == 0 ? (null, UnschedulableMessage.NoVictims) : (new PreemptionCandidate(node, [.. ByImportance(victims, now)], violations), null);
    }

    /// <summary>The pods whose going would exceed what a budget allows, when they went in this order.</summary>
    private static HashSet<ObjectKey> Protected(List<ApiObject> pods, IReadOnlyList<ApiObject> budgets)
    {
        var found = new HashSet<ObjectKey>();
        var allowed = budgets.Select(budget => budget.Status["disruptionsAllowed"]?.Integer ?? 0).ToArray();
        foreach (var pod in pods.Where(pod => pod.Metadata.Labels.Count > 0))
        {
            for (var at = 0; at < budgets.Count; at++)
            {
                var budget = budgets[at];
                if (budget.Namespace == pod.Namespace && LabelSelector.From(budget.Spec["selector"]) is { IsEmpty: false } selector
                    && selector.Matches(pod.Metadata.Labels) && budget.Status.At("disruptedPods", pod.Name) is null && --allowed[at] < 0)
                {
                    found.Add(pod.Key);
                }
            }
        }

        return found;
    }

    /// <summary>
    /// Fewest violated budgets, lowest top victim, lowest sum of priorities, fewest victims, the latest start of the top victims; then the
    /// first that was looked at.
    /// </summary>
    private static PreemptionCandidate Best(List<PreemptionCandidate> candidates, DateTime now) => candidates
        .OrderBy(one => one.Violations)
        .ThenBy(one => PriorityOf(one.Victims[0]))
        .ThenBy(one => one.Victims.Sum(victim => PriorityOf(victim) + int.MaxValue + 1L))
        .ThenBy(one => one.Victims.Length)
        .ThenByDescending(one => one.Victims.Where(victim => PriorityOf(victim) == PriorityOf(one.Victims[0])).Min(victim => StartOf(victim, now)))
        .First();

    private static long PriorityOf(ApiObject pod) => PodSpecView.Of(pod).Priority;
}

/// <summary>A node where a pod would fit if some others went.</summary>
/// <param name="Victims">Those, the most important first.</param>
/// <param name="Violations">How many of them a disruption budget protects.</param>
internal sealed record PreemptionCandidate(NodeState Node, ImmutableArray<ApiObject> Victims, int Violations);

/// <summary>What came of looking for victims.</summary>
internal abstract record PreemptionPlan
{
    private PreemptionPlan()
    {
    }

    /// <summary>The pod is to wait for the node until its victims are gone.</summary>
    public sealed record Nominates(PreemptionCandidate Choice) : PreemptionPlan;

    /// <summary>No node helps.</summary>
    /// <param name="Outlooks">What each node that was looked at said.</param>
    public sealed record Nowhere(ImmutableArray<Refusal> Outlooks) : PreemptionPlan;
}
