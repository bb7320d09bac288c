using System.Collections.Immutable;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Blueprint;

/// <summary>The resources that a blueprint asks for, in the order of their making; and back, what a set of resources amounts to as a blueprint.</summary>
public static class PlatformResources
{
    /// <summary>What the names of the policies of the teams' jobs and people have behind the cluster's.</summary>
    public const string JobPolicy = "-emr-on-eks";

    public const string UserPolicy = "-data-team-user";

    /// <summary>The bucket in which the teams keep scripts, data and logs, unless they have one of their own.</summary>
    public static string BucketOf(string cluster, string account, string region) => $"{cluster}-{account}-{region}";

    /// <summary>Where the examples' job runs of a virtual cluster write their logs.</summary>
    public static string LogGroupOf(string virtualCluster) => $"/emr-on-eks-logs/{virtualCluster}";

    /// <param name="account">The twelve digits of the AWS account.</param>
    public static ImmutableArray<PlatformResource> Of(PlatformBlueprint blueprint, string account) => [.. All(blueprint, account).DistinctBy(static one => one.Address)];

    private static ImmutableArray<PlatformResource> All(PlatformBlueprint blueprint, string account) =>
    [
        .. Network(blueprint),
        .. Cluster(blueprint, account),
        .. from policy in blueprint.Teams.IsEmpty ? Array.Empty<string>() : [JobPolicy, UserPolicy]
           select new PlatformResource(PlatformModule.Teams, ResourceKinds.Policy, blueprint.ClusterName + policy, TreeMap.Of(("name", blueprint.ClusterName + policy))),
        .. blueprint.Teams.SelectMany(Team),
        .. blueprint.Teams.IsEmpty ? [] : new[] { new PlatformResource(PlatformModule.Teams, ResourceKinds.Bucket, BucketOf(blueprint.ClusterName, account, blueprint.Region), TreeMap.Of(("forceDestroy", true))) },
        .. from team in blueprint.Teams
           where team.VirtualCluster is not null
           select new PlatformResource(PlatformModule.Observability, ResourceKinds.LogGroup, LogGroupOf(team.VirtualCluster!), TreeMap.Of(("name", LogGroupOf(team.VirtualCluster!)))),
        .. blueprint.PrometheusWorkspace is { } alias
            ? [new PlatformResource(PlatformModule.Observability, ResourceKinds.PrometheusWorkspace, alias, TreeMap.Of(("alias", alias)))]
            : Array.Empty<PlatformResource>(),
        new(PlatformModule.Addons, ResourceKinds.Queue, blueprint.ClusterName, TreeMap.Of(("name", blueprint.ClusterName))),
        .. BlueprintObjects.OfAddons(blueprint).Select(document => Manifest(PlatformModule.Addons, document)),
    ];

    /// <summary>
    /// What of a platform is there, as the parts of the program read it that follow a blueprint: its cluster (without a name where there is none),
    /// its teams, its workspace, whether YuniKorn acts.
    /// </summary>
    /// <param name="made">The resources that there are.</param>
    public static PlatformBlueprint Applied(IEnumerable<PlatformResource> made, string region)
    {
        var byType = made.ToLookup(static one => one.Type, StringComparer.Ordinal);
        var cluster = byType[ResourceKinds.Cluster].FirstOrDefault();
        var clusters = byType[ResourceKinds.VirtualCluster].ToDictionary(static one => one.Attributes["namespace"]?.Text ?? "", static one => one.Key, StringComparer.Ordinal);
        return new PlatformBlueprint
        {
            Name = cluster?.Key ?? "",
            Region = region,
            Network = new NetworkPlan("", [], [], [], 0, []),
            ClusterName = cluster?.Key ?? "",
            KubernetesVersion = cluster?.Attributes["version"]?.Text ?? "",
            HasPublicEndpoint = cluster?.Attributes["endpointPublicAccess"]?.Boolean ?? false,
            Teams = [.. from role in byType[ResourceKinds.Role]
                        let team = role.Attributes["team"]?.Text
                        where team is not null
                        select new TeamPlan(team, role.Key, clusters.GetValueOrDefault(team))],
            PrometheusWorkspace = byType[ResourceKinds.PrometheusWorkspace].FirstOrDefault()?.Key,
            Addons = [.. byType[ResourceKinds.Manifest].Where(static one => one.Key == PlatformBlueprint.YuniKornKey)
                .Select(static _ => new AddonPlan(PlatformBlueprint.YuniKornScheduler, "Deployment", PlatformBlueprint.YuniKornNamespace, 1, "", "0", null, false))],
            EmrQuotas = byType[ResourceKinds.Quotas].FirstOrDefault()?.Attributes is { } quotas ? Quotas(quotas) : null,
            Model = byType[ResourceKinds.Figures].FirstOrDefault()?.Attributes ?? TreeMap.Empty,
        };
    }

    private static EmrQuotaPlan Quotas(TreeMap attributes)
    {
        return new EmrQuotaPlan(Of("burst"), Of("startJobRun"), Of("describeJobRun"), Of("read"), Of("write"));

        long Of(string name) => attributes[name]?.Integer ?? 0;
    }

    private static IEnumerable<PlatformResource> Network(PlatformBlueprint blueprint)
    {
        var network = blueprint.Network;
        yield return new PlatformResource(PlatformModule.Network, ResourceKinds.Vpc, blueprint.ClusterName, TreeMap.Of(
            ("cidr", network.Cidr), ("endpoints", TreeList.OfTexts(network.Endpoints)), ("natGateways", network.NatGateways)));
        foreach (var (zone, at) in network.Zones.Select((zone, at) => (zone, at)))
        {
            yield return Subnet("private", network.PrivateSubnets[at], "kubernetes.io/role/internal-elb");
            yield return Subnet("public", network.PublicSubnets[at], "kubernetes.io/role/elb");

            PlatformResource Subnet(string kind, string cidr, string roleTag) => new(PlatformModule.Network, ResourceKinds.Subnet, $"{kind}-{zone}", TreeMap.Of(
                ("cidr", cidr),
                ("tags", TreeMap.Of(("Name", $"{blueprint.ClusterName}-{kind}-{zone}"), ($"kubernetes.io/cluster/{blueprint.ClusterName}", "shared"), (roleTag, "1"))),
                ("zone", zone)));
        }
    }

    private static IEnumerable<PlatformResource> Cluster(PlatformBlueprint blueprint, string account)
    {
        var cluster = blueprint.ClusterName;
        if (blueprint.Model.Count > 0)
        {
            yield return Of(ResourceKinds.Figures, "model", blueprint.Model);
        }

        if (blueprint.EmrQuotas is { } quotas)
        {
            yield return Of(ResourceKinds.Quotas, "emr-containers", TreeMap.Of(
                ("burst", quotas.Burst), ("describeJobRun", quotas.DescribeJobRun), ("read", quotas.Read), ("startJobRun", quotas.StartJobRun), ("write", quotas.Write)));
        }

        yield return Of(ResourceKinds.SecurityGroup, $"{cluster}-node", TreeMap.Of(
            ("groupName", $"{cluster}-node"), ("tags", TreeMap.Of(("Name", $"{cluster}-node"), ($"kubernetes.io/cluster/{cluster}", "owned")))));
        yield return Of(ResourceKinds.InstanceProfile, blueprint.InstanceProfile, TreeMap.Of(("role", cluster + "-node")));
        foreach (var template in blueprint.LaunchTemplates)
        {
            yield return Of(ResourceKinds.LaunchTemplate, template.Name, TreeMap.Of(("instanceProfile", blueprint.InstanceProfile), ("userData", template.UserData)));
        }

        yield return Of(ResourceKinds.Cluster, cluster, TreeMap.Of(("endpointPublicAccess", blueprint.HasPublicEndpoint), ("version", blueprint.KubernetesVersion)));
        yield return Of(ResourceKinds.OidcProvider, cluster, TreeMap.Of(("clientIds", TreeList.Of("sts.amazonaws.com"))));
        foreach (var nodes in blueprint.NodeGroups)
        {
            yield return Of(ResourceKinds.NodeGroup, nodes.Name, TreeMap.Of(
                ("desiredSize", nodes.DesiredSize), ("instanceType", nodes.InstanceType), ("labels", nodes.Labels), ("maxSize", nodes.MaxSize), ("minSize", nodes.MinSize)));
        }

        foreach (var document in BlueprintObjects.OfCluster(blueprint, account))
        {
            yield return Manifest(PlatformModule.Cluster, document);
        }

        static PlatformResource Of(string type, string key, TreeMap attributes) => new(PlatformModule.Cluster, type, key, attributes);
    }

    private static IEnumerable<PlatformResource> Team(TeamPlan team)
    {
        foreach (var document in BlueprintObjects.OfTeam(team))
        {
            yield return Manifest(PlatformModule.Teams, document);
        }

        yield return new PlatformResource(PlatformModule.Teams, ResourceKinds.Role, team.ExecutionRole, TreeMap.Of(("team", team.Name)));
        if (team.VirtualCluster is { } name)
        {
            yield return new PlatformResource(PlatformModule.Teams, ResourceKinds.VirtualCluster, name, TreeMap.Of(("namespace", team.Name)));
        }
    }

    private static PlatformResource Manifest(PlatformModule module, TreeMap document) => new(
        module,
        ResourceKinds.Manifest,
        string.Join('/', new[] { document["kind"], document.At("metadata", "namespace"), document.At("metadata", "name") }.Select(static part => part?.Text).OfType<string>()),
        document) { Document = document };
}
