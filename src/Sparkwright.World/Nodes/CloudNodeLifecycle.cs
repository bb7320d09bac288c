using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Simulation;
using Sparkwright.World.Ec2;

namespace Sparkwright.World.Nodes;

/// <summary>
/// AWS's cloud controller manager, as far as nodes of dead machines go: a node that is not Ready is deleted when its instance has been
/// terminated, and tainted when it has stopped.
/// </summary>
public sealed class CloudNodeLifecycle : Worker<ObjectKey>
{
    private static readonly Taint Shutdown = new("node.cloudprovider.kubernetes.io/shutdown", "", Taint.NoSchedule);

    /// <summary>How often nodes are looked at (--node-monitor-period).</summary>
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    private readonly ApiServer api;
    private readonly EventRecorder events;

    public CloudNodeLifecycle(EventLoop loop, ApiServer api)
        : base(loop)
    {
        this.api = api;
        events = new EventRecorder(api, "cloud-node-lifecycle-controller");
        foreach (var node in api.Store.List(CoreTypes.Node))
        {
            Consider(node);
        }

        api.Store.Watch(CoreTypes.Node, change => Consider(change.Object));
        api.Store.Watch(Ec2Types.Instance, change =>
        {
            if (Instance.Of(change.Object) is { State: "stopped" } stopped && api.Store.Get(CoreTypes.Node, "", stopped.NodeName) is { } node)
            {
                Consider(node);
            }
        });
    }

    protected override void Reconcile(ObjectKey key)
    {
        if (api.Store.Get(CoreTypes.Node, key) is not { Metadata.IsBeingDeleted: false } node || NodeView.Of(node).IsReady || InstanceOf(node) is not { } instance)
        {
            return;
        }

        if (instance.State == "terminated")
        {
            events.Normal(node, "DeletingNode", $"Deleting node {node.Name} because it does not exist in the cloud provider");
            api.Delete(CoreTypes.Node, key);
        }
        else if (instance.State == "stopped" && !NodeView.Of(node).Taints.Contains(Shutdown))
        {
            api.Modify(CoreTypes.Node, key, known => known.Set(["spec", "taints"], TreeList.From([.. Tree.ItemsOf(known.Spec["taints"]).ToArray(), Shutdown.ToTree()])));
        }
    }

    private void Consider(ApiObject node)
    {
        if (!node.Metadata.IsBeingDeleted && !NodeView.Of(node).IsReady && InstanceOf(node) is { IsAlive: false })
        {
            WakeAt(node.Key, api.Clock.Start + (((Clock.Now - api.Clock.Start).Ticks / Period.Ticks) + 1) * Period);
        }
    }

    private Instance? InstanceOf(ApiObject node) =>
        node.Spec["providerID"]?.Text is { } provider && api.Store.Get(Ec2Types.Instance, "", provider[(provider.LastIndexOf('/') + 1)..]) is { } known ? Instance.Of(known) : null;
}
