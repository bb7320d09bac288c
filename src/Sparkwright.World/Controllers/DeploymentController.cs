using System.Globalization;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Selectors;
using Sparkwright.Kubernetes.Store;
using Sparkwright.Simulation;

namespace Sparkwright.World.Controllers;

/// <summary>Moves a Deployment's pods from the replica sets of old templates to that of the present one.</summary>
public sealed class DeploymentController : Controller
{
    private readonly StoreIndex setsByController;
    private readonly StoreIndex podsByController;

    public DeploymentController(EventLoop loop, ApiServer api)
        : base(loop, api, "deployment-controller")
    {
        setsByController = PodIndexes.ByController(Store, CoreTypes.ReplicaSet);
        podsByController = PodIndexes.ByController(Store, CoreTypes.Pod);
        FollowDesired(CoreTypes.Deployment);
        Store.Watch(CoreTypes.ReplicaSet, ObserveSet);
        Store.Watch(CoreTypes.Pod, ObservePod);
    }

    protected override void Reconcile(ObjectKey key)
    {
        if (Store.Get(CoreTypes.Deployment, key) is not { } deployment)
        {
            return;
        }

        var selector = LabelSelector.From(deployment.Spec["selector"]) ?? LabelSelector.Of(PodTemplates.LabelsOf(PodTemplates.Of(deployment)));
        var sets = Adoption.Claim(Api, deployment, CoreTypes.ReplicaSet, selector).Where(set => !set.Metadata.IsBeingDeleted).ToList();
        if (!deployment.Metadata.IsBeingDeleted)
        {
            Advance(deployment, sets);
            deployment = Store.Get(CoreTypes.Deployment, key) ?? deployment;
        }

        WriteStatus(deployment);
    }

    private void Advance(ApiObject deployment, IReadOnlyList<ApiObject> sets)
    {
        var isPaused = deployment.Spec["paused"]?.Boolean == true;
        var recreate = deployment.Spec.At("strategy", "type")?.Text == "Recreate";
        var pace = RolloutPace.Of(deployment.Spec);
        var newSet = ReplicaSets.Newest(deployment, sets);
        var old = sets.Where(set => set != newSet).ToList();
        var wasResized = sets.Any(set => ReplicaSets.Replicas(set) > 0 && ReplicaSets.DesiredBefore(set) is { } before && before != pace.Replicas);
        if (isPaused || wasResized)
        {
            Apply(deployment, pace, RolloutPlan.Scale(pace, !recreate, newSet is null ? null : ReplicaSets.Read(newSet), [.. old.Select(ReplicaSets.Read)]));
            return;
        }

        if (recreate)
        {
            var shrinking = old.Where(set => ReplicaSets.Replicas(set) > 0)
                .Select(set => new RolloutScaling(set.Name, ReplicaSets.Replicas(set), 0)).ToList();
            if (shrinking.Count > 0)
            {
                Apply(deployment, pace, shrinking);
                return;
            }

            // Pods on their way out still count: two versions never run side by side.
            if (old.Any(set => podsByController.Of(set.Metadata.Uid).Any(pod => !PodState.IsFinished(pod))))
            {
                return;
            }
        }

        if (EnsureNewSet(deployment, newSet, old, pace, recreate) is not { } current)
        {
            return;
        }

        if (recreate)
        {
            Apply(deployment, pace, ReplicaSets.Replicas(current) == pace.Replicas
                ? []
                : [new RolloutScaling(current.Name, ReplicaSets.Replicas(current), pace.Replicas)]);
        }
        else
        {
            Apply(deployment, pace, RolloutPlan.Roll(pace, ReplicaSets.Read(current), [.. old.Select(ReplicaSets.Read)]));
        }

        if (DeploymentStatus.IsComplete(deployment, deployment.Status))
        {
            RemoveOldHistory(deployment, old);
        }
    }

    /// <summary>The set of the present template, made when it is missing; null when its name is taken by another one.</summary>
    private ApiObject? EnsureNewSet(ApiObject deployment, ApiObject? newSet, List<ApiObject> old, RolloutPace pace, bool recreate)
    {
        var revision = old.Select(ReplicaSets.Revision).DefaultIfEmpty(0).Max() + 1;
        if (newSet is not null)
        {
            var wanted = newSet;
            if (ReplicaSets.Revision(newSet) < revision)
            {
                wanted = ReplicaSets.WithRevision(newSet, revision);
            }

            wanted = wanted
                .Set(["spec", "minReadySeconds"], deployment.Spec["minReadySeconds"])
                .With(wanted.Metadata with { Annotations = ReplicaSets.NotesFor(deployment, wanted.Metadata.Annotations) });
            newSet = wanted.SameAs(newSet) ? newSet : Api.Update(wanted).Object ?? newSet;
            SetRevision(deployment, ReplicaSets.Revision(newSet));
            if (Conditions.Find(deployment.Status, "Progressing") is null)
            {
                SayProgress(deployment, "True", "FoundNewReplicaSet", $"Found new replica set \"{newSet.Name}\"");
            }

            return newSet;
        }

        var collisions = deployment.Status["collisionCount"]?.Integer ?? 0;
        var replicas = RolloutPlan.NewSetReplicas(pace, recreate, 0, old.Sum(ReplicaSets.Replicas));
        var made = ReplicaSets.New(deployment, ReplicaSets.HashOf(deployment), replicas, pace, revision);
        switch (Api.Create(made))
        {
            case ApiResult.Accepted accepted:
                SetRevision(deployment, revision);
                SayProgress(deployment, "True", "NewReplicaSetCreated", $"Created new replica set \"{accepted.Current.Name}\"");
                if (replicas > 0)
                {
                    Events.Normal(deployment, "ScalingReplicaSet", string.Create(CultureInfo.InvariantCulture, $"Scaled up replica set {accepted.Current.Name} from 0 to {replicas}"));
                }

                return accepted.Current;
            case ApiResult.Refused { Status.Reason: "AlreadyExists" }:
                Api.ModifyStatus(CoreTypes.Deployment, deployment.Key, status => status.With("collisionCount", collisions + 1));
                Wake(deployment.Key);
                return null;
            case ApiResult.Refused refused:
                Events.Warning(deployment, "ReplicaSetCreateError", $"Failed to create new replica set \"{made.Name}\": {refused.Status.Message}");
                SayProgress(deployment, "False", "ReplicaSetCreateError", $"Failed to create new replica set \"{made.Name}\": {refused.Status.Message}");
                var since = Conditions.Find(Store.Get(CoreTypes.Deployment, deployment.Key)!.Status, "Progressing")?["lastTransitionTime"];
                WakeAfter(deployment.Key, PodBatch.RetryDelay(Timestamps.Read(since), Clock.Now));
                return null;
            default:
                return null;
        }
    }

    private void SayProgress(ApiObject deployment, string value, string reason, string message)
    {
        if (DeploymentStatus.HasDeadline(deployment))
        {
            Api.ModifyStatus(CoreTypes.Deployment, deployment.Key, status =>
                WorkloadConditions.SetUpdated(status, "Progressing", value, reason, message, Clock.Now, progressed: value == "True"));
        }
    }

    private void SetRevision(ApiObject deployment, long revision) => Api.Modify(
        CoreTypes.Deployment,
        deployment.Key,
        current => current.WithAnnotation(ReplicaSets.RevisionAnnotation, revision.ToString(CultureInfo.InvariantCulture)));

    private void Apply(ApiObject deployment, RolloutPace pace, IReadOnlyList<RolloutScaling> scalings)
    {
        foreach (var scaling in scalings)
        {
            Api.Modify(CoreTypes.ReplicaSet, new ObjectKey(deployment.Namespace, scaling.Name), set => ReplicaSets.Sized(set, scaling.To, pace));
            if (scaling.To != scaling.From)
            {
                var direction = scaling.To > scaling.From ? "up" : "down";
                Events.Normal(deployment, "ScalingReplicaSet", string.Create(
                    CultureInfo.InvariantCulture,
                    $"Scaled {direction} replica set {scaling.Name} from {scaling.From} to {scaling.To}"));
            }
        }

        // A set that has its size already notes the deployment's new one, or the deployment would look resized for ever.
        foreach (var set in setsByController.Of(deployment.Metadata.Uid))
        {
            if (ReplicaSets.Replicas(set) > 0 && !set.Metadata.IsBeingDeleted)
            {
                Api.Modify(CoreTypes.ReplicaSet, set.Key, current => ReplicaSets.Sized(current, ReplicaSets.Replicas(current), pace));
            }
        }
    }

    private void RemoveOldHistory(ApiObject deployment, List<ApiObject> old)
    {
        var kept = deployment.Spec["revisionHistoryLimit"]?.Integer ?? 10;
        var surplus = old.Count - kept;
        foreach (var set in old.OrderBy(ReplicaSets.Revision).ThenBy(set => set.Name, StringComparer.Ordinal).Take((int)Math.Max(0, surplus)))
        {
            if ((set.Status["replicas"]?.Integer ?? 0) == 0
                && ReplicaSets.Replicas(set) == 0
                && set.Status["observedGeneration"]?.Integer >= set.Metadata.Generation)
            {
                Api.Delete(CoreTypes.ReplicaSet, set.Key, new DeleteOptions { Uid = set.Metadata.Uid });
            }
        }
    }

    private void WriteStatus(ApiObject deployment)
    {
        var sets = setsByController.Of(deployment.Metadata.Uid).Where(set => !set.Metadata.IsBeingDeleted).ToList();
        var newSet = ReplicaSets.Newest(deployment, sets);
        var written = Api.ModifyStatus(CoreTypes.Deployment, deployment.Key, status =>
            DeploymentStatus.Of(deployment.WithStatus(status), newSet, sets, Clock.Now));
        if (written is null)
        {
            return;
        }

        if (DeploymentStatus.TimesOutAt(written) is { } due && due > Clock.Now)
        {
            WakeAt(deployment.Key, due);
        }

        if (DeploymentStatus.IsComplete(written, written.Status) && !DeploymentStatus.IsComplete(deployment, deployment.Status))
        {
            Wake(deployment.Key);
        }
    }

    private void ObserveSet(StoreEvent change)
    {
        foreach (var owner in (ReadOnlySpan<OwnerReference?>)[change.Object.Metadata.Controller, change.Old?.Metadata.Controller])
        {
            if (owner is { Kind: "Deployment" })
            {
                Wake(new ObjectKey(change.Object.Namespace, owner.Name));
            }
        }

        if (change.Object.Metadata.Controller is null && change.Kind != StoreEventKind.Deleted)
        {
            foreach (var deployment in Store.List(CoreTypes.Deployment, change.Object.Namespace))
            {
                if (LabelSelector.From(deployment.Spec["selector"])?.Matches(change.Object.Metadata.Labels) == true)
                {
                    Wake(deployment.Key);
                }
            }
        }
    }

    /// <summary>A Recreate waits for the last pod of the old template to go.</summary>
    private void ObservePod(StoreEvent change)
    {
        if (change.Kind == StoreEventKind.Deleted
            && change.Object.Metadata.Controller is { Kind: "ReplicaSet" } owner
            && Store.Get(CoreTypes.ReplicaSet, change.Object.Namespace, owner.Name)?.Metadata.Controller is { Kind: "Deployment" } above)
        {
            var key = new ObjectKey(change.Object.Namespace, above.Name);
            if (Store.Get(CoreTypes.Deployment, key)?.Spec.At("strategy", "type")?.Text == "Recreate")
            {
                Wake(key);
            }
        }
    }
}
