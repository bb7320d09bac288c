using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Store;
using Sparkwright.Simulation;
using Sparkwright.World.Karpenter.Apis;

namespace Sparkwright.World.Karpenter.Disruption;

/// <summary>
/// Carries decisions out: marks the nodes, buys what replaces them, waits until that is ready, and deletes them. How far each has come stands in
/// its record.
/// </summary>
public sealed class DisruptionQueue : Worker<string>
{
    /// <summary>How long a Provisioner's replacement may take, and its old nodes to go: sixty tries, two to ten seconds apart.</summary>
    private static readonly TimeSpan PatienceOfV1Alpha5 = TimeSpan.FromSeconds(572);

    private static readonly TimeSpan LeastPatience = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan MostPatience = TimeSpan.FromHours(1);
    private static readonly TimeSpan PatienceForEach = TimeSpan.FromMilliseconds(80);

    private readonly ApiServer api;
    private readonly DisruptionRecords records;
    private readonly ReplacementNodes nodes;
    private readonly KarpenterMemory memory;
    private readonly DisruptionMarks marks;
    private readonly DisruptionEvents events;

    public DisruptionQueue(EventLoop loop, ApiServer api, DisruptionRecords records, ReplacementNodes nodes, KarpenterMemory memory, DisruptionEvents events)
        : base(loop)
    {
        this.api = api;
        this.records = records;
        this.nodes = nodes;
        this.memory = memory;
        this.events = events;
        marks = new DisruptionMarks(api);
        WakeAll();
        WakeDone();
        api.Store.Watch(CoreTypes.Node, change =>
        {
            WakeAll();
            if (change.Kind == StoreEventKind.Deleted)
            {
                WakeDone();
            }
        });
        api.Store.Watch(KarpenterTypes.NodeClaim, _ => WakeAll());
    }

    /// <summary>Begins: from here on the candidates are taken. False when a replacement cannot be bought: then nothing has begun.</summary>
    public bool Start(DisruptionRecord record, DisruptionCommand command)
    {
        if (record.Generation == Generation.V1 || !command.Replacements.IsEmpty)
        {
            // Before anything is bought, so that no new pod lands on a node that goes.
            marks.Put(record);
        }

        var bought = new List<string>();
        foreach (var replacement in command.Replacements)
        {
            var (name, failure) = nodes.Buy(replacement, record.Method);
            if (name is null)
            {
                Fail(record, $"launching replacement node, {failure}");
                return false;
            }

            bought.Add(name);
        }

        memory.Nominate((command.Plan?.OnNodes ?? []).Select(place => place.Node).Concat(bought).Distinct(StringComparer.Ordinal));
        records.Move(record, DisruptionPhase.Waiting, Clock.Now + Patience(record), replacements: bought);
        Reconcile(record.Name);
        return true;
    }

    protected override void Reconcile(string key)
    {
        switch (records.Find(key))
        {
            case { Phase: DisruptionPhase.Waiting } record:
                AwaitReplacements(record);
                break;
            case { Phase: DisruptionPhase.Leaving } record:
                AwaitDeletion(record);
                break;
            case { Phase: DisruptionPhase.Done } record:
                records.DropIfSpent(record);
                break;
        }
    }

    private void WakeAll()
    {
        foreach (var record in records.InProgress())
        {
            Wake(record.Name);
        }
    }

    private void WakeDone()
    {
        foreach (var record in records.Of(DisruptionPhase.Done))
        {
            Wake(record.Name);
        }
    }

    private TimeSpan Patience(DisruptionRecord record)
    {
        if (record.Generation == Generation.V1Alpha5)
        {
            return PatienceOfV1Alpha5;
        }

        var queued = records.InProgress().Sum(known => known.Candidates.Length) + record.Candidates.Length;
        var patience = queued * PatienceForEach;
        return patience < LeastPatience ? LeastPatience : patience > MostPatience ? MostPatience : patience;
    }

    private void AwaitReplacements(DisruptionRecord record)
    {
        var isReady = true;
        foreach (var name in record.Replacements)
        {
            if (nodes.Find(record.Generation, name) is not { } replacement)
            {
                Fail(record, $"replacement {name} was deleted");
                return;
            }

            events.Launching(record, replacement);
            if (!ReplacementNodes.IsInitialized(replacement))
            {
                events.WaitingReadiness(record, replacement);
                isReady = false;
            }
        }

        if (isReady)
        {
            Delete(record);
        }
        else if (record.Until <= Clock.Now)
        {
            Fail(record, "command reached timeout");
        }
        else
        {
            WakeAt(record.Name, record.Until);
        }
    }

    private void Delete(DisruptionRecord record)
    {
        events.Terminating(record);
        memory.Nominate(record.Replacements);
        records.Move(record, record.Generation == Generation.V1Alpha5 ? DisruptionPhase.Leaving : DisruptionPhase.Done, Clock.Now + Patience(record));
        foreach (var candidate in record.Candidates)
        {
            if (record.Generation == Generation.V1Alpha5 || candidate.NodeClaim is null)
            {
                api.Delete(CoreTypes.Node, new ObjectKey("", candidate.Node));
            }
            else
            {
                api.Delete(KarpenterTypes.NodeClaim, new ObjectKey("", candidate.NodeClaim));
            }
        }
    }

    /// <summary>The older loop does nothing else until the nodes are gone, or it has waited long enough.</summary>
    private void AwaitDeletion(DisruptionRecord record)
    {
        if (!records.HasCandidatesLeft(record))
        {
            records.Move(record, DisruptionPhase.Done, Clock.Now);
        }
        else if (record.Until <= Clock.Now)
        {
            records.Move(record, DisruptionPhase.Done, Clock.Now, "the nodes have not gone yet");
        }
        else
        {
            events.WaitingDeletion(record);
            WakeAt(record.Name, record.Until);
        }
    }

    private void Fail(DisruptionRecord record, string why)
    {
        marks.TakeOff(record);
        records.Move(record, DisruptionPhase.Failed, Clock.Now, why);
    }
}
