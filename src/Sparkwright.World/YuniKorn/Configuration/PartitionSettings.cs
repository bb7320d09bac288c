using System.Collections.Immutable;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.YuniKorn.Configuration;

/// <summary>One partition of the queue configuration, as written; <see cref="ConfigChecks"/> says whether it holds together.</summary>
public sealed record PartitionSettings
{
    public string Name { get; init; } = ConfigReader.DefaultPartition;

    /// <summary>One root queue with all others below it.</summary>
    public ImmutableArray<QueueSettings> Queues { get; init; } = [];

    public ImmutableArray<PlacementRuleSettings> PlacementRules { get; init; } = [];

    public ImmutableArray<LimitSettings> Limits { get; init; } = [];

    public NodeSortSettings NodeSort { get; init; } = new();

    /// <summary>Whether queues below their guarantee may take pods from others.</summary>
    public bool PreemptionEnabled { get; init; } = true;

    /// <summary>Whether pods go when the maximum of a queue is lowered below its use.</summary>
    public bool QuotaPreemptionEnabled { get; init; }

    public QueueSettings Root => Queues[0];
}

/// <summary>One queue of the configuration.</summary>
public sealed record QueueSettings
{
    public required string Name { get; init; }

    /// <summary>Said to be a parent, although it may have no children yet.</summary>
    public bool IsParent { get; init; }

    /// <summary>Quantities by resource type; null when nothing was said.</summary>
    public TreeMap? Guaranteed { get; init; }

    /// <summary>Quantities by resource type; null when nothing was said.</summary>
    public TreeMap? Max { get; init; }

    /// <summary>0 is unlimited.</summary>
    public long MaxApplications { get; init; }

    public ImmutableSortedDictionary<string, string> Properties { get; init; } = NoProperties;

    public string AdminAcl { get; init; } = "";

    public string SubmitAcl { get; init; } = "";

    public ChildTemplateSettings ChildTemplate { get; init; } = new();

    public ImmutableArray<QueueSettings> Queues { get; init; } = [];

    public ImmutableArray<LimitSettings> Limits { get; init; } = [];

    internal static ImmutableSortedDictionary<string, string> NoProperties { get; } = ImmutableSortedDictionary<string, string>.Empty.WithComparers(StringComparer.Ordinal);
}

/// <summary>What queues that placement makes below a parent take over.</summary>
public sealed record ChildTemplateSettings
{
    public long MaxApplications { get; init; }

    public ImmutableSortedDictionary<string, string> Properties { get; init; } = QueueSettings.NoProperties;

    public TreeMap? Guaranteed { get; init; }

    public TreeMap? Max { get; init; }

    public bool IsEmpty => MaxApplications == 0 && Properties.IsEmpty && Guaranteed is null && Max is null;
}

/// <summary>What some users or groups may have of a queue.</summary>
/// <param name="MaxResources">Null when nothing was said.</param>
/// <param name="MaxApplications">0 is unlimited.</param>
public sealed record LimitSettings(string Name, ImmutableArray<string> Users, ImmutableArray<string> Groups, TreeMap? MaxResources, long MaxApplications);

/// <summary>One rule that finds a queue for an application.</summary>
/// <param name="Name">provided, user, tag or fixed.</param>
public sealed record PlacementRuleSettings(string Name, bool Create, FilterSettings Filter, PlacementRuleSettings? Parent, string Value)
{
    /// <summary>The outermost parent rule first.</summary>
    public IEnumerable<PlacementRuleSettings> Chain() => Parent is null ? [this] : Parent.Chain().Append(this);
}

/// <summary>Whom a placement rule is for.</summary>
/// <param name="Type">Empty or allow: only these; deny: all but these.</param>
public sealed record FilterSettings(string Type, ImmutableArray<string> Users, ImmutableArray<string> Groups)
{
    public static FilterSettings Everyone { get; } = new("", [], []);
}

/// <summary>In which order nodes are tried.</summary>
public sealed record NodeSortSettings
{
    /// <summary>fair: the least used node first; binpacking: the most used.</summary>
    public string Type { get; init; } = "";

    /// <summary>What each resource type weighs; by default vcore 1 and memory 1.</summary>
    public ImmutableSortedDictionary<string, decimal> Weights { get; init; } = ImmutableSortedDictionary<string, decimal>.Empty;

    public bool IsBinPacking => Type == "binpacking";
}
