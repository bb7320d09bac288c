using Sparkwright.Kubernetes.Objects;
using Sparkwright.SeededTests.RandomWorlds;
using Sparkwright.SeededTests.YuniKornWorlds;
using Sparkwright.Simulation;
using Sparkwright.World;

namespace Sparkwright.SeededTests;

/// <summary>
/// More pods of one size than there is room for, in queues with and without guarantees: each binding of the first moment is in its turn, and
/// nobody starves: later and more important pods come as long as they like, but when they stop, everybody gets to run in the time that the work takes.
/// </summary>
public sealed class YuniKornTurnWorldTests
{
    public static TheoryData<long> Seeds => [.. Enumerable.Range(1, 30).Select(seed => (long)seed)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Places_go_round_as_the_policy_says_and_nobody_starves(long seed)
    {
        var world = WorldBuilder.Build(new WorldSettings { Seed = seed, Components = ["yunikorn"] });
        var dice = new Dice(new Chance(seed).For("test/turns", 0));
        var watch = new TurnWatch(world);
        var nodes = dice.Between(2, 4);
        var places = 0;
        for (var node = 0; node < nodes; node++)
        {
            var cpu = dice.Between(2, 5);
            places += cpu;
            Manifests.Apply(world, Manifests.Node($"n{node}", cpu));
        }

        var queues = Enumerable.Range(0, dice.Between(2, 4)).Select(number => (Path: $"root.q{number}", Guaranteed: dice.Below(3) * 2, IsFair: dice.OneIn(2))).ToList();
        Manifests.Apply(world, Manifests.Configuration("[" + string.Join(", ", queues.Select(queue =>
            $"{{name: {queue.Path[5..]}, properties: {{application.sort.policy: {(queue.IsFair ? "fair" : "fifo")}, preemption.policy: disabled}}"
            + (queue.Guaranteed == 0 ? "" : $", resources: {{guaranteed: {{vcore: {queue.Guaranteed}}}}}") + "}")) + "]"));
        queues.ForEach(queue => watch.AddQueue(queue.Path, queue.Guaranteed == 0 ? places : queue.Guaranteed, queue.IsFair));
        var pods = 0;
        var applications = Enumerable.Range(0, dice.Between(2, 6)).Select(number => (Id: $"app{number}", Queue: queues[dice.Below(queues.Count)].Path, Pods: dice.Between(1, places))).ToList();

        // One a second, so that they differ in age; their gates open together, so that all ask for the first time at the same beat.
        foreach (var (id, queue, count) in applications)
        {
            watch.AddPods(queue, id, int.Parse(id[3..], System.Globalization.CultureInfo.InvariantCulture), count);
            for (var number = 0; number < count; number++)
            {
                Manifests.Apply(world, Manifests.Pod($"{id}-{number}", id, queue, "1", dice.Between(5, 60), spec: ", schedulingGates: [{name: wait}]"));
            }

            pods += count;

            world.Loop.RunUntil(world.Clock.Now + TimeSpan.FromSeconds(1));
        }

        foreach (var pod in world.Store.List(CoreTypes.Pod).ToList())
        {
            Assert.True(world.Api.Update(pod.With(pod.Body.With("spec", pod.Spec.With("schedulingGates", null)))).IsAccepted);
        }

        world.Loop.RunUntil(world.Clock.Now + TimeSpan.FromSeconds(3));
        Assert.True(watch.Broken.Count == 0, $"seed {seed}: {string.Join("; ", watch.Broken.Take(5))}");
        Assert.Equal(Math.Min(places, pods), watch.Bindings);
        watch.IsOver = true;
        Starve(world, queues.ConvertAll(queue => queue.Path), dice, seed, places);
    }

    /// <summary>Important pods push in for two minutes, with restarts between; when they stop, everybody must come to run.</summary>
    private static void Starve(World.World world, List<string> queues, Dice dice, long seed, int places)
    {
        Manifests.Apply(world, "{apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: {name: high}, value: 1000}");
        for (var second = 0; second < 120; second++)
        {
            if (dice.OneIn(3))
            {
                Manifests.Apply(world, Manifests.Pod($"late-{second}", $"late{dice.Below(5)}", queues[dice.Below(queues.Count)], "1", dice.Between(5, 30), spec: dice.OneIn(2) ? ", priorityClassName: high" : ""));
            }

            if (dice.OneIn(60))
            {
                world.RebuildFromJournal();
            }

            world.Loop.RunUntil(world.Clock.Now + TimeSpan.FromSeconds(1));
            var broken = QueueUsage.Broken(world).Concat(WorldInvariants.Broken(world)).ToList();
            Assert.True(broken.Count == 0, $"seed {seed} at {world.Clock.Now:T}: {string.Join("; ", broken)}");
        }

        // Each pod keeps its place for no more than a minute, and for some seconds to start in.
        var rounds = (world.Store.List(CoreTypes.Pod).Count(pod => pod.Status["phase"]?.Text is "Pending" or "Running") / places) + 1;
        world.Loop.RunUntil(world.Clock.Now + TimeSpan.FromSeconds(75 * (rounds + 1)));
        var waiting = world.Store.List(CoreTypes.Pod).Where(pod => pod.Spec["nodeName"] is null).Select(pod => pod.Name);
        Assert.True(!waiting.Any(), $"seed {seed}: {string.Join(", ", waiting)} never had a turn");
    }
}
