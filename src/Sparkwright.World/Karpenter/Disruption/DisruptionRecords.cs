using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Store;
using Sparkwright.World.Karpenter.Apis;

namespace Sparkwright.World.Karpenter.Disruption;

/// <summary>
/// The decisions of the store, by how far they have come. Those that came to nothing are dropped at once, those that were carried out when the
/// last of their nodes is gone: until then their replacements are kept for the pods that are still to come.
/// </summary>
public sealed class DisruptionRecords(ApiServer api)
{
    private readonly StoreIndex byPhase = api.Store.Index(KarpenterTypes.DisruptionRecord, "by-phase", static record => record.Status["phase"]?.Text);

    /// <summary>Those that are being carried out.</summary>
    public IEnumerable<DisruptionRecord> InProgress() => Of(DisruptionPhase.Waiting).Concat(Of(DisruptionPhase.Leaving));

    /// <summary>The decision of a generation that waits to be looked at again; there is one at most.</summary>
    public DisruptionRecord? Validating(Generation generation) => Of(DisruptionPhase.Validating).FirstOrDefault(record => record.Generation == generation);

    public IEnumerable<DisruptionRecord> Of(DisruptionPhase phase) => byPhase.Of(phase.ToString()).Select(DisruptionRecord.Of);

    /// <summary>Whether a candidate is still there, and so its pods.</summary>
    public bool HasCandidatesLeft(DisruptionRecord record) => record.Candidates.Any(candidate => api.Store.Get(CoreTypes.Node, "", candidate.Node) is not null);

    public DisruptionRecord? Find(string name) =>
        api.Store.Get(KarpenterTypes.DisruptionRecord, "", name) is { } known ? DisruptionRecord.Of(known) : null;

    public DisruptionRecord Keep(ApiObject record) => DisruptionRecord.Of(api.Create(record).Object!);

    /// <summary>The record of a decision of which only a part is left.</summary>
    public DisruptionRecord Keep(DisruptionRecord record, DisruptionCommand left)
    {
        var names = left.Candidates.Select(candidate => candidate.Name).ToHashSet(StringComparer.Ordinal);
        var kept = Tree.ItemsOf(record.Object.Spec["candidates"]).ToArray().Where(candidate => names.Contains(candidate["node"]?.Text ?? ""));
        return DisruptionRecord.Of(api.Modify(KarpenterTypes.DisruptionRecord, record.Object.Key, known => known.Set(["spec", "candidates"], TreeList.From(kept)))!);
    }

    /// <param name="until">When the new phase ends at the latest.</param>
    /// <param name="why">How it came to that, for phases that end it.</param>
    public void Move(DisruptionRecord record, DisruptionPhase phase, DateTime until, string? why = null, IEnumerable<string>? replacements = null)
    {
        api.ModifyStatus(KarpenterTypes.DisruptionRecord, record.Object.Key, status => status
            .With("phase", phase.ToString())
            .With("until", until.Ticks)
            .With("why", why)
            .With("replacements", replacements is null ? status["replacements"] : TreeList.OfTexts(replacements)));
        if (phase is DisruptionPhase.Abandoned or DisruptionPhase.Failed)
        {
            Drop(record);
        }
        else if (phase == DisruptionPhase.Done)
        {
            DropIfSpent(record);
        }
    }

    /// <summary>Drops a decision that was carried out if its nodes are gone.</summary>
    public void DropIfSpent(DisruptionRecord record)
    {
        if (!HasCandidatesLeft(record))
        {
            Drop(record);
        }
    }

    private void Drop(DisruptionRecord record) => api.Delete(KarpenterTypes.DisruptionRecord, record.Object.Key);
}
