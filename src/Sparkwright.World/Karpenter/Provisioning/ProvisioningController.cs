using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Store;
using Sparkwright.Simulation;
using Sparkwright.World.Ec2;
using Sparkwright.World.Karpenter.Apis;
using Sparkwright.World.Karpenter.NodeClaims;
using Sparkwright.World.Karpenter.Solver;
using Sparkwright.World.Karpenter.Termination;

namespace Sparkwright.World.Karpenter.Provisioning;

/// <summary>
/// Collects pending pods for a moment, plans nodes for all of them at once, and launches those. As long as pods wait, they are planned for
/// again every ten seconds, unless nothing has changed that a plan depends on.
/// </summary>
public sealed class ProvisioningController : Worker<string>
{
    private const string Batch = "batch";

    /// <summary>What arrives at the very end of a window's idle time still belongs to the batch.</summary>
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(1);

    private static readonly TimeSpan RetryEvery = TimeSpan.FromSeconds(10);

    private readonly ApiServer api;
    private readonly Snapshot snapshot;
    private readonly Launcher launcher;
    private readonly KarpenterMemory memory;
    private readonly KarpenterEvents events;
    private readonly PlanFeed plans;
    private readonly StoreIndex claims;

    /// <summary>The pods that have triggered the open window; where NodePools are in use each does so once.</summary>
    private readonly HashSet<string> triggered = new(StringComparer.Ordinal);
    private BatchWindow? window;
    private DateTime lastRound;
    private bool podsWait;
    private bool isStale;
    private bool carries;
    private DateTime? offeringBackAt;
    private List<string> nominated = [];

    public ProvisioningController(EventLoop loop, ApiServer api, Snapshot snapshot, Launcher launcher, KarpenterMemory memory, KarpenterEvents events, PlanFeed plans)
        : base(loop)
    {
        this.api = api;
        claims = ClaimIndex.Of(api.Store);
        this.snapshot = snapshot;
        this.launcher = launcher;
        this.memory = memory;
        this.events = events;
        this.plans = plans;
        if (api.Store.List(CoreTypes.Pod).Any(PodChecks.IsProvisionable) || api.Store.List(CoreTypes.Node).Any(IsLeavingNodeOfPool))
        {
            Trigger("");
        }

        api.Store.Watch(CoreTypes.Pod, change =>
        {
            if (change.Kind != StoreEventKind.Deleted && PodChecks.IsProvisionable(change.Object))
            {
                Trigger(change.Object.Metadata.Uid);
            }
            else
            {
                BeStale();
            }
        });
        api.Store.Watch(CoreTypes.Node, change =>
        {
            if (IsLeavingNodeOfPool(change.Object) && (change.Old is null || !IsLeavingNodeOfPool(change.Old)))
            {
                Trigger(change.Object.Metadata.Uid);
            }
            else
            {
                BeStale();
            }
        });
        api.Store.Watch(KarpenterTypes.NodeClaim, change =>
        {
            if (change.Old is not { } old || change.Kind == StoreEventKind.Deleted || old.Metadata.IsBeingDeleted != change.Object.Metadata.IsBeingDeleted
                || Conditions.IsTrue(old.Status, ClaimConditions.Launched) != Conditions.IsTrue(change.Object.Status, ClaimConditions.Launched))
            {
                BeStale();
            }
        });
        foreach (var type in new[]
        {
            CoreTypes.DaemonSet, CoreTypes.PersistentVolumeClaim, CoreTypes.StorageClass, KarpenterTypes.Provisioner, KarpenterTypes.AwsNodeTemplate,
            KarpenterTypes.NodePool, KarpenterTypes.Ec2NodeClass, Ec2Types.Subnet, Ec2Types.SecurityGroup, Ec2Types.LaunchTemplate, Ec2Types.InstanceProfile,
        })
        {
            api.Store.Watch(type, _ => BeStale());
        }
    }

    protected override void Reconcile(string key)
    {
        if (window is { } open && open.Closes > Clock.Now)
        {
            WakeAt(Batch, open.Closes);
            return;
        }

        isStale |= offeringBackAt <= Clock.Now;
        if (window is null && !isStale)
        {
            // The same plan would come out again; those it put on nodes keep these nodes.
            StandBy();
            return;
        }

        window = null;
        triggered.Clear();
        lastRound = Clock.Now;
        if (api.Store.List(KarpenterTypes.NodeClaim).Any(ClaimConditions.IsLaunching))
        {
            // What such a claim will bring is not known; nothing is planned until it is.
            isStale = true;
            podsWait = true;
            WakeAt(Batch, NextRetry());
            return;
        }

        isStale = false;
        if (snapshot.Take() is not { } input)
        {
            podsWait = false;
            nominated = [];
            return;
        }

        Loop.Compute(input, static known => PackingSolver.Solve(known.Solver), plan => Carry(plan, input));
    }

    /// <summary>A NodePool's node that goes: its pods will need a place.</summary>
    private static bool IsLeavingNodeOfPool(ApiObject node) => node.Metadata.Label(KarpenterLabels.NodePool) is not null
        && (node.Metadata.IsBeingDeleted || NodeView.Of(node).Taints.Contains(DrainPlan.Disrupted));

    /// <summary>Opens the window, or keeps it open for another second, ten at most (or what the settings say).</summary>
    private void Trigger(string uid)
    {
        if (!triggered.Add(uid) && window is not null && api.Store.Count(KarpenterTypes.NodePool) > 0)
        {
            return;
        }

        var opened = window?.Opened ?? Clock.Now;
        var (idle, most) = (Clock.Now + snapshot.Settings.BatchIdle + Moment, opened + snapshot.Settings.BatchMax);
        window = new BatchWindow(opened, idle < most ? idle : most);
        WakeAt(Batch, window.Closes);
    }

    /// <summary>Something that plans depend on has changed: pods that wait are tried again at the next multiple of ten seconds.</summary>
    private void BeStale()
    {
        if (carries || isStale)
        {
            return;
        }

        isStale = true;
        if (podsWait)
        {
            WakeAt(Batch, NextRetry());
        }
    }

    private DateTime NextRetry() => RetryAfter(Clock.Now);

    private DateTime RetryAfter(DateTime time) => lastRound + ((((time - lastRound).Ticks / RetryEvery.Ticks) + 1) * RetryEvery);

    private void StandBy()
    {
        if (podsWait && nominated.Count > 0)
        {
            memory.Nominate(nominated, snapshot.Settings.NominationLasts);
            WakeAt(Batch, NextRetry());
        }
    }

    private void Carry(SolverPlan plan, SnapshotInput input)
    {
        carries = true;
        plans.Tell(plan, input.Objections);
        foreach (var objection in input.Objections.Where(objection => objection.Reason.Length > 0))
        {
            events.FailedScheduling(objection.Pod, objection.Reason);
        }

        foreach (var unplaced in plan.Unplaced)
        {
            events.FailedScheduling(unplaced.Pod.Key, unplaced.Message);
        }

        var places = plan.OnNodes.Select(planned => (planned.Pod, Name: planned.Node, Place: PlaceOf(planned.Node))).ToList();
        var failed = false;
        foreach (var claim in plan.Claims.Where(claim => claim.Pods.Any(StillNeedsIt)))
        {
            var launched = launcher.Launch(claim, input.Sources[new PoolKey(claim.Pool.Generation, claim.Pool.Name)]);
            failed |= launched is LaunchedClaim.Failed;
            foreach (var pod in claim.Pods)
            {
                switch (launched)
                {
                    case LaunchedClaim.Made made:
                        places.Add((pod, made.Name, (made.Place, claim.Pool.Generation)));
                        break;
                    case LaunchedClaim.Failed failure:
                        events.FailedScheduling(pod.Key, failure.Why);
                        break;
                }
            }
        }

        nominated = [.. places.Select(place => place.Name).Distinct(StringComparer.Ordinal)];
        memory.Nominate(nominated, snapshot.Settings.NominationLasts);
        foreach (var (pod, _, place) in places)
        {
            events.Nominated(pod.Key, place.Text, place.Generation);
        }

        carries = false;
        podsWait = true;

        // What could not be bought is tried again whatever happens: an offering may be back.
        isStale |= failed;
        offeringBackAt = memory.NextOfferingBack();
        if (isStale || nominated.Count > 0)
        {
            WakeAt(Batch, NextRetry());
        }
        else if (offeringBackAt is { } back)
        {
            WakeAt(Batch, RetryAfter(back));
        }
    }

    /// <summary>How events name a node or a NodeClaim that is there already.</summary>
    private (string Text, Generation Generation) PlaceOf(string name)
    {
        if (api.Store.Get(CoreTypes.Node, "", name) is not { } node)
        {
            return ($"nodeclaim/{name}", Generation.V1);
        }

        return ClaimIndex.ClaimOf(claims, node) is { } claim ? ($"nodeclaim/{claim.Name}, node/{name}", Generation.V1)
            : node.Metadata.Label(KarpenterLabels.ProvisionerName) is not null ? (name, Generation.V1Alpha5)
            : ($"node/{name}", Generation.V1);
    }

    /// <summary>The world may have moved on while the plan was made: a pod may be gone or have a node.</summary>
    private bool StillNeedsIt(SolverPod planned) =>
        api.Store.Get(CoreTypes.Pod, planned.Key) is { } pod && pod.Metadata.Uid == planned.Uid && (pod.Spec["nodeName"]?.Text ?? "") == planned.Spec.NodeName;

    private sealed record BatchWindow(DateTime Opened, DateTime Closes);
}
