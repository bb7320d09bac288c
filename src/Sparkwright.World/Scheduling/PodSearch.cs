using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;

namespace Sparkwright.World.Scheduling;

/// <summary>Finds a node for one pod: filters, scores, and when no node takes it, whether others should go.</summary>
internal sealed class PodSearch(ClusterPicture cluster, ApiServer api)
{
    private static readonly ResourceType Budgets = new("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets", true, true);

    private readonly PodClasses classes = new(cluster);

    /// <inheritdoc cref="NodeBook.Asked"/>
    public long NodesAsked => cluster.Nodes.Asked;

    /// <summary>Forgets everything that depends on labels of namespaces.</summary>
    public void Forget() => classes.Forget();

    public SearchResult Find(ApiObject pod)
    {
        var nodes = cluster.Nodes.Ranked;
        if (nodes.Length == 0)
        {
            return new SearchResult.Failed(new FailedSearch(UnschedulableMessage.OfNodes(0, []), (FilterName)~0, null));
        }

        var volumes = VolumeNeeds.Of(pod, api.Store);
        if (volumes?.Problem is { } problem)
        {
            var outlook = IsNever(pod) ? NeverPreempts : UnschedulableMessage.OfPreemption(nodes.Length, []);
            return new SearchResult.Failed(new FailedSearch($"{UnschedulableMessage.OfPod(nodes.Length, problem)} {outlook}", FilterName.Volumes, null));
        }

        var ask = Question(pod, volumes);
        if (Nominations.NodeOf(pod) is { Length: > 0 } nominated && cluster.Nodes.Find(nominated) is { } promised
            && (ask.Only ?? nominated) == nominated && ask.WithNominated(promised, null) is null)
        {
            return new SearchResult.Found(promised, volumes);
        }

        if (ask.Only is { } only)
        {
            return cluster.Nodes.Find(only) is { } home && ask.WithNominated(home, null) is null ? new SearchResult.Found(home, volumes) : Fail(ask, nodes);
        }

        Func<NodeState, Refusal?>? also = volumes is null && cluster.Nominations.IsEmpty
            ? null
            : node => volumes?.Check(node) ?? (cluster.Nominations.On(node.View.Name).Any() ? ask.WithNominated(node, null) : null);
        var best = ask.Class!.Best(cluster.Nodes, api.Chance.For("scheduler/tie", pod.Metadata.Uid), also);
        if (best is not null)
        {
            return new SearchResult.Found(best, volumes);
        }

        if (also is not null)
        {
            return Fail(ask, nodes);
        }

        // Pods of a class that wait together are told the same until something changes.
        if (ask.Class.Failure is { Search: { } known, Version: var version } && version == cluster.Nodes.Version)
        {
            return new SearchResult.Failed(known);
        }

        var failed = Fail(ask, nodes);
        ask.Class.Failure = (cluster.Nodes.Version, failed.Why.Preemption is null && Nominations.NodeOf(pod).Length == 0 ? failed.Why : null);
        return failed;
    }

    private SearchResult.Failed Fail(PodQuestion ask, NodeState[] nodes)
    {
        var refusals = Array.ConvertAll(nodes, node => ask.Only is { } only && only != node.View.Name ? Filters.NotThePinnedNode : ask.WithNominated(node, null)!);
        var refusedBy = refusals.Aggregate(FilterName.None, (all, refusal) => all | refusal.By);
        var message = UnschedulableMessage.OfNodes(nodes.Length, refusals);
        if (IsNever(ask.Pod))
        {
            return new SearchResult.Failed(new FailedSearch($"{message} {NeverPreempts}", refusedBy, null));
        }

        if (WaitsForVictims(ask.Pod, refusals))
        {
            return new SearchResult.Failed(new FailedSearch($"{message} preemption: not eligible due to a terminating pod on the nominated node.", refusedBy, null) { KeepsNomination = true });
        }

        var potential = nodes.Where((_, at) => refusals[at].PreemptionMayHelp).ToArray();
        var plan = cluster.LowestPriority >= PodSpecView.Of(ask.Pod).Priority
            ? new PreemptionPlan.Nowhere([.. potential.Select(_ => UnschedulableMessage.NoVictims)])
            : Preemption.Plan(ask.Pod, potential, ask, api.Store.List(Budgets), api.Clock.Now, api.Chance.For("scheduler/preemption", ask.Pod.Metadata.Uid));
        return plan switch
        {
            PreemptionPlan.Nominates nominates => new SearchResult.Failed(new FailedSearch(message, refusedBy, nominates.Choice)),
            PreemptionPlan.Nowhere nowhere =>
                new SearchResult.Failed(new FailedSearch($"{message} {UnschedulableMessage.OfPreemption(nodes.Length, nowhere.Outlooks)}", refusedBy, null)),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    private const string NeverPreempts = "preemption: not eligible due to preemptionPolicy=Never.";

    private static bool IsNever(ApiObject pod) => pod.Spec["preemptionPolicy"]?.Text == "Never";

    /// <summary>Victims of this pod, or of another, are still on their way out on its node, which will take it when they are gone.</summary>
    private bool WaitsForVictims(ApiObject pod, Refusal[] refusals) =>
        cluster.Nodes.Find(Nominations.NodeOf(pod)) is { } node && refusals[node.Rank].PreemptionMayHelp
        && node.Pods.Values.Any(there => there.Metadata.IsBeingDeleted && PodSpecView.Of(there).Priority < PodSpecView.Of(pod).Priority
            && Conditions.Find(there.Status, "DisruptionTarget") is { } condition && condition["status"]?.Text == "True" && condition["reason"]?.Text == "PreemptionByScheduler");

    private PodQuestion Question(ApiObject pod, VolumeNeeds? volumes)
    {
        var spec = PodSpecView.Of(pod);
        var needs = PodNeeds.Of(pod, cluster.Neighbours, spec.Spreads.IsEmpty ? DefaultSpreads.QueryOf(pod, api.Store) : null);
        var only = Filters.PinnedNode(spec);
        return new PodQuestion(cluster, pod, only is null || needs.CanRefuse ? classes.Of(pod, spec, needs) : null, volumes, only);
    }
}

/// <summary>One pod before the nodes: what each says to it, as it is or as it might be.</summary>
/// <param name="known">The pod's class; null when only one node is asked and nothing but that node matters.</param>
/// <param name="only">The one node that the pod may go to, if there is only one.</param>
internal sealed class PodQuestion(ClusterPicture cluster, ApiObject pod, PodClass? known, VolumeNeeds? volumes, string? only) : IPreemptionTrial
{
    private readonly PodSpecView spec = PodSpecView.Of(pod);

    public ApiObject Pod => pod;

    public PodClass? Class => known;

    public string? Only => only;

    /// <summary>
    /// A node must take the pod both with the pods that are nominated for it and without them: they are not there yet, and the pod may need
    /// what they would bring.
    /// </summary>
    public Refusal? WithNominated(NodeState node, NodeState? trial)
    {
        if (!cluster.Nominations.IsEmpty && cluster.NominatedBefore(pod, node.View.Name) is { Count: > 0 } before)
        {
            var full = (trial ?? node).Copy();
            foreach (var nominated in before)
            {
                Move(full, nominated, false);
            }

            if (Ask(node, full) is { } refusal)
            {
                return refusal;
            }
        }

        return Ask(node, trial);
    }

    public Refusal? Check(NodeState node, NodeState trial) => WithNominated(node, trial);

    public void Move(NodeState trial, ApiObject other, bool away) => cluster.Move(trial, other, away);

    private Refusal? Ask(NodeState node, NodeState? trial) => known is null
        ? Filters.Check(spec, trial ?? node) ?? volumes?.Check(trial ?? node)
        : known.Check(cluster.Nodes, node, trial, volumes is null ? null : volumes.Check);
}

/// <summary>What came of the search for a node.</summary>
internal abstract record SearchResult
{
    private SearchResult()
    {
    }

    /// <param name="Volumes">What has to be bound before the pod can be.</param>
    public sealed record Found(NodeState Node, VolumeNeeds? Volumes) : SearchResult;

    public sealed record Failed(FailedSearch Why) : SearchResult;
}

/// <summary>Why no node takes a pod now.</summary>
/// <param name="Message">As condition and event say it.</param>
/// <param name="RefusedBy">The filters that refused it on some node.</param>
/// <param name="Preemption">Where it will fit when others are gone; null when nobody is to go.</param>
internal sealed record FailedSearch(string Message, FilterName RefusedBy, PreemptionCandidate? Preemption)
{
    /// <summary>A node promised earlier stays promised.</summary>
    public bool KeepsNomination { get; init; }
}
