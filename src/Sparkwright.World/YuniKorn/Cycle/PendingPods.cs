using System.Collections.Immutable;
using System.Globalization;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Scheduling;
using Sparkwright.World.YuniKorn.Applications;

namespace Sparkwright.World.YuniKorn.Cycle;

/// <summary>Asks for one pod all the questions that the cycle asks until one is answered with no, and keeps every no.</summary>
internal sealed class PendingPods(Partition partition, Predicates predicates)
{
    private const int MostNamed = 3;

    private DateTime Now => partition.Api.Clock.Now;

    /// <summary>Every pod that has no node yet, by namespace and name.</summary>
    public ImmutableArray<PendingPod> All() =>
    [
        .. partition.Tasks.Values.Where(task => task.State is not TaskState.Bound)
            .OrderBy(task => task.Key)
            .Select(task => (Task: task, Pod: partition.Api.Store.Get(CoreTypes.Pod, task.Key)))
            .Where(known => known.Pod is { } pod && pod.Metadata.Uid == known.Task.Uid)
            .Select(known => new PendingPod(known.Task.Key.Namespace, known.Task.Key.Name, known.Task.Application.Id, known.Task.Application.QueuePath, [.. Of(known.Task, known.Pod!)])),
    ];

    private IEnumerable<PendingReason> Of(PodTask task, ApiObject pod)
    {
        if (VolumeNeeds.Of(pod, partition.Api.Store)?.Problem is { } problem)
        {
            return [new("volume", problem)];
        }

        return task.State switch
        {
            TaskState.New => [BeforeAsking(task)],
            TaskState.Failed => [new("scheduler", "it could not be brought to its node and was given up; it has to be made anew")],
            TaskState.Allocated when Partition.HolderFor(task) is { } held => [new("gang", $"{task.Node} is its node once the placeholder {held.Key.Name} has gone")],
            TaskState.Allocated => [new("volume", $"{task.Node} is its node once its volumes are bound")],
            _ => Asking(task, pod),
        };
    }

    private PendingReason BeforeAsking(PodTask task) => task.Application.Phase switch
    {
        ApplicationPhase.New => new("application", "its application is put before the queues at the next beat of the scheduler"),
        ApplicationPhase.Reserving when !task.IsPlaceholder => new("gang", "its gang starts when all places are held: " + Places(task.Application)),
        ApplicationPhase.Resuming => new("gang", "the reservation of its gang has timed out; it asks when the placeholders have gone"),
        ApplicationPhase.Over => new("application", $"its application is {task.Application.State}"),
        _ => new("scheduler", "it asks for its place at the next beat of the scheduler"),
    };

    private string Places(Application application) => string.Join(", ", application.TaskGroups.Select(group =>
            $"{Number(application.BoundPlaceholders(group.Name))} of {Number(group.MinMember)} of {group.Name}"))
        + (application.PlaceholderDeadline is { } end ? $"; their time is over in {Number((long)(end - Now).TotalSeconds)} s" : "; their time has not begun");

    /// <summary>Everything that refuses an ask; its turn, when nothing does.</summary>
    private List<PendingReason> Asking(PodTask task, ApiObject pod)
    {
        var (application, leaf) = (task.Application, task.Application.Queue!);
        var reasons = new List<PendingReason>();
        if (application.State == ApplicationState.Accepted)
        {
            reasons.AddRange(leaf.Upwards().Where(queue => !queue.HasTurnFor(application)).Select(queue =>
                new PendingReason("applications", $"{queue.Path} may run {Number(queue.MaxApplications)} applications and has {Number(queue.RunningApplications + queue.HoldingAccepted)}")));
            if (!partition.Usage.CanRun(leaf, application))
            {
                reasons.Add(new("applications", $"user {application.User.Name} runs as many applications as the limits of {leaf.Path} and above allow"));
            }
        }

        if (application.CanReplace(task))
        {
            reasons.Add(new("gang", $"it takes the place of a placeholder of {task.Group}, and none can be taken now"));
        }

        reasons.AddRange(leaf.Upwards().Where(queue => queue is { Parent: not null, Max: { } max } && !max.Allows(queue.Allocated + task.Request)).Select(queue =>
            new PendingReason("queue", $"{queue.Path} may have {queue.Max} and has {queue.Allocated}; it asks for {task.Request}")));
        if (partition.Usage.HeadRoom(leaf, application.User) is { } room && !room.Allows(task.Request))
        {
            reasons.Add(new("user", $"the limits of {leaf.Path} and above leave {room} to user {application.User.Name}; it asks for {task.Request}"));
        }

        if (application.BackoffDeadline > Now)
        {
            reasons.Add(new("backoff", $"too many asks of its application found no node; it rests for {Number((long)(application.BackoffDeadline.Value - Now).TotalSeconds)} s"));
        }

        reasons.AddRange(Nodes(task, pod));
        return reasons.Count > 0 ? reasons : [new("scheduler", "a node has room for it; its turn comes")];
    }

    /// <summary>What the nodes say, unless one of them takes the pod.</summary>
    private IEnumerable<PendingReason> Nodes(PodTask task, ApiObject pod)
    {
        var nodes = partition.Cluster.Nodes.Ranked.Where(node => task.RequiredNode is null || node.View.Name == task.RequiredNode).ToList();
        if (nodes.Count == 0)
        {
            return [new("nodes", task.RequiredNode is { } required ? $"its node {required} is not there" : "there are no nodes")];
        }

        var question = predicates.Of(pod);
        var refusals = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var keptFree = new List<string>();
        foreach (var node in nodes)
        {
            if (question.Check(node)?.ToString() is { } why)
            {
                refusals[why] = refusals.GetValueOrDefault(why) + 1;
            }
            else if (partition.ReservedOn(node.View.Name).FirstOrDefault(other => other != task) is { } other)
            {
                keptFree.Add($"{node.View.Name} is kept free for {other}");
            }
            else
            {
                return [];
            }
        }

        var reasons = new List<PendingReason>();
        if (refusals.Count > 0)
        {
            reasons.Add(new(
                "nodes",
                $"0/{Number(nodes.Count)} nodes take it: " + string.Join(", ", refusals.OrderByDescending(refusal => refusal.Value).Select(refusal => $"{Number(refusal.Value)} {refusal.Key}"))
                + (task.ReservedNode.Length > 0 ? $"; {task.ReservedNode} is kept free for it" : "")));
        }

        if (keptFree.Count > 0)
        {
            reasons.Add(new("reservation", string.Join(", ", keptFree.Take(MostNamed)) + (keptFree.Count > MostNamed ? $" and {Number(keptFree.Count - MostNamed)} more" : "")));
        }

        return reasons;
    }

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
