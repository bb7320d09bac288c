using Sparkwright.Kubernetes.Objects;
using Sparkwright.World;
using Sparkwright.World.Ec2;
using Sparkwright.World.Karpenter;
using Sparkwright.World.Karpenter.Apis;
using Sparkwright.World.Scenarios;

namespace Sparkwright.Tests.Karpenter.Provisioning;

/// <summary>Karpenter in a whole world, where a scenario file cannot set the stage.</summary>
public sealed class ProvisioningTests
{
    [Fact]
    public void A_full_subnet_is_left_alone_for_three_minutes()
    {
        // A /29 has three addresses for instances.
        var world = WithSubnet("10.9.0.0/29", "us-west-2a");
        for (var number = 0; number < 4; number++)
        {
            world.Apply(Pod($"w{number}"));
        }

        world.Loop.RunUntil(world.Clock.Now + TimeSpan.FromSeconds(5));
        Assert.Equal(3, world.Store.Count(CoreTypes.Node));
        var memory = new KarpenterMemory(world.Api);
        Assert.Equal("on-demand:c5.large:us-west-2a", string.Join(' ', memory.Unavailable().Select(offering => $"{offering.CapacityType}:{offering.Type}:{offering.Zone}")));
        var left = Assert.Single(Enumerable.Range(0, 4).Select(number => $"w{number}"), pod => EventsOf(world, pod).Any(text => text.Contains("InsufficientFreeAddressesInSubnet", StringComparison.Ordinal)));

        // The address comes back, but the offering is not asked for before its time.
        var failedAt = memory.NextOfferingBack()!.Value - TimeSpan.FromMinutes(3);
        var served = Enumerable.Range(0, 4).Select(number => $"w{number}").First(pod => pod != left);
        world.Api.Delete(CoreTypes.Pod, new ObjectKey("default", served));
        world.Api.Delete(CoreTypes.Node, world.Store.List(CoreTypes.Node)[0].Key);
        world.Loop.RunUntil(failedAt + TimeSpan.FromSeconds(179));
        Assert.Equal(2, world.Store.Count(CoreTypes.Node));
        Assert.Contains(EventsOf(world, left), text => text.Contains("no instance type", StringComparison.Ordinal));
        world.Loop.RunUntil(failedAt + TimeSpan.FromSeconds(195));
        Assert.Equal(3, world.Store.Count(CoreTypes.Node));
    }

    [Fact]
    public void The_launch_template_is_named_after_the_cluster_and_its_content()
    {
        var world = WithSubnet("10.9.0.0/24", "us-west-2a");
        world.Apply(Pod("w"));
        world.Loop.RunUntil(world.Clock.Now + TimeSpan.FromSeconds(5));
        var instance = Assert.Single(world.Instances());
        Assert.StartsWith("Karpenter-sparkwright-", instance["launchTemplate"]?.Text, StringComparison.Ordinal);
        var template = world.Store.Get(Ec2Types.LaunchTemplate, "", instance["launchTemplate"]!.Text!)!;
        Assert.Equal(("20Gi", "required"), (template.Spec["blockDeviceMappings"]!.Items[0].At("ebs", "volumeSize")?.Text, template.Spec.At("metadataOptions", "httpTokens")?.Text));
        Assert.Equal(
            ("karpenter.sh/provisioner-name/default", "default", "owned", "mine"),
            (instance["tags"]!["Name"]?.Text, instance["tags"]!["karpenter.sh/provisioner-name"]?.Text, instance["tags"]!["kubernetes.io/cluster/sparkwright"]?.Text, instance["tags"]!["cost"]?.Text));
    }

    [Fact]
    public void A_launch_leaves_a_record_of_why()
    {
        var world = WithSubnet("10.9.0.0/24", "us-west-2a");
        world.Apply(Pod("w"));
        world.Loop.RunUntil(world.Clock.Now + TimeSpan.FromSeconds(5));
        var record = Assert.Single(world.Store.List(KarpenterTypes.LaunchRecord)).Spec;
        Assert.Equal(
            ("c5.large", "default", "default/w", 1, "0.085", "us-west-2a"),
            (record["instanceType"]?.Text, record["pool"]?.Text, record["pods"]!.Items[0].Text, record["typesLeft"]?.Integer, record["usdPerHour"]?.Text, record["zone"]?.Text));
    }

    [Fact]
    public void An_unhappy_pod_hears_of_it_once_in_five_minutes()
    {
        var world = WithSubnet("10.9.0.0/24", "us-west-2a");
        world.Apply(Pod("w", "7"));
        for (var minute = 0; minute < 4; minute++)
        {
            // Something changes all the time, so that planning goes on.
            world.Loop.RunUntil(world.Clock.Now + TimeSpan.FromMinutes(1));
            world.Api.Modify(KarpenterTypes.Provisioner, new ObjectKey("", "default"), known => known.WithAnnotation("touched", $"{minute}"));
        }

        var said = Assert.Single(world.Store.List(CoreTypes.Event), known => known.Body["message"]?.Text?.StartsWith("Failed to schedule pod", StringComparison.Ordinal) == true);
        Assert.Equal(1, said.Body["count"]?.Integer);
    }

    private static IEnumerable<string> EventsOf(global::Sparkwright.World.World world, string pod) => world.Store.List(CoreTypes.Event)
        .Where(known => known.Body.At("involvedObject", "name")?.Text == pod)
        .Select(known => known.Body["message"]?.Text ?? "");

    private static global::Sparkwright.World.World WithSubnet(string cidr, string zone)
    {
        var world = WorldBuilder.Build(new WorldSettings());
        world.Api.Create(Ec2Types.Make(Ec2Types.Subnet, "subnet-0f", TreeMap.Of(("cidr", cidr), ("zone", zone)), TreeMap.Of(("Name", "special"))));
        Must(world.Apply(Yaml.Read("""
            apiVersion: karpenter.k8s.aws/v1alpha1
            kind: AWSNodeTemplate
            metadata: {name: default}
            spec:
              subnetSelector: {Name: special}
              securityGroupSelector: {karpenter.sh/discovery: sparkwright}
              tags: {cost: mine}
            """)));
        Must(world.Apply(Yaml.Read("""
            apiVersion: karpenter.sh/v1alpha5
            kind: Provisioner
            metadata: {name: default}
            spec:
              providerRef: {name: default}
              requirements: [{key: node.kubernetes.io/instance-type, operator: In, values: [c5.large]}]
            """)));
        return world;
    }

    private static void Must(AppliedDocument applied) => Assert.True(applied.IsAccepted, applied.Message);

    private static Tree Pod(string name, string cpu = "1") => Yaml.Read(
        $"{{apiVersion: v1, kind: Pod, metadata: {{name: {name}, namespace: default}}, spec: {{containers: [{{name: c, image: busybox, resources: {{requests: {{cpu: '{cpu}'}}}}}}]}}}}");
}
