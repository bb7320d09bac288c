using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Store;
using Sparkwright.Simulation;
using Sparkwright.World.Ec2;
using Sparkwright.World.Karpenter.Apis;
using Sparkwright.World.Karpenter.Solver;

namespace Sparkwright.World.Karpenter.Provisioning;

/// <summary>
/// Collects pending pods for a moment, plans nodes for all of them at once, and launches those. As long as pods wait, they are planned for
/// again every ten seconds, unless nothing has changed that a plan depends on.
/// </summary>
public sealed class ProvisioningController : Worker<string>
{
    private const string Batch = "batch";
    /// <summary>One second, and a moment for what arrives at its very end: that still belongs to the batch.</summary>
    private static readonly TimeSpan BatchIdle = TimeSpan.FromMilliseconds(1001);

    private static readonly TimeSpan BatchMax = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan RetryEvery = TimeSpan.FromSeconds(10);

    private readonly ApiServer api;
    private readonly Snapshot snapshot;
    private readonly NodeLauncher launcher;
    private readonly KarpenterMemory memory;
    private readonly KarpenterEvents events;
    private BatchWindow? window;
    private DateTime lastRound;
    private bool podsWait;
    private bool isStale;
    private bool carries;
    private DateTime? offeringBackAt;
    private List<string> nominated = [];

    public ProvisioningController(EventLoop loop, ApiServer api, Snapshot snapshot, NodeLauncher launcher, KarpenterMemory memory, KarpenterEvents events)
        : base(loop)
    {
        this.api = api;
        this.snapshot = snapshot;
        this.launcher = launcher;
        this.memory = memory;
        this.events = events;
        if (api.Store.List(CoreTypes.Pod).Any(PodChecks.IsProvisionable))
        {
            Trigger();
        }

        api.Store.Watch(CoreTypes.Pod, change =>
        {
            if (change.Kind != StoreEventKind.Deleted && PodChecks.IsProvisionable(change.Object))
            {
                Trigger();
            }
            else
            {
                BeStale();
            }
        });
        foreach (var type in new[] { CoreTypes.Node, CoreTypes.DaemonSet, KarpenterTypes.Provisioner, KarpenterTypes.AwsNodeTemplate, Ec2Types.Subnet, Ec2Types.SecurityGroup, Ec2Types.LaunchTemplate, Ec2Types.InstanceProfile })
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
        isStale = false;
        lastRound = Clock.Now;
        if (snapshot.Take() is not { } input)
        {
            podsWait = false;
            nominated = [];
            return;
        }

        Loop.Compute(input, static known => PackingSolver.Solve(known.Solver), plan => Carry(plan, input));
    }

    /// <summary>Opens the window, or keeps it open for another second, ten at most.</summary>
    private void Trigger()
    {
        var opened = window?.Opened ?? Clock.Now;
        var idle = Clock.Now + BatchIdle;
        window = new BatchWindow(opened, idle < opened + BatchMax ? idle : opened + BatchMax);
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
            memory.Nominate(nominated);
            WakeAt(Batch, NextRetry());
        }
    }

    private void Carry(SolverPlan plan, SnapshotInput input)
    {
        carries = true;
        foreach (var objection in input.Objections.Where(objection => objection.Reason.Length > 0))
        {
            events.FailedScheduling(objection.Pod, objection.Reason);
        }

        foreach (var unplaced in plan.Unplaced)
        {
            events.FailedScheduling(unplaced.Pod.Key, unplaced.Message);
        }

        var places = plan.OnNodes.Select(planned => (planned.Pod, planned.Node)).ToList();
        var failed = false;
        foreach (var claim in plan.Claims.Where(claim => claim.Pods.Any(StillNeedsIt)))
        {
            var (node, failure) = launcher.Launch(claim, input.Sources[new PoolKey(claim.Pool.Generation, claim.Pool.Name)]);
            failed |= failure is not null;
            foreach (var pod in claim.Pods)
            {
                if (node is not null)
                {
                    places.Add((pod, node));
                }
                else
                {
                    events.FailedScheduling(pod.Key, failure!);
                }
            }
        }

        nominated = [.. places.Select(place => place.Node).Distinct(StringComparer.Ordinal)];
        memory.Nominate(nominated);
        foreach (var (pod, node) in places)
        {
            events.Nominated(pod.Key, node);
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

    /// <summary>The world may have moved on while the plan was made: a pod may be gone or have a node.</summary>
    private bool StillNeedsIt(SolverPod planned) =>
        api.Store.Get(CoreTypes.Pod, planned.Key) is { } pod && pod.Metadata.Uid == planned.Uid && (pod.Spec["nodeName"]?.Text ?? "") == planned.Spec.NodeName;

    private sealed record BatchWindow(DateTime Opened, DateTime Closes);
}
