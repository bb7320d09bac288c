using System.Collections.Immutable;
using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Simulation;
using Sparkwright.World.Scheduling;

namespace Sparkwright.World.YuniKorn.Applications;

/// <summary>A pod of an application, and how far its asking for a place is.</summary>
public sealed class PodTask
{
    internal PodTask(ApiObject pod, Application application)
    {
        var spec = PodSpecView.Of(pod);
        Application = application;
        Key = pod.Key;
        Uid = pod.Metadata.Uid;
        Request = Amounts.From(spec.Requests);
        IsPlaceholder = PodMetadata.IsPlaceholder(pod);
        Group = PodMetadata.TaskGroup(pod);
        Priority = spec.Priority;
        Created = pod.Metadata.CreationTimestamp;
        RequiredNode = pod.Metadata.Controller?.Kind == "DaemonSet" ? Filters.PinnedNode(spec) : null;
        MayBePreempted = pod.Metadata.Annotation(Names.AllowPreemption) != "false";
        MayPreempt = pod.Spec["preemptionPolicy"]?.Text != "Never";
        HasTriggeredScaleUp = Conditions.Find(pod.Status, "PodScheduled") is { } condition
            && condition["status"]?.Text == "False" && condition["reason"]?.Text == "Unschedulable";
    }

    /// <summary>Which of two asks of an application goes first: by priority, then by age.</summary>
    public static IComparer<PodTask> Order { get; } = Comparer<PodTask>.Create(static (left, right) =>
    {
        var order = right.Priority.CompareTo(left.Priority);
        order = order != 0 ? order : left.Created.CompareTo(right.Created);
        order = order != 0 ? order : left.Key.CompareTo(right.Key);
        return order != 0 ? order : string.CompareOrdinal(left.Uid, right.Uid);
    });

    public Application Application { get; }

    public ObjectKey Key { get; }

    public string Uid { get; }

    /// <summary>What it takes.</summary>
    public Amounts Request { get; internal set; }

    public bool IsPlaceholder { get; }

    /// <summary>The task group it is a member of; empty for none.</summary>
    public string Group { get; }

    public long Priority { get; }

    /// <summary>When its pod was made, to the second.</summary>
    public DateTime Created { get; }

    /// <summary>The only node it may go to, for a pod of a DaemonSet.</summary>
    public string? RequiredNode { get; }

    /// <summary>Whether it minds being preempted less than others.</summary>
    public bool MayBePreempted { get; }

    /// <summary>Whether others may be preempted for it.</summary>
    public bool MayPreempt { get; }

    public TaskState State
    {
        get;
        internal set
        {
            field = value;
            Application.NoteState(this);
        }
    }

    /// <summary>The node that it has; empty before.</summary>
    public string Node
    {
        get;
        internal set
        {
            if (field == value)
            {
                return;
            }

            Invariant.Holds(field.Length == 0, "a pod gets one node and keeps it");
            field = value;
            Application.NoteNode();
        }
    }
        = "";

    /// <summary>Whether its application began with it.</summary>
    public bool IsOriginator => Application.OriginatorUid == Uid;

    /// <summary>When it got its place, to the second, as its pod's condition will say; null before.</summary>
    public DateTime? AllocatedAt { get; internal set; }

    /// <summary>Why no place was found for it, each reason once, by its words.</summary>
    public ImmutableSortedDictionary<string, RefusalCount> Refusals
    {
        get;
        internal set
        {
            field = value;
            Application.Note(this);
        }
    }
        = ImmutableSortedDictionary<string, RefusalCount>.Empty.WithComparers(StringComparer.Ordinal);

    /// <summary>The pod that takes this placeholder's place, once one was found.</summary>
    internal PodTask? Replacement { get; set; }

    /// <summary>A placeholder that was told to go.</summary>
    public bool IsReleased { get; internal set; }

    public bool IsPreempted
    {
        get;
        internal set
        {
            field = value;
            Application.Note(this);
        }
    }

    /// <summary>Whether it took the place of a placeholder.</summary>
    public bool UsedPlaceholder
    {
        get;
        internal set
        {
            field = value;
            Application.Note(this);
        }
    }

    /// <summary>A place was looked for.</summary>
    internal bool WasAttempted
    {
        get;
        set
        {
            field = value;
            Application.Note(this);
        }
    }

    /// <summary>Its pod says that it is unschedulable, which makes an autoscaler act.</summary>
    public bool HasTriggeredScaleUp { get; internal set; }

    public bool HasTriggeredPreemption
    {
        get;
        internal set
        {
            field = value;
            Application.Note(this);
        }
    }

    internal DateTime? PreemptionTried
    {
        get;
        set
        {
            field = value;
            Application.Note(this);
        }
    }

    /// <summary>The node that is kept free for it; empty for none.</summary>
    public string ReservedNode
    {
        get;
        internal set
        {
            field = value;
            Application.Note(this);
        }
    }
        = "";

    /// <summary>How often it could not be brought to its node.</summary>
    internal int BindTries { get; set; }

    /// <summary>It was said that the queue has no room for it.</summary>
    internal bool IsOverQueue
    {
        get;
        set
        {
            field = value;
            Application.Note(this);
        }
    }

    /// <summary>It was said that its user may have no more.</summary>
    internal bool IsOverUser
    {
        get;
        set
        {
            field = value;
            Application.Note(this);
        }
    }

    /// <summary>When it was last said that no node takes it.</summary>
    internal DateTime? PredicatesTold
    {
        get;
        set
        {
            field = value;
            Application.Note(this);
        }
    }

    /// <summary>Remembers a reason for which it got no place.</summary>
    internal void Refuse(string why, DateTime now) => Refusals = Refusals.SetItem(why, new RefusalCount(now, (Refusals.TryGetValue(why, out var known) ? known.Count : 0) + 1));

    public override string ToString() => Key.ToString();
}

/// <summary>How often a reason was told, and when last.</summary>
public sealed record RefusalCount(DateTime Last, long Count);

/// <summary>How far a pod is.</summary>
public enum TaskState
{
    /// <summary>Its application does not let it ask yet.</summary>
    New,

    /// <summary>Asks for a place.</summary>
    Asking,

    /// <summary>Has a place and waits for its volumes, or for a placeholder to go.</summary>
    Allocated,

    /// <summary>On its node.</summary>
    Bound,

    /// <summary>Could not be brought to its node, and does not ask again.</summary>
    Failed,
}
