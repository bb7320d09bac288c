using System.Globalization;
using System.Text.Json;
using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.World.Aws;
using Sparkwright.World.Aws.Eks;
using Sparkwright.World.Aws.Logs;
using Sparkwright.World.Blueprint;
using Sparkwright.World.Ec2;
using Sparkwright.World.Emr;
using Sparkwright.World.Karpenter;
using Sparkwright.World.Karpenter.Apis;
using Sparkwright.World.Karpenter.InstanceTypes;
using Sparkwright.World.Nodes;
using Sparkwright.World.YuniKorn;

namespace Sparkwright.World;

/// <summary>How each type of resource is looked at, made, changed and removed in a world. It decides nothing: a plan has done that.</summary>
public sealed class PlatformActs(World world)
{
    private const string TrustAttribute = "assumeRolePolicy";

    private readonly ApiServer api = world.Api;

    /// <summary>The attributes of a resource as they are now, of an object of the cluster the whole object; null when it is not there.</summary>
    public TreeMap? Read(PlatformResource resource) => resource.Type switch
    {
        ResourceKinds.Manifest => Find(resource)?.ToTree(),
        ResourceKinds.NodeGroup => Find(resource)?.Spec is { } spec
            ? TreeMap.Of(
                ("desiredSize", spec["desiredSize"]), ("instanceType", spec["instanceType"]), ("labels", spec.At("nodeTemplate", "labels") ?? TreeMap.Empty),
                ("maxSize", spec["maxSize"]), ("minSize", spec["minSize"]))
            : null,
        ResourceKinds.LaunchTemplate => Find(resource)?.Spec is { } spec ? TreeMap.Of(("instanceProfile", spec["instanceProfile"]), ("userData", spec["userData"])) : null,
        ResourceKinds.InstanceProfile or ResourceKinds.SecurityGroup or ResourceKinds.Subnet =>
            Find(resource)?.Spec is { } spec ? TreeMap.Of([.. resource.Attributes.Members().Select(member => (member.Key, spec[member.Key]))]) : null,

        // Of these the store has no more than that they are there.
        ResourceKinds.Bucket or ResourceKinds.LogGroup or ResourceKinds.OidcProvider or ResourceKinds.Policy or ResourceKinds.Queue => Find(resource) is null ? null : resource.Attributes,
        ResourceKinds.Role => Find(resource)?.Spec is { } spec ? TreeMap.Of((TrustAttribute, Document(spec[IamPrincipal.TrustMember]?.Text)), ("team", resource.Attributes["team"])) : null,
        ResourceKinds.VirtualCluster => VirtualCluster(resource) is { } cluster
            ? TreeMap.Of(("namespace", Emr.VirtualCluster.NamespaceOf(cluster)))
            : null,
        _ => Entry(resource)?.Spec["attributes"] as TreeMap,
    };

    /// <summary>Whether the platform's own state is all that there is of a resource.</summary>
    public static bool IsStateAlone(PlatformResource resource) => resource.Type is ResourceKinds.Cluster or ResourceKinds.Figures or ResourceKinds.PrometheusWorkspace or ResourceKinds.Quotas or ResourceKinds.Vpc;

    /// <summary>The manifest of an object of the cluster as it was applied last, as the server reads it; null when it never was.</summary>
    public TreeMap? LastApplied(PlatformResource resource) => resource.Type == ResourceKinds.Manifest
        && Find(resource)?.Metadata.Annotation(Manifests.LastAppliedAnnotation) is { } text && TreeJson.Parse(text) is TreeMap document
            ? world.ReadManifest(document).Read?.ToTree()
            : null;

    /// <summary>Makes a resource. Answers why that cannot be, or null.</summary>
    public string? Create(PlatformResource resource)
    {
        switch (resource.Type)
        {
            case ResourceKinds.Manifest:
                return Apply(resource);
            case ResourceKinds.VirtualCluster:
                return world.Emr.CreateVirtualCluster(resource.Key, resource.Attributes["namespace"]?.Text ?? "") is EmrResult.Refused refused ? refused.Refusal.Message : null;
            case ResourceKinds.Role:
                TeamAccess.EnsureExecutionRole(world, TeamOf(resource));
                return null;
            case ResourceKinds.Policy when resource.Key.EndsWith(PlatformResources.UserPolicy, StringComparison.Ordinal):
                TeamAccess.EnsureUserPolicy(world);
                return null;
            case ResourceKinds.Policy:
                TeamAccess.EnsureJobPolicy(world);
                return null;
            case ResourceKinds.OidcProvider:
                world.Iam.EnsureOidcProvider(world.Settings.Account, world.OidcIssuer);
                return null;
            case ResourceKinds.Bucket:
                world.S3.EnsureBucket(resource.Key);
                return null;
            case ResourceKinds.LogGroup:
                world.Logs.Create(resource.Key, TreeMap.Empty);
                return null;
            case ResourceKinds.Queue:
                new MessageQueues(api).EnsureQueue(resource.Key);
                return null;
            case ResourceKinds.Cluster:
                return Refusal(api.Create(new ApiObject(EksTypes.Cluster, new ObjectMeta { Name = resource.Key }, TreeMap.Empty)));
            case ResourceKinds.NodeGroup:
                return Refusal(api.Create(new ApiObject(EksTypes.NodeGroup, new ObjectMeta { Name = resource.Key }, TreeMap.Of(("spec", NodeGroup(resource.Attributes))))));
            default:
                return TypeOf(resource) is { } type ? Refusal(api.Create(new ApiObject(type, new ObjectMeta { Name = NameOf(resource) }, TreeMap.Of(("spec", SpecOf(resource)))))) : null;
        }
    }

    /// <summary>Changes a resource in place. Answers why that cannot be, or null.</summary>
    public string? Update(PlatformResource resource)
    {
        switch (resource.Type)
        {
            case ResourceKinds.Manifest:
                return Apply(resource);
            case ResourceKinds.Role:
                var trust = TeamAccess.Trust(world.Settings.Account, world.OidcIssuer, TeamOf(resource));
                api.Modify(IamTypes.Role, new ObjectKey("", resource.Key), known => known.Set(["spec", IamPrincipal.TrustMember], trust));
                return null;
            case ResourceKinds.NodeGroup:
                api.Modify(EksTypes.NodeGroup, new ObjectKey("", resource.Key), known => known.WithSpec(NodeGroup(resource.Attributes)));
                return null;
            case ResourceKinds.InstanceProfile or ResourceKinds.LaunchTemplate or ResourceKinds.SecurityGroup or ResourceKinds.Subnet:
                api.Modify(TypeOf(resource)!, new ObjectKey("", NameOf(resource)), known => known.WithSpec(known.Spec.Merge(SpecOf(resource))));
                return null;
            default:
                return null;
        }
    }

    /// <summary>Asks for the end of a resource; one that is gone already is no mistake. Answers why it cannot end, or null.</summary>
    public string? Delete(PlatformResource resource)
    {
        if (resource.Type == ResourceKinds.VirtualCluster)
        {
            return VirtualCluster(resource) is { } cluster ? world.Emr.DeleteVirtualCluster(cluster.Name)?.Message : null;
        }

        switch (resource.Type)
        {
            case ResourceKinds.Bucket:
                world.S3.Empty(resource.Key);
                world.S3.DeleteBucket(resource.Key);
                return null;
            case ResourceKinds.LogGroup:
                world.Logs.Delete(resource.Key);
                return null;
            default:
                return Find(resource) is { } known ? Refusal(api.Delete(known.Type, known.Key)) : null;
        }
    }

    /// <summary>Lets go what only the memory of a removed resource held: YuniKorn's queues and applications end with its pod.</summary>
    public void Forget(PlatformResource resource)
    {
        if (resource.Key != PlatformBlueprint.YuniKornKey)
        {
            return;
        }

        foreach (var known in YuniKornTypes.All.SelectMany(type => api.Store.List(type)).ToList())
        {
            api.Delete(known.Type, known.Key);
        }
    }

    /// <summary>Why a resource cannot be removed now, before anything is done; null when nothing stands against it.</summary>
    public string? Obstacle(PlatformResource resource) =>
        resource.Type == ResourceKinds.VirtualCluster && VirtualCluster(resource) is { } cluster
        && world.Emr.RunsOf(cluster.Name).FirstOrDefault(run => !JobRunState.IsFinal(run.State)) is { } active
            ? $"job run {active.Id} of {resource.Key} is {active.State}; wait for its end, or cancel it: aws emr-containers cancel-job-run --virtual-cluster-id {cluster.Name} --id {active.Id}"
            : null;

    /// <summary>What a resource that was made or changed still waits for; null when it is there in full.</summary>
    public string? Unready(PlatformResource resource)
    {
        if (Find(resource) is not { } known)
        {
            return null;
        }

        var status = known.Status;
        switch (resource.Type, known.Type.Kind)
        {
            case (ResourceKinds.NodeGroup, _):
                var (wanted, nodes) = (known.Spec["desiredSize"]?.Integer ?? 0, NodesOf(ManagedNodeGroups.GroupLabel, resource.Key).ToList());
                var ready = nodes.Count(node => NodeView.Of(node).IsReady);
                return ready == wanted && nodes.Count == wanted && MachinesOf(resource.Key).Count() == wanted ? null : $"{Text(ready)} of {Text(wanted)} nodes are Ready";
            case (ResourceKinds.Manifest, "Deployment"):
                return Pods(status["updatedReplicas"]?.Integer == known.Spec["replicas"]?.Integer ? status["availableReplicas"] : 0, known.Spec["replicas"]);
            case (ResourceKinds.Manifest, "DaemonSet"):
                return Pods(status["numberReady"], status["desiredNumberScheduled"]);
            default:
                return null;
        }

        string? Pods(Tree? ready, Tree? wanted) => (status["observedGeneration"]?.Integer ?? 0) < known.Metadata.Generation ? "its controller has not looked at it"
            : (ready?.Integer ?? 0) >= (wanted?.Integer ?? 0) ? null
            : $"{Text(ready?.Integer ?? 0)} of {Text(wanted?.Integer ?? 0)} pods are ready";
    }

    /// <summary>What is still there of a resource that was removed; null when it is gone with all that it had made.</summary>
    public string? Remains(PlatformResource resource)
    {
        if (resource.Type == ResourceKinds.NodeGroup)
        {
            return MachinesOf(resource.Key).Count() is > 0 and var machines ? $"{Text(machines)} instances still drain"
                : NodesOf(ManagedNodeGroups.GroupLabel, resource.Key).Count() is > 0 and var nodes ? $"{Text(nodes)} nodes are still there"
                : null;
        }

        if (resource.Type == ResourceKinds.VirtualCluster)
        {
            return VirtualCluster(resource) is { } cluster ? $"virtual cluster {cluster.Name} is {Emr.VirtualCluster.StateOf(cluster)}" : null;
        }

        if (resource.Type != ResourceKinds.Manifest || resource.Document is not { } document)
        {
            return null;
        }

        var (space, name) = (document.At("metadata", "namespace")?.Text ?? "", document.At("metadata", "name")?.Text ?? "");
        return document["kind"]?.Text switch
        {
            "Provisioner" when NodesOf(KarpenterLabels.ProvisionerName, name).FirstOrDefault() is { } node => $"node {node.Name} still drains",
            "NodePool" when NodesOf(KarpenterLabels.NodePool, name).FirstOrDefault() is { } node => $"node {node.Name} still drains",
            "NodePool" when api.Store.List(KarpenterTypes.NodeClaim).FirstOrDefault(claim => claim.Metadata.Label(KarpenterLabels.NodePool) == name) is { } claim =>
                $"NodeClaim {claim.Name} is still there",
            "Deployment" or "DaemonSet" when api.Store.List(CoreTypes.Pod, space).FirstOrDefault(pod => IsOf(pod, document)) is { } pod => $"pod {pod.Name} still ends",
            _ => Find(resource) is { } still ? $"{still.Type.Kind} {still.Name} is still there" : null,
        };
    }

    /// <summary>A resource with the attributes that other parts of the platform settle.</summary>
    /// <param name="cluster">The name of the cluster that there will be.</param>
    public PlatformResource Completed(PlatformResource resource, string cluster) => resource.Type == ResourceKinds.Role
        ? resource with { Attributes = resource.Attributes.With(TrustAttribute, Document(TeamAccess.Trust(world.Settings.Account, world.OidcIssuerOf(cluster), TeamOf(resource)))) }
        : resource;

    /// <summary>A policy document as a tree, so that its layout does not count; as it is where it is none.</summary>
    private static Tree? Document(string? text)
    {
        try
        {
            return text is null ? null : TreeJson.Parse(text);
        }
        catch (JsonException)
        {
            return text;
        }
    }

    private static TeamPlan TeamOf(PlatformResource role) => new(role.Attributes["team"]?.Text ?? "", role.Key, null);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string? Refusal(ApiResult result) => result is ApiResult.Refused refused ? refused.Status.Message : null;

    private static bool IsOf(ApiObject pod, TreeMap workload) =>
        workload.At("spec", "selector", "matchLabels") is TreeMap { Count: > 0 } labels && labels.Members().All(label => pod.Metadata.Label(label.Key) == label.Value.Text);

    private string? Apply(PlatformResource resource)
    {
        var applied = world.Apply(resource.Document ?? resource.Attributes);
        return applied.IsAccepted ? null : applied.Message;
    }

    private IEnumerable<ApiObject> NodesOf(string label, string value) => api.Store.List(CoreTypes.Node).Where(node => node.Metadata.Label(label) == value);

    private IEnumerable<Instance> MachinesOf(string nodeGroup) => ManagedNodeGroups.MachinesOf(api.Store, nodeGroup);

    private ApiObject? Entry(PlatformResource resource) => api.Store.List(PlatformTypes.Resource)
        .FirstOrDefault(entry => entry.Spec["type"]?.Text == resource.Type && entry.Spec["key"]?.Text == resource.Key);

    /// <summary>The virtual cluster of a name that has not come to its end.</summary>
    private ApiObject? VirtualCluster(PlatformResource resource) => api.Store.List(EmrTypes.VirtualCluster)
        .FirstOrDefault(known => known.Spec["name"]?.Text == resource.Key && Emr.VirtualCluster.StateOf(known) != VirtualClusterState.Terminated);

    private ApiObject? Find(PlatformResource resource)
    {
        if (resource.Type == ResourceKinds.Manifest)
        {
            return world.ReadManifest(resource.Document ?? resource.Attributes).Read is { } meant ? api.Store.Get(meant.Type, meant.Key) : null;
        }

        return TypeOf(resource) is { } type ? api.Store.Get(type, "", NameOf(resource)) : null;
    }

    /// <summary>The kind of a resource in the store; null for those of which only the platform's own state knows.</summary>
    private static ResourceType? TypeOf(PlatformResource resource) => resource.Type switch
    {
        ResourceKinds.Bucket => S3Types.Bucket,
        ResourceKinds.Cluster => EksTypes.Cluster,
        ResourceKinds.InstanceProfile => Ec2Types.InstanceProfile,
        ResourceKinds.LaunchTemplate => Ec2Types.LaunchTemplate,
        ResourceKinds.LogGroup => LogTypes.LogGroup,
        ResourceKinds.NodeGroup => EksTypes.NodeGroup,
        ResourceKinds.OidcProvider => IamTypes.OidcProvider,
        ResourceKinds.Policy => IamTypes.Policy,
        ResourceKinds.Queue => SqsTypes.Queue,
        ResourceKinds.Role => IamTypes.Role,
        ResourceKinds.SecurityGroup => Ec2Types.SecurityGroup,
        ResourceKinds.Subnet => Ec2Types.Subnet,
        _ => null,
    };

    /// <summary>EC2 gives ids, everybody else takes names.</summary>
    private string NameOf(PlatformResource resource) => resource.Type switch
    {
        ResourceKinds.OidcProvider => OidcProvider.NameOf(world.OidcIssuer),
        ResourceKinds.SecurityGroup => SecurityGroupId,
        ResourceKinds.Subnet => BarePlatform.IdOf(api, "subnet", resource.Key.Replace("-", "", StringComparison.Ordinal)),
        _ => resource.Key,
    };

    private string SecurityGroupId => BarePlatform.IdOf(api, "sg", "node");

    private string ImageId => BarePlatform.IdOf(api, "ami", "AL2amd64");

    private TreeMap SpecOf(PlatformResource resource) => resource.Type == ResourceKinds.LaunchTemplate
        ? resource.Attributes.Merge(TreeMap.Of(
            ("imageId", ImageId), ("securityGroupIds", TreeList.Of(SecurityGroupId)), ("tags", TreeMap.Of(("Name", resource.Key)))))
        : resource.Type == ResourceKinds.InstanceProfile ? resource.Attributes.With("tags", TreeMap.Empty)
        : resource.Attributes;

    private TreeMap NodeGroup(TreeMap asked)
    {
        // A managed node's kubelet reserves nothing for the system, as a v1 pool's.
        var machine = Ec2Catalogue.ForRegion(world.Settings.Region).Find(asked["instanceType"]!.Text!)!;
        var kubelet = new KubeletSettings();
        var subnets = world.Parts.Ec2.DescribeSubnets(TreeMap.Of(("Name", $"{world.Settings.ClusterName}-private-*"))).Select(subnet => subnet.Id);
        return TreeMap.Of(
            ("desiredSize", asked["desiredSize"]),
            ("imageId", ImageId),
            ("instanceType", asked["instanceType"]),
            ("maxSize", asked["maxSize"]),
            ("minSize", asked["minSize"]),
            ("nodeTemplate", TreeMap.Of(
                ("allocatable", NodeResources.Allocatable(machine, kubelet, Generation.V1).ToTree()),
                ("capacity", NodeResources.Capacity(machine, kubelet, Generation.V1).ToTree()),
                ("labels", asked["labels"]))),
            ("securityGroupIds", TreeList.Of(SecurityGroupId)),
            ("subnetIds", TreeList.OfTexts(subnets)));
    }
}
