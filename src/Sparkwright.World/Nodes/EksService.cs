using System.Text;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.World.Aws.Api;
using Sparkwright.World.Aws.Eks;
using Sparkwright.World.Ec2;
using Sparkwright.World.Ec2.Api;

namespace Sparkwright.World.Nodes;

/// <summary>The cluster as EKS knows it.</summary>
/// <param name="Version">Kubernetes' minor version, such as 1.24.</param>
/// <param name="OidcIssuer">The URL of the cluster's OIDC provider.</param>
/// <param name="RootCertificate">The certificate authority of its API server in PEM form; null where nobody serves it.</param>
/// <param name="ServiceRange">From which services get their addresses.</param>
public sealed record EksSettings(
    string Region, string Account, string ClusterName, string Version, string OidcIssuer, string? RootCertificate, bool HasPublicEndpoint, string ServiceRange);

/// <summary>The API eks over the world: the one cluster, its managed node groups and its managed add-ons, to be looked at.</summary>
public sealed class EksService(ApiServer api, EksSettings settings)
{
    /// <summary>Entries of a page when the caller does not say.</summary>
    private const int PageSize = 100;

    private const string AddonNamespace = "kube-system";

    /// <summary>EKS's managed add-ons, and the workload of each that shows whether the cluster has it.</summary>
    private static readonly (string Name, ResourceType Type, string Workload)[] ManagedAddons =
    [
        ("aws-ebs-csi-driver", CoreTypes.Deployment, "ebs-csi-controller"),
        ("coredns", CoreTypes.Deployment, "coredns"),
        ("kube-proxy", CoreTypes.DaemonSet, "kube-proxy"),
        ("vpc-cni", CoreTypes.DaemonSet, "aws-node"),
    ];

    public AwsService Service() => new("eks", AwsProtocol.RestJson, "",
    [
        new("ListClusters", "GET", "/clusters", call => Page(call, "clusters", Known is null ? [] : [settings.ClusterName])),
        new("DescribeCluster", "GET", "/clusters/{name}", call => OfCluster(call, () => AwsAnswer.Ok(("cluster", ClusterJson())))),
        new("ListNodegroups", "GET", "/clusters/{name}/node-groups", call => OfCluster(call, () => Page(call, "nodegroups", [.. NodeGroups().Select(group => group.Name)]))),
        new("DescribeNodegroup", "GET", "/clusters/{name}/node-groups/{nodegroupName}", call => OfCluster(call, () =>
            NodeGroups().FirstOrDefault(group => group.Name == call.Text("nodegroupName")) is { } group
                ? AwsAnswer.Ok(("nodegroup", NodeGroupJson(group)))
                : NotFound($"No node group found for name: {call.Text("nodegroupName")}."))),
        new("ListAddons", "GET", "/clusters/{name}/addons", call => OfCluster(call, () => Page(call, "addons", [.. Addons().Select(addon => addon.Name)]))),
        new("DescribeAddon", "GET", "/clusters/{name}/addons/{addonName}", call => OfCluster(call, () =>
            Addons().FirstOrDefault(addon => addon.Name == call.Text("addonName")) is ({ } name, { } workload)
                ? AwsAnswer.Ok(("addon", AddonJson(name, workload)))
                : NotFound($"No addon: {call.Text("addonName")} found in cluster: {settings.ClusterName}"))),
    ]);

    /// <summary>Says where the cluster's API is served from now on, where there is a cluster.</summary>
    public void ServeAt(Uri endpoint)
    {
        var status = TreeMap.Of(("endpoint", endpoint.GetLeftPart(UriPartial.Authority)));
        if (Known is { } cluster && !cluster.Status.Equals(status))
        {
            api.ModifyStatus(EksTypes.Cluster, cluster.Key, _ => status);
        }
    }

    private ApiObject? Known => api.Store.Get(EksTypes.Cluster, "", settings.ClusterName);

    private IEnumerable<ApiObject> NodeGroups() => api.Store.List(EksTypes.NodeGroup);

    private IEnumerable<(string Name, ApiObject Workload)> Addons() =>
        from addon in ManagedAddons
        let workload = api.Store.Get(addon.Type, AddonNamespace, addon.Workload)
        where workload is not null
        select (addon.Name, workload);

    private AwsAnswer OfCluster(AwsCall call, Func<AwsAnswer> answer) =>
        Known is not null && call.Text("name") == settings.ClusterName ? answer() : NotFound($"No cluster found for name: {call.Text("name")}.");

    private static AwsAnswer NotFound(string message) => AwsAnswer.Refuse(404, "ResourceNotFoundException", message);

    private static AwsAnswer Page(AwsCall call, string member, IReadOnlyList<string> all) => AwsPages.Of(all, call, PageSize) is { } page
        ? AwsAnswer.Ok((member, TreeList.OfTexts(page.Items)), ("nextToken", page.Next))
        : AwsAnswer.Refuse(400, "InvalidParameterException", "nextToken is none that a list has answered");

    private TreeMap ClusterJson()
    {
        // As on AWS, the cluster's endpoint and its OIDC provider have the same id.
        var id = settings.OidcIssuer[(settings.OidcIssuer.LastIndexOf('/') + 1)..];
        var groups = api.Store.List(Ec2Types.SecurityGroup).Select(group => group.Name).ToList();
        return TreeMap.Of(
            ("accessConfig", TreeMap.Of(("authenticationMode", "CONFIG_MAP"), ("bootstrapClusterCreatorAdminPermissions", true))),
            ("arn", Arn($"cluster/{settings.ClusterName}")),
            ("certificateAuthority", TreeMap.Of(("data", settings.RootCertificate is { } pem ? Convert.ToBase64String(Encoding.ASCII.GetBytes(pem)) : null))),
            ("createdAt", EpochTime.Of(api.Clock.Start)),
            ("endpoint", Known?.Status["endpoint"]?.Text ?? $"https://{id}.gr7.{settings.Region}.eks.amazonaws.com"),
            ("health", NoIssues),
            ("identity", TreeMap.Of(("oidc", TreeMap.Of(("issuer", settings.OidcIssuer))))),
            ("kubernetesNetworkConfig", TreeMap.Of(("ipFamily", "ipv4"), ("serviceIpv4Cidr", settings.ServiceRange))),
            ("logging", TreeMap.Of(("clusterLogging", TreeList.Of(TreeMap.Of(
                ("enabled", false), ("types", TreeList.OfTexts(["api", "audit", "authenticator", "controllerManager", "scheduler"]))))))),
            ("name", settings.ClusterName),
            ("platformVersion", "eks.1"),
            ("resourcesVpcConfig", TreeMap.Of(
                ("clusterSecurityGroupId", groups.FirstOrDefault()),
                ("endpointPrivateAccess", !settings.HasPublicEndpoint),
                ("endpointPublicAccess", settings.HasPublicEndpoint),
                ("publicAccessCidrs", settings.HasPublicEndpoint ? TreeList.Of("0.0.0.0/0") : TreeList.Empty),
                ("securityGroupIds", TreeList.OfTexts(groups)),
                ("subnetIds", TreeList.OfTexts(api.Store.List(Ec2Types.Subnet).Select(subnet => subnet.Name))),
                ("vpcId", Ec2Vpc.IdOf(api.Chance, settings.ClusterName)))),
            ("roleArn", RoleArn($"{settings.ClusterName}-cluster-role")),
            ("status", "ACTIVE"),
            ("tags", TreeMap.Empty),
            ("version", settings.Version));
    }

    private TreeMap NodeGroupJson(ApiObject group)
    {
        var image = group.Spec["imageId"]?.Text ?? "";
        var arch = api.Store.Get(Ec2Types.Image, "", image)?.Spec["arch"]?.Text;
        var role = api.Store.List(Ec2Types.InstanceProfile).Select(profile => profile.Spec["role"]?.Text).FirstOrDefault();
        return TreeMap.Of(
            ("amiType", arch == "arm64" ? "AL2_ARM_64" : "AL2_x86_64"),
            ("capacityType", "ON_DEMAND"),
            ("clusterName", settings.ClusterName),
            ("createdAt", EpochTime.Of(group.Metadata.CreationTimestamp)),
            ("health", NoIssues),
            ("instanceTypes", TreeList.OfTexts([group.Spec["instanceType"]?.Text ?? ""])),
            ("labels", group.Spec.At("nodeTemplate", "labels") ?? TreeMap.Empty),
            ("modifiedAt", EpochTime.Of(group.Metadata.CreationTimestamp)),
            ("nodeRole", role is null ? null : RoleArn(role)),
            ("nodegroupArn", Arn($"nodegroup/{settings.ClusterName}/{group.Name}/{group.Metadata.Uid}")),
            ("nodegroupName", group.Name),
            ("resources", TreeMap.Of(("autoScalingGroups", TreeList.Of(TreeMap.Of(("name", $"eks-{group.Name}-{group.Metadata.Uid}")))))),
            ("scalingConfig", TreeMap.Of(("desiredSize", group.Spec["desiredSize"]), ("maxSize", group.Spec["maxSize"]), ("minSize", group.Spec["minSize"]))),
            ("status", "ACTIVE"),
            ("subnets", group.Spec["subnetIds"]),
            ("tags", TreeMap.Empty),
            ("updateConfig", TreeMap.Of(("maxUnavailable", 1))),
            ("version", settings.Version));
    }

    /// <summary>An add-on is DEGRADED while a replica of its workload is not ready.</summary>
    private TreeMap AddonJson(string name, ApiObject workload)
    {
        var wanted = workload.Type == CoreTypes.DaemonSet ? workload.Status["desiredNumberScheduled"]?.Integer : workload.Spec["replicas"]?.Integer;
        var ready = (workload.Type == CoreTypes.DaemonSet ? workload.Status["numberReady"] : workload.Status["readyReplicas"])?.Integer ?? 0;
        var isWhole = ready >= (wanted ?? 1);
        var image = Tree.ItemsOf(workload.Spec.At("template", "spec", "containers")) is [var first, ..] ? first["image"]?.Text ?? "" : "";
        return TreeMap.Of(
            ("addonArn", Arn($"addon/{settings.ClusterName}/{name}/{workload.Metadata.Uid}")),
            ("addonName", name),
            ("addonVersion", $"{image[(image.LastIndexOf(':') + 1)..]}-eksbuild.1"),
            ("clusterName", settings.ClusterName),
            ("createdAt", EpochTime.Of(workload.Metadata.CreationTimestamp)),
            ("health", isWhole ? NoIssues : TreeMap.Of(("issues", TreeList.Of(TreeMap.Of(
                ("code", "InsufficientNumberOfReplicas"), ("message", "The add-on is unhealthy because it doesn't have the desired number of replicas.")))))),
            ("modifiedAt", EpochTime.Of(workload.Metadata.CreationTimestamp)),
            ("status", isWhole ? "ACTIVE" : "DEGRADED"),
            ("tags", TreeMap.Empty));
    }

    private static TreeMap NoIssues { get; } = TreeMap.Of(("issues", TreeList.Empty));

    private string Arn(string resource) => $"arn:aws:eks:{settings.Region}:{settings.Account}:{resource}";

    private string RoleArn(string role) => $"arn:aws:iam::{settings.Account}:role/{role}";
}
