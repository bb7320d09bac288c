using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Simulation;
using Sparkwright.World.Aws.Eks;
using Sparkwright.World.Ec2;

namespace Sparkwright.World.Nodes;

/// <summary>Keeps EKS managed node groups at their desired size, spread over the zones of their subnets.</summary>
public sealed class ManagedNodeGroups : Worker<ObjectKey>
{
    public const string GroupLabel = "eks.amazonaws.com/nodegroup";
    private const string GroupTag = "eks:nodegroup-name";

    private static readonly TimeSpan RetryEvery = TimeSpan.FromMinutes(1);

    private readonly ApiServer api;
    private readonly Ec2Cloud ec2;

    public ManagedNodeGroups(EventLoop loop, ApiServer api, Ec2Cloud ec2)
        : base(loop)
    {
        this.api = api;
        this.ec2 = ec2;
        foreach (var group in api.Store.List(EksTypes.NodeGroup))
        {
            Wake(group.Key);
        }

        api.Store.Watch(EksTypes.NodeGroup, change => Wake(change.Object.Key));
        api.Store.Watch(Ec2Types.Instance, change =>
        {
            if (Instance.Of(change.Object).Tags.Get(GroupTag)?.Text is { } group)
            {
                Wake(new ObjectKey("", group));
            }
        });
    }

    protected override void Reconcile(ObjectKey key)
    {
        if (api.Store.Get(EksTypes.NodeGroup, key) is not { } group || ec2.Catalogue.Find(group.Spec["instanceType"]?.Text ?? "") is not { } machine)
        {
            return;
        }

        var alive = api.Store.List(Ec2Types.Instance).Select(Instance.Of).Where(one => one.IsAlive && one.Tags.Get(GroupTag)?.Text == group.Name).ToList();
        var subnets = ec2.DescribeSubnets(TreeMap.Of(("aws-ids", string.Join(',', Tree.ItemsOf(group.Spec["subnetIds"]).ToArray().Select(id => id.Text)))));
        for (var missing = (group.Spec["desiredSize"]?.Integer ?? 0) - alive.Count; missing > 0; missing--)
        {
            // The zone with the fewest machines gets the next one.
            var subnet = subnets.Where(subnet => ec2.Catalogue.IsOffered(machine, subnet.Zone))
                .OrderBy(subnet => alive.Count(one => one.SubnetId == subnet.Id)).ThenBy(subnet => subnet.Zone, StringComparer.Ordinal).FirstOrDefault();
            if (subnet is null || Launch(group, machine, subnet) is not { } launched)
            {
                WakeAfter(key, RetryEvery);
                return;
            }

            alive.Add(launched);
        }
    }

    private Instance? Launch(ApiObject group, InstanceType machine, SubnetInfo subnet)
    {
        var template = group.Spec["nodeTemplate"] as TreeMap ?? TreeMap.Empty;
        var labels = (template["labels"] as TreeMap ?? TreeMap.Empty).Merge(TreeMap.Of(
            (GroupLabel, group.Name),
            ("eks.amazonaws.com/capacityType", "ON_DEMAND"),
            ("kubernetes.io/arch", machine.Arch),
            ("kubernetes.io/os", "linux"),
            ("node.kubernetes.io/instance-type", machine.Name),
            ("topology.kubernetes.io/region", ec2.Catalogue.Region),
            ("topology.kubernetes.io/zone", subnet.Zone)));
        var launch = new FleetTemplate
        {
            SecurityGroupIds = [.. Tree.ItemsOf(group.Spec["securityGroupIds"]).ToArray().Select(id => id.Text ?? "")],
            ImageId = group.Spec["imageId"]?.Text,
        };
        return ec2.RunInstances(new FleetRequest
        {
            CapacityType = "on-demand",
            Overrides = [new FleetOverride(machine, subnet.Zone, subnet.Id) { Template = launch }],
            Tags = TreeMap.Of(("Name", group.Name), (GroupTag, group.Name)),
            NodeTemplate = template.With("labels", labels),
        }).Launched;
    }
}
