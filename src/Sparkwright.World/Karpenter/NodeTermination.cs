using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Store;
using Sparkwright.Simulation;
using Sparkwright.World.Karpenter.Cloud;

namespace Sparkwright.World.Karpenter;

/// <summary>Takes leave of a node that is being deleted: cordons it, drains it, ends its machine and lets the object go.</summary>
public sealed class NodeTermination : Worker<ObjectKey>
{
    public const string Finalizer = "karpenter.sh/termination";
    public const string DoNotEvict = "karpenter.sh/do-not-evict";

    private const string ExcludeFromLoadBalancers = "node.kubernetes.io/exclude-from-external-load-balancers";

    /// <summary>A pod that has not gone this long after its deletion was due is not waited for.</summary>
    private static readonly TimeSpan StuckAfter = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan RetryTermination = TimeSpan.FromSeconds(10);

    private static readonly Taint Cordoned = new("node.kubernetes.io/unschedulable", "", Taint.NoSchedule);

    private readonly ApiServer api;
    private readonly ICloudProvider cloud;
    private readonly KarpenterEvents events;
    private readonly StoreIndex podsByNode;

    public NodeTermination(EventLoop loop, ApiServer api, ICloudProvider cloud, KarpenterEvents events)
        : base(loop)
    {
        this.api = api;
        this.cloud = cloud;
        this.events = events;
        podsByNode = api.Store.Index(CoreTypes.Pod, "by-node", static pod => pod.Spec["nodeName"]?.Text);
        foreach (var node in api.Store.List(CoreTypes.Node).Where(IsLeaving))
        {
            Wake(node.Key);
        }

        api.Store.Watch(CoreTypes.Node, change =>
        {
            if (IsLeaving(change.Object))
            {
                Wake(change.Object.Key);
            }
        });
        api.Store.Watch(CoreTypes.Pod, change =>
        {
            if (change.Object.Spec["nodeName"]?.Text is { Length: > 0 } name && api.Store.Get(CoreTypes.Node, "", name) is { } node && IsLeaving(node))
            {
                Wake(node.Key);
            }
        });
    }

    /// <summary>The order in which a node is emptied; the next tier goes when the one before is gone.</summary>
    public static int TierOf(ApiObject pod) =>
        (pod.Spec["priorityClassName"]?.Text is "system-cluster-critical" or "system-node-critical" ? 2 : 0) + (pod.Metadata.Controller?.Kind == "DaemonSet" ? 1 : 0);

    protected override void Reconcile(ObjectKey key)
    {
        if (api.Store.Get(CoreTypes.Node, key) is not { } node || !IsLeaving(node))
        {
            return;
        }

        api.Modify(CoreTypes.Node, key, known => known.Set(["spec", "unschedulable"], true).WithLabel(ExcludeFromLoadBalancers, "karpenter"));
        if (!IsDrained(node))
        {
            return;
        }

        if (node.Spec["providerID"]?.Text is { } machine && cloud.Terminate(machine) is not null)
        {
            WakeAfter(key, RetryTermination);
            return;
        }

        api.Modify(CoreTypes.Node, key, known => known.With(known.Metadata with { Finalizers = known.Metadata.Finalizers.Remove(Finalizer) }));
    }

    private static bool IsLeaving(ApiObject node) => node.Metadata.IsBeingDeleted && node.Metadata.Finalizers.Contains(Finalizer);

    private bool IsDrained(ApiObject node)
    {
        var pods = podsByNode.Of(node.Name).Where(pod => MustGo(pod) && !IsStuck(pod)).ToList();
        if (pods.Find(pod => pod.Metadata.Annotation(DoNotEvict) == "true") is { } blocking)
        {
            events.Warning(node, "FailedDraining", $"Failed to drain node, pod {blocking.Key} has do-not-evict annotation");
            return false;
        }

        if (pods.Count == 0)
        {
            return true;
        }

        var tier = pods.Min(TierOf);
        foreach (var pod in pods.Where(pod => TierOf(pod) == tier))
        {
            if (pod.Metadata.DeletionTimestamp is { } due)
            {
                WakeAt(node.Key, due + StuckAfter);
                continue;
            }

            events.Normal(pod, "Evicted", "Evicted pod");
            api.Delete(CoreTypes.Pod, pod.Key);
        }

        // Some go at once; the others' going wakes this node again.
        return podsByNode.Of(node.Name).All(pod => !MustGo(pod) || IsStuck(pod));
    }

    private static bool MustGo(ApiObject pod) =>
        pod.Status["phase"]?.Text is not ("Succeeded" or "Failed") && pod.Metadata.Controller?.Kind != "Node" && !PodSpecView.Of(pod).Tolerates(Cordoned);

    private bool IsStuck(ApiObject pod) => pod.Metadata.DeletionTimestamp is { } due && due + StuckAfter <= Clock.Now;
}
