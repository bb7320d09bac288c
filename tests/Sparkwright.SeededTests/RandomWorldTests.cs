using System.Globalization;
using Sparkwright.SeededTests.RandomWorlds;

namespace Sparkwright.SeededTests;

/// <summary>
/// Whole worlds from a seed: pools, workloads, changes, losses, failing calls and restarts in any order. The invariants hold after every step; when
/// the disturbances stop, the world settles and becomes quiet; when everything is deleted, nothing is left that costs money.
/// </summary>
/// <remarks>SPARKWRIGHT_RANDOM_WORLDS=FIRST-LAST runs other seeds than the usual ones; CI runs hundreds.</remarks>
public sealed class RandomWorldTests(WorldCounts counts) : IClassFixture<WorldCounts>
{
    /// <summary>Worlds a test case; so many that a failure names a small range and the list of cases stays readable.</summary>
    private const int Batch = 10;

    public static TheoryData<long, long> Seeds
    {
        get
        {
            var range = (Environment.GetEnvironmentVariable("SPARKWRIGHT_RANDOM_WORLDS") ?? "1-60").Split('-');
            var (first, last) = (long.Parse(range[0], CultureInfo.InvariantCulture), long.Parse(range[^1], CultureInfo.InvariantCulture));
            var data = new TheoryData<long, long>();
            for (var start = first; start <= last; start += Batch)
            {
                data.Add(start, Math.Min(last, start + Batch - 1));
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_disturbed_world_keeps_its_invariants_and_settles(long first, long last)
    {
        var failures = new List<string>();
        var rules = new HashSet<string>(StringComparer.Ordinal);
        for (var seed = first; seed <= last; seed++)
        {
            var happenings = RandomHistory.Of(seed, restarts: true);
            var run = RandomRun.Of(seed, happenings);
            counts.Add(run.Seen);
            if (run.Failure is not { } failure)
            {
                continue;
            }

            // Shrinking takes as long as dozens of worlds, so each rule that is broken is shown once.
            failures.Add($"seed {seed}: {failure}" + (rules.Add(RandomRun.RuleOf(failure))
                ? $"\nThe smallest world that breaks the same rule:\n{run.Shrunk(happenings).ToScenarioFile()}" : ""));
        }

        Assert.True(failures.Count == 0, string.Join('\n', failures));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void The_same_seed_gives_the_same_world(long seed) => Assert.Equal(Journal(seed), Journal(seed));

    private static string Journal(long seed) =>
        string.Join('\n', RandomRun.Of(seed, RandomHistory.Of(seed, restarts: true)).World.Store.InWriteOrder().Select(known => known.ToTree()));
}
