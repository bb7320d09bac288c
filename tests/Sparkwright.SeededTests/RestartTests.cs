using System.Collections.Immutable;
using Sparkwright.Cli.Commands;
using Sparkwright.World.Scenarios;

namespace Sparkwright.SeededTests;

/// <summary>All state is in the store: an engine that is restarted between any two steps ends where an undisturbed one ends.</summary>
public sealed class RestartTests
{
    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(700);

    public static TheoryData<string> Files()
    {
        var data = new TheoryData<string>();
        foreach (var folder in new[] { "kubernetes", "scheduler", "yunikorn" })
        {
            foreach (var file in ScenarioFiles.Find(Path.Combine(ScenarioFolder(), folder)))
            {
                data.Add(Path.GetRelativePath(ScenarioFolder(), file));
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Restarts_between_all_steps_change_no_expectation(string name)
    {
        var file = Path.Combine(ScenarioFolder(), name);
        foreach (var scenario in ScenarioFiles.Read(file))
        {
            var run = ScenarioFiles.Start(scenario with { Steps = [.. scenario.Steps.SelectMany(step => Disturbed(step).AsEnumerable())] }, file, null);
            run.RunAll();
            Assert.False(run.ExpectationFailed, string.Join('\n', run.Steps.Where(step => step.Action == "expect" && !step.Ok).Select(step => step.Message)));
        }
    }

    /// <summary>
    /// A restart after each step; short advances are cut into slices with a restart after each. Longer ones stay whole: the quarantine of the pod
    /// garbage collector (40 s) is kept in memory and begins anew with every restart.
    /// </summary>
    private static ImmutableArray<ScenarioStep> Disturbed(ScenarioStep step)
    {
        var restart = new ScenarioStep.Restart("engine");
        if (step is not ScenarioStep.Advance { IsAbsolute: false } advance || advance.Duration >= TimeSpan.FromMinutes(2))
        {
            return [step, restart];
        }

        var slices = ImmutableArray.CreateBuilder<ScenarioStep>();
        for (var left = advance.Duration; left > TimeSpan.Zero; left -= Slice)
        {
            slices.Add(new ScenarioStep.Advance(left < Slice ? left : Slice, false));
            slices.Add(restart);
        }

        return slices.Count == 0 ? [step, restart] : slices.ToImmutable();
    }

    private static string ScenarioFolder()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (Directory.Exists(Path.Combine(at.FullName, "tests", "Sparkwright.SeededTests", "Scenarios")))
            {
                return Path.Combine(at.FullName, "tests", "Sparkwright.SeededTests", "Scenarios");
            }
        }

        throw new DirectoryNotFoundException("the scenarios are not above the test program");
    }
}
