using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Scheduling;
using Sparkwright.World.YuniKorn.Applications;
using Sparkwright.World.YuniKorn.Queues;

namespace Sparkwright.World.YuniKorn.Cycle;

/// <summary>
/// The scheduling cycle: each step finds at most one place, first for asks with a node kept free, then for pods that replace placeholders, then
/// for the rest, walking queues, applications and asks in their order.
/// </summary>
internal sealed class Allocator(Partition partition, Predicates predicates, NodeOrder nodes, Binder binder)
{
    /// <summary>How old an ask must be before a node is kept free for it.</summary>
    public static TimeSpan ReservationDelay { get; } = TimeSpan.FromSeconds(2);

    /// <summary>How often it is said at most that no node takes an ask.</summary>
    private static readonly TimeSpan TellEvery = TimeSpan.FromSeconds(15);

    /// <summary>Preemptions tried for one queue in one walk.</summary>
    private const int PreemptionsPerQueue = 10;

    private readonly Preemptor preemptor = new(partition, predicates);
    private readonly Dictionary<PodClass, FailedSearch> failures = [];
    private (long Nodes, long Reservations) failuresHoldFor = (-1, -1);

    /// <summary>When time alone may change an answer; the earliest of this cycle.</summary>
    public DateTime? TryAgainAt { get; private set; }

    private DateTime Now => partition.Api.Clock.Now;

    private NodeBook Book => partition.Cluster.Nodes;

    public void Begin() => TryAgainAt = null;

    /// <summary>Finds one place, or keeps one node free, or sends somebody away; false when nothing is left to do.</summary>
    public bool Step()
    {
        if (!partition.Queues.Root.Pending.IsPositive)
        {
            return false;
        }

        var holdFor = (Book.Version, partition.ReservationVersion);
        if (failuresHoldFor != holdFor)
        {
            failures.Clear();
            failuresHoldFor = holdFor;
        }

        var root = partition.Queues.Root;
        return (partition.HasReservations && Walk(root, TryReserved)) || (root.Holding > 0 && Walk(root, TryReplacements)) || Walk(root, TryAllocate);
    }

    /// <summary>The asks that would have a place if there were more nodes: what an autoscaler should hear of.</summary>
    public IEnumerable<PodTask> Outstanding()
    {
        var all = new List<PodTask>();
        Walk(partition.Queues.Root, leaf =>
        {
            var room = leaf.MaxHeadRoom();
            foreach (var application in leaf.Waiting.InOrder())
            {
                if (!MayRun(leaf, application))
                {
                    continue;
                }

                var userRoom = partition.Usage.HeadRoom(leaf, application.User);
                foreach (var ask in application.Asks)
                {
                    if (!ask.WasAttempted || room?.Allows(ask.Request) == false || userRoom?.Allows(ask.Request) == false)
                    {
                        continue;
                    }

                    if (!ask.HasTriggeredScaleUp && ask.RequiredNode is null && !application.CanReplace(ask))
                    {
                        all.Add(ask);
                    }

                    room = room?.LessExisting(ask.Request);
                    userRoom = userRoom?.LessExisting(ask.Request);
                }
            }

            return false;
        });
        return all;
    }

    private static bool Walk(Queue queue, Func<Queue, bool> visit) =>
        queue.IsLeaf ? visit(queue) : QueueOrder.Children(queue).Any(child => Walk(child, visit));

    private bool MayRun(Queue leaf, Application application) =>
        application.State != ApplicationState.Accepted || (leaf.CanRun(application) && partition.Usage.CanRun(leaf, application));

    private bool TryReserved(Queue leaf)
    {
        foreach (var group in partition.ReservedIn(leaf))
        {
            var application = group.Key;
            if (!MayRun(leaf, application))
            {
                continue;
            }

            var reserved = group.ToList();

            var (room, userRoom) = (leaf.HeadRoom(), partition.Usage.HeadRoom(leaf, application.User));
            reserved.RemoveAll(ask => userRoom?.Allows(ask.Request) == false || room?.Allows(ask.Request) == false);
            foreach (var ask in reserved)
            {
                if (Book.Find(ask.ReservedNode) is not { } node || PodOf(ask) is not { } pod)
                {
                    continue;
                }

                var question = predicates.Of(pod);
                if (ask.RequiredNode is not null && !question.FitsFree(node) && !ask.HasTriggeredPreemption)
                {
                    if (preemptor.TryRequiredNode(ask, node))
                    {
                        return true;
                    }

                    continue;
                }

                if (TryNode(ask, pod, question, node))
                {
                    return true;
                }
            }

            foreach (var ask in reserved.Where(ask => ask.RequiredNode is null))
            {
                if (PodOf(ask) is { } pod && predicates.Of(pod) is var question
                    && FirstOpen(question) is { } other)
                {
                    Place(ask, pod, question, other);
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>Puts a pod into the place of a placeholder of its group: on the same node, or else on the first that takes it.</summary>
    private bool TryReplacements(Queue leaf)
    {
        if (leaf.Holding == 0)
        {
            return false;
        }

        foreach (var application in leaf.Waiting.InOrder().Where(application => !application.PlaceholderAllocated.IsZero && application.MemberAsks.Count > 0))
        {
            var refused = new HashSet<(PodClass, string)>();
            (PodTask Ask, PodTask Placeholder, ApiObject Pod, PredicateQuestion Question)? first = null;
            var tooSmall = new List<PodTask>();
            foreach (var ask in application.MemberAsks)
            {
                if (application.PlaceholdersOf(ask.Group).Count == 0 || PodOf(ask) is not { } pod)
                {
                    continue;
                }

                PredicateQuestion? question = null;
                foreach (var placeholder in application.PlaceholdersOf(ask.Group).Where(held => !held.IsReleased && !held.IsPreempted))
                {
                    if ((placeholder.Request - ask.Request).HasNegative)
                    {
                        placeholder.IsReleased = true;
                        tooSmall.Add(placeholder);
                        TellTooSmall(placeholder, ask);
                        continue;
                    }

                    question ??= predicates.Of(pod);
                    first ??= (ask, placeholder, pod, question);
                    if (question.Class is { } known && refused.Contains((known, ask.Group)))
                    {
                        break;
                    }

                    if (Book.Find(placeholder.Node) is { } node && question.Suits(node))
                    {
                        partition.Release(tooSmall);
                        Replace(ask, pod, question, placeholder, node);
                        return true;
                    }
                }

                if (question?.Class is { } asked)
                {
                    refused.Add((asked, ask.Group));
                }
            }

            partition.Release(tooSmall);
            if (first is (var best, var its, var bestPod, var bestQuestion) && FirstOpen(bestQuestion) is { } other)
            {
                Replace(best, bestPod, bestQuestion, its, other);
                return true;
            }

            if (tooSmall.Count > 0)
            {
                return true;
            }
        }

        return false;
    }

    private void Replace(PodTask ask, ApiObject pod, PredicateQuestion question, PodTask placeholder, NodeState node)
    {
        placeholder.Replacement = ask;
        placeholder.IsReleased = true;
        placeholder.Application.RemoveAsk(ask);
        ask.State = TaskState.Allocated;
        ask.UsedPlaceholder = true;
        if (placeholder.Node != node.View.Name)
        {
            partition.Cluster.Assume(pod, node);
        }

        partition.Delete(placeholder);
        if (!partition.Tasks.ContainsKey(placeholder.Key))
        {
            FinishReplacement(ask, pod, question, node);
        }
        else
        {
            ask.Node = node.View.Name;
        }
    }

    private void FinishReplacement(PodTask ask, ApiObject pod, PredicateQuestion question, NodeState node)
    {
        partition.Cluster.Release(pod.Key);
        partition.Allocate(ask, node.View.Name, replaces: true);
        binder.Bind(ask, pod, node, question.Volumes);
    }

    /// <summary>A placeholder that was replaced has gone at last: its successor gets the place.</summary>
    public void FinishReplacement(PodTask ask)
    {
        if (PodOf(ask) is { } pod && Book.Find(ask.Node) is { } node)
        {
            FinishReplacement(ask, pod, predicates.Of(pod), node);
        }
    }

    private bool TryAllocate(Queue leaf)
    {
        var room = leaf.HeadRoom();
        var preemptions = partition.Queues.Settings.PreemptionEnabled ? PreemptionsPerQueue : 0;
        foreach (var application in leaf.Waiting.InOrder())
        {
            if (!MayRun(leaf, application))
            {
                continue;
            }

            if (application.BackoffDeadline > Now)
            {
                LookAgain(application.BackoffDeadline.Value);
                continue;
            }

            if (TryAllocate(leaf, application, room, ref preemptions))
            {
                return true;
            }
        }

        return false;
    }

    private bool TryAllocate(Queue leaf, Application application, Amounts? room, ref int preemptions)
    {
        var userRoom = partition.Usage.HeadRoom(leaf, application.User);
        var withoutNode = 0L;
        foreach (var ask in application.Asks)
        {
            if (leaf.Properties.AsksBeforeBackoff > 0 && withoutNode >= leaf.Properties.AsksBeforeBackoff)
            {
                application.BackoffDeadline = Now + leaf.Properties.BackoffDelay;
                partition.Touch(application);
                LookAgain(application.BackoffDeadline.Value);
                return false;
            }

            if (application.CanReplace(ask))
            {
                continue;
            }

            if (!FitsUser(ask, userRoom))
            {
                continue;
            }

            ask.WasAttempted = true;
            var fits = room?.Allows(ask.Request) != false;
            if (!fits)
            {
                if (TryPreempt(ask, ref preemptions, nodesTried: false))
                {
                    return true;
                }

                FitsQueue(ask, leaf, room);
                continue;
            }

            FitsQueue(ask, leaf, room);
            if (PodOf(ask) is not { } pod)
            {
                continue;
            }

            if (ask.RequiredNode is { } required)
            {
                if (Book.Find(required) is { } only && TryRequired(ask, pod, only))
                {
                    return true;
                }
            }
            else if (TryNodes(ask, pod) || TryPreempt(ask, ref preemptions, nodesTried: true))
            {
                return true;
            }
            else
            {
                withoutNode++;
            }
        }

        return false;
    }

    /// <summary>Tries all nodes that are not kept free for others; an ask that is old enough gets the best of those that refused kept free.</summary>
    private bool TryNodes(PodTask ask, ApiObject pod)
    {
        var question = predicates.Of(pod);
        if (question.Class is { } known && failures.TryGetValue(known, out var before))
        {
            Tell(ask, pod, before.Refusals);
            return KeepFree(ask, question, before);
        }

        if (FirstOpen(question) is { } node)
        {
            Place(ask, pod, question, node);
            return true;
        }

        var search = new FailedSearch(RefusalsOf(question));
        if (question.Class is { } failed)
        {
            failures[failed] = search;
        }

        Tell(ask, pod, search.Refusals);
        return KeepFree(ask, question, search);
    }

    /// <summary>How many nodes with room refuse the pod for what reason.</summary>
    private SortedDictionary<string, int> RefusalsOf(PredicateQuestion question)
    {
        var refusals = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var node in nodes.WithRoom(Book, question.Spec.Requests).Where(node => partition.ReservedOn(node.View.Name).Count == 0))
        {
            var why = question.Check(node)!.ToString()!;
            refusals[why] = refusals.GetValueOrDefault(why) + 1;
        }

        return refusals;
    }

    /// <summary>Of the nodes that could take the ask if they were empty the one that lacks least now; null when it would not suit.</summary>
    private NodeState? Closest(PodTask ask, PredicateQuestion question)
    {
        (NodeState Node, decimal Lack)? closest = null;
        foreach (var node in nodes.Of(Book))
        {
            if (node.View.IsUnschedulable || partition.ReservedOn(node.View.Name).Count > 0 || !question.FitsEmpty(node))
            {
                continue;
            }

            var lack = Lack(ask, node);
            if (closest is null || lack < closest.Value.Lack)
            {
                closest = (node, lack);
            }
        }

        return closest is { } found && question.Suits(found.Node) ? found.Node : null;
    }

    private bool KeepFree(PodTask ask, PredicateQuestion question, FailedSearch search)
    {
        if (ask.ReservedNode.Length > 0)
        {
            return false;
        }

        if (Now - ask.Created <= ReservationDelay)
        {
            LookAgain(ask.Created + ReservationDelay + TimeSpan.FromMilliseconds(100));
            return false;
        }

        if (!search.IsClosestKnown)
        {
            search.Closest = Closest(ask, question);
            search.IsClosestKnown = true;
        }

        if (search.Closest is not { } candidate || partition.ReservedOn(candidate.View.Name).Count > 0)
        {
            return false;
        }

        partition.Reserve(ask, candidate.View.Name);
        return true;
    }

    private bool TryRequired(PodTask ask, ApiObject pod, NodeState node)
    {
        foreach (var other in partition.ReservedOn(node.View.Name).Where(other => other.RequiredNode is null).ToList())
        {
            partition.Unreserve(other);
        }

        if (TryNode(ask, pod, predicates.Of(pod), node))
        {
            return true;
        }

        if (ask.ReservedNode.Length > 0)
        {
            return false;
        }

        partition.Reserve(ask, node.View.Name);
        return true;
    }

    private bool TryNode(PodTask ask, ApiObject pod, PredicateQuestion question, NodeState node)
    {
        if (!question.FitsFree(node) || partition.ReservedOn(node.View.Name).Any(other => other != ask && other.RequiredNode is null) || question.Check(node) is not null)
        {
            return false;
        }

        Place(ask, pod, question, node);
        return true;
    }

    /// <summary>The first node in order that takes the pod and is kept free for nobody.</summary>
    private NodeState? FirstOpen(PredicateQuestion question) => nodes.WithRoom(Book, question.Spec.Requests)
        .FirstOrDefault(node => partition.ReservedOn(node.View.Name).Count == 0 && question.Check(node) is null);

    private void Place(PodTask ask, ApiObject pod, PredicateQuestion question, NodeState node)
    {
        partition.Allocate(ask, node.View.Name, replaces: false);
        binder.Bind(ask, pod, node, question.Volumes);
    }

    private bool TryPreempt(PodTask ask, ref int left, bool nodesTried)
    {
        if (left == 0)
        {
            return false;
        }

        left--;
        var tried = preemptor.Try(ask, nodesTried);
        if (preemptor.NextTry(ask) is { } next)
        {
            LookAgain(next);
        }

        return tried;
    }

    private bool FitsUser(PodTask ask, Amounts? room)
    {
        var fits = room?.Allows(ask.Request) != false;
        if (ask.IsOverUser == fits)
        {
            ask.IsOverUser = !fits;
            Refuse(ask, fits, "Not enough user quota");
            partition.Touch(ask.Application);
            Inform(ask, fits
                ? $"Request '{ask.Uid}' fits in the available user quota"
                : $"Request '{ask.Uid}' exceeds the available user quota (requested {ask.Request}, available {room})");
        }

        return fits;
    }

    private void FitsQueue(PodTask ask, Queue leaf, Amounts? room)
    {
        var fits = room?.Allows(ask.Request) != false;
        if (ask.IsOverQueue == fits)
        {
            ask.IsOverQueue = !fits;
            Refuse(ask, fits, "Not enough queue quota");
            partition.Touch(ask.Application);
            Inform(ask, fits
                ? $"Request '{ask.Uid}' has become schedulable in queue '{leaf.Path}'"
                : $"Request '{ask.Uid}' does not fit in queue '{leaf.Path}' (requested {ask.Request}, available {room})");
        }
    }

    private void Refuse(PodTask ask, bool fits, string why)
    {
        if (!fits)
        {
            ask.Refuse(why, Now);
        }
    }

    private void Tell(PodTask ask, ApiObject pod, SortedDictionary<string, int> refusals)
    {
        if (refusals.Count == 0 || (ask.PredicatesTold is { } last && Now - last < TellEvery))
        {
            return;
        }

        ask.PredicatesTold = Now;
        foreach (var refusal in refusals.Keys)
        {
            ask.Refuse(refusal, Now);
        }

        var said = string.Concat(refusals.Select(refusal => $"{refusal.Key} ({refusal.Value}x); "));
        partition.Events.Normal(pod, "Informational", $"Unschedulable request '{ask.Uid}': {said}", "Informational");
    }

    /// <summary>A member asks for more than its placeholder holds: told on the placeholder, which goes.</summary>
    private void TellTooSmall(PodTask placeholder, PodTask ask)
    {
        var application = ask.Application;
        var message = $"Task group '{placeholder.Group}' in application '{application.Id}': allocation resources '{ask.Request}' are not matching placeholder '{placeholder.Request}' allocation with ID '{placeholder.Uid}'";
        application.Remarks = application.Remarks.Add(new Remark(Now, placeholder.Uid, message, ask.Request));
        partition.Touch(application);
        Inform(placeholder, message);
    }

    private void Inform(PodTask ask, string message)
    {
        if (PodOf(ask) is { } pod)
        {
            partition.Events.Normal(pod, "Informational", message, "Informational");
        }
    }

    private void LookAgain(DateTime at) => TryAgainAt = at > Now && (TryAgainAt is null || at < TryAgainAt) ? at : TryAgainAt;

    private ApiObject? PodOf(PodTask task) => partition.Api.Store.Get(CoreTypes.Pod, task.Key) is { } pod && pod.Metadata.Uid == task.Uid ? pod : null;

    /// <summary>How much of what is asked the node lacks now: the sum of the missing parts.</summary>
    private static decimal Lack(PodTask ask, NodeState node)
    {
        var free = Amounts.From(node.Free);
        return ask.Request.Names.Sum(name => ask.Request[name] is > 0 and var asked && free[name] < asked ? (decimal)(asked - Math.Max(0, free[name])) / asked : 0);
    }

    /// <summary>A search among all nodes that found none.</summary>
    private sealed class FailedSearch(SortedDictionary<string, int> refusals)
    {
        /// <summary>How many nodes said what.</summary>
        public SortedDictionary<string, int> Refusals { get; } = refusals;

        /// <summary>The node that could be kept free; looked for when the first is old enough to have one.</summary>
        public NodeState? Closest { get; set; }

        public bool IsClosestKnown { get; set; }
    }
}
