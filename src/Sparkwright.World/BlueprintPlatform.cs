using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Aws;
using Sparkwright.World.Aws.Eks;
using Sparkwright.World.Blueprint;
using Sparkwright.World.Ec2;
using Sparkwright.World.Emr;
using Sparkwright.World.Karpenter;
using Sparkwright.World.Karpenter.InstanceTypes;

namespace Sparkwright.World;

/// <summary>Brings up the platform of a blueprint: the network, the node groups, and every object of the cluster.</summary>
internal static class BlueprintPlatform
{
    public static void Furnish(World world, PlatformBlueprint blueprint)
    {
        var api = world.Api;
        var cluster = blueprint.ClusterName;
        foreach (var (zone, at) in blueprint.Network.Zones.Select((zone, at) => (zone, at)))
        {
            Subnet("private", blueprint.Network.PrivateSubnets[at], TreeMap.Of(("kubernetes.io/role/internal-elb", "1")));
            Subnet("public", blueprint.Network.PublicSubnets[at], TreeMap.Of(("kubernetes.io/role/elb", "1")));

            void Subnet(string kind, string cidr, TreeMap tags) => BarePlatform.Create(
                api, Ec2Types.Subnet, BarePlatform.IdOf(api, "subnet", kind + zone), TreeMap.Of(("cidr", cidr), ("zone", zone)),
                tags.Merge(TreeMap.Of(("Name", $"{cluster}-{kind}-{zone}"), ($"kubernetes.io/cluster/{cluster}", "shared"))));
        }

        var group = BarePlatform.IdOf(api, "sg", "node");
        BarePlatform.Create(api, Ec2Types.SecurityGroup, group, TreeMap.Of(("groupName", $"{cluster}-node")), TreeMap.Of(
            ("Name", $"{cluster}-node"), ($"kubernetes.io/cluster/{cluster}", "owned")));
        BarePlatform.Images(api, world.Settings);
        var image = BarePlatform.IdOf(api, "ami", "AL2amd64");
        BarePlatform.Create(api, Ec2Types.InstanceProfile, blueprint.InstanceProfile, TreeMap.Of(("role", cluster + "-node")), TreeMap.Empty);
        foreach (var template in blueprint.LaunchTemplates)
        {
            BarePlatform.Create(api, Ec2Types.LaunchTemplate, template.Name, TreeMap.Of(
                ("imageId", image),
                ("instanceProfile", blueprint.InstanceProfile),
                ("securityGroupIds", TreeList.Of(group)),
                ("userData", template.UserData)), TreeMap.Of(("Name", template.Name)));
        }

        new MessageQueues(api).EnsureQueue(cluster);
        BarePlatform.StandardStorageClass(api);
        BarePlatform.SystemPriorityClasses(api);
        foreach (var nodes in blueprint.NodeGroups)
        {
            NodeGroup(world, nodes, group, image);
        }

        foreach (var manifest in BlueprintObjects.Build(blueprint, world.Settings.Account))
        {
            var applied = world.Apply(manifest);
            if (!applied.IsAccepted)
            {
                throw new PlatformException($"{applied.Kind} {applied.Name}: {applied.Message}");
            }
        }

        Teams(world, blueprint);
    }

    /// <summary>What exists once the cluster does: the teams' roles and virtual clusters.</summary>
    private static void Teams(World world, PlatformBlueprint blueprint)
    {
        foreach (var team in blueprint.Teams)
        {
            TeamAccess.EnsureExecutionRole(world, team);
            if (team.VirtualCluster is { } name && world.Emr.CreateVirtualCluster(name, team.Name) is EmrResult.Refused refused)
            {
                throw new PlatformException($"virtual cluster {name}: {refused.Refusal.Message}");
            }
        }
    }

    private static void NodeGroup(World world, NodeGroupPlan plan, string securityGroup, string image)
    {
        // A managed node's kubelet reserves nothing for the system, as a v1 pool's.
        var machine = Ec2Catalogue.ForRegion(world.Settings.Region).Find(plan.InstanceType)!;
        var kubelet = new KubeletSettings();
        var subnets = world.Parts.Ec2.DescribeSubnets(TreeMap.Of(("Name", $"{world.Settings.ClusterName}-private-*"))).Select(subnet => subnet.Id);
        world.Api.Create(new ApiObject(EksTypes.NodeGroup, new ObjectMeta { Name = plan.Name }, TreeMap.Of(("spec", TreeMap.Of(
            ("desiredSize", plan.DesiredSize),
            ("imageId", image),
            ("instanceType", plan.InstanceType),
            ("maxSize", plan.MaxSize),
            ("minSize", plan.MinSize),
            ("nodeTemplate", TreeMap.Of(
                ("allocatable", NodeResources.Allocatable(machine, kubelet, Generation.V1).ToTree()),
                ("capacity", NodeResources.Capacity(machine, kubelet, Generation.V1).ToTree()),
                ("labels", plan.Labels))),
            ("securityGroupIds", TreeList.Of(securityGroup)),
            ("subnetIds", TreeList.OfTexts(subnets)))))));
    }
}

/// <summary>A blueprint whose objects the cluster refuses; the message names the object and the reason.</summary>
public sealed class PlatformException(string message) : Exception(message);
