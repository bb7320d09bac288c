using System.Collections.Immutable;
using System.Globalization;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.World.Karpenter.Apis;

namespace Sparkwright.World.Karpenter.Disruption;

/// <summary>What disruption says, in the words of the generation that a node belongs to. v1 says it of the Node and of its NodeClaim.</summary>
public sealed class DisruptionEvents(ApiServer api, KarpenterEvents events)
{
    /// <summary>A reason that does not change is not repeated for so long.</summary>
    private static readonly TimeSpan UnconsolidatableQuiet = TimeSpan.FromMinutes(15);

    private static readonly TimeSpan PoolQuiet = TimeSpan.FromMinutes(1);

    public void Tell(DisruptionSnapshot snapshot, DisruptionDecision decision)
    {
        var nodes = snapshot.Nodes.ToDictionary(node => node.Name, StringComparer.Ordinal);
        foreach (var note in decision.Notes)
        {
            var node = nodes[note.Node];
            switch (note)
            {
                case DisruptionNote.Blocked { Reason: var reason } when reason.IsOwnDoing || node.Pool.Generation == Generation.V1Alpha5:
                case DisruptionNote.NotWorthIt:
                    break;
                case DisruptionNote.Blocked or DisruptionNote.CannotMove:
                    Both(node, about => events.Normal(about, "DisruptionBlocked", note.Text));
                    break;
                default:
                    Both(node, about => events.Rarely(about, "Unconsolidatable", note.Text, UnconsolidatableQuiet));
                    break;
            }
        }

        foreach (var pool in decision.BlockedPools)
        {
            if (api.Store.Get(pool.Type, "", pool.Name) is { } known)
            {
                events.Rarely(known, "DisruptionBlocked", "No allowed disruptions due to blocking budget", PoolQuiet);
            }
        }
    }

    /// <summary>A consolidation on its way: Candidate, Approved or Rejected, and what it would save.</summary>
    public void Consolidation(DisruptionRecord record, string what, string? why = null)
    {
        if (record.Generation == Generation.V1Alpha5)
        {
            return;
        }

        var savings = (record.SavingsUsdPerHour ?? 0).ToString("0.00", CultureInfo.InvariantCulture);
        var message = $"Consolidation {what.ToLowerInvariant()}: {record.Command}{(why is null ? "" : $", reason: {why}")} (savings: ${savings})";
        foreach (var candidate in record.Candidates)
        {
            Both(candidate, about => events.Normal(about, "Consolidation" + what, message));
        }
    }

    /// <summary>What Balanced pools make of a move that they approve: told of a single node, or of the pools that several nodes belong to.</summary>
    public void Scores(DisruptionRecord record, ImmutableArray<BalancedScore> scores)
    {
        foreach (var score in scores)
        {
            var message = string.Create(
                CultureInfo.InvariantCulture,
                $"Consolidation approved: score {score.Score:0.00} >= threshold {1m / BalancedRules.MostForItsSavings:0.00} (k={BalancedRules.MostForItsSavings}), savings {score.SavingsShare * 100:0.0}%, disruption {score.DisruptionShare * 100:0.0}%");
            if (record.Candidates is [var only])
            {
                Both(only, about => events.Normal(about, "ConsolidationApproved", message));
            }
            else if (api.Store.Get(score.Pool.Type, "", score.Pool.Name) is { } pool)
            {
                events.Normal(pool, "ConsolidationApproved", message);
            }
        }
    }

    public void Launching(DisruptionRecord record, ApiObject replacement)
    {
        if (record.Generation == Generation.V1Alpha5)
        {
            events.Normal(replacement, "DeprovisioningLaunching", $"Launching node for {record.Command}");
        }
        else
        {
            events.Normal(replacement, "DisruptionLaunching", $"Launching NodeClaim: {record.Method.Reason()}");
        }
    }

    public void WaitingReadiness(DisruptionRecord record, ApiObject replacement)
    {
        if (record.Generation == Generation.V1Alpha5)
        {
            events.Normal(replacement, "DeprovisioningWaitingReadiness", "Waiting on readiness to continue deprovisioning");
        }
        else
        {
            events.Normal(replacement, "DisruptionWaitingReadiness", "Waiting on readiness to continue disruption");
        }
    }

    public void Terminating(DisruptionRecord record)
    {
        foreach (var candidate in record.Candidates)
        {
            if (record.Generation == Generation.V1Alpha5)
            {
                Both(candidate, about => events.Normal(about, "DeprovisioningTerminating", $"Deprovisioning node via {record.Command}"));
            }
            else
            {
                Both(candidate, about => events.Normal(about, "DisruptionTerminating", $"Disrupting {about.Type.Kind}: {record.Method.Reason()}"));
            }
        }
    }

    public void WaitingDeletion(DisruptionRecord record)
    {
        foreach (var candidate in record.Candidates)
        {
            Both(candidate, about => events.Normal(about, "DeprovisioningWaitingDeletion", "Waiting on deletion to continue deprovisioning"));
        }
    }

    private static void Both(DisruptionNode node, Action<ApiObject> tell)
    {
        tell(node.Node);
        if (node.Claim is { } claim)
        {
            tell(claim.Object);
        }
    }

    private void Both(RecordedCandidate candidate, Action<ApiObject> tell)
    {
        if (api.Store.Get(CoreTypes.Node, "", candidate.Node) is { } node)
        {
            tell(node);
        }

        if (candidate.NodeClaim is { } name && api.Store.Get(KarpenterTypes.NodeClaim, "", name) is { } claim)
        {
            tell(claim);
        }
    }
}
