using Sparkwright.Kubernetes.Objects;
using Sparkwright.SeededTests.RandomWorlds;
using Sparkwright.SeededTests.YuniKornWorlds;
using Sparkwright.Simulation;
using Sparkwright.World;

namespace Sparkwright.SeededTests;

/// <summary>
/// Gangs that fight for few nodes, Hard and Soft, with restarts of the scheduler and of the engine: after every second queues count what their
/// pods take, no member comes before its gang's places are all held, and no gang holds places in vain longer than its timer; in the end nobody waits.
/// </summary>
public sealed class YuniKornGangWorldTests
{
    private static readonly string[] Queues = ["root.a", "root.b"];

    public static TheoryData<long> Seeds => [.. Enumerable.Range(1, 30).Select(seed => (long)seed)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Gangs_start_whole_or_give_their_places_back(long seed)
    {
        var world = WorldBuilder.Build(new WorldSettings { Seed = seed, Components = ["yunikorn"] });
        var dice = new Dice(new Chance(seed).For("test/gangs", 0));
        var watch = new GangWatch(world);
        Manifests.Apply(world, Manifests.Configuration("[{name: a}, {name: b, resources: {max: {vcore: 12}}}]", dice.Of("fair", "binpacking")));
        for (var node = dice.Between(2, 4); node > 0; node--)
        {
            Manifests.Apply(world, Manifests.Node($"n{node}", dice.Between(3, 6)));
        }

        var gangs = new List<(Gang Gang, string Queue)>();
        for (var second = 0; second < 240; second++)
        {
            if (gangs.Count < 8 && dice.OneIn(8))
            {
                // Up to twelve cores, where all nodes together have six to twenty-four: many of these gangs cannot be placed side by side, some never.
                var gang = new Gang($"gang{gangs.Count}", dice.OneIn(2), dice.Between(5, 40), dice.Of("500m", "1", "1500m"), dice.Between(1, 7));
                gangs.Add((gang, dice.Of(Queues)));
                watch.Add(gang);
                Manifests.Apply(world, Manifests.Driver(gang, gangs[^1].Queue, dice.Between(20, 60)));
            }

            if (gangs.Count > 0 && dice.OneIn(4))
            {
                var (gang, queue) = gangs[dice.Below(gangs.Count)];
                if (world.YuniKorn!.Applications.Any(application => application.Id == gang.Id))
                {
                    Manifests.Apply(world, Manifests.Executor(gang, second, queue, dice.Between(5, 60)));
                }
            }

            Disturb(world, watch, dice);
            Check(world, watch, seed);
        }

        for (var second = 0; second < 900; second++)
        {
            Check(world, watch, seed);
        }

        var waiting = world.Store.List(CoreTypes.Pod).Where(pod => pod.Status["phase"]?.Text == "Pending").Select(pod => pod.Name);
        Assert.True(!waiting.Any(), $"seed {seed}: nothing runs any more, and {string.Join(", ", waiting)} wait");
        Assert.Empty(world.YuniKorn!.Applications.Select(application => $"{application.Id} {application.State}"));
    }

    private static void Disturb(World.World world, GangWatch watch, Dice dice)
    {
        if (dice.OneIn(40))
        {
            world.RebuildFromJournal();
        }

        if (dice.OneIn(80))
        {
            world.YuniKorn!.Restart();
            watch.TimersBeginAgain();
        }
    }

    private static void Check(World.World world, GangWatch watch, long seed)
    {
        world.Loop.RunUntil(world.Clock.Now + TimeSpan.FromSeconds(1));
        var broken = QueueUsage.Broken(world).Concat(watch.Broken()).Concat(WorldInvariants.Broken(world)).ToList();
        Assert.True(broken.Count == 0, $"seed {seed} at {world.Clock.Now:T}: {string.Join("; ", broken)}");
    }
}
