using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Scheduling;
using Sparkwright.World.YuniKorn.Applications;
using Sparkwright.World.YuniKorn.Queues;

namespace Sparkwright.World.YuniKorn.Cycle;

/// <summary>
/// Sends pods away for an ask whose queue has less than it is guaranteed; for a pod of a DaemonSet on its node; and out of a queue whose
/// maximum was lowered.
/// </summary>
internal sealed class Preemptor(Partition partition, Predicates predicates)
{
    /// <summary>How long after a try the next one comes at the earliest.</summary>
    private static readonly TimeSpan TryEvery = TimeSpan.FromSeconds(15);

    /// <summary>Nodes compared before the first good enough answer is taken.</summary>
    private const int NodesAtOnce = 10;

    private DateTime Now => partition.Api.Clock.Now;

    /// <summary>When an ask may be tried next; null when it never will.</summary>
    public DateTime? NextTry(PodTask ask)
    {
        var queue = ask.Application.Queue!;
        if (!ask.MayPreempt || ask.HasTriggeredPreemption || ask.RequiredNode is not null || queue.Upwards().All(one => one.Guaranteed.IsEmpty))
        {
            return null;
        }

        var ripe = ask.Created + queue.Properties.PreemptionDelay;
        return ask.PreemptionTried is { } last && last + TryEvery > ripe ? last + TryEvery : ripe;
    }

    /// <summary>Tries to make room for an ask; true when pods were told to go and a node is kept free.</summary>
    /// <param name="nodesTried">Whether no node takes the ask as it is; then sending nobody away helps nothing.</param>
    public bool Try(PodTask ask, bool nodesTried)
    {
        if (NextTry(ask) is not { } ripe || Now < ripe || partition.Api.Store.Get(CoreTypes.Pod, ask.Key) is not { } pod)
        {
            return false;
        }

        ask.PreemptionTried = Now;
        partition.Counts.PreemptionsTried++;
        partition.Touch(ask.Application);
        var snapshots = PreemptionSnapshot.Of(ask);
        if (!CouldHelp(ask, snapshots) || BestNode(ask, predicates.Of(pod), snapshots, nodesTried) is not { } choice)
        {
            return false;
        }

        if (Additional(ask, choice.Victims, snapshots) is not { } more || choice.Victims.Count + more.Count == 0)
        {
            return false;
        }

        var fitsAlready = choice.FitsFree;
        var (freed, victims) = (Amounts.None, new List<PodTask>());
        foreach (var victim in choice.Victims.Concat(more).Where(victim => fitsAlready || victim.Node == choice.Node))
        {
            if (!Covers(freed, ask.Request))
            {
                victims.Add(victim);
                freed += victim.Request;
            }
        }

        if (!fitsAlready && victims.Count == 0)
        {
            return false;
        }

        ask.HasTriggeredPreemption = true;
        if (ask.ReservedNode.Length == 0)
        {
            partition.Reserve(ask, choice.Node);
        }

        victims.ForEach(victim => partition.Preempt(victim, ask));
        return true;
    }

    /// <summary>Makes room on a node for a pod that can go nowhere else: only by pods that are no more important.</summary>
    public bool TryRequiredNode(PodTask ask, NodeState node)
    {
        var victims = On(node.View.Name)
            .Where(task => task.RequiredNode is null && task.Priority <= ask.Priority && !task.IsReleased && !task.IsPreempted)
            .OrderBy(task => task.IsOriginator ? 2 : task.MayBePreempted ? 0 : 1)
            .ThenBy(task => task.Priority)
            .ThenByDescending(task => task.Created)
            .ThenBy(task => task.Key);
        var chosen = new List<PodTask>();
        var free = Amounts.From(node.Free);
        foreach (var victim in victims)
        {
            if (free.Holds(ask.Request))
            {
                break;
            }

            chosen.Add(victim);
            free += victim.Request;
        }

        if (chosen.Count == 0 || !free.Holds(ask.Request))
        {
            return false;
        }

        ask.HasTriggeredPreemption = true;
        partition.Touch(ask.Application);
        chosen.ForEach(victim => partition.Preempt(victim, ask));
        return true;
    }

    /// <summary>Takes pods from a queue until it is within its maximum.</summary>
    public void Shrink(Queue queue)
    {
        var over = (queue.Allocated - queue.Preempting).LessExisting(queue.Max!);
        over = Amounts.Of([.. over.Names.Where(name => queue.Max!.TryGet(name, out _) && over[name] > 0).Select(name => (name, over[name]))]);
        foreach (var victim in queue.Downwards().Where(below => below.IsLeaf).SelectMany(leaf => leaf.Applications.Values).SelectMany(application => application.Tasks.Values)
            .Where(task => task.State == TaskState.Bound && task.RequiredNode is null && !task.IsReleased && !task.IsPreempted)
            .OrderBy(task => task, PreemptionSnapshot.VictimOrder).ToList())
        {
            if (over.IsEmpty || over.Names.All(name => victim.Request[name] == 0))
            {
                continue;
            }

            over = (over - victim.Request).Positive().MinExisting(over);
            over = Amounts.Of([.. over.Names.Where(name => queue.Max!.TryGet(name, out _)).Select(name => (name, over[name]))]);
            partition.Preempt(victim, null);
        }
    }

    /// <summary>Whether the queue would be within its guarantee with the ask once everybody that can go had gone.</summary>
    private static bool CouldHelp(PodTask ask, PreemptionSnapshot.Tree snapshots)
    {
        var copy = snapshots.Copy();
        var own = copy.Of(ask.Application.Queue!);
        own.Add(ask.Request);
        foreach (var queue in copy.All)
        {
            foreach (var victim in queue.Victims)
            {
                queue.Remove(victim.Request);
                if (own.RemainingGuaranteed() is { HasNegative: false })
                {
                    return true;
                }
            }
        }

        return false;
    }

    private NodeChoice? BestNode(PodTask ask, PredicateQuestion question, PreemptionSnapshot.Tree snapshots, bool nodesTried)
    {
        var candidates = new List<(NodeState Node, List<PodTask> Victims, int Start)>();
        foreach (var node in partition.Cluster.Nodes.Ranked)
        {
            if (node.View.IsUnschedulable || !question.FitsEmpty(node) || partition.ReservedOn(node.View.Name).Any(other => other != ask))
            {
                continue;
            }

            if (VictimsOn(ask, node, question, snapshots) is { } found && (found.Victims.Count > 0 || !nodesTried))
            {
                candidates.Add((node, found.Victims, found.Start));
            }
        }

        (NodeChoice Choice, long Score)? best = null;
        var asked = 0;
        foreach (var (node, victims, start) in candidates.OrderBy(one => one.Start).ThenBy(one => one.Node.View.Name, StringComparer.Ordinal))
        {
            if (asked > 0 && asked % NodesAtOnce == 0 && best is { Score: < OnlyWilling })
            {
                break;
            }

            asked++;
            if (FirstFit(node, victims, start, question) is { } count)
            {
                var chosen = victims[..count];
                var score = Score(chosen);
                if (best is null || score < best.Value.Score)
                {
                    best = (new NodeChoice(node.View.Name, chosen, question.FitsFree(node)), score);
                }
            }
        }

        return best?.Choice;
    }

    private const long OnlyWilling = 1L << 32;

    private static long Score(List<PodTask> victims) => victims.Count
        + (victims.Any(victim => victim.IsOriginator) ? 1L << 33 : 0)
        + (victims.Any(victim => !victim.MayBePreempted) ? 1L << 34 : 0);

    /// <summary>How many victims must go until the node takes the pod; null when all are not enough.</summary>
    private int? FirstFit(NodeState node, List<PodTask> victims, int start, PredicateQuestion question)
    {
        var trial = node.Copy();
        for (var gone = 0; gone <= victims.Count; gone++)
        {
            if (gone > start && question.Check(node, trial) is null)
            {
                return gone;
            }

            if (gone < victims.Count && node.Pods.TryGetValue(victims[gone].Key, out var pod))
            {
                partition.Cluster.Move(trial, pod, away: true);
            }
        }

        return null;
    }

    /// <summary>
    /// Who may go from a node, in order, and the number of the one with whom it is enough (-1: nobody needs to go); null when the node cannot help.
    /// No queue falls below its guarantee, and no more is taken than the ask's own queue is guaranteed.
    /// </summary>
    private static (List<PodTask> Victims, int Start)? VictimsOn(PodTask ask, NodeState node, PredicateQuestion question, PreemptionSnapshot.Tree snapshots)
    {
        if (question.FitsFree(node))
        {
            return ([], -1);
        }

        var copy = snapshots.Copy();
        var own = copy.Of(ask.Application.Queue!);
        var free = Amounts.From(node.Free);
        var (head, tail) = (new List<PodTask>(), new List<PodTask>());
        foreach (var victim in snapshots.VictimsOn(node.View.Name))
        {
            var queue = copy.Of(victim.Application.Queue!);
            if (!queue.MayLose(victim.Request))
            {
                continue;
            }

            own.Add(victim.Request);
            if (own.RemainingGuaranteed()?.HasNegative == true)
            {
                own.Remove(victim.Request);
                queue.Add(victim.Request);
                break;
            }

            if (Lack(ask.Request, free).Equals(Lack(ask.Request, free + victim.Request)))
            {
                own.Remove(victim.Request);
                queue.Add(victim.Request);
                tail.Add(victim);
            }
            else
            {
                free += victim.Request;
                head.Add(victim);
            }
        }

        copy = snapshots.Copy();
        free = Amounts.From(node.Free);
        var start = -1;
        var victims = new List<PodTask>();
        foreach (var victim in head.Concat(tail).Where(victim => copy.Of(victim.Application.Queue!).MayLose(victim.Request)))
        {
            free += victim.Request;
            start = start < 0 && free.Holds(ask.Request) ? victims.Count : start;
            victims.Add(victim);
        }

        return start < 0 ? null : (victims, start);
    }

    /// <summary>Who else must go so that the queue has room in its guarantee; null when it cannot have.</summary>
    private static List<PodTask>? Additional(PodTask ask, List<PodTask> chosen, PreemptionSnapshot.Tree snapshots)
    {
        var copy = snapshots.Copy();
        var own = copy.Of(ask.Application.Queue!);
        chosen.ForEach(victim => copy.Of(victim.Application.Queue!).Remove(victim.Request));
        var more = new List<PodTask>();
        foreach (var victim in snapshots.All.SelectMany(queue => queue.Victims).Except(chosen).OrderBy(victim => victim, PreemptionSnapshot.VictimOrder))
        {
            var queue = copy.Of(victim.Application.Queue!);
            if (!queue.MayLose(victim.Request))
            {
                continue;
            }

            var before = own.RemainingGuaranteed();
            own.Add(victim.Request);
            var after = own.RemainingGuaranteed();
            if (after?.HasNegative == true)
            {
                own.Remove(victim.Request);
                queue.Add(victim.Request);
                break;
            }

            if (before is null || after is null || before.Equals(after))
            {
                own.Remove(victim.Request);
                queue.Add(victim.Request);
            }
            else
            {
                more.Add(victim);
            }
        }

        return own.RemainingGuaranteed() is { HasNegative: false } ? more : null;
    }

    private IEnumerable<PodTask> On(string node) => partition.Cluster.Nodes.Find(node)!.Pods.Keys
        .Order()
        .Select(key => partition.Tasks.GetValueOrDefault(key))
        .OfType<PodTask>()
        .Where(task => task.State == TaskState.Bound && task.Node == node);

    private static Amounts Lack(Amounts asked, Amounts free) => asked.LessExisting(free).Positive();

    private static bool Covers(Amounts freed, Amounts asked) => asked.Names.All(name => freed[name] >= asked[name]);

    private sealed record NodeChoice(string Node, List<PodTask> Victims, bool FitsFree);
}
