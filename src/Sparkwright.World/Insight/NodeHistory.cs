using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Ec2;

namespace Sparkwright.World.Insight;

/// <summary>What became of one node and the instance below it, with the exact integral of what was asked of it.</summary>
public sealed class NodeHistory
{
    private readonly List<PodHistory> pods = [];
    private readonly List<NodeCondition> conditions = [];
    private DateTime countedUntil;
    private DateTime? stoppedAt;
    private long cpuMillis;
    private long memoryBytes;

    internal NodeHistory(string name, DateTime createdAt)
    {
        Name = name;
        CreatedAt = createdAt;
        countedUntil = createdAt;
    }

    public string Name { get; }

    /// <summary>The id of the EC2 instance, or null for a node without one.</summary>
    public string? InstanceId { get; private set; }

    public string? InstanceType { get; private set; }

    public string? Zone { get; private set; }

    /// <summary>spot or on-demand; null when nothing says.</summary>
    public string? CapacityType { get; private set; }

    /// <summary>The provisioner, node pool or node group; null for a node of neither.</summary>
    public string? Pool { get; private set; }

    public bool IsKarpenters { get; private set; }

    /// <summary>0 for a node without an instance.</summary>
    public decimal UsdPerHour { get; private set; }

    /// <summary>Launch of the instance; without one, creation of the Node.</summary>
    public DateTime CreatedAt { get; private set; }

    public DateTime? ReadyAt { get; private set; }

    /// <summary>Termination of the instance; without one, removal of the Node; null while it lives.</summary>
    public DateTime? DeletedAt { get; private set; }

    /// <summary>Whether the Node is being deleted.</summary>
    public bool IsLeaving { get; private set; }

    public bool IsReady { get; private set; }

    public ResourceList Allocatable { get; private set; } = ResourceList.Zero;

    /// <summary>Every pod that was bound to the node, in the order of binding.</summary>
    public IReadOnlyList<PodHistory> Pods => pods;

    /// <summary>Changes of the node's conditions, in the order of time.</summary>
    public IReadOnlyList<NodeCondition> ConditionChanges => conditions;

    /// <summary>∫ max(cpu, memory requested / allocatable) dt up to now, in seconds.</summary>
    public decimal BusySeconds { get; private set; }

    /// <summary>∫ cpu requested / allocatable dt, in seconds.</summary>
    public decimal CpuSeconds { get; private set; }

    /// <summary>∫ memory requested / allocatable dt, in seconds.</summary>
    public decimal MemorySeconds { get; private set; }

    /// <summary>Largest amounts asked of the node at one time.</summary>
    public (long CpuMillis, long MemoryBytes) Peak { get; private set; }

    /// <summary>Seconds billed until a time: at least 60, as EC2 asks.</summary>
    public decimal BilledSeconds(DateTime now) => Math.Max(60m, (decimal)((stoppedAt ?? DeletedAt ?? now) - CreatedAt).Ticks / TimeSpan.TicksPerSecond);

    public decimal Usd(DateTime now) => InstanceBill.Usd(UsdPerHour, (stoppedAt ?? DeletedAt ?? now) - CreatedAt);

    /// <summary>The dollars of what nobody asked for; call <see cref="CountUntil"/> first.</summary>
    public decimal UsdIdle(DateTime now) => UsdPerHour * (BilledSeconds(now) - BusySeconds) / 3600m;

    /// <summary>Why Karpenter bought it; null when it did not.</summary>
    public string? Why { get; internal set; }

    internal void See(Instance instance)
    {
        InstanceId = instance.Id;
        InstanceType = instance.TypeName;
        Zone = instance.Zone;
        CapacityType = instance.CapacityType;
        UsdPerHour = instance.UsdPerHour;
        if (instance.LaunchedAt < CreatedAt)
        {
            CreatedAt = instance.LaunchedAt;
        }

        if (instance.NodeTemplate["labels"] is TreeMap labels)
        {
            SeeLabels(labels);
        }

        if (stoppedAt is null && instance.StoppedAt is { } stop)
        {
            CountUntil(stop);
            stoppedAt = stop;
        }

        if (instance.TerminatedAt is { } end)
        {
            End(end);
        }
    }

    internal void See(ApiObject node, DateTime now)
    {
        CountUntil(now);
        SeeLabels(node.Metadata.Labels);
        var view = NodeView.Of(node);
        Allocatable = view.Allocatable;
        IsReady = view.IsReady;
        IsLeaving = node.Metadata.IsBeingDeleted;
        if (IsReady)
        {
            ReadyAt ??= now;
        }

        foreach (var item in Tree.ItemsOf(node.Status["conditions"]))
        {
            var change = new NodeCondition(now, item["type"]?.Text ?? "", item["status"]?.Text ?? "", item["reason"]?.Text);
            if (conditions.FindLast(known => known.Type == change.Type)?.Status != change.Status)
            {
                conditions.Add(change);
            }
        }
    }

    internal void SeeGone(DateTime now)
    {
        IsReady = false;
        if (InstanceId is null)
        {
            End(now);
        }
    }

    internal void Take(PodHistory pod, DateTime now)
    {
        CountUntil(now);
        pods.Add(pod);
        cpuMillis += pod.Requests.CpuMillis;
        memoryBytes += pod.Requests.MemoryBytes;
        Peak = (Math.Max(Peak.CpuMillis, cpuMillis), Math.Max(Peak.MemoryBytes, memoryBytes));
    }

    internal void Give(PodHistory pod, DateTime now)
    {
        CountUntil(now);
        cpuMillis -= pod.Requests.CpuMillis;
        memoryBytes -= pod.Requests.MemoryBytes;
    }

    /// <summary>Brings the integrals up to a time.</summary>
    internal void CountUntil(DateTime now)
    {
        var until = (stoppedAt ?? DeletedAt) is { } end && end < now ? end : now;
        if (until <= countedUntil)
        {
            return;
        }

        var seconds = (decimal)(until - countedUntil).Ticks / TimeSpan.TicksPerSecond;
        countedUntil = until;
        var cpu = Share(cpuMillis, Allocatable.CpuMillis);
        var memory = Share(memoryBytes, Allocatable.MemoryBytes);
        CpuSeconds += seconds * cpu;
        MemorySeconds += seconds * memory;
        BusySeconds += seconds * Math.Max(cpu, memory);
    }

    /// <summary>The part of the whole that is asked for, at most all of it.</summary>
    internal static decimal Share(long asked, long of) => of <= 0 ? 0 : Math.Min(1m, (decimal)asked / of);

    private void SeeLabels(TreeMap labels)
    {
        string? Label(string key) => labels.Get(key)?.Text;
        InstanceType ??= Label("node.kubernetes.io/instance-type");
        Zone ??= Label("topology.kubernetes.io/zone");
        var karpenters = Label("karpenter.sh/provisioner-name") ?? Label("karpenter.sh/nodepool");
        IsKarpenters |= karpenters is not null;
        Pool ??= karpenters ?? Label("eks.amazonaws.com/nodegroup");
        CapacityType ??= Label("karpenter.sh/capacity-type")
            ?? (Label("eks.amazonaws.com/capacityType") == "SPOT" ? "spot" : Label("eks.amazonaws.com/nodegroup") is null ? null : "on-demand");
    }

    private void End(DateTime at)
    {
        if (DeletedAt is null)
        {
            CountUntil(at);
            DeletedAt = at;
        }
    }
}

/// <summary>A condition of a node that changed.</summary>
public sealed record NodeCondition(DateTime At, string Type, string Status, string? Reason);
