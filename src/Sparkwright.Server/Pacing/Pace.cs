namespace Sparkwright.Server.Pacing;

/// <summary>
/// How world time follows wall time: from where the world stood, times the speed. A world that cannot keep up slows down; it never skips, so
/// that every turn still runs in its order.
/// </summary>
public sealed class Pace
{
    /// <summary>Being late by more than this (of wall time) moves the clock's origin instead of making the world run after it.</summary>
    private static readonly TimeSpan MostLag = TimeSpan.FromSeconds(1);

    private readonly TimeProvider wall;
    private readonly double speed;

    /// <summary>One value, as others than the engine's thread read the time too.</summary>
    private volatile Origin origin;

    /// <param name="world">World time now, UTC.</param>
    /// <param name="speed">Seconds of world time in one of wall time; more than 0.</param>
    public Pace(DateTime world, double speed, TimeProvider wall)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(speed);
        this.wall = wall;
        this.speed = speed;
        origin = new Origin(world, wall.GetTimestamp());
    }

    /// <summary>World time that wall time has reached.</summary>
    public DateTime Now
    {
        get
        {
            var start = origin;
            return start.World + (wall.GetElapsedTime(start.StartedAt) * speed);
        }
    }

    /// <summary>Says how far the world has really come; what it is late beyond a second is given up.</summary>
    public void Reached(DateTime world)
    {
        if (Now - world > MostLag * speed)
        {
            origin = new Origin(world, wall.GetTimestamp());
        }
    }

    /// <summary>Wall time until the world gets to a time; zero when it is there.</summary>
    public TimeSpan Until(DateTime world) => (world - Now) / speed is var wait && wait > TimeSpan.Zero ? wait : TimeSpan.Zero;

    private sealed record Origin(DateTime World, long StartedAt);
}
