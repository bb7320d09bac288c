using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Simulation;
using Sparkwright.World.Scheduling;
using Sparkwright.World.YuniKorn.Applications;

namespace Sparkwright.World.YuniKorn.Cycle;

/// <summary>
/// Puts pods that have a place on their nodes, once their volumes are bound. What fails is tried again for about two minutes, with growing pauses;
/// then the pod is given up: it stays Pending and does not ask again.
/// </summary>
internal sealed class Binder(Partition partition)
{
    /// <summary>The pauses between tries: each twice as long as the one before, half a minute at most, 121 seconds together.</summary>
    private static readonly int[] PauseSeconds = [1, 2, 4, 8, 16, 30, 30, 30];

    private readonly VolumeBinder volumes = new(partition.Api, () => partition.Settings.VolumeBindTimeout);
    private readonly SortedDictionary<ObjectKey, DateTime> failures = [];

    /// <summary>Called when a pod is on its node.</summary>
    public Action<PodTask> Bound { get; set; } = static _ => { };

    /// <summary>Pods whose volumes are awaited, or that are tried again later.</summary>
    public IEnumerable<ObjectKey> Waiting => volumes.Waiting.Union(failures.Keys);

    private DateTime Now => partition.Api.Clock.Now;

    public void Bind(PodTask task, ApiObject pod, NodeState node, VolumeNeeds? needs)
    {
        partition.Events.Normal(pod, "Scheduled", $"Successfully assigned {task} to node {task.Node}", "Scheduled");
        Try(task, pod, node, needs);
    }

    /// <summary>Looks after pods whose volumes are awaited and those that are to be tried again; answers when to look again at the latest.</summary>
    public DateTime? LookAfter()
    {
        foreach (var key in volumes.Waiting.ToList())
        {
            if (Find(key) is not (var task, var pod))
            {
                volumes.Forget(key);
                partition.Cluster.Release(key);
                continue;
            }

            switch (volumes.Look(pod))
            {
                case BindingProgress.Done:
                    partition.Cluster.Release(key);
                    Bind(task, pod);
                    break;
                case BindingProgress.Failed failed:
                    Fail(task, pod, "PodVolumesBindFailure", $"bind volumes to pod failed, name: {task}, {failed.Why}");
                    break;
            }
        }

        foreach (var key in failures.Where(failure => failure.Value <= Now).Select(failure => failure.Key).ToList())
        {
            TryAgain(key);
        }

        return volumes.Waiting.Select(volumes.UntilOf).Concat(failures.Values).Order().Select(time => (DateTime?)time).FirstOrDefault(time => time > Now);
    }

    private void TryAgain(ObjectKey key)
    {
        if (Find(key) is not (var task, var pod))
        {
            failures.Remove(key);
            partition.Cluster.Release(key);
            return;
        }

        failures.Remove(key);
        if (partition.Cluster.Nodes.Find(task.Node) is { } node)
        {
            Try(task, pod, node, VolumeNeeds.Of(pod, partition.Api.Store));
        }
        else
        {
            Fail(task, pod, "PodBindFailure", $"bind pod to node failed, name: {task}, node \"{task.Node}\" not found");
        }
    }

    private void Try(PodTask task, ApiObject pod, NodeState node, VolumeNeeds? needs)
    {
        if (needs is { Unbound.IsEmpty: false } && needs.Choose(node.View) is not null)
        {
            Hold(pod, node);
            volumes.Begin(pod, node.View, needs, new QueuedPod(task.Key, task.Priority, Arrival: 0, Attempts: 0));
        }
        else if (needs is { Unbound.IsEmpty: false })
        {
            Fail(task, pod, "PodVolumesBindFailure", $"bind volumes to pod failed, name: {task}, node {task.Node} has no volumes for it");
        }
        else
        {
            partition.Cluster.Release(task.Key);
            Bind(task, pod);
        }
    }

    private void Bind(PodTask task, ApiObject pod)
    {
        if (partition.Api.Bind(task.Key, task.Node) is ApiResult.Refused refused)
        {
            Fail(task, pod, "PodBindFailure", $"bind pod to node failed, name: {task}, {refused.Status.Message}");
            return;
        }

        task.BindTries = 0;
        task.State = TaskState.Bound;
        partition.Placed(task);
        partition.Events.Normal(pod, "PodBindSuccessful", $"Pod {task} is successfully bound to node {task.Node}", "PodBindSuccessful");
        Bound(task);
    }

    /// <summary>Tries again after a pause, or gives the pod up. Where trying again cannot help the pod begins anew: its node is gone, or it has got one from somebody else.</summary>
    private void Fail(PodTask task, ApiObject pod, string reason, string message)
    {
        var node = partition.Cluster.Nodes.Find(task.Node);
        var isHopeless = node is null || pod.Spec["nodeName"]?.Text is { Length: > 0 };
        if (!isHopeless && task.BindTries < PauseSeconds.Length)
        {
            Hold(pod, node!);
            failures[task.Key] = Now + TimeSpan.FromSeconds(PauseSeconds[task.BindTries]);
            task.BindTries++;
            partition.NeedsLookAtVolumes();
            return;
        }

        partition.Cluster.Release(task.Key);
        partition.Events.Warning(pod, reason, message, reason);
        partition.Events.Normal(pod, "TaskFailed", $"Task {task} is failed", "TaskFailed");
        partition.End(task);
        if (!isHopeless)
        {
            partition.Register(new PodTask(pod, task.Application) { State = TaskState.Failed });
        }

        Invariant.Holds(!partition.Cluster.IsAssumed(task.Key), "a pod that could not be bound takes no room");
    }

    /// <summary>Keeps the room of a pod that is not on its node yet.</summary>
    private void Hold(ApiObject pod, NodeState node)
    {
        if (!partition.Cluster.IsAssumed(pod.Key))
        {
            partition.Cluster.Assume(pod, node);
        }
    }

    /// <summary>A pod that still waits to come to its node.</summary>
    private (PodTask Task, ApiObject Pod)? Find(ObjectKey key) =>
        partition.Tasks.TryGetValue(key, out var task) && task.State == TaskState.Allocated && partition.Api.Store.Get(CoreTypes.Pod, key) is { } pod && pod.Metadata.Uid == task.Uid
            ? (task, pod)
            : null;
}
