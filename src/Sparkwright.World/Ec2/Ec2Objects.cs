using System.Collections.Immutable;
using System.Globalization;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Ec2;

/// <summary>The kinds in which EC2's resources lie in the store.</summary>
public static class Ec2Types
{
    public const string Group = "ec2.sparkwright.dev";

    public static ResourceType Subnet { get; } = new(Group, "v1", "Subnet", "subnets", false, true);

    public static ResourceType SecurityGroup { get; } = new(Group, "v1", "SecurityGroup", "securitygroups", false, true);

    public static ResourceType Image { get; } = new(Group, "v1", "Image", "images", false, true);

    public static ResourceType LaunchTemplate { get; } = new(Group, "v1", "LaunchTemplate", "launchtemplates", false, true);

    public static ResourceType InstanceProfile { get; } = new(Group, "v1", "InstanceProfile", "instanceprofiles", false, true);

    public static ResourceType Instance { get; } = new(Group, "v1", "Instance", "instances", false, true);

    /// <summary>What EC2 has no more of; without such objects everything is unlimited.</summary>
    public static ResourceType CapacityLimit { get; } = new(Group, "v1", "CapacityLimit", "capacitylimits", false, false);

    /// <summary>How many calls to launch instances were made, <c>spec.made</c>; only where some of them are to fail.</summary>
    internal static ResourceType LaunchCalls { get; } = new(Group, "v1", "LaunchCalls", "launchcalls", false, false);

    public static ImmutableArray<ResourceType> All { get; } = [Subnet, SecurityGroup, Image, LaunchTemplate, InstanceProfile, Instance, CapacityLimit, LaunchCalls];

    /// <summary>An object of one of these kinds, with its tags where selectors look for them.</summary>
    public static ApiObject Make(ResourceType type, string name, TreeMap spec, TreeMap tags) =>
        new(type, new ObjectMeta { Name = name }, TreeMap.Of(("spec", spec.With("tags", tags))));
}

/// <summary>One EC2 instance, read from the store.</summary>
public sealed class Instance
{
    private readonly ApiObject from;

    private Instance(ApiObject from) => this.from = from;

    public string Id => from.Name;

    public string TypeName => from.Spec["instanceType"]!.Text!;

    public string Zone => from.Spec["zone"]!.Text!;

    /// <summary>spot or on-demand.</summary>
    public string CapacityType => from.Spec["capacityType"]!.Text!;

    public string SubnetId => from.Spec["subnetId"]!.Text!;

    /// <summary>Null where nobody said.</summary>
    public string? ImageId => from.Spec["imageId"]?.Text;

    public ImmutableArray<string> SecurityGroupIds => [.. Tree.ItemsOf(from.Spec["securityGroupIds"]).ToArray().Select(id => id.Text ?? "")];

    public string UserData => from.Spec["userData"]?.Text ?? "";

    public string PrivateIp => from.Spec["privateIp"]!.Text!;

    /// <summary>The private DNS name, which is the node's name.</summary>
    public string NodeName => from.Spec["privateDnsName"]!.Text!;

    /// <summary>As Kubernetes names it: <c>aws:///us-west-2a/i-…</c>.</summary>
    public string ProviderId => $"aws:///{Zone}/{Id}";

    public decimal UsdPerHour => decimal.Parse(from.Spec["usdPerHour"]!.Text!, CultureInfo.InvariantCulture);

    public TreeMap Tags => from.Spec["tags"] as TreeMap ?? TreeMap.Empty;

    /// <summary>Who asked for it, as far as nodes have to know: labels, taints and limits of a managed node group.</summary>
    public TreeMap NodeTemplate => from.Spec["nodeTemplate"] as TreeMap ?? TreeMap.Empty;

    public DateTime LaunchedAt => Ticks(from.Spec["launchedTicks"])!.Value;

    /// <summary>When the kubelet will be Ready, if nothing happens to the instance before.</summary>
    public DateTime ReadyAt => Ticks(from.Spec["readyTicks"])!.Value;

    public DateTime? TerminatedAt => Ticks(from.Status["terminatedTicks"]);

    /// <summary>When it was asked to stop, which ends billing; null for all that were not.</summary>
    public DateTime? StoppedAt => Ticks(from.Status["stoppedTicks"]);

    /// <summary>When EC2 takes a warned spot instance back; null for all others.</summary>
    public DateTime? ReclaimedAt => Ticks(from.Status["reclaimTicks"]);

    /// <summary>When EC2 recommended to replace a spot instance; null for all others.</summary>
    public DateTime? RecommendedAt => Ticks(from.Status["recommendedTicks"]);

    /// <summary>The end of what is paid for; null while it goes on.</summary>
    public DateTime? BilledUntil => StoppedAt ?? TerminatedAt;

    /// <summary>Since when its node is drained because its managed node group has one too many; null for all others.</summary>
    public DateTime? LeavingSince => Ticks(from.Status["leavingTicks"]);

    /// <summary>pending, running, stopping, stopped or terminated.</summary>
    public string State => from.Status["state"]!.Text!;

    public bool IsAlive => State is "pending" or "running";

    /// <summary>Whether it is still there, stopped or not: it keeps its address, and whoever asks for it finds it.</summary>
    public bool Exists => State != "terminated";

    public static Instance Of(ApiObject from) => new(from);

    /// <summary>The status of an instance that ends now, unless it ended before.</summary>
    internal static TreeMap Ended(TreeMap status, DateTime now) =>
        status["state"]?.Text == "terminated" ? status : status.With("state", "terminated").With("terminatedTicks", now.Ticks);

    /// <summary>The instance as snapshots and reports show it.</summary>
    public TreeMap Snapshot() => TreeMap.Of(
        ("instanceId", Id),
        ("state", State),
        ("instanceType", TypeName),
        ("zone", Zone),
        ("capacityType", CapacityType),
        ("subnetId", SubnetId),
        ("securityGroupIds", from.Spec["securityGroupIds"] ?? TreeList.Empty),
        ("imageId", from.Spec["imageId"] ?? TreeNull.Value),
        ("launchTemplate", from.Spec["launchTemplate"] ?? TreeNull.Value),
        ("userData", from.Spec["userData"] ?? TreeNull.Value),
        ("tags", Tags),
        ("launchedAt", Print(LaunchedAt)),
        ("terminatedAt", TerminatedAt is { } end ? Print(end) : TreeNull.Value));

    /// <summary>What the instance has cost by a time: per second, at least 60 of them.</summary>
    public decimal UsdUntil(DateTime now) => InstanceBill.Usd(UsdPerHour, (BilledUntil ?? now) - LaunchedAt);

    private static Tree Print(DateTime time) => time.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static DateTime? Ticks(Tree? tree) => tree?.Integer is { } ticks ? new DateTime(ticks, DateTimeKind.Utc) : null;
}

/// <summary>What EC2 asks for an instance (Linux): by the second, 60 at least.</summary>
public static class InstanceBill
{
    private const decimal LeastSeconds = 60;

    public static decimal Usd(decimal usdPerHour, TimeSpan alive) =>
        usdPerHour * Math.Max(LeastSeconds, (decimal)alive.Ticks / TimeSpan.TicksPerSecond) / 3600m;
}
