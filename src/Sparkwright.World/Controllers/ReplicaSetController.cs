using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Selectors;
using Sparkwright.Kubernetes.Store;
using Sparkwright.Simulation;

namespace Sparkwright.World.Controllers;

/// <summary>Keeps as many pods of a template as a ReplicaSet asks for.</summary>
public sealed class ReplicaSetController : Controller
{
    private readonly StoreIndex podsByController;
    private readonly StoreIndex setsByController;

    public ReplicaSetController(EventLoop loop, ApiServer api)
        : base(loop, api, "replicaset-controller")
    {
        podsByController = PodIndexes.ByController(Store, CoreTypes.Pod);
        setsByController = PodIndexes.ByController(Store, CoreTypes.ReplicaSet);
        FollowDesired(CoreTypes.ReplicaSet);
        Store.Watch(CoreTypes.Pod, Observe);
    }

    protected override void Reconcile(ObjectKey key)
    {
        if (Store.Get(CoreTypes.ReplicaSet, key) is not { } set)
        {
            return;
        }

        var selector = LabelSelector.From(set.Spec["selector"]) ?? LabelSelector.Of(PodTemplates.LabelsOf(PodTemplates.Of(set)));
        var active = Adoption.Claim(Api, set, CoreTypes.Pod, selector).Where(PodState.IsActive).ToList();
        ApiStatus? refusal = null;
        if (!set.Metadata.IsBeingDeleted)
        {
            var plan = ReplicaScaling.Plan(active, set.Spec["replicas"]?.Integer ?? 1, Related(set, active), Clock.Now);
            if (plan.Create > 0)
            {
                var pod = PodTemplates.NewPod(set, PodTemplates.Of(set));
                refusal = PodBatch.Create(Api, Events, set, plan.Create, _ => pod).Refusal;
            }

            PodBatch.Delete(Api, Events, set, plan.Delete);
            if (plan.IsPartial)
            {
                Wake(key);
            }

            if (plan.Create > 0 || plan.Delete.Count > 0)
            {
                active = [.. podsByController.Of(set.Metadata.Uid).Where(PodState.IsActive)];
            }
        }

        WriteStatus(set, active, refusal);
    }

    private void WriteStatus(ApiObject set, IReadOnlyList<ApiObject> active, ApiStatus? refusal)
    {
        var template = PodTemplates.LabelsOf(PodTemplates.Of(set));
        var minReadySeconds = set.Spec["minReadySeconds"]?.Integer ?? 0;
        long labelled = 0, ready = 0, available = 0;
        DateTime? next = null;
        foreach (var pod in active)
        {
            labelled += template.Members().All(label => pod.Metadata.Label(label.Key) == label.Value.Text) ? 1 : 0;
            if (PodState.AvailableFrom(pod, minReadySeconds) is not { } from)
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

        Api.ModifyStatus(CoreTypes.ReplicaSet, set.Key, status =>
        {
            status = status
                .With("replicas", active.Count)
                .With("fullyLabeledReplicas", CountOrNull(labelled))
                .With("readyReplicas", CountOrNull(ready))
                .With("availableReplicas", CountOrNull(available))
                .With("observedGeneration", set.Metadata.Generation);
            return refusal is null
                ? WorkloadConditions.Without(status, "ReplicaFailure")
                : WorkloadConditions.SetOnce(status, "ReplicaFailure", "FailedCreate", refusal.Message, Clock.Now);
        });

        if (next is { } due)
        {
            WakeAt(set.Key, due);
        }

        if (refusal is not null)
        {
            var since = Conditions.Find(Store.Get(CoreTypes.ReplicaSet, set.Key)!.Status, "ReplicaFailure")?["lastTransitionTime"];
            WakeAfter(set.Key, PodBatch.RetryDelay(Timestamps.Read(since), Clock.Now));
        }
    }

    /// <summary>Active pods of all sets with the same owner: those of a deployment share its nodes.</summary>
    private IEnumerable<ApiObject> Related(ApiObject set, IReadOnlyList<ApiObject> own) =>
        set.Metadata.Controller is { } owner
            ? setsByController.Of(owner.Uid).SelectMany(sibling => podsByController.Of(sibling.Metadata.Uid)).Where(PodState.IsActive)
            : own;

    private static Tree? CountOrNull(long count) => count == 0 ? null : count;

    private void Observe(StoreEvent change)
    {
        var pod = change.Object;
        if (change.Old?.Metadata.Controller is { Kind: "ReplicaSet" } before && before != pod.Metadata.Controller)
        {
            Wake(new ObjectKey(pod.Namespace, before.Name));
        }

        if (pod.Metadata.Controller is { } owner)
        {
            if (owner.Kind == "ReplicaSet" && (change.Kind == StoreEventKind.Deleted || PodState.ChangedForItsOwner(change.Old, pod)))
            {
                WakeInPace(new ObjectKey(pod.Namespace, owner.Name), podsByController.CountOf(owner.Uid));
            }
        }
        else if (change.Kind != StoreEventKind.Deleted && PodState.ChangedForItsOwner(change.Old, pod))
        {
            foreach (var set in Store.List(CoreTypes.ReplicaSet, pod.Namespace))
            {
                if (LabelSelector.From(set.Spec["selector"])?.Matches(pod.Metadata.Labels) == true)
                {
                    Wake(set.Key);
                }
            }
        }
    }
}
