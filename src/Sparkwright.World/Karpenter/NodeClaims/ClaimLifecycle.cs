using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Store;
using Sparkwright.Simulation;
using Sparkwright.World.Karpenter.Apis;
using Sparkwright.World.Karpenter.Metrics;
using Sparkwright.World.Karpenter.Termination;

namespace Sparkwright.World.Karpenter.NodeClaims;

/// <summary>
/// Brings a NodeClaim from its creation to a usable node: launched, registered, initialized. A claim that does not get on in time is deleted,
/// and so is one that has grown too old.
/// </summary>
public sealed class ClaimLifecycle : Worker<ObjectKey>
{
    public const string RegisteredLabel = "karpenter.sh/registered";
    private const string DoNotSyncTaints = "karpenter.sh/do-not-sync-taints";

    private static readonly TimeSpan LaunchWithin = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan RegisterWithin = TimeSpan.FromMinutes(15);

    private readonly ApiServer api;
    private readonly ClaimLaunch launch;
    private readonly RegistrationHealth health;
    private readonly KarpenterEvents events;
    private readonly KarpenterMetrics metrics;
    private readonly StoreIndex nodes;
    private readonly StoreIndex claims;

    /// <summary>When a claim's launch was tried last; a new process does not try again before the next attempt is due.</summary>
    private readonly Dictionary<string, DateTime> tried = new(StringComparer.Ordinal);

    public ClaimLifecycle(EventLoop loop, ApiServer api, ClaimLaunch launch, RegistrationHealth health, KarpenterEvents events, KarpenterMetrics metrics)
        : base(loop)
    {
        this.api = api;
        this.launch = launch;
        this.health = health;
        this.events = events;
        this.metrics = metrics;
        nodes = ClaimIndex.Nodes(api.Store);
        claims = ClaimIndex.Of(api.Store);
        foreach (var claim in api.Store.List(KarpenterTypes.NodeClaim))
        {
            Wake(claim.Key);
        }

        api.Store.Watch(KarpenterTypes.NodeClaim, change =>
        {
            if (change.Kind == StoreEventKind.Deleted)
            {
                tried.Remove(change.Object.Metadata.Uid);
            }
            else
            {
                Wake(change.Object.Key);
            }
        });
        api.Store.Watch(CoreTypes.Node, change =>
        {
            if (ClaimIndex.ClaimOf(claims, change.Object) is { } claim)
            {
                Wake(claim.Key);
            }
        });
    }

    protected override void Reconcile(ObjectKey key)
    {
        if (api.Store.Get(KarpenterTypes.NodeClaim, key) is not { Metadata.IsBeingDeleted: false } claim)
        {
            return;
        }

        if (!claim.Metadata.Finalizers.Contains(NodeTermination.Finalizer))
        {
            claim = api.Modify(KarpenterTypes.NodeClaim, key, known => known.With(known.Metadata with { Finalizers = known.Metadata.Finalizers.Add(NodeTermination.Finalizer) }))!;
        }

        if (HasExpired(claim))
        {
            metrics.ClaimDisrupted(claim, "expired");
            api.Delete(KarpenterTypes.NodeClaim, key);
            return;
        }

        api.ModifyStatus(KarpenterTypes.NodeClaim, key, status => ClaimConditions.Awaiting(claim, status, Clock.Now));
        if (!Conditions.IsTrue(claim.Status, ClaimConditions.Launched))
        {
            Launch(claim);
        }

        if (api.Store.Get(KarpenterTypes.NodeClaim, key) is { Metadata.IsBeingDeleted: false } now && Conditions.IsTrue(now.Status, ClaimConditions.Launched))
        {
            Register(now);
        }
    }

    private bool HasExpired(ApiObject claim)
    {
        if (NodeClaim.Of(claim).ExpireAfter is not { } age)
        {
            return false;
        }

        var end = claim.Metadata.CreationTimestamp + age;
        if (end > Clock.Now)
        {
            WakeAt(claim.Key, end);
            return false;
        }

        return true;
    }

    private void Launch(ApiObject claim)
    {
        var deadline = claim.Metadata.CreationTimestamp + LaunchWithin;
        var failure = Conditions.Find(claim.Status, ClaimConditions.Launched);
        if (deadline <= Clock.Now)
        {
            metrics.ClaimDisrupted(claim, "launch_timeout");
            health.Failed(claim, failure?["reason"]?.Text ?? "LaunchFailed", failure?["message"]?.Text ?? "");
            api.Delete(KarpenterTypes.NodeClaim, claim.Key);
            return;
        }

        var hasFailed = failure?["reason"]?.Text == "LaunchFailed";
        if (tried.TryGetValue(claim.Metadata.Uid, out var last) || hasFailed)
        {
            last = last == default ? Clock.Now : last;
            tried[claim.Metadata.Uid] = last;
            var next = ClaimLaunch.NextAttempt(claim.Metadata.CreationTimestamp, last);
            if (next > Clock.Now)
            {
                WakeAt(claim.Key, next < deadline ? next : deadline);
                return;
            }
        }

        tried[claim.Metadata.Uid] = Clock.Now;
        launch.Try(claim);
        if (api.Store.Get(KarpenterTypes.NodeClaim, claim.Key) is { Metadata.IsBeingDeleted: false } now && !Conditions.IsTrue(now.Status, ClaimConditions.Launched))
        {
            var next = ClaimLaunch.NextAttempt(claim.Metadata.CreationTimestamp, Clock.Now);
            WakeAt(claim.Key, next < deadline ? next : deadline);
        }
    }

    private void Register(ApiObject claim)
    {
        var node = ClaimIndex.NodeOf(nodes, claim);
        var isRegistered = Conditions.IsTrue(claim.Status, ClaimConditions.Registered);
        if (node is null)
        {
            if (isRegistered)
            {
                return;
            }

            var deadline = claim.Metadata.CreationTimestamp + RegisterWithin;
            if (deadline <= Clock.Now)
            {
                metrics.ClaimDisrupted(claim, "registration_timeout");
                health.Failed(claim, "RegistrationFailed", "Failed to register node");
                api.Delete(KarpenterTypes.NodeClaim, claim.Key);
                return;
            }

            WakeAt(claim.Key, deadline);
            api.ModifyStatus(KarpenterTypes.NodeClaim, claim.Key, status => ClaimConditions.Unknown(
                claim,
                ClaimConditions.Unknown(claim, status, ClaimConditions.Registered, "NodeNotFound", "Node not registered with cluster", Clock.Now),
                ClaimConditions.Initialized,
                "NodeNotFound",
                "Node not registered with cluster",
                Clock.Now));
            return;
        }

        if (!isRegistered)
        {
            Sync(claim, node);
            claim = api.ModifyStatus(KarpenterTypes.NodeClaim, claim.Key, status =>
                ClaimConditions.True(claim, status.With("nodeName", node.Name), ClaimConditions.Registered, Clock.Now)) ?? claim;
            health.Succeeded(claim);
            node = api.Store.Get(CoreTypes.Node, node.Key) ?? node;
        }

        if (!Conditions.IsTrue(claim.Status, ClaimConditions.Initialized))
        {
            Initialize(claim, node);
        }
        else
        {
            CheckConsistency(claim, node);
        }
    }

    private void Sync(ApiObject claim, ApiObject node)
    {
        if (node.Metadata.Label(RegisteredLabel) is null && !NodeView.Of(node).Taints.Contains(ClaimLaunch.Unregistered))
        {
            events.Warning(claim, "UnregisteredTaintMissing", $"missing {ClaimLaunch.Unregistered.Key} taint which prevents registration related race conditions on Karpenter-managed nodes");
        }

        api.Modify(CoreTypes.Node, node.Key, known => Synced(claim, known));
    }

    /// <summary>The node with all that its claim says of it.</summary>
    private static ApiObject Synced(ApiObject claim, ApiObject node)
    {
        var view = NodeClaim.Of(claim);
        var taints = NodeView.Of(node).Taints.RemoveAll(taint => taint.Key == ClaimLaunch.Unregistered.Key);
        if (claim.Metadata.Label(DoNotSyncTaints) != "true")
        {
            foreach (var taint in view.Taints.Concat(view.StartupTaints).Where(taint => !taints.Any(known => known.Key == taint.Key && known.Effect == taint.Effect)))
            {
                taints = taints.Add(taint);
            }
        }

        var metadata = node.Metadata;
        return node
            .With(metadata with
            {
                Labels = metadata.Labels.Merge(claim.Metadata.Labels).With(RegisteredLabel, "true"),
                Annotations = metadata.Annotations.Merge(claim.Metadata.Annotations),
                Finalizers = metadata.Finalizers.Contains(NodeTermination.Finalizer) ? metadata.Finalizers : metadata.Finalizers.Add(NodeTermination.Finalizer),
                OwnerReferences = metadata.OwnerReferences.Any(owner => owner.Uid == claim.Metadata.Uid)
                    ? metadata.OwnerReferences
                    : metadata.OwnerReferences.Add(claim.AsOwner(controller: false) with { BlocksDeletion = true }),
            })
            .Set(["spec", "taints"], taints.IsEmpty ? null : TreeList.From(taints.Select(taint => taint.ToTree())));
    }

    private void Initialize(ApiObject claim, ApiObject node)
    {
        if (ClaimReadiness.Missing(NodeClaim.Of(claim), NodeView.Of(node)) is { } missing)
        {
            api.ModifyStatus(KarpenterTypes.NodeClaim, claim.Key, status =>
                ClaimConditions.Unknown(claim, status, ClaimConditions.Initialized, missing.Reason, missing.Message, Clock.Now));
            return;
        }

        api.Modify(CoreTypes.Node, node.Key, known => known.WithLabel(KarpenterLabels.Initialized, "true"));
        api.ModifyStatus(KarpenterTypes.NodeClaim, claim.Key, status => ClaimConditions.True(claim, status, ClaimConditions.Initialized, Clock.Now));
    }

    private void CheckConsistency(ApiObject claim, ApiObject node)
    {
        var faults = ClaimReadiness.Inconsistencies(NodeClaim.Of(claim), ResourceList.From(node.Status["capacity"]));
        foreach (var fault in faults)
        {
            events.Warning(claim, "FailedConsistencyCheck", fault);
            events.Warning(node, "FailedConsistencyCheck", fault);
        }

        api.ModifyStatus(KarpenterTypes.NodeClaim, claim.Key, status => faults.IsEmpty
            ? ClaimConditions.True(claim, status, ClaimConditions.ConsistentStateFound, Clock.Now)
            : ClaimConditions.False(claim, status, ClaimConditions.ConsistentStateFound, "ConsistencyCheckFailed", "Consistency Check Failed", Clock.Now));
    }
}
