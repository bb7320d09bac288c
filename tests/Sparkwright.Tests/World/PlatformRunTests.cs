using Sparkwright.Kubernetes.Objects;
using Sparkwright.Tests.Blueprint;
using Sparkwright.World;
using Sparkwright.World.Aws.Eks;
using Sparkwright.World.Blueprint;
using Sparkwright.World.Ec2;
using Sparkwright.World.Emr;

namespace Sparkwright.Tests.World;

/// <summary>A platform that is built, changed and taken down while it lives.</summary>
public sealed class PlatformRunTests
{
    private static readonly PlatformBlueprint BuiltIn = BlueprintReaderTests.Read(BlueprintReaderTests.BuiltInText).Blueprint!;

    [Fact]
    public void An_empty_account_becomes_the_platform_and_an_empty_account_again()
    {
        var world = Empty();
        var before = Held(world);
        Assert.Empty(world.Store.List(EksTypes.Cluster));

        var events = Apply(world, BuiltIn);

        Assert.Equal(("emr-eks-karpenter", "1.24", true), (world.Settings.ClusterName, world.Settings.KubernetesVersion, world.YuniKorn is not null));
        Assert.Equal(3, world.Store.List(CoreTypes.Node).Count());
        Assert.All(world.Store.List(CoreTypes.Pod), static pod => Assert.Equal("Running", pod.Status["phase"]?.Text));
        Assert.NotNull(world.Emr.FindVirtualCluster("emr-eks-karpenter-emr-data-team-a"));
        Assert.Equal(
            ["network", "cluster", "teams", "observability", "addons"],
            events.Where(static one => one.Kind == PlatformEventKind.Started).Select(static one => PlatformModules.NameOf(one.Change.Resource.Module)).Distinct());
        Assert.Contains(events, static one => one is { Kind: PlatformEventKind.Waiting, Message: "0 of 3 nodes are Ready" });
        Assert.Equal("", Say(Plan(world, BuiltIn)));

        Destroy(world);

        Assert.Equal(before, Held(world));
        Assert.Equal(new WorldSettings().ClusterName, world.Settings.ClusterName);
    }

    [Fact]
    public void A_platform_that_was_there_from_the_start_has_nothing_to_change_and_can_be_destroyed()
    {
        var world = WorldBuilder.Build(WorldSettings.For(BuiltIn, 1));
        world.Loop.RunUntil(world.Clock.Now.AddMinutes(15));
        Assert.Equal("", Say(Plan(world, BuiltIn)));
        world.RebuildFromJournal();
        Assert.Equal("", Say(Plan(world, BuiltIn)));
        Destroy(world);
        Assert.Equal(Held(Empty()), Held(world));
    }

    /// <summary>Changes in short: <c>update aws_eks_node_group["core"] desiredSize 3 → 4</c>.</summary>
    private static string Say(PlatformPlan plan) => string.Join('\n', plan.Changes.Select(static change =>
        $"{PlanJson.NameOf(change.Kind)} {change.Resource.Type}[{change.Resource.Key}]{(change.Kind is ChangeKind.Create or ChangeKind.Delete ? "" : string.Concat(change.Attributes.Select(static one => $" {one.Path} {one.Before} → {one.After}")))}"));

    /// <summary>What is left of a world when it is destroyed: all but what tells of the past.</summary>
    private static List<string> Held(global::Sparkwright.World.World world) =>
    [
        .. world.Store.InWriteOrder()
            .Where(static known => known.Type.Kind is not ("Event" or "Lease" or "Source"))
            .Where(static known => known.Type != Ec2Types.Instance || Instance.Of(known).IsAlive)
            .Where(static known => known.Type != EmrTypes.VirtualCluster || known.Status["state"]?.Text != "TERMINATED")
            .Select(static known => $"{known.Type.Kind} {known.Key}").Order(StringComparer.Ordinal),
    ];

    private static global::Sparkwright.World.World Empty()
    {
        var world = WorldBuilder.Build(new WorldSettings { IsEmptyAccount = true });
        world.Loop.RunUntil(world.Clock.Now.AddMinutes(1));
        return world;
    }

    private static PlatformPlan Plan(global::Sparkwright.World.World world, PlatformBlueprint blueprint, params PlatformModule[] only)
    {
        var state = new PlatformState(world);
        var (wanted, refusal) = state.Wanted(blueprint);
        Assert.Null(refusal);
        return PlatformPlan.ToApply(wanted, state.Known(wanted), only);
    }

    private static List<PlatformEvent> Apply(global::Sparkwright.World.World world, PlatformBlueprint blueprint, params PlatformModule[] only) =>
        Carry(world, new PlatformRun(Plan(world, blueprint, only), blueprint));

    private static List<PlatformEvent> Destroy(global::Sparkwright.World.World world, params PlatformModule[] only) =>
        Carry(world, new PlatformRun(PlatformPlan.ToDestroy(new PlatformState(world).Known([]), only), null));

    private static List<PlatformEvent> Carry(global::Sparkwright.World.World world, PlatformRun run)
    {
        var events = new List<PlatformEvent>();
        while (true)
        {
            events.AddRange(run.Step(world));
            if (run.IsDone)
            {
                Assert.Null(run.Failure);
                return events;
            }

            world.Loop.RunUntil(world.Clock.Now.AddSeconds(5));
        }
    }
}
