using System.Collections.Immutable;
using System.Globalization;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Karpenter.Apis;
using Sparkwright.World.Karpenter.Solver;

namespace Sparkwright.World.Karpenter.Disruption;

/// <summary>How far a decision has come.</summary>
public enum DisruptionPhase
{
    /// <summary>Computed, and looked at again after a while.</summary>
    Validating,

    /// <summary>The candidates are marked, the replacements bought and not ready yet.</summary>
    Waiting,

    /// <summary>The candidates are being deleted; only the older loop stays for that.</summary>
    Leaving,

    Done,

    /// <summary>Not valid any more when looked at again.</summary>
    Abandoned,

    /// <summary>The replacements did not come; the candidates stay.</summary>
    Failed,
}

/// <summary>A decision to disrupt nodes as the store keeps it: for the loop itself, which may be restarted at any moment, and for whoever asks why.</summary>
public sealed class DisruptionRecord
{
    /// <summary>Of the nodes that stay, as many are kept with their reasons.</summary>
    private const int MostReasonsKept = 100;

    private DisruptionRecord(ApiObject from)
    {
        Object = from;
        Generation = from.Spec["generation"]?.Text == "v1alpha5" ? Generation.V1Alpha5 : Generation.V1;
        Method = Enum.Parse<DisruptionMethod>(from.Spec["method"]?.Text ?? "");
        Candidates = [.. Tree.ItemsOf(from.Spec["candidates"]).ToArray().Select(candidate => new RecordedCandidate(
            candidate["node"]?.Text ?? "", candidate["nodeClaim"]?.Text, new PoolKey(Generation, candidate["pool"]?.Text ?? "")))];
        Expected = Tree.ItemsOf(from.Spec["replacements"]) is [var replacement, ..]
            ? new ExpectedReplacement([.. Tree.ItemsOf(replacement["types"]).ToArray().Select(type => type.Text ?? "")], replacement["capacityType"]?.Text)
            : null;
        Phase = Enum.Parse<DisruptionPhase>(from.Status["phase"]?.Text ?? "");
        Until = new DateTime(from.Status["until"]?.Integer ?? 0, DateTimeKind.Utc);
        Replacements = [.. Tree.ItemsOf(from.Status["replacements"]).ToArray().Select(name => name.Text ?? "")];
    }

    public ApiObject Object { get; }

    public string Name => Object.Name;

    public Generation Generation { get; }

    public DisruptionMethod Method { get; }

    public ImmutableArray<RecordedCandidate> Candidates { get; }

    /// <summary>What the first replacement may be; null for a plain removal.</summary>
    public ExpectedReplacement? Expected { get; }

    public DisruptionPhase Phase { get; }

    /// <summary>When the present phase ends at the latest, or, for Validating, exactly.</summary>
    public DateTime Until { get; }

    /// <summary>The Nodes (v1alpha5) or NodeClaims (v1) that were bought.</summary>
    public ImmutableArray<string> Replacements { get; }

    /// <summary>What is done, in Karpenter's words.</summary>
    public string Command => Object.Spec["command"]?.Text ?? "";

    /// <summary>US dollars an hour; null when a price was not known.</summary>
    public decimal? SavingsUsdPerHour =>
        decimal.TryParse(Object.Spec["savingsUsdPerHour"]?.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var savings) ? savings : null;

    public static DisruptionRecord Of(ApiObject from) => new(from);

    /// <summary>The object that keeps a command.</summary>
    /// <param name="now">The time of the decision, which also tells apart decisions about the same node.</param>
    public static ApiObject ObjectOf(DisruptionCommand command, Generation generation, ImmutableArray<DisruptionNote> notes, DateTime now, DisruptionPhase phase, DateTime until) => new(
        KarpenterTypes.DisruptionRecord,
        new ObjectMeta { Name = $"{command.Candidates[0].Name}-{now.Ticks / TimeSpan.TicksPerMillisecond}" },
        TreeMap.Of(
            ("spec", TreeMap.Of(
                ("candidates", TreeList.From(command.Candidates.Select(TreeOf))),
                ("command", command.ToString()),
                ("generation", generation == Generation.V1Alpha5 ? "v1alpha5" : "v1"),
                ("method", command.Method.ToString()),
                ("reason", command.Method.Reason().ToString()),
                ("replacements", command.Replacements.IsEmpty ? null : TreeList.From(command.Replacements.Select(TreeOf))),
                ("savingsUsdPerHour", Money(command.SavingsUsdPerHour)),
                ("stayed", TreeList.From(notes.Take(MostReasonsKept).Select(note => TreeMap.Of(("node", note.Node), ("why", note.Text))))))),
            ("status", StatusOf(phase, until))));

    public static TreeMap StatusOf(DisruptionPhase phase, DateTime until) => TreeMap.Of(("phase", phase.ToString()), ("until", until.Ticks));

    private static Tree TreeOf(DisruptionNode candidate) => TreeMap.Of(
        ("capacityType", candidate.CapacityType),
        ("instanceType", candidate.InstanceType),
        ("node", candidate.Name),
        ("nodeClaim", candidate.Claim?.Name),
        ("pods", TreeList.OfTexts(candidate.PodsToMove.Select(pod => pod.Key.ToString()))),
        ("pool", candidate.Pool.Name),
        ("usdPerHour", Money(candidate.UsdPerHour)),
        ("zone", candidate.Zone));

    private static Tree TreeOf(PlannedClaim replacement) => TreeMap.Of(
        ("capacityType", replacement.Requirements.Get(KarpenterLabels.CapacityType)?.Single),
        ("pool", replacement.Pool.Name),
        ("types", TreeList.OfTexts(DisruptionCommand.TypeNames(replacement))),
        ("usdPerHour", Money(DisruptionCommand.BestPrice(replacement))));

    private static Tree? Money(decimal? usd) => usd?.ToString(CultureInfo.InvariantCulture);
}

/// <summary>A node that a decision is about.</summary>
/// <param name="NodeClaim">Null for a Provisioner's node.</param>
public sealed record RecordedCandidate(string Node, string? NodeClaim, PoolKey Pool);

/// <summary>What a replacement was to be when the decision was made.</summary>
/// <param name="CapacityType">The only one allowed, or null.</param>
public sealed record ExpectedReplacement(ImmutableArray<string> Types, string? CapacityType);
