using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Store;
using Sparkwright.Simulation;
using Sparkwright.World.Karpenter.Apis;
using Sparkwright.World.Karpenter.Provisioning;

namespace Sparkwright.World.Karpenter;

/// <summary>
/// The life of a Provisioner's nodes after their launch: initialized once they are ready, deleted when they were empty for long enough, and
/// drained and terminated before they go.
/// </summary>
public sealed class NodeController : Worker<ObjectKey>
{
    public const string Finalizer = "karpenter.sh/termination";
    public const string EmptinessTimestamp = "karpenter.sh/emptiness-timestamp";
    public const string DoNotEvict = "karpenter.sh/do-not-evict";

    private static readonly TimeSpan DrainRetry = TimeSpan.FromSeconds(1);
    private static readonly Taint Cordoned = new("node.kubernetes.io/unschedulable", "", Taint.NoSchedule);

    private readonly ApiServer api;
    private readonly AwsCloud cloud;
    private readonly Snapshot snapshot;
    private readonly EventRecorder events;
    private readonly StoreIndex podsByNode;

    public NodeController(EventLoop loop, ApiServer api, AwsCloud cloud, Snapshot snapshot)
        : base(loop)
    {
        this.api = api;
        this.cloud = cloud;
        this.snapshot = snapshot;
        events = new EventRecorder(api, "karpenter");
        podsByNode = api.Store.Index(CoreTypes.Pod, "by-node", static pod => pod.Spec["nodeName"]?.Text);
        foreach (var node in api.Store.List(CoreTypes.Node))
        {
            Wake(node.Key);
        }

        api.Store.Watch(CoreTypes.Node, change => Wake(change.Object.Key));
        api.Store.Watch(CoreTypes.Pod, change =>
        {
            if (change.Object.Spec["nodeName"]?.Text is { Length: > 0 } name)
            {
                Wake(new ObjectKey("", name));
            }
        });
        api.Store.Watch(KarpenterTypes.Provisioner, change =>
        {
            foreach (var node in api.Store.List(CoreTypes.Node).Where(node => node.Metadata.Label(KarpenterLabels.ProvisionerName) == change.Object.Name))
            {
                Wake(node.Key);
            }
        });
    }

    protected override void Reconcile(ObjectKey key)
    {
        if (api.Store.Get(CoreTypes.Node, key) is not { } node || node.Metadata.Label(KarpenterLabels.ProvisionerName) is not { } poolName)
        {
            return;
        }

        if (node.Metadata.IsBeingDeleted)
        {
            if (node.Metadata.Finalizers.Contains(Finalizer))
            {
                Leave(node);
            }
        }
        else if (api.Store.Get(KarpenterTypes.Provisioner, "", poolName) is { } known)
        {
            var pool = Provisioner.Of(known);
            Initialize(node, pool);
            Count(pool);
            WatchEmptiness(api.Store.Get(CoreTypes.Node, key)!, pool);
        }
    }

    private void Initialize(ApiObject node, Provisioner pool)
    {
        var view = NodeView.Of(node);
        if (node.Metadata.Label(KarpenterLabels.Initialized) == "true" || !view.IsReady || view.Taints.Any(pool.StartupTaints.Contains))
        {
            return;
        }

        api.Modify(CoreTypes.Node, node.Key, known => known.WithLabel(KarpenterLabels.Initialized, "true"));
    }

    /// <summary>Keeps <c>status.resources</c>: the capacity of the provisioner's nodes.</summary>
    private void Count(Provisioner pool)
    {
        var usage = snapshot.Usage(pool.Name).ToTree();
        api.ModifyStatus(KarpenterTypes.Provisioner, pool.Object.Key, status => status.With("resources", usage.Count == 0 ? null : usage));
    }

    private void WatchEmptiness(ApiObject node, Provisioner pool)
    {
        if (pool.TtlAfterEmpty is not { } ttl || node.Metadata.Label(KarpenterLabels.Initialized) != "true" || !NodeView.Of(node).IsReady)
        {
            return;
        }

        var since = Timestamps.TryParse(node.Metadata.Annotation(EmptinessTimestamp) ?? "", out var time) ? time : (DateTime?)null;
        if (!IsEmpty(node.Name))
        {
            if (since is not null)
            {
                api.Modify(CoreTypes.Node, node.Key, known => known.WithAnnotation(EmptinessTimestamp, null));
            }

            return;
        }

        if (snapshot.NominatedUntil(node.Name) is { } nominatedUntil)
        {
            WakeAt(node.Key, nominatedUntil);
            return;
        }

        if (since is null)
        {
            since = Clock.Now;
            api.Modify(CoreTypes.Node, node.Key, known => known.WithAnnotation(EmptinessTimestamp, Timestamps.Print(Clock.Now)));
        }

        var end = since.Value + ttl;
        if (end > Clock.Now)
        {
            WakeAt(node.Key, end);
            return;
        }

        events.Normal(node, "DeprovisioningTerminating", "Deprovisioning node via emptiness");
        api.Delete(CoreTypes.Node, node.Key);
    }

    /// <summary>Only DaemonSets' pods and pods that have ended are left.</summary>
    private bool IsEmpty(string node) => podsByNode.Of(node).All(pod =>
        pod.Status["phase"]?.Text is "Succeeded" or "Failed" || pod.Metadata.Controller?.Kind is "DaemonSet" or "Node");

    /// <summary>Cordons, drains, terminates, and lets the node go.</summary>
    private void Leave(ApiObject node)
    {
        if (node.Spec["unschedulable"]?.Boolean != true)
        {
            node = api.Modify(CoreTypes.Node, node.Key, known => known.Set(["spec", "unschedulable"], true)) ?? node;
        }

        var pods = podsByNode.Of(node.Name).Where(IsDrained).ToList();
        if (pods.Find(pod => pod.Metadata.Annotation(DoNotEvict) == "true") is { } blocking)
        {
            events.Warning(node, "FailedDraining", $"Failed to drain node, pod {blocking.Key} has do-not-evict annotation");
            WakeAfter(node.Key, DrainRetry);
            return;
        }

        if (pods.Count > 0)
        {
            // Critical pods go last: the others may still need them.
            var ordinary = pods.Where(pod => !IsCritical(pod)).ToList();
            foreach (var pod in (ordinary.Count > 0 ? ordinary : pods).Where(pod => !pod.Metadata.IsBeingDeleted))
            {
                events.Normal(pod, "Evicted", "Evicted pod");
                api.Delete(CoreTypes.Pod, pod.Key);
            }

            WakeAfter(node.Key, DrainRetry);
            return;
        }

        if (node.Spec["providerID"]?.Text is { } provider)
        {
            cloud.Terminate(provider[(provider.LastIndexOf('/') + 1)..]);
        }

        api.Modify(CoreTypes.Node, node.Key, known => known.With(known.Metadata with { Finalizers = known.Metadata.Finalizers.Remove(Finalizer) }));
        if (node.Metadata.Label(KarpenterLabels.ProvisionerName) is { } pool && api.Store.Get(KarpenterTypes.Provisioner, "", pool) is { } known)
        {
            Count(Provisioner.Of(known));
        }
    }

    private static bool IsDrained(ApiObject pod) =>
        pod.Status["phase"]?.Text is not ("Succeeded" or "Failed") && pod.Metadata.Controller?.Kind != "Node" && !PodSpecView.Of(pod).Tolerates(Cordoned);

    private static bool IsCritical(ApiObject pod) => pod.Spec["priorityClassName"]?.Text is "system-cluster-critical" or "system-node-critical";
}
