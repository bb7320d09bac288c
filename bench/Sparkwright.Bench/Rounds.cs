using System.Diagnostics;

namespace Sparkwright.Bench;

/// <summary>Measures by the best of several rounds: the rest is what else the machine did.</summary>
internal static class Rounds
{
    private const int Count = 5;

    /// <summary>The shortest of several rounds, each with its own preparation outside the clock; a first one warms up.</summary>
    public static TimeSpan Best<T>(Func<T> prepare, Action<T> work)
    {
        var best = TimeSpan.MaxValue;
        for (var round = 0; round <= Count; round++)
        {
            var input = prepare();
            GC.Collect();
            var started = Stopwatch.GetTimestamp();
            work(input);
            var took = Stopwatch.GetElapsedTime(started);
            if (round > 0 && took < best)
            {
                best = took;
            }
        }

        return best;
    }
}
