using System.Collections.Immutable;
using System.Globalization;
using Sparkwright.Kubernetes.Quantities;

namespace Sparkwright.World.YuniKorn.Queues;

/// <summary>The properties of a queue with what it takes over from its parent; what cannot be understood has its default.</summary>
public sealed record QueueProperties
{
    public const string SortPolicy = "application.sort.policy";
    public const string SortPriority = "application.sort.priority";
    public const string PriorityPolicyKey = "priority.policy";
    public const string PriorityOffsetKey = "priority.offset";
    public const string PreemptionPolicyKey = "preemption.policy";
    public const string PreemptionDelayKey = "preemption.delay";
    public const string QuotaPreemptionDelayKey = "quota.preemption.delay";
    public const string AsksBeforeBackoffKey = "application.unschedasks.backoff";
    public const string BackoffDelayKey = "application.unschedasks.backoff.delay";

    /// <summary>Everything that was said of the queue and its ancestors, as far as it is taken over.</summary>
    public ImmutableSortedDictionary<string, string> All { get; private init; } = ImmutableSortedDictionary<string, string>.Empty.WithComparers(StringComparer.Ordinal);

    /// <summary>Whether applications go by fair share instead of by age.</summary>
    public bool IsFair { get; private init; }

    /// <summary>Whether higher priorities go first.</summary>
    public bool SortsByPriority { get; private init; } = true;

    /// <summary>Whether priorities inside say nothing outside.</summary>
    public bool FencesPriority { get; private init; }

    public int PriorityOffset { get; private init; }

    public PreemptionPolicy Preemption { get; private init; }

    /// <summary>How old a pod must be before others go for it.</summary>
    public TimeSpan PreemptionDelay { get; private init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long after its maximum was lowered a queue may stay above it; zero is for ever.</summary>
    public TimeSpan QuotaPreemptionDelay { get; private init; }

    /// <summary>After how many asks without a node an application rests; 0 is never.</summary>
    public long AsksBeforeBackoff { get; private init; }

    /// <summary>How long it rests then.</summary>
    public TimeSpan BackoffDelay { get; private init; } = TimeSpan.FromSeconds(30);

    public static QueueProperties Of(IReadOnlyDictionary<string, string> own, QueueProperties? parent)
    {
        var all = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in parent?.All ?? ImmutableSortedDictionary<string, string>.Empty)
        {
            if (key is not (PriorityPolicyKey or PriorityOffsetKey) && (key != PreemptionPolicyKey || value == "disabled"))
            {
                all[key] = value;
            }
        }

        foreach (var (key, value) in own)
        {
            all[key] = value;
        }

        return new QueueProperties
        {
            All = all.ToImmutable(),
            IsFair = Said(SortPolicy) == "fair",
            SortsByPriority = Said(SortPriority) != "disabled",
            FencesPriority = Said(PriorityPolicyKey) == "fence",
            PriorityOffset = int.TryParse(Said(PriorityOffsetKey), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var offset) ? offset : 0,
            Preemption = Said(PreemptionPolicyKey) switch { "fence" => PreemptionPolicy.Fence, "disabled" => PreemptionPolicy.Disabled, _ => PreemptionPolicy.Default },
            PreemptionDelay = GoDuration.TryParse(Said(PreemptionDelayKey), out var delay) && delay > TimeSpan.Zero ? delay : TimeSpan.FromSeconds(30),
            QuotaPreemptionDelay = GoDuration.TryParse(Said(QuotaPreemptionDelayKey), out var quota) && quota > TimeSpan.Zero ? quota : TimeSpan.Zero,
            AsksBeforeBackoff = long.TryParse(Said(AsksBeforeBackoffKey), NumberStyles.None, CultureInfo.InvariantCulture, out var asks) ? asks : 0,
            BackoffDelay = GoDuration.TryParse(Said(BackoffDelayKey), out var rest) && rest > TimeSpan.Zero ? rest : TimeSpan.FromSeconds(30),
        };

        string Said(string key) => all.TryGetValue(key, out var value) ? value.ToLowerInvariant() : "";
    }
}

/// <summary>Who may lose pods for whom.</summary>
public enum PreemptionPolicy
{
    Default,

    /// <summary>Pods of this queue and below take only from each other.</summary>
    Fence,

    /// <summary>Pods of this queue are never taken.</summary>
    Disabled,
}
