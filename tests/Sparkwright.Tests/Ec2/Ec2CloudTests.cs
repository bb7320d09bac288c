using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Store;
using Sparkwright.Simulation;
using Sparkwright.World;
using Sparkwright.World.Aws;
using Sparkwright.World.Ec2;

namespace Sparkwright.Tests.Ec2;

public sealed class Ec2CloudTests
{
    private static readonly DateTime Start = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    private readonly EventLoop loop = new(new Clock(Start));
    private readonly ApiServer api;
    private readonly Ec2Cloud ec2;

    public Ec2CloudTests()
    {
        api = new ApiServer(new ObjectStore(), loop.Clock, new Chance(1));
        api.Create(Ec2Types.Make(Ec2Types.Subnet, "subnet-1", TreeMap.Of(("cidr", "10.1.0.0/28"), ("zone", "us-west-2a")), TreeMap.Of(("Name", "demo-private-a"))));
        api.Create(Ec2Types.Make(Ec2Types.Subnet, "subnet-2", TreeMap.Of(("cidr", "10.1.64.0/18"), ("zone", "us-west-2b")), TreeMap.Of(("Name", "demo-private-b"))));
        var figures = new ModelFigures() with { NodeReady = new Figure(TimeSpan.FromSeconds(80), TimeSpan.FromSeconds(80), "fixed") };
        ec2 = new Ec2Cloud(api, Ec2Catalogue.ForRegion("us-west-2"), figures);
        _ = new InstanceLifecycle(loop, api, ec2.Catalogue, figures, new Interruptions(api, new MessageQueues(api), new AwsPlace("us-west-2", "111122223333"), "demo"));
    }

    [Fact]
    public void An_instance_takes_an_address_until_it_ends_and_a_full_subnet_refuses()
    {
        var launched = new List<Instance>();
        for (var at = 0; at < 11; at++)
        {
            launched.Add(Launch("subnet-1").Launched!);
        }

        Assert.Equal(11, launched.Select(instance => instance.PrivateIp).Distinct().Count());
        Assert.All(launched, instance => Assert.InRange(int.Parse(instance.PrivateIp.Split('.')[3], System.Globalization.CultureInfo.InvariantCulture), 4, 14));
        Assert.Equal(0, ec2.Subnet("subnet-1")!.FreeAddresses);
        Assert.Equal("InsufficientFreeAddressesInSubnet", Assert.Single(Launch("subnet-1").Errors).Code);

        ec2.Terminate(launched[3].Id);
        var next = Launch("subnet-1").Launched!;
        Assert.Equal(launched[3].PrivateIp, next.PrivateIp);
        ec2.Terminate(launched[3].Id);
        Assert.Equal(0, ec2.Subnet("subnet-1")!.FreeAddresses);
    }

    [Fact]
    public void An_instance_goes_from_pending_to_running_to_terminated()
    {
        var instance = Launch("subnet-2").Launched!;
        Assert.Matches("^i-0[0-9a-f]{16}$", instance.Id);
        Assert.Equal($"ip-{instance.PrivateIp.Replace('.', '-')}.us-west-2.compute.internal", instance.NodeName);
        Assert.Equal($"aws:///us-west-2b/{instance.Id}", instance.ProviderId);
        Assert.Equal("pending", instance.State);
        Assert.Equal(Start.AddSeconds(80), instance.ReadyAt);

        loop.RunUntil(Start.AddSeconds(19));
        Assert.Equal("pending", ec2.Find(instance.Id)!.State);
        loop.RunUntil(Start.AddSeconds(20));
        Assert.Equal("running", ec2.Find(instance.Id)!.State);

        loop.RunUntil(Start.AddSeconds(90));
        ec2.Terminate(instance.Id);
        loop.RunUntil(Start.AddSeconds(300));
        ec2.Terminate(instance.Id);
        var ended = ec2.Find(instance.Id)!;
        Assert.Equal(("terminated", Start.AddSeconds(90)), (ended.State, ended.TerminatedAt));
        Assert.Equal(0.192m * 90 / 3600, ended.UsdUntil(loop.Clock.Now));
    }

    [Fact]
    public void An_instance_that_ends_while_pending_never_runs()
    {
        var instance = Launch("subnet-2").Launched!;
        loop.RunUntil(Start.AddSeconds(5));
        ec2.Terminate(instance.Id);
        loop.RunUntil(Start.AddSeconds(300));
        Assert.Equal("terminated", ec2.Find(instance.Id)!.State);
    }

    [Fact]
    public void Subnets_are_found_by_tag_and_count_their_free_addresses()
    {
        Launch("subnet-2");
        Assert.Equal(["subnet-1 us-west-2a 11", "subnet-2 us-west-2b 16378"], ec2.DescribeSubnets(TreeMap.Of(("Name", "demo-private*"))).Select(subnet => $"{subnet.Id} {subnet.Zone} {subnet.FreeAddresses}"));
        Assert.Empty(ec2.DescribeSubnets(TreeMap.Of(("Name", "demo-public*"))));
    }

    [Fact]
    public void A_snapshot_shows_an_instance_with_null_for_what_it_has_not()
    {
        var instance = Launch("subnet-2").Launched!;
        Assert.Equal(
            $$"""{"capacityType":"on-demand","imageId":null,"instanceId":"{{instance.Id}}","instanceType":"m5.xlarge","launchTemplate":"demo","launchedAt":"2026-01-01T00:00:00.000Z","securityGroupIds":["sg-1"],"state":"pending","subnetId":"subnet-2","tags":{"Name":"x"},"terminatedAt":null,"userData":null,"zone":"us-west-2b"}""",
            instance.Snapshot().ToString());
    }

    [Fact]
    public void A_limit_counts_what_was_launched_since_it_was_set_and_still_lives()
    {
        Launch("subnet-2");
        loop.RunUntil(Start.AddSeconds(1));
        CapacityLimits.Set(api, new CapacityPattern("m5.*", null, null), 1);
        var last = Launch("subnet-2").Launched!;
        Assert.Equal("InsufficientInstanceCapacity", Assert.Single(Launch("subnet-2").Errors).Code);
        ec2.Terminate(last.Id);
        Assert.NotNull(Launch("subnet-2").Launched);
    }

    [Fact]
    public void A_cloud_over_a_reloaded_store_knows_the_addresses_taken()
    {
        Launch("subnet-1");
        Launch("subnet-1");
        var reloaded = new ObjectStore();
        reloaded.Load(api.Store.InWriteOrder(), api.Store.ResourceVersion);
        var again = new Ec2Cloud(new ApiServer(reloaded, loop.Clock, new Chance(1)), ec2.Catalogue, new ModelFigures());
        Assert.Equal(9, again.Subnet("subnet-1")!.FreeAddresses);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(20, 40)]
    [InlineData(100, 200)]
    public void So_many_launches_fail_as_the_model_says_and_each_call_is_drawn_anew(int percent, int about)
    {
        var clouds = Enumerable.Range(0, 200).Select(_ => new Ec2Cloud(api, ec2.Catalogue, new ModelFigures { LaunchFailurePercent = percent }));
        var failed = clouds.Count(unlucky => Launch("subnet-2", unlucky).Failure is { Code: "InternalError" });
        Assert.InRange(failed, about * 3 / 4, about * 5 / 4);
    }

    [Fact]
    public void A_spot_instance_is_recommended_for_replacement_then_warned_and_then_taken()
    {
        var figures = new ModelFigures { SpotInterruptionPercent = 40_000, SpotRebalanceLead = new Figure(TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(5), "fixed") };
        new MessageQueues(api).EnsureQueue("demo");
        _ = new InstanceLifecycle(loop, api, ec2.Catalogue, figures, new Interruptions(api, new MessageQueues(api), new AwsPlace("us-west-2", "111122223333"), "demo"));
        var instance = Launch("subnet-2", ec2, "spot").Launched!;
        var warned = Start + SpotReclaims.After(ec2.Catalogue.InterruptionBand(ec2.Catalogue.Find("m5.xlarge")!)!.Value, 40_000, api.Chance.For("ec2/spot-interruption", instance.Id));
        loop.RunUntil(Start.AddDays(30));
        Assert.Equal(
            [
                ("EC2 Instance Rebalance Recommendation", warned - TimeSpan.FromMinutes(5)),
                ("EC2 Spot Instance Interruption Warning", warned),
                ("EC2 Instance State-change Notification", warned + Interruptions.SpotNotice),
            ],
            new MessageQueues(api).Receive("demo").Select(message => (message.Body["detail-type"]!.Text!, (DateTime?)message.SentAt)));
    }

    [Theory]
    [InlineData(1, "0.016")]
    [InlineData(60, "0.016")]
    [InlineData(61, "0.0162666666666666666666666667")]
    [InlineData(3600, "0.96")]
    public void Seconds_are_billed_from_the_sixtieth_on(int seconds, string usd) =>
        Assert.Equal(decimal.Parse(usd, System.Globalization.CultureInfo.InvariantCulture), InstanceBill.Usd(0.96m, TimeSpan.FromSeconds(seconds)));

    private FleetAnswer Launch(string subnet) => Launch(subnet, ec2);

    private static FleetAnswer Launch(string subnet, Ec2Cloud ec2, string capacityType = "on-demand") => ec2.CreateFleet(new FleetRequest
    {
        CapacityType = capacityType,
        Overrides =
        [
            new FleetOverride(ec2.Catalogue.Find("m5.xlarge")!, ec2.Subnet(subnet)!.Zone, subnet) { Template = new FleetTemplate { Name = "demo", SecurityGroupIds = ["sg-1"] } },
        ],
        Tags = TreeMap.Of(("Name", "x")),
    });
}
