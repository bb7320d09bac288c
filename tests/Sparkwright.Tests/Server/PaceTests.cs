using Sparkwright.Server.Pacing;

namespace Sparkwright.Tests.Server;

/// <summary>World time follows wall time at its speed, and slows down instead of skipping.</summary>
public sealed class PaceTests
{
    private static readonly DateTime Start = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    [Theory]
    [InlineData(1, 10, 10)]
    [InlineData(60, 10, 600)]
    [InlineData(0.5, 10, 5)]
    public void World_time_is_wall_time_times_the_speed(double speed, int wallSeconds, int worldSeconds)
    {
        var wall = new HandClock();
        var pace = new Pace(Start, speed, wall);
        wall.Move(TimeSpan.FromSeconds(wallSeconds));
        Assert.Equal(Start.AddSeconds(worldSeconds), pace.Now);
        Assert.Equal(TimeSpan.FromSeconds(2 / speed), pace.Until(pace.Now.AddSeconds(2)));
        Assert.Equal(TimeSpan.Zero, pace.Until(pace.Now.AddSeconds(-1)));
    }

    [Theory]
    //          late by, wall s   then it goes on from
    [InlineData(0.5, 10.0)]
    [InlineData(5.0, 5.0)]
    public void A_world_that_is_late_by_more_than_a_second_slows_down(double late, double from)
    {
        var wall = new HandClock();
        var pace = new Pace(Start, 1, wall);
        wall.Move(TimeSpan.FromSeconds(10));
        pace.Reached(Start.AddSeconds(10 - late));
        Assert.Equal(Start.AddSeconds(from), pace.Now);
    }

    private sealed class HandClock : TimeProvider
    {
        private long ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => ticks;

        public void Move(TimeSpan by) => ticks += by.Ticks;
    }
}
