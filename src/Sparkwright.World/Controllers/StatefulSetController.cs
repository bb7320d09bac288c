using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Selectors;
using Sparkwright.Kubernetes.Store;
using Sparkwright.Simulation;

namespace Sparkwright.World.Controllers;

/// <summary>Keeps numbered pods, each with its own name and its own claims, and moves them to new templates from the highest down.</summary>
public sealed class StatefulSetController : Controller
{
    /// <summary>The real controller begins after 5 ms and doubles; refusals seldom end that soon.</summary>
    private static readonly TimeSpan RetryAfterRefusal = TimeSpan.FromSeconds(10);

    private readonly StoreIndex podsByController;
    private readonly ControllerRevisions revisions;

    public StatefulSetController(EventLoop loop, ApiServer api)
        : base(loop, api, "statefulset-controller")
    {
        podsByController = PodIndexes.ByController(Store, CoreTypes.Pod);
        revisions = new ControllerRevisions(api, "controller.kubernetes.io/hash");
        FollowDesired(CoreTypes.StatefulSet);
        Store.Watch(CoreTypes.Pod, ObservePod);
        Store.Watch(CoreTypes.PersistentVolumeClaim, ObserveClaim);
    }

    protected override void Reconcile(ObjectKey key)
    {
        if (Store.Get(CoreTypes.StatefulSet, key) is not { } set)
        {
            return;
        }

        Adoption.Claim(Api, set, CoreTypes.Pod, LabelSelector.From(set.Spec["selector"]), pod => StatefulPods.OrdinalOf(set, pod) is not null);
        var known = revisions.Of(set);
        if (revisions.Ensure(set, known) is not { } update)
        {
            WakeAfter(key, TimeSpan.Zero);
            return;
        }

        var current = known.FirstOrDefault(revision => revision.Name == set.Status["currentRevision"]?.Text) ?? update;
        if (!set.Metadata.IsBeingDeleted)
        {
            Act(set, current, update);
        }

        WriteStatus(set, current, update);
        known = revisions.Of(set);
        var status = Store.Get(CoreTypes.StatefulSet, key)?.Status ?? set.Status;
        var used = podsByController.Of(set.Metadata.Uid).Select(StatefulPods.RevisionOf).Append(status["currentRevision"]?.Text).Append(update.Name).ToList();
        revisions.Truncate(set, known, revision => used.Contains(revision.Name));
    }

    private List<StatefulPod> PodsOf(ApiObject set) =>
    [
        .. podsByController.Of(set.Metadata.Uid)
            .Select(pod => StatefulPods.OrdinalOf(set, pod) is { } ordinal ? new StatefulPod(ordinal, pod) : null)
            .OfType<StatefulPod>()
            .OrderBy(pod => pod.Ordinal),
    ];

    private void Act(ApiObject set, ApiObject current, ApiObject update)
    {
        var pace = StatefulPace.Of(set.Spec);
        var pods = PodsOf(set);
        foreach (var (ordinal, pod) in pods)
        {
            KeepClaims(set, ordinal, pod, pace);
        }

        foreach (var step in StatefulPlan.Next(pace, pods, update.Name, ordinal => HasStaleClaim(set, ordinal), Clock.Now))
        {
            switch (step)
            {
                case StatefulStep.Create create:
                    if (!Create(set, create.Ordinal, create.OfOldTemplate ? current : update, pace))
                    {
                        WakeAfter(set.Key, RetryAfterRefusal);
                        return;
                    }

                    break;
                case StatefulStep.Recreate { Pod: var ended }:
                    if (PodState.Phase(ended) == "Failed")
                    {
                        Events.Warning(set, "RecreatingFailedPod", $"StatefulSet {set.Key} is recreating failed Pod {ended.Name}");
                    }
                    else
                    {
                        Events.Normal(set, "RecreatingTerminatedPod", $"StatefulSet {set.Key} is recreating terminated Pod {ended.Name}");
                    }

                    Delete(set, ended);
                    break;
                case StatefulStep.ScaleDown { Pod: var surplus }:
                    Delete(set, surplus);
                    break;
                case StatefulStep.Replace { Pod: var old }:
                    Delete(set, old);
                    break;
            }
        }
    }

    private bool Create(ApiObject set, long ordinal, ApiObject revision, StatefulPace pace)
    {
        var pod = StatefulPods.New(set, ordinal, revision);
        foreach (var claim in StatefulPods.Claims(set, ordinal).Where(claim => Store.Get(claim.Type, claim.Key) is null))
        {
            if (Api.Create(StatefulPods.WithRetention(claim, set, null, isScaledDown: false)) is ApiResult.Refused unclaimed)
            {
                Events.Warning(set, "FailedCreate", $"create Claim {claim.Name} for Pod {pod.Name} in StatefulSet {set.Name} failed error: {unclaimed.Status.Message}");
                return false;
            }

            Events.Normal(set, "SuccessfulCreate", $"create Claim {claim.Name} Pod {pod.Name} in StatefulSet {set.Name} success");
        }

        switch (Api.Create(pod))
        {
            case ApiResult.Accepted made:
                Events.Normal(set, "SuccessfulCreate", $"create Pod {pod.Name} in StatefulSet {set.Name} successful");
                KeepClaims(set, ordinal, made.Current, pace);
                return true;
            case ApiResult.Refused refused:
                Events.Warning(set, "FailedCreate", $"create Pod {pod.Name} in StatefulSet {set.Name} failed error: {refused.Status.Message}");
                return false;
            default:
                return false;
        }
    }

    private void Delete(ApiObject set, ApiObject pod)
    {
        if (Api.Delete(CoreTypes.Pod, pod.Key, new DeleteOptions { Uid = pod.Metadata.Uid }).IsAccepted)
        {
            Events.Normal(set, "SuccessfulDelete", $"delete Pod {pod.Name} in StatefulSet {set.Name} successful");
        }
    }

    /// <summary>Brings the owners of a pod's claims into line with the retention policy.</summary>
    private void KeepClaims(ApiObject set, long ordinal, ApiObject pod, StatefulPace pace)
    {
        foreach (var claim in StatefulPods.Claims(set, ordinal))
        {
            if (Store.Get(claim.Type, claim.Key) is { Metadata.IsBeingDeleted: false } known && !StatefulPods.IsStale(known, set, pod))
            {
                Api.Modify(claim.Type, claim.Key, bound => StatefulPods.WithRetention(bound, set, pod, isScaledDown: !pace.Has(ordinal)));
            }
        }
    }

    private bool HasStaleClaim(ApiObject set, long ordinal) =>
        StatefulPods.Claims(set, ordinal).Any(claim => Store.Get(claim.Type, claim.Key) is { } known && StatefulPods.IsStale(known, set, null));

    private void WriteStatus(ApiObject set, ApiObject current, ApiObject update)
    {
        var pace = StatefulPace.Of(set.Spec);
        long total = 0, ready = 0, available = 0, ofCurrent = 0, ofUpdate = 0;
        foreach (var (_, pod) in PodsOf(set))
        {
            total++;
            if (StatefulPlan.IsRunningAndReady(pod))
            {
                ready++;
                available += PodState.IsAvailable(pod, pace.MinReadySeconds, Clock.Now) ? 1 : 0;
                if (PodState.AvailableFrom(pod, pace.MinReadySeconds) is { } from && from > Clock.Now)
                {
                    WakeAt(set.Key, from);
                }
            }

            if (!pod.Metadata.IsBeingDeleted)
            {
                ofCurrent += StatefulPods.RevisionOf(pod) == current.Name ? 1 : 0;
                ofUpdate += StatefulPods.RevisionOf(pod) == update.Name ? 1 : 0;
            }
        }

        // The update is through: what was the update is now the current template.
        var isThrough = pace.Rolls && ofUpdate == total && ready == total && total == pace.Replicas;
        Api.ModifyStatus(CoreTypes.StatefulSet, set.Key, status => status
            .With("availableReplicas", available)
            .With("collisionCount", status["collisionCount"] ?? 0)
            .With("currentReplicas", CountOrNull(isThrough ? ofUpdate : ofCurrent))
            .With("currentRevision", isThrough ? update.Name : current.Name)
            .With("observedGeneration", set.Metadata.Generation)
            .With("readyReplicas", CountOrNull(ready))
            .With("replicas", total)
            .With("updateRevision", update.Name)
            .With("updatedReplicas", CountOrNull(ofUpdate)));
    }

    private static Tree? CountOrNull(long count) => count == 0 ? null : count;

    private void ObservePod(StoreEvent change)
    {
        var pod = change.Object;
        if (change.Old?.Metadata.Controller is { Kind: "StatefulSet" } before && before != pod.Metadata.Controller)
        {
            Wake(new ObjectKey(pod.Namespace, before.Name));
        }

        if (change.Kind != StoreEventKind.Deleted && !PodState.ChangedForItsOwner(change.Old, pod))
        {
            return;
        }

        if (pod.Metadata.Controller is { Kind: "StatefulSet" } owner)
        {
            WakeInPace(new ObjectKey(pod.Namespace, owner.Name), podsByController.CountOf(owner.Uid));
        }
        else if (pod.Metadata.Controller is null && change.Kind != StoreEventKind.Deleted)
        {
            WakeMatching(pod);
        }
    }

    /// <summary>A pod may wait for the claim of its forerunner to go.</summary>
    private void ObserveClaim(StoreEvent change)
    {
        if (change.Kind == StoreEventKind.Deleted)
        {
            WakeMatching(change.Object);
        }
    }

    private void WakeMatching(ApiObject known)
    {
        foreach (var set in Store.List(CoreTypes.StatefulSet, known.Namespace))
        {
            if (LabelSelector.From(set.Spec["selector"])?.Matches(known.Metadata.Labels) == true)
            {
                Wake(set.Key);
            }
        }
    }
}
