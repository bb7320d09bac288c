using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.World.Spark;
using Sparkwright.World.YuniKorn.Applications;
using Sparkwright.World.YuniKorn.Gang;

namespace Sparkwright.World.YuniKorn.Cycle;

/// <summary>Brings the scheduler's picture of pods up to date: new ones join their application, those that went or are over leave it.</summary>
internal sealed class PodIntake(Partition partition, Allocator allocator, Submission submission, Reservations reservations, SchedulerMemory memory)
{
    private readonly SortedSet<ObjectKey> changed = [];

    private DateTime Now => partition.Api.Clock.Now;

    /// <summary>A pod has changed and is looked at with the next <see cref="Take"/>.</summary>
    public void Note(ObjectKey pod) => changed.Add(pod);

    public void ReadAll()
    {
        foreach (var pod in partition.Api.Store.List(CoreTypes.Pod).Where(PodMetadata.IsManaged))
        {
            changed.Add(pod.Key);
        }

        Take();
    }

    public void Take()
    {
        while (changed.Count > 0)
        {
            var keys = changed.ToList();
            changed.Clear();
            foreach (var key in keys)
            {
                TakeOld(key);
            }

            foreach (var pod in keys.Select(key => partition.Api.Store.Get(CoreTypes.Pod, key)).OfType<ApiObject>()
                .Where(pod => IsWanted(pod) && !partition.Tasks.ContainsKey(pod.Key))
                .OrderBy(pod => pod.Metadata.CreationTimestamp).ThenBy(PodMetadata.IsPlaceholder).ThenBy(pod => pod.Key).ToList())
            {
                AddPod(pod);
            }
        }
    }

    /// <summary>What has become of a pod that is known.</summary>
    private void TakeOld(ObjectKey key)
    {
        if (!partition.Tasks.TryGetValue(key, out var task))
        {
            return;
        }

        var pod = partition.Api.Store.Get(CoreTypes.Pod, key);
        if (pod is null || pod.Metadata.Uid != task.Uid || IsTerminated(pod))
        {
            if (task.State == TaskState.Allocated)
            {
                partition.NeedsLookAtVolumes();
            }

            partition.End(task);
            if (pod is not null && pod.Metadata.Uid == task.Uid && pod.Status["reason"]?.Text is not ("ApplicationRejected" or "ResourceReservationTimeout"))
            {
                partition.Events.Normal(pod, "TaskCompleted", $"Task {task} is completed", "TaskCompleted");
            }

            if (task.Replacement is { State: TaskState.Allocated } successor)
            {
                allocator.FinishReplacement(successor);
            }

            return;
        }

        if (task.IsOriginator && pod.Status["phase"]?.Text == "Running")
        {
            reservations.ReleaseSurplus(task.Application, pod);
        }

        var spec = PodSpecView.Of(pod);
        if (task.State is TaskState.New or TaskState.Asking && spec.NodeName.Length > 0)
        {
            submission.PlaceNow(task.Application);
            if (task.Application.Queue is not null)
            {
                partition.Adopt(task, spec.NodeName);
            }
        }
        else if (Amounts.From(spec.Requests) is var request && !request.Equals(task.Request))
        {
            partition.Resize(task, request);
        }
    }

    /// <summary>Not over, not held by a gate, not leaving before it came, and not on a node that is gone.</summary>
    private bool IsWanted(ApiObject pod)
    {
        var node = pod.Spec["nodeName"]?.Text ?? "";
        return PodMetadata.IsManaged(pod) && !IsTerminated(pod) && pod.Spec["schedulingGates"] is not TreeList { Count: > 0 }
            && (node.Length == 0 ? !pod.Metadata.IsBeingDeleted : partition.Cluster.Nodes.Find(node) is not null);
    }

    private static bool IsTerminated(ApiObject pod) => pod.Status["phase"]?.Text is "Succeeded" or "Failed";

    private void AddPod(ApiObject pod)
    {
        var id = PodMetadata.ApplicationId(pod) ?? PodMetadata.GeneratedId(pod, partition.Settings.GenerateUniqueApplicationIds);
        if (!partition.Applications.TryGetValue(id, out var application))
        {
            partition.Applications.Add(id, application = Begin(id, pod));
        }

        var task = new PodTask(pod, application);
        partition.Register(task);
        foreach (var contradiction in PodMetadata.Contradictions(pod))
        {
            partition.Events.Warning(pod, "Scheduling", contradiction, "InconsistentMetadata");
        }

        if (PodSpecView.Of(pod).NodeName is { Length: > 0 } node)
        {
            submission.PlaceNow(application);
            if (application.Queue is not null)
            {
                partition.Adopt(task, node);
            }
        }

        partition.NeedsTick();
    }

    /// <summary>A pod whose application the memory knows.</summary>
    public bool AddFromMemory(ApiObject pod, Application application, out PodTask task)
    {
        task = new PodTask(pod, application);
        if (!IsWanted(pod))
        {
            return false;
        }

        partition.Register(task);
        return true;
    }

    /// <summary>The driver of a gang that follows from its Spark configuration says so itself from now on, as if its author had written the groups.</summary>
    private ApiObject WithDerivedGroups(ApiObject pod)
    {
        if (!partition.Settings.DeriveTaskGroups || PodMetadata.TaskGroup(pod) != SparkGang.DriverGroup
            || pod.Metadata.Label(SparkNames.RoleLabel) != "driver" || pod.Metadata.Annotation(Names.TaskGroups) is not null)
        {
            return pod;
        }

        if (SparkGang.TaskGroupsOf(pod, partition.Api.Store) is not { } groups)
        {
            new EventRecorder(partition.Api, "sparkwright").Warning(pod, "TaskGroupsNotDerived", "no task groups: the driver mounts no ConfigMap with a spark.properties that can be read");
            return pod;
        }

        return partition.Api.Modify(CoreTypes.Pod, pod.Key, known => known.WithAnnotation(Names.TaskGroups, groups.ToString())) ?? pod;
    }

    private Application Begin(string id, ApiObject pod)
    {
        var isOwn = !PodMetadata.IsPlaceholder(pod);
        pod = isOwn ? WithDerivedGroups(pod) : pod;
        var groups = TaskGroup.Read(partition.Settings.DisableGangScheduling ? null : pod.Metadata.Annotation(Names.TaskGroups), out var error);
        if (error.Length > 0)
        {
            partition.Events.Warning(pod, "TaskGroupsError", $"unable to get taskGroups for pod, reason: {error}", "TaskGroupsError");
        }

        var parameters = SchedulingParameters.Read(pod.Metadata.Annotation(Names.SchedulingParameters));
        if (!parameters.Ignored.IsEmpty && isOwn)
        {
            new EventRecorder(partition.Api, "sparkwright").Warning(
                pod,
                "UnknownSchedulingParameter",
                $"schedulingPolicyParameters: {string.Join(", ", parameters.Ignored)} means nothing to YuniKorn and has no effect; known are {SchedulingParameters.TimeoutKey} and {SchedulingParameters.StyleKey}");
        }

        return new Application(id, pod.Namespace, PodMetadata.User(pod), partition.Changes)
        {
            MemoryName = memory.NextName(),
            RequestedQueue = PodMetadata.Queue(pod),
            OriginatorUid = isOwn ? pod.Metadata.Uid : "",
            Originator = pod.Key,
            OriginatorCreated = pod.Metadata.CreationTimestamp,
            TaskGroups = groups,
            Parameters = parameters,
            GangAnnotations = TreeMap.Of(
                (Names.TaskGroups, pod.Metadata.Annotation(Names.TaskGroups)),
                (Names.SchedulingParameters, pod.Metadata.Annotation(Names.SchedulingParameters))),
            Submitted = Now,
        };
    }
}
