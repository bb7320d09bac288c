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
    private readonly ControllerRevisions revisions;

    // Lost in a restart, as the real controller's is; the waits then begin anew.
    private readonly Dictionary<string, (TimeSpan Wait, DateTime Since)> backoffs = [];

    public DaemonSetController(EventLoop loop, ApiServer api)
        : base(loop, api, "daemonset-controller")
    {
        podsByController = PodIndexes.ByController(Store, CoreTypes.Pod);
        revisions = new ControllerRevisions(api, DaemonPods.RevisionLabel);
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
                var known = revisions.Of(set);
                if (revisions.Ensure(set, known) is null)
                {
                    WakeAfter(key, RetryAfterRefusal);
                }

                PlaceEverywhere(set);
                Roll(set);
                ForgetOldRevisions(set, known);
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
        var pods = PodsFor(set, nodeName);
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

        var maySurge = DaemonPace.MaySurge(set.Spec);
        var isMissing = maySurge ? pods.All(pod => pod.Metadata.IsBeingDeleted) : pods.Count == 0;
        if (isMissing)
        {
            if (runs)
            {
                Create(set, node.Key);
            }

            return;
        }

        foreach (var pod in pods.Where(pod => PodState.IsFinished(pod) && !pod.Metadata.IsBeingDeleted))
        {
            Replace(set, node, pod);
        }

        PodBatch.Delete(Api, Events, set, DaemonRollout.Surplus([.. pods.Where(PodState.IsActive)], DaemonPods.Of(set).Revision, maySurge, IsAvailable(set)));
    }

    private void Create(ApiObject set, ObjectKey node)
    {
        if (PodBatch.Create(Api, Events, set, 1, _ => DaemonPods.Of(set).New(set, node.Name)).Refusal is not null)
        {
            WakeAfter(node, RetryAfterRefusal);
        }
    }

    /// <summary>The set's pods on or for a node; one that has finished and is being deleted takes no place any more.</summary>
    private List<ApiObject> PodsFor(ApiObject set, string node) =>
        [.. podsByTarget.Of(KeyOf(set.Metadata.Uid, node)).Where(pod => !(PodState.IsFinished(pod) && pod.Metadata.IsBeingDeleted))];

    private Func<ApiObject, bool> IsAvailable(ApiObject set)
    {
        var minReadySeconds = set.Spec["minReadySeconds"]?.Integer ?? 0;
        return pod => PodState.IsAvailable(pod, minReadySeconds, Clock.Now);
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

        var nodes = Store.List(CoreTypes.Node)
            .Select(node => (node.Name, DaemonPods.Of(set).On(node).Runs, Pods: PodsFor(set, node.Name)))
            .Where(node => node.Runs || node.Pods.Count > 0)
            .ToList();
        var step = DaemonRollout.Next(
            [.. nodes.Select(node => new DaemonNode(node.Name, [.. node.Pods.Where(pod => !pod.Metadata.IsBeingDeleted)]))],
            revision,
            DaemonPace.Of(set.Spec, nodes.Count(node => node.Runs)),
            IsAvailable(set));
        PodBatch.Delete(Api, Events, set, step.Delete);
        foreach (var node in step.CreateOn)
        {
            Create(set, new ObjectKey("", node));
        }

        // A pod that is ready and not available yet holds the update up by time alone.
        var minReadySeconds = set.Spec["minReadySeconds"]?.Integer ?? 0;
        foreach (var pod in podsByController.Of(set.Metadata.Uid))
        {
            if (PodState.AvailableFrom(pod, minReadySeconds) is { } from && from > Clock.Now)
            {
                WakeAt(set.Key, from);
            }
        }
    }

    /// <summary>Deletes the oldest revisions above the limit; those that pods still have stay, and count.</summary>
    private void ForgetOldRevisions(ApiObject set, IReadOnlyList<ApiObject> known)
    {
        var present = DaemonPods.Of(set).Revision;
        var used = podsByController.Of(set.Metadata.Uid).Select(pod => pod.Metadata.Label(DaemonPods.RevisionLabel)).Append(present).ToHashSet();
        var old = known.Where(revision => revision.Metadata.Label(DaemonPods.RevisionLabel) != present).ToList();
        var surplus = old.Count - (set.Spec["revisionHistoryLimit"]?.Integer ?? 10);
        foreach (var revision in old.Where(revision => !used.Contains(revision.Metadata.Label(DaemonPods.RevisionLabel))).Take((int)Math.Max(0, surplus)))
        {
            Api.Delete(CoreTypes.ControllerRevision, revision.Key, new DeleteOptions { Uid = revision.Metadata.Uid });
        }
    }

    private void WriteStatus(ApiObject set)
    {
        var template = DaemonPods.Of(set);
        var minReadySeconds = set.Spec["minReadySeconds"]?.Integer ?? 0;
        long desired = 0, current = 0, misscheduled = 0, ready = 0, available = 0, updated = 0;
        DateTime? next = null;
        foreach (var node in Store.List(CoreTypes.Node))
        {
            var pods = PodsFor(set, node.Name);
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
            var oldest = DaemonRollout.MainFirst(pods).First();
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
