using System.Collections.Immutable;
using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Emr;
using Sparkwright.World.Karpenter.Solver;
using Sparkwright.World.YuniKorn;

namespace Sparkwright.World.Insight;

/// <summary>What became of one pod, kept when the pod is gone.</summary>
public sealed class PodHistory
{
    private readonly List<ContainerWait> containerWaits = [];

    internal PodHistory(ApiObject pod, DateTime createdAt)
    {
        Uid = pod.Metadata.Uid;
        Namespace = pod.Namespace;
        Name = pod.Name;
        Labels = pod.Metadata.Labels;
        Role = PodRole.Of(pod);
        ApplicationId = PodMetadata.IsManaged(pod) ? PodMetadata.ApplicationId(pod) : null;
        TaskGroup = PodMetadata.TaskGroup(pod);
        NodeSelector = pod.Spec["nodeSelector"] as TreeMap ?? TreeMap.Empty;
        CreatedAt = createdAt;
    }

    public string Uid { get; }

    public string Namespace { get; }

    public string Name { get; }

    public TreeMap Labels { get; private set; }

    /// <summary>submitter, driver, executor or placeholder; null for other pods.</summary>
    public string? Role { get; }

    /// <summary>The application that it is of; null for a pod that YuniKorn does not schedule.</summary>
    public string? ApplicationId { get; }

    /// <summary>The task group of a gang that it is a member of; empty for none.</summary>
    public string TaskGroup { get; }

    /// <summary>Whether it is the first pod of a gang, which waits for the places of all others.</summary>
    public bool BeginsGang { get; private set; }

    public TreeMap NodeSelector { get; }

    /// <summary>The last phase before the pod was deleted.</summary>
    public string Phase { get; private set; } = "Pending";

    public string? NodeName { get; private set; }

    public NodeHistory? Node { get; internal set; }

    public ResourceList Requests { get; private set; } = ResourceList.Zero;

    public DateTime CreatedAt { get; }

    /// <summary>When the pod first had a node.</summary>
    public DateTime? ScheduledAt { get; private set; }

    public DateTime? RunningAt { get; private set; }

    /// <summary>When it reached a final phase, or was gone before.</summary>
    public DateTime? FinishedAt { get; private set; }

    public DateTime? DeletedAt { get; private set; }

    /// <summary>What the scheduler said last of why no node takes the pod.</summary>
    public string? Unschedulable { get; private set; }

    /// <summary>Whether the pod got its node as the successor of a placeholder of its gang.</summary>
    public bool TookPlace { get; internal set; }

    /// <summary>Whether YuniKorn said that its queue has no room for it.</summary>
    public bool WasOverQueue { get; private set; }

    /// <summary>Whether it waited for room in its queue: more nodes would not have helped, so no scheduler called it unschedulable.</summary>
    public bool WasHeldByQueue => WasOverQueue && Unschedulable is null;

    /// <summary>Why Karpenter had no node for the pod when it last had none; null when it never refused.</summary>
    public PodRefusal? Refusal { get; private set; }

    /// <summary>Since when Karpenter had no node for the pod.</summary>
    public DateTime? RefusedFrom { get; private set; }

    /// <summary>When Karpenter found a place after all, or the pod had a node or was gone; null while it waits.</summary>
    public DateTime? RefusedUntil { get; private set; }

    /// <summary>What the kubelet said last of a volume that it cannot mount.</summary>
    public string? FailedMount { get; private set; }

    public DateTime? FailedMountAt { get; private set; }

    /// <summary>When the volumes were there: the first word on an image.</summary>
    public DateTime? MountedAt { get; private set; }

    /// <summary>All image pulls together.</summary>
    public TimeSpan Pulled { get; private set; }

    /// <summary>Since when containers waited for other reasons than their ordinary start, in the order of time.</summary>
    public IReadOnlyList<ContainerWait> ContainerWaits => containerWaits;

    public bool TakesRoom => ScheduledAt is not null && FinishedAt is null;

    private DateTime? PullingSince { get; set; }

    internal void See(ApiObject pod, DateTime now)
    {
        Labels = pod.Metadata.Labels;
        BeginsGang |= Role != PodRole.Placeholder && pod.Metadata.Annotation(Names.TaskGroups) is not null;
        var spec = PodSpecView.Of(pod);
        Requests = spec.Requests;
        if (spec.NodeName.Length > 0)
        {
            NodeName = spec.NodeName;
            ScheduledAt ??= now;
            SeePlaced(now);
        }

        if (Conditions.Find(pod.Status, "PodScheduled") is { } scheduled && scheduled["status"]?.Text == "False")
        {
            Unschedulable = scheduled["message"]?.Text ?? scheduled["reason"]?.Text;
        }

        Phase = pod.Status["phase"]?.Text ?? Phase;
        if (Phase == "Running")
        {
            RunningAt ??= now;
        }

        if (Phase is "Succeeded" or "Failed")
        {
            FinishedAt ??= now;
        }

        SeeContainers(pod, now);
    }

    internal void SeeRefused(PodRefusal refusal, DateTime now)
    {
        Refusal = refusal;
        RefusedFrom ??= now;
        RefusedUntil = null;
    }

    /// <summary>A plan has a place for the pod.</summary>
    internal void SeePlaced(DateTime now)
    {
        if (RefusedFrom is not null)
        {
            RefusedUntil ??= now;
        }
    }

    internal void SeeGone(DateTime now)
    {
        SeePlaced(now);

        // The driver tells its executors to end before it deletes them; their deletion overtakes the report of their end.
        if (Phase == "Running" && Role == PodRole.Executor && Node is { DeletedAt: null, IsLeaving: false })
        {
            Phase = "Succeeded";
        }

        FinishedAt ??= now;
        DeletedAt ??= now;
        EndContainerWait(now);
    }

    internal void SeeEvent(string reason, string message, DateTime now)
    {
        switch (reason)
        {
            case "Informational" when message.Contains(" does not fit in queue ", StringComparison.Ordinal):
                WasOverQueue = true;
                break;
            case "FailedMount":
                FailedMount = message;
                FailedMountAt ??= now;
                break;
            case "Pulling":
                MountedAt ??= now;
                PullingSince = now;
                break;
            case "Pulled":
                MountedAt ??= now;
                Pulled += PullingSince is { } since ? now - since : TimeSpan.Zero;
                PullingSince = null;
                break;
            default:
                break;
        }
    }

    private void SeeContainers(ApiObject pod, DateTime now)
    {
        string? waits = null;
        foreach (var list in new[] { "initContainerStatuses", "containerStatuses" })
        {
            foreach (var entry in Tree.ItemsOf(pod.Status[list]))
            {
                if (entry.At("state", "waiting", "reason")?.Text is { } reason and not ("ContainerCreating" or "PodInitializing"))
                {
                    waits ??= reason;
                }
            }
        }

        if (containerWaits.Count > 0 && containerWaits[^1].Until is null && containerWaits[^1].Reason == waits)
        {
            return;
        }

        EndContainerWait(now);
        if (waits is not null && FinishedAt is null)
        {
            containerWaits.Add(new ContainerWait(waits, now, null));
        }
    }

    private void EndContainerWait(DateTime now)
    {
        if (containerWaits.Count > 0 && containerWaits[^1].Until is null)
        {
            containerWaits[^1] = containerWaits[^1] with { Until = now };
        }
    }
}

/// <summary>A time during which a container waited, with the kubelet's word for it, such as CrashLoopBackOff.</summary>
public sealed record ContainerWait(string Reason, DateTime From, DateTime? Until);

/// <summary>Why Karpenter had no node for a pod.</summary>
/// <param name="Pools">What each pool that was tried said.</param>
/// <param name="Objection">Why the pod was not planned for at all; null when it was.</param>
public sealed record PodRefusal(ImmutableArray<PoolRejection> Pools, string? Objection);

/// <summary>What a pod is to a Spark job.</summary>
public static class PodRole
{
    public const string Submitter = "submitter";
    public const string Driver = "driver";
    public const string Executor = "executor";
    public const string Placeholder = "placeholder";

    public static string? Of(ApiObject pod)
    {
        if (PodMetadata.IsPlaceholder(pod) || pod.Metadata.Label("placeholder") == "true")
        {
            return Placeholder;
        }

        return (pod.Metadata.Label(JobNames.ComponentLabel) ?? pod.Metadata.Label("spark-role")) switch
        {
            "job.submitter" or "submitter" => Submitter,
            "driver" => Driver,
            "executor" => Executor,
            _ => null,
        };
    }
}
