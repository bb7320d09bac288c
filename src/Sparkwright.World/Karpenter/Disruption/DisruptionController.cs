using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Simulation;
using Sparkwright.World.Karpenter.Apis;
using Sparkwright.World.Karpenter.Metrics;
using Sparkwright.World.Karpenter.NodeClaims;

namespace Sparkwright.World.Karpenter.Disruption;

/// <summary>
/// The loop that looks for nodes to disrupt, once for each generation. It looks every ten seconds as long as something has changed that an answer
/// depends on, once everything else of that instant has happened; a decision about money is looked at again after fifteen seconds before it is
/// carried out.
/// </summary>
public sealed class DisruptionController : Worker<Generation>
{
    /// <summary>A claim that is being launched is waited for.</summary>
    private static readonly TimeSpan UntilKnown = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ValidateAfter = TimeSpan.FromSeconds(15);

    private readonly ApiServer api;
    private readonly Pools pools;
    private readonly DisruptionSnapshots snapshots;
    private readonly DisruptionRecords records;
    private readonly DisruptionQueue queue;
    private readonly DisruptionEvents events;
    private readonly KarpenterMetrics metrics;

    /// <summary>When a look last came to nothing: the next one is not in the same instant.</summary>
    private readonly Dictionary<Generation, DateTime> fruitlessAt = [];
    private readonly Dictionary<Generation, DateTime> lookAgainAt = [];
    private readonly HashSet<Generation> stale = [];

    public DisruptionController(
        EventLoop loop,
        ApiServer api,
        Pools pools,
        DisruptionSnapshots snapshots,
        DisruptionRecords records,
        DisruptionQueue queue,
        DisruptionEvents events,
        KarpenterMetrics metrics)
        : base(loop)
    {
        this.api = api;
        this.pools = pools;
        this.snapshots = snapshots;
        this.records = records;
        this.queue = queue;
        this.events = events;
        this.metrics = metrics;
        WatchInputs();
        BeStale();
        foreach (var open in records.Of(DisruptionPhase.Validating))
        {
            WakeAt(open.Generation, open.Until);
        }
    }

    protected override bool ActsLast => true;

    protected override void Reconcile(Generation key)
    {
        if (records.Validating(key) is { } open)
        {
            if (open.Until > Clock.Now)
            {
                WakeAt(key, open.Until);
            }
            else
            {
                Validate(open);
            }

            return;
        }

        if (key == Generation.V1Alpha5 && records.InProgress().Any(record => record.Generation == key))
        {
            // One thing at a time; the end of it wakes us, as a change that was not there before.
            stale.Remove(key);
            return;
        }

        if (fruitlessAt.TryGetValue(key, out var last) && last == Clock.Now)
        {
            WakeAt(key, NextLook(key, Clock.Now));
        }
        else if (stale.Contains(key) || (lookAgainAt.TryGetValue(key, out var due) && due <= Clock.Now))
        {
            if (api.Store.List(KarpenterTypes.NodeClaim).Any(ClaimConditions.IsLaunching))
            {
                stale.Add(key);
                WakeAt(key, Clock.Now + UntilKnown);
                return;
            }

            Look(key, null);
        }
    }

    private void WatchInputs()
    {
        foreach (var type in new[]
        {
            CoreTypes.Node, CoreTypes.Pod, CoreTypes.DaemonSet, CoreTypes.ConfigMap, KarpenterTypes.NodeClaim, KarpenterTypes.NodePool, KarpenterTypes.Provisioner,
            KarpenterTypes.Ec2NodeClass, KarpenterTypes.AwsNodeTemplate, KarpenterTypes.DisruptionRecord, CoreTypes.PodDisruptionBudget,
        })
        {
            api.Store.Watch(type, _ => BeStale());
        }
    }

    private void BeStale()
    {
        foreach (var generation in new[] { Generation.V1Alpha5, Generation.V1 })
        {
            if (stale.Add(generation))
            {
                WakeAt(generation, NextLook(generation, Clock.Now));
            }
        }
    }

    /// <summary>The next multiple of the period at or after a time, and not the one that has just come to nothing.</summary>
    private DateTime NextLook(Generation generation, DateTime time)
    {
        var multiples = (time - Clock.Start).Ticks / LookEvery.Ticks;
        var next = Clock.Start + (multiples * LookEvery);
        return next < time || (fruitlessAt.TryGetValue(generation, out var last) && next <= last) ? next + LookEvery : next;
    }

    /// <summary>Whether any pool of a generation could ever lose nodes here; most runs have none, and pay nothing.</summary>
    private bool IsInUse(Generation generation) => pools.All().Any(pool => pool.Generation == generation
        && (generation == Generation.V1 || pool.Disruption is { Policy: not ConsolidationPolicy.WhenEmpty } || pool.ExpireAfter is not null
            || snapshots.ActsOnProvisionerDrift));

    private void Look(Generation generation, DisruptionMethod? after)
    {
        stale.Remove(generation);
        lookAgainAt.Remove(generation);
        if (IsInUse(generation) && snapshots.Take(generation) is { Nodes.IsEmpty: false } snapshot)
        {
            Loop.Compute(snapshot, known => DisruptionDecider.Decide(known, after), decision => Carry(snapshot, decision));
        }
    }

    private void Carry(DisruptionSnapshot snapshot, DisruptionDecision decision)
    {
        metrics.Decided(snapshot.Generation, decision);
        events.Tell(snapshot, decision);
        if (decision.LookAgain is { } time)
        {
            var due = NextLook(snapshot.Generation, time);
            lookAgainAt[snapshot.Generation] = due;
            WakeAt(snapshot.Generation, due);
        }

        foreach (var command in decision.Commands)
        {
            Carry(snapshot, decision, command);
        }
    }

    private void Carry(DisruptionSnapshot snapshot, DisruptionDecision decision, DisruptionCommand command)
    {
        var isSure = !command.Method.IsConsolidation();
        var until = isSure ? Clock.Now : Clock.Now + ValidateAfter;
        var record = records.Keep(DisruptionRecord.ObjectOf(command, snapshot.Generation, decision.Notes, Clock.Now, DisruptionPhase.Validating, until));
        if (isSure)
        {
            Start(record, command);
        }
        else
        {
            events.Consolidation(record, "Candidate");
            if (command.Method != DisruptionMethod.Emptiness)
            {
                events.Scores(record, BalancedRules.ScoresOf(snapshot, command));
            }

            WakeAt(snapshot.Generation, until);
        }
    }

    private void Validate(DisruptionRecord record) => Loop.Compute(
        snapshots.Take(record.Generation),
        snapshot => DisruptionValidation.Check(snapshot, record),
        verdict => Carry(record, verdict));

    private void Carry(DisruptionRecord record, ValidationVerdict verdict)
    {
        switch (verdict)
        {
            case ValidationVerdict.Valid valid:
                events.Consolidation(record, "Approved");
                Start(records.Keep(record, valid.Command), valid.Command);
                break;
            case ValidationVerdict.Invalid invalid:
                events.Consolidation(record, "Rejected", invalid.Why);
                records.Move(record, DisruptionPhase.Abandoned, Clock.Now, invalid.Why);

                // What the other methods may find does not wait; a single node was the last of them.
                if (record.Method != DisruptionMethod.SingleNode)
                {
                    Look(record.Generation, record.Method);
                }
                else
                {
                    fruitlessAt[record.Generation] = Clock.Now;
                    Wake(record.Generation);
                }

                break;
        }
    }

    /// <summary>Something was done, so there may be more to do at once; what failed is not tried again at once.</summary>
    private void Start(DisruptionRecord record, DisruptionCommand command)
    {
        if (!queue.Start(record, command))
        {
            fruitlessAt[record.Generation] = Clock.Now;
        }

        stale.Add(record.Generation);
        Wake(record.Generation);
    }
}
