using System.Collections.Immutable;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Blueprint;

/// <summary>A platform as its blueprint describes it: the network, the cluster, its teams, and what runs on it.</summary>
public sealed record PlatformBlueprint
{
    internal const string YuniKornNamespace = "yunikorn";
    internal const string YuniKornScheduler = "yunikorn-scheduler";
    internal const string YuniKornKey = $"Deployment/{YuniKornNamespace}/{YuniKornScheduler}";

    public required string Name { get; init; }

    /// <summary>The texts that it was read from, by their names relative to it: itself and all files that it names.</summary>
    public ImmutableSortedDictionary<string, string> Files { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    public required string Region { get; init; }

    public required NetworkPlan Network { get; init; }

    public required string ClusterName { get; init; }

    /// <summary>Kubernetes' minor version, such as 1.24.</summary>
    public required string KubernetesVersion { get; init; }

    public bool HasPublicEndpoint { get; init; }

    public ImmutableArray<NodeGroupPlan> NodeGroups { get; init; } = [];

    public ImmutableArray<LaunchTemplatePlan> LaunchTemplates { get; init; } = [];

    public ImmutableArray<TeamPlan> Teams { get; init; } = [];

    public string? PrometheusWorkspace { get; init; }

    public ImmutableArray<AddonPlan> Addons { get; init; } = [];

    /// <summary>Whether YuniKorn acts on this platform: where its scheduler is among the add-ons, so is its admission step.</summary>
    public bool HasYuniKorn => Addons.Any(static addon => addon is { Namespace: YuniKornNamespace, Name: YuniKornScheduler });

    /// <summary>The manifests' objects, variables replaced, in the order of the file.</summary>
    public ImmutableArray<Tree> Manifests { get; init; } = [];

    /// <summary>Figures of the model that the blueprint fixes.</summary>
    public TreeMap Model { get; init; } = TreeMap.Empty;

    /// <summary>How many calls of emr-containers the account may make; null for as many as anybody likes.</summary>
    public EmrQuotaPlan? EmrQuotas { get; init; }

    /// <summary>The instance profile of every node: <c>${instance_profile}</c>.</summary>
    public string InstanceProfile => ClusterName + "-node";
}

/// <summary>The network: one private and one public subnet a zone.</summary>
/// <param name="Zones">Full names, such as us-west-2a.</param>
public sealed record NetworkPlan(
    string Cidr, ImmutableArray<string> Zones, ImmutableArray<string> PrivateSubnets, ImmutableArray<string> PublicSubnets, long NatGateways, ImmutableArray<string> Endpoints);

/// <summary>A managed node group: machines that are always there.</summary>
public sealed record NodeGroupPlan(string Name, string InstanceType, long MinSize, long DesiredSize, long MaxSize, TreeMap Labels);

/// <summary>A launch template with its script.</summary>
public sealed record LaunchTemplatePlan(string Name, string UserData);

/// <summary>A team: its namespace, and the role that its jobs run under.</summary>
/// <param name="VirtualCluster">The name of its EMR virtual cluster; null for none.</param>
public sealed record TeamPlan(string Name, string ExecutionRole, string? VirtualCluster);

/// <summary>An add-on, as far as it takes room: a Deployment or a DaemonSet.</summary>
public sealed record AddonPlan(string Name, string Kind, string Namespace, long Replicas, string Image, string Cpu, string? Memory, bool ToleratesAll);

/// <summary>Quotas of emr-containers: for each operation a bucket of tokens.</summary>
/// <param name="Burst">Tokens that a bucket holds.</param>
/// <param name="StartJobRun">Tokens a second; the others likewise, for operations that read and for those that write.</param>
public sealed record EmrQuotaPlan(long Burst, long StartJobRun, long DescribeJobRun, long Read, long Write);

/// <summary>What is wrong with a blueprint, and where.</summary>
public sealed record BlueprintError(string File, int Line, string Field, string What)
{
    public override string ToString() => $"{File}:{Line}: {(Field.Length == 0 ? "" : Field + ": ")}{What}";
}
