using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Simulation;
using Sparkwright.World.Scheduling;
using Sparkwright.World.YuniKorn.Applications;

namespace Sparkwright.World.YuniKorn.Cycle;

/// <summary>Puts pods that have a place on their nodes, once their volumes are bound.</summary>
internal sealed class Binder(Partition partition)
{
    private readonly VolumeBinder volumes = new(partition.Api);

    /// <summary>Called when a pod is on its node.</summary>
    public Action<PodTask> Bound { get; set; } = static _ => { };

    /// <summary>Pods whose volumes are awaited.</summary>
    public IEnumerable<ObjectKey> Waiting => volumes.Waiting;

    public void Bind(PodTask task, ApiObject pod, NodeState node, VolumeNeeds? needs)
    {
        partition.Events.Normal(pod, "Scheduled", $"Successfully assigned {task} to node {task.Node}", "Scheduled");
        if (needs is { Unbound.IsEmpty: false })
        {
            partition.Cluster.Assume(pod, node);
            volumes.Begin(pod, node.View, needs, new QueuedPod(task.Key, task.Priority, Arrival: 0, Attempts: 0));
        }
        else
        {
            Bind(task, pod);
        }
    }

    /// <summary>Looks after pods whose volumes are awaited; answers when to look again at the latest.</summary>
    public DateTime? LookAfter()
    {
        DateTime? next = null;
        foreach (var key in volumes.Waiting.ToList())
        {
            if (!partition.Tasks.TryGetValue(key, out var task) || partition.Api.Store.Get(CoreTypes.Pod, key) is not { } pod || pod.Metadata.Uid != task.Uid)
            {
                volumes.Forget(key);
                partition.Cluster.Release(key);
                continue;
            }

            switch (volumes.Look(pod))
            {
                case BindingProgress.Waits waits:
                    next = next is null || waits.Until < next ? waits.Until : next;
                    break;
                case BindingProgress.Done:
                    partition.Cluster.Release(key);
                    Bind(task, pod);
                    break;
                case BindingProgress.Failed failed:
                    partition.Cluster.Release(key);
                    Fail(task, pod, "PodVolumesBindFailure", $"bind volumes to pod failed, name: {task}, {failed.Why}");
                    break;
            }
        }

        return next;
    }

    private void Bind(PodTask task, ApiObject pod)
    {
        if (partition.Api.Bind(task.Key, task.Node) is ApiResult.Refused refused)
        {
            Fail(task, pod, "PodBindFailure", $"bind pod to node failed, name: {task}, {refused.Status.Message}");
            return;
        }

        task.State = TaskState.Bound;
        partition.Placed(task);
        partition.Events.Normal(pod, "PodBindSuccessful", $"Pod {task} is successfully bound to node {task.Node}", "PodBindSuccessful");
        Bound(task);
    }

    private void Fail(PodTask task, ApiObject pod, string reason, string message)
    {
        partition.Events.Warning(pod, reason, message, reason);
        partition.Events.Normal(pod, "TaskFailed", $"Task {task} is failed", "TaskFailed");
        partition.End(task);
        Invariant.Holds(!partition.Cluster.IsAssumed(task.Key), "a pod that could not be bound takes no room");
    }
}
