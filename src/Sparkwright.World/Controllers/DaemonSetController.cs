using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Selectors;
using Sparkwright.Kubernetes.Store;
using Sparkwright.Simulation;

namespace Sparkwright.World.Controllers;

/// <summary>
/// Keeps one pod of each DaemonSet on each node that it is meant for. A key with a namespace is a daemon set, one without is a node: a node
/// that changes is looked at alone, whatever the size of the cluster.
/// </summary>
public sealed class DaemonSetController : Controller
{
    /// <summary>Waits before a failed pod is replaced: from the first, doubled each time, to the longest (kube-controller-manager's).</summary>
    private static readonly TimeSpan FirstBackoff = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestBackoff = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan RetryAfterRefusal = TimeSpan.FromSeconds(10);

    private readonly StoreIndex podsByController;
    private readonly StoreIndex podsByTarget;

    // Lost in a restart, as the real controller's is; the waits then begin anew.
    private readonly Dictionary<string, (TimeSpan Wait, DateTime Since)> backoffs = [];

    public DaemonSetController(EventLoop loop, ApiServer api)
        : base(loop, api, "daemonset-controller")
    {
        podsByController = PodIndexes.ByController(Store, CoreTypes.Pod);
        podsByTarget = Store.Index(CoreTypes.Pod, "controllers/daemon-target", TargetKey);
        FollowDesired(CoreTypes.DaemonSet);
        Store.Watch(CoreTypes.Node, ObserveNode);
        Store.Watch(CoreTypes.Pod, ObservePod);
    }

    protected override void Reconcile(ObjectKey key)
    {
        if (key.Namespace.Length == 0)
        {
            var node = Store.Get(CoreTypes.Node, key);
            foreach (var known in Store.List(CoreTypes.DaemonSet).Where(set => !set.Metadata.IsBeingDeleted))
            {
                Place(known, key.Name, node);
            }
        }
        else if (Store.Get(CoreTypes.DaemonSet, key) is { } set)
        {
            if (!set.Metadata.IsBeingDeleted)
            {
                Adoption.Claim(Api, set, CoreTypes.Pod, LabelSelector.From(set.Spec["selector"]));
                PlaceEverywhere(set);
                Roll(set);
            }

            WriteStatus(set);
        }
    }

    private static string KeyOf(string uid, string node) => uid + "/" + node;

    private static string? TargetKey(ApiObject pod) =>
        pod.Metadata.Controller is { Kind: "DaemonSet" } owner && DaemonPods.TargetOf(pod) is { } node ? KeyOf(owner.Uid, node) : null;

    private void PlaceEverywhere(ApiObject set)
    {
        foreach (var node in Store.List(CoreTypes.Node))
        {
            Place(set, node.Name, node);
        }

        foreach (var pod in podsByController.Of(set.Metadata.Uid))
        {
            if (PodState.NodeName(pod).Length == 0 && DaemonPods.TargetOf(pod) is { } target && Store.Get(CoreTypes.Node, "", target) is null)
            {
                Place(set, target, null);
            }
        }
    }

    private void Place(ApiObject set, string nodeName, ApiObject? node)
    {
        var pods = podsByTarget.Of(KeyOf(set.Metadata.Uid, nodeName));
        if (node is null)
        {
            // Pods that were bound are the pod garbage collector's.
            PodBatch.Delete(Api, Events, set, pods.Where(pod => PodState.NodeName(pod).Length == 0));
            backoffs.Remove(KeyOf(set.Metadata.Uid, nodeName));
            return;
        }

        var (runs, mayStay) = DaemonPods.Of(set).On(node);
        if (!mayStay)
        {
            PodBatch.Delete(Api, Events, set, pods.Where(pod => !pod.Metadata.IsBeingDeleted));
            return;
        }

        if (pods.Count == 0)
        {
            if (runs && PodBatch.Create(Api, Events, set, 1, _ => DaemonPods.Of(set).New(set, nodeName)).Refusal is not null)
            {
                WakeAfter(node.Key, RetryAfterRefusal);
            }

            return;
        }

        foreach (var pod in pods.Where(pod => PodState.IsFinished(pod) && !pod.Metadata.IsBeingDeleted))
        {
            Replace(set, node, pod);
        }

        // One is enough: a bound one, the oldest.
        PodBatch.Delete(Api, Events, set, pods
            .Where(PodState.IsActive)
            .OrderByDescending(pod => PodState.NodeName(pod).Length > 0)
            .ThenBy(pod => pod.Metadata.CreationTimestamp)
            .ThenBy(pod => pod.Name, StringComparer.Ordinal)
            .Skip(1));
    }

    private void Replace(ApiObject set, ApiObject node, ApiObject pod)
    {
        var key = KeyOf(set.Metadata.Uid, node.Name);
        if (backoffs.TryGetValue(key, out var backoff))
        {
            if (backoff.Since + backoff.Wait > Clock.Now)
            {
                WakeAt(node.Key, backoff.Since + backoff.Wait);
                return;
            }

            var isLongAgo = backoff.Since + (2 * LongestBackoff) < Clock.Now;
            var doubled = isLongAgo ? FirstBackoff : 2 * backoff.Wait;
            backoffs[key] = (doubled > LongestBackoff ? LongestBackoff : doubled, Clock.Now);
        }
        else
        {
            backoffs[key] = (FirstBackoff, Clock.Now);
        }

        if (PodState.Phase(pod) == "Failed")
        {
            Events.Warning(set, "FailedDaemonPod", $"Found failed daemon pod {pod.Key} on node {node.Name}, will try to kill it");
        }
        else
        {
            Events.Normal(set, "SucceededDaemonPod", $"Found succeeded daemon pod {pod.Key} on node {node.Name}, will try to delete it");
        }

        PodBatch.Delete(Api, Events, set, [pod]);
    }

    private void Roll(ApiObject set)
    {
        var revision = DaemonPods.Of(set).Revision;
        if (set.Spec.At("updateStrategy", "type")?.Text == "OnDelete"
            || podsByController.Of(set.Metadata.Uid).All(pod => pod.Metadata.Label(DaemonPods.RevisionLabel) == revision))
        {
            return;
        }

        var minReadySeconds = set.Spec["minReadySeconds"]?.Integer ?? 0;
        var nodes = Store.List(CoreTypes.Node)
            .Where(node => DaemonPods.Of(set).On(node).Runs)
            .Select(node => new DaemonNode(
                node.Name,
                [.. podsByTarget.Of(KeyOf(set.Metadata.Uid, node.Name)).Where(pod => !pod.Metadata.IsBeingDeleted)]))
            .ToList();
        var limit = RolloutPace.Resolve(set.Spec.At("updateStrategy", "rollingUpdate", "maxUnavailable"), nodes.Count, roundUp: true, absent: "1");
        PodBatch.Delete(Api, Events, set, DaemonRollout.Replaced(
            nodes,
            revision,
            limit,
            pod => PodState.IsAvailable(pod, minReadySeconds, Clock.Now)));
    }

    private void WriteStatus(ApiObject set)
    {
        var template = DaemonPods.Of(set);
        var minReadySeconds = set.Spec["minReadySeconds"]?.Integer ?? 0;
        long desired = 0, current = 0, misscheduled = 0, ready = 0, available = 0, updated = 0;
        DateTime? next = null;
        foreach (var node in Store.List(CoreTypes.Node))
        {
            var pods = podsByTarget.Of(KeyOf(set.Metadata.Uid, node.Name));
            if (!template.On(node).Runs)
            {
                misscheduled += pods.Count > 0 ? 1 : 0;
                continue;
            }

            desired++;
            if (pods.Count == 0)
            {
                continue;
            }

            current++;
            var oldest = pods.OrderBy(pod => pod.Metadata.CreationTimestamp).ThenBy(pod => pod.Name, StringComparer.Ordinal).First();
            updated += oldest.Metadata.Label(DaemonPods.RevisionLabel) == template.Revision ? 1 : 0;
            if (PodState.AvailableFrom(oldest, minReadySeconds) is not { } from)
            {
                continue;
            }

            ready++;
            if (from <= Clock.Now)
            {
                available++;
            }
            else if (from < (next ?? DateTime.MaxValue))
            {
                next = from;
            }
        }

        Api.ModifyStatus(CoreTypes.DaemonSet, set.Key, status => status
            .With("currentNumberScheduled", current)
            .With("desiredNumberScheduled", desired)
            .With("numberAvailable", available == 0 ? null : available)
            .With("numberMisscheduled", misscheduled)
            .With("numberReady", ready)
            .With("numberUnavailable", desired == available ? null : desired - available)
            .With("observedGeneration", set.Metadata.Generation)
            .With("updatedNumberScheduled", updated == 0 ? null : updated));
        if (next is { } due)
        {
            WakeAt(set.Key, due);
        }
    }

    private void ObserveNode(StoreEvent change)
    {
        if (change.Kind == StoreEventKind.Modified
            && change.Old is { } old
            && old.Spec.Equals(change.Object.Spec)
            && old.Metadata.Labels.Equals(change.Object.Metadata.Labels))
        {
            return;
        }

        Wake(change.Object.Key);
        foreach (var set in Store.List(CoreTypes.DaemonSet))
        {
            WakeInPace(set.Key, Store.Count(CoreTypes.Node));
        }
    }

    private void ObservePod(StoreEvent change)
    {
        var pod = change.Object;
        if (pod.Metadata.Controller is { Kind: "DaemonSet" } owner)
        {
            if (change.Kind != StoreEventKind.Deleted && !PodState.ChangedForItsOwner(change.Old, pod))
            {
                return;
            }

            if (DaemonPods.TargetOf(pod) is { } node && (change.Kind == StoreEventKind.Deleted || PodState.IsFinished(pod)))
            {
                Wake(new ObjectKey("", node));
            }

            WakeInPace(new ObjectKey(pod.Namespace, owner.Name), podsByController.CountOf(owner.Uid));
        }
        else if (pod.Metadata.Controller is null && change.Kind != StoreEventKind.Deleted && PodState.ChangedForItsOwner(change.Old, pod))
        {
            foreach (var set in Store.List(CoreTypes.DaemonSet, pod.Namespace))
            {
                if (LabelSelector.From(set.Spec["selector"])?.Matches(pod.Metadata.Labels) == true)
                {
                    Wake(set.Key);
                }
            }
        }
    }
}
