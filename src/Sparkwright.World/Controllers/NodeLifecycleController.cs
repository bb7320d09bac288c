using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Store;
using Sparkwright.Simulation;

namespace Sparkwright.World.Controllers;

/// <summary>Turns the conditions of nodes into taints, and tells the pods of a lost node that they are not ready.</summary>
public sealed class NodeLifecycleController : Controller
{
    private readonly StoreIndex byNode;

    public NodeLifecycleController(EventLoop loop, ApiServer api)
        : base(loop, api, "node-controller")
    {
        byNode = PodIndexes.ByNode(Store);
        api.AddAdmission(TaintFromTheStart);
        Follow(CoreTypes.Node);
    }

    protected override void Reconcile(ObjectKey key)
    {
        if (Store.Get(CoreTypes.Node, key) is not { } node)
        {
            return;
        }

        var taints = NodeTaints.Updated(node, Clock.Now);
        if (!Equals(taints, node.Spec["taints"]))
        {
            Api.Modify(CoreTypes.Node, key, current => current.Set(["spec", "taints"], taints));
        }

        if (Conditions.Find(node.Status, "Ready")?["status"]?.Text is "False" or "Unknown")
        {
            MarkPodsNotReady(node);
        }
    }

    /// <summary>A new node is kept free from its first moment, as the admission plugin TaintNodesByCondition does.</summary>
    private static AdmissionVerdict TaintFromTheStart(ApiObject candidate, ApiObject? old)
    {
        if (candidate.Type != CoreTypes.Node || old is not null)
        {
            return AdmissionVerdict.Accept(candidate);
        }

        var taints = Tree.ItemsOf(candidate.Spec["taints"]).ToArray();
        var missing = NodeTaints.WantedBy(candidate)
            .Where(taint => taint.Effect == Taint.NoSchedule && !taints.Any(item => item["key"]?.Text == taint.Key && item["effect"]?.Text == taint.Effect))
            .Select(taint => (Tree)taint.ToTree())
            .ToList();
        return AdmissionVerdict.Accept(missing.Count == 0 ? candidate : candidate.Set(["spec", "taints"], TreeList.From([.. taints, .. missing])));
    }

    private void MarkPodsNotReady(ApiObject node)
    {
        var marked = false;
        foreach (var pod in byNode.Of(node.Name))
        {
            if (!PodState.IsReady(pod))
            {
                continue;
            }

            marked = true;
            Api.ModifyStatus(CoreTypes.Pod, pod.Key, status => Conditions.Set(status, "Ready", false, null, null, Clock.Now));
            Events.Warning(pod, "NodeNotReady", "Node is not ready");
        }

        if (marked)
        {
            Events.Normal(node, "NodeNotReady", $"Node {node.Name} status is now: NodeNotReady");
        }
    }
}
