using Sparkwright.Simulation;

namespace Sparkwright.Tests.Simulation;

public sealed class EventLoopTests
{
    private static readonly DateTime Start = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    [Fact]
    public void Turns_run_by_time_and_then_in_the_order_of_asking()
    {
        var loop = new EventLoop(new Clock(Start));
        var worker = new Recorder(loop);
        worker.WakeAfter("late", TimeSpan.FromSeconds(2));
        worker.Wake("first");
        worker.Wake("second");
        loop.RunUntil(Start.AddMinutes(1));
        Assert.Equal(["0 first", "0 second", "2 late"], worker.Seen);
        Assert.Equal(Start.AddMinutes(1), loop.Clock.Now);
    }

    [Fact]
    public void A_key_waits_once_at_the_earliest_time_asked_for()
    {
        var loop = new EventLoop(new Clock(Start));
        var worker = new Recorder(loop);
        worker.WakeAfter("a", TimeSpan.FromSeconds(5));
        worker.WakeAfter("a", TimeSpan.FromSeconds(3));
        worker.WakeAfter("a", TimeSpan.FromSeconds(9));
        loop.RunUntil(Start.AddMinutes(1));
        Assert.Equal(["3 a"], worker.Seen);
    }

    [Fact]
    public void A_turn_after_the_limit_does_not_run_and_does_not_move_the_clock()
    {
        var loop = new EventLoop(new Clock(Start));
        var worker = new Recorder(loop);
        worker.WakeAfter("a", TimeSpan.FromSeconds(5));
        Assert.False(loop.RunNext(Start.AddSeconds(4)));
        Assert.Equal(Start, loop.Clock.Now);
        Assert.True(loop.RunNext(Start.AddSeconds(5)));
    }

    [Theory]
    [InlineData(0, 10, 0)]
    [InlineData(1, 10, 10)]
    [InlineData(10, 10, 10)]
    [InlineData(11, 10, 20)]
    public void Periods_count_from_the_start(int now, int period, int next)
    {
        var clock = Clock.Resumed(Start, Start.AddSeconds(now));
        Assert.Equal(Start.AddSeconds(next), clock.NextMultiple(TimeSpan.FromSeconds(period)));
    }

    private sealed class Recorder(EventLoop loop) : Worker<string>(loop)
    {
        public List<string> Seen { get; } = [];

        protected override void Reconcile(string key) => Seen.Add($"{Clock.Elapsed.TotalSeconds} {key}");
    }
}

public sealed class ChanceTests
{
    [Fact]
    public void A_draw_depends_on_seed_purpose_and_key_alone()
    {
        var draw = new Chance(7).For("ec2/boot", "a");
        Assert.Equal(draw.Bits, new Chance(7).For("ec2/boot", "a").Bits);
        Assert.NotEqual(draw.Bits, new Chance(8).For("ec2/boot", "a").Bits);
        Assert.NotEqual(draw.Bits, new Chance(7).For("ec2/boot", "b").Bits);
        Assert.NotEqual(draw.Bits, new Chance(7).For("ec2/boota", "").Bits);
    }

    [Fact]
    public void Draws_keep_their_values_from_release_to_release() =>
        Assert.Equal("qc62j", new Chance(1).For("api/name", 1).NameSuffix(5));

    [Fact]
    public void Draws_stay_in_their_bounds_and_reach_both_ends()
    {
        var seen = new HashSet<long>();
        for (var key = 0; key < 1000; key++)
        {
            seen.Add(new Chance(1).For("test", key).Between(3, 6));
        }

        Assert.Equal([3L, 4L, 5L, 6L], seen.Order());
    }

    [Fact]
    public void Ids_look_like_random_uuids() =>
        Assert.Matches("^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$", new Chance(1).For("api/uid", 1).Uuid());
}
