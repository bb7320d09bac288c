using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Store;
using Sparkwright.Simulation;
using Sparkwright.World.Aws.Eks;
using Sparkwright.World.Ec2;

namespace Sparkwright.World.Nodes;

/// <summary>
/// Keeps EKS managed node groups at their desired size, spread over the zones of their subnets, and their nodes at the labels of the group. A
/// machine that is too many, or whose group is gone, is drained before it ends.
/// </summary>
public sealed class ManagedNodeGroups : Worker<ObjectKey>
{
    public const string GroupLabel = "eks.amazonaws.com/nodegroup";
    private const string GroupTag = "eks:nodegroup-name";

    private static readonly TimeSpan RetryEvery = TimeSpan.FromMinutes(1);

    /// <summary>How often the pods of a node that leaves are looked at (modelled).</summary>
    private static readonly TimeSpan DrainEvery = TimeSpan.FromSeconds(5);

    /// <summary>EKS waits so long for the pods of a node that leaves; then the machine ends with them.</summary>
    private static readonly TimeSpan LongestDrain = TimeSpan.FromMinutes(15);

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

        foreach (var (_, group) in ec2.WithTag(GroupTag))
        {
            Wake(new ObjectKey("", group));
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
        var alive = MachinesOf(api.Store, key.Name).ToList();
        var group = api.Store.Get(EksTypes.NodeGroup, key);
        Shrink(key, alive, (int)(group?.Spec["desiredSize"]?.Integer ?? 0));
        if (group is null || ec2.Catalogue.Find(group.Spec["instanceType"]?.Text ?? "") is not { } machine)
        {
            return;
        }

        foreach (var one in alive)
        {
            Relabel(group, machine, one);
        }

        var subnets = ec2.DescribeSubnets(TreeMap.Of(("aws-ids", string.Join(',', Tree.ItemsOf(group.Spec["subnetIds"]).ToArray().Select(id => id.Text)))));
        for (var missing = (group.Spec["desiredSize"]?.Integer ?? 0) - alive.Count(one => one.LeavingSince is null); missing > 0; missing--)
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
        var labels = LabelsOf(group, machine, subnet.Zone);
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

    private TreeMap LabelsOf(ApiObject group, InstanceType machine, string zone) => (group.Spec.At("nodeTemplate", "labels") as TreeMap ?? TreeMap.Empty).Merge(TreeMap.Of(
        (GroupLabel, group.Name),
        ("eks.amazonaws.com/capacityType", "ON_DEMAND"),
        ("kubernetes.io/arch", machine.Arch),
        ("kubernetes.io/os", "linux"),
        ("node.kubernetes.io/instance-type", machine.Name),
        ("topology.kubernetes.io/region", ec2.Catalogue.Region),
        ("topology.kubernetes.io/zone", zone)));

    /// <summary>Brings changed labels of a group to a node that has come up with others.</summary>
    private void Relabel(ApiObject group, InstanceType machine, Instance instance)
    {
        var (had, wanted) = (instance.NodeTemplate["labels"] as TreeMap ?? TreeMap.Empty, LabelsOf(group, machine, instance.Zone));
        if (instance.TypeName != machine.Name || had.Equals(wanted))
        {
            return;
        }

        ec2.WillRegister(instance.Id, instance.NodeTemplate.With("labels", wanted));
        api.Modify(CoreTypes.Node, new ObjectKey("", instance.NodeName), node =>
        {
            foreach (var (label, _) in had.Members().Where(one => !wanted.ContainsKey(one.Key)))
            {
                node = node.WithLabel(label, null);
            }

            return wanted.Members().Aggregate(node, static (changed, one) => changed.WithLabel(one.Key, one.Value.Text));
        });
    }

    /// <summary>
    /// Drains and ends machines until a group has its size. As an Auto Scaling group it takes from the zone with the most machines, there the
    /// oldest; one that has begun to leave goes on leaving.
    /// </summary>
    private void Shrink(ObjectKey group, List<Instance> alive, int size)
    {
        foreach (var leaving in alive.Where(one => one.LeavingSince is not null).ToList())
        {
            Drain(group, leaving);
        }

        for (var staying = alive.Where(one => one.LeavingSince is null).ToList(); staying.Count > size;)
        {
            var next = staying.GroupBy(one => one.Zone, StringComparer.Ordinal).OrderByDescending(zone => zone.Count()).ThenBy(zone => zone.Key, StringComparer.Ordinal).First()
                .OrderBy(one => one.LaunchedAt).ThenBy(one => one.Id, StringComparer.Ordinal).First();
            api.ModifyStatus(Ec2Types.Instance, new ObjectKey("", next.Id), status => status.With("leavingTicks", Clock.Now.Ticks));
            staying.Remove(next);
            Drain(group, ec2.Find(next.Id)!);
        }
    }

    private void Drain(ObjectKey group, Instance leaving)
    {
        api.Modify(CoreTypes.Node, new ObjectKey("", leaving.NodeName), static node => node.Set(["spec", "unschedulable"], true));
        var waiting = api.Store.List(CoreTypes.Pod).Where(pod => pod.Spec["nodeName"]?.Text == leaving.NodeName && IsWaitedFor(pod)).ToList();
        if (waiting.Count == 0 || Clock.Now >= leaving.LeavingSince + LongestDrain)
        {
            ec2.Terminate(leaving.Id);
            return;
        }

        foreach (var pod in waiting.Where(pod => !pod.Metadata.IsBeingDeleted))
        {
            api.Evict(pod.Key);
        }

        WakeAfter(group, DrainEvery);
    }

    /// <summary>Pods of DaemonSets and pods that have ended hold up no drain.</summary>
    private static bool IsWaitedFor(ApiObject pod) => pod.Metadata.Controller?.Kind != "DaemonSet" && pod.Status["phase"]?.Text is not ("Succeeded" or "Failed");

    /// <summary>The machines of a group that live, those that leave among them.</summary>
    public static IEnumerable<Instance> MachinesOf(ObjectStore store, string group) =>
        store.List(Ec2Types.Instance).Select(Instance.Of).Where(one => one.IsAlive && one.Tags.Get(GroupTag)?.Text == group);
}
