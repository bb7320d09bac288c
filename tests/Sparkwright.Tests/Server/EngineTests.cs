using Sparkwright.Kubernetes.Objects;
using Sparkwright.Server.Pacing;
using Sparkwright.Server.Storage;
using Sparkwright.World;

namespace Sparkwright.Tests.Server;

/// <summary>One thread, answers after commits, errors that end nobody else's request.</summary>
public sealed class EngineTests
{
    [Fact]
    public async Task Answers_come_after_what_they_saw_is_published()
    {
        var published = new List<string>();
        await Live(published, async engine =>
        {
            for (var number = 0; number < 50; number++)
            {
                var name = $"m{number}";
                await engine.Ask(world => world.Api.Create(new ApiObject(CoreTypes.ConfigMap, new ObjectMeta { Name = name, Namespace = "default" }, TreeMap.Empty)));
                lock (published)
                {
                    Assert.Contains(name, published);
                }
            }
        });
    }

    [Fact]
    public async Task A_command_that_fails_fails_alone() => await Live([], async engine =>
    {
        await Assert.ThrowsAsync<FormatException>(() => engine.Ask<int>(_ => throw new FormatException("mine")));
        Assert.Equal(3, await engine.Ask(_ => 3));
    });

    [Fact]
    public async Task Time_passes_between_commands() => await Live([], async engine =>
    {
        var first = await engine.Ask(world => world.Clock.Now);
        await Task.Delay(50, TestContext.Current.CancellationToken);
        Assert.InRange(await engine.Ask(world => world.Clock.Now) - first, TimeSpan.FromSeconds(5), TimeSpan.FromHours(1));
    });

    [Fact]
    public async Task After_the_end_a_command_is_not_left_waiting()
    {
        Engine? kept = null;
        await Live([], engine =>
        {
            kept = engine;
            return Task.CompletedTask;
        });
        await Assert.ThrowsAsync<TaskCanceledException>(() => kept!.Ask(_ => 1));
    }

    [Fact]
    public async Task An_engine_that_never_lived_leaves_nobody_waiting()
    {
        var world = WorldBuilder.Build(new WorldSettings { Components = [] });
        await using var commits = new CommitQueue(null, static _ => { });
        var engine = new Engine(world, new Pace(world.Clock.Now, 1, TimeProvider.System), commits);
        var early = engine.Ask(_ => 1);
        await engine.DisposeAsync();
        await Assert.ThrowsAsync<TaskCanceledException>(() => early);
    }

    private static async Task Live(List<string> published, Func<Engine, Task> work)
    {
        var world = WorldBuilder.Build(new WorldSettings { Components = [] });
        await using var commits = new CommitQueue(null, changes =>
        {
            lock (published)
            {
                published.AddRange(changes.Select(change => change.Object.Name));
            }
        });
        await using var engine = new Engine(world, new Pace(world.Clock.Now, 100, TimeProvider.System), commits);
        engine.Start();
        await work(engine);
    }
}
