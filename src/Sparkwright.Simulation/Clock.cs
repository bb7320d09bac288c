namespace Sparkwright.Simulation;

/// <summary>The world's only clock. It stands still while a turn runs and jumps to the next turn's time.</summary>
public sealed class Clock(DateTime start)
{
    /// <summary>When the world began, UTC; the zero of every "seconds since the start".</summary>
    public DateTime Start { get; } = start;

    /// <summary>World time, UTC.</summary>
    public DateTime Now { get; private set; } = start;

    /// <summary>World time since the start.</summary>
    public TimeSpan Elapsed => Now - Start;

    /// <summary>Puts a rebuilt world back to the time at which the old one stopped.</summary>
    public static Clock Resumed(DateTime start, DateTime now) => new(start) { Now = now };

    /// <summary>The next multiple of a period, counted from the start, that is not before now.</summary>
    public DateTime NextMultiple(TimeSpan period)
    {
        var over = Elapsed.Ticks % period.Ticks;
        return over == 0 ? Now : Now.AddTicks(period.Ticks - over);
    }

    internal void MoveTo(DateTime time)
    {
        Invariant.Holds(time >= Now, "time never runs backwards");
        Now = time;
    }
}
