using System.Text;
using System.Text.Json;
using Sparkwright.Cli.Commands;
using Sparkwright.World.Insight;
using Sparkwright.World.Scenarios;

namespace Sparkwright.SeededTests;

/// <summary>Every scenario file below Scenarios: its expectations hold for several seeds, repeat to the byte, and survive restarts.</summary>
public sealed class ScenarioTests
{
    internal static readonly string Root = RootOf(AppContext.BaseDirectory);

    public static TheoryData<string> Files =>
    [
        .. ScenarioFiles.Find(Path.Combine(Root, "tests", "Sparkwright.SeededTests", "Scenarios")).Select(file => Path.GetRelativePath(Root, file)),
    ];

    public static TheoryData<string, long> FilesAndSeeds
    {
        get
        {
            var data = new TheoryData<string, long>();
            foreach (var file in Files)
            {
                foreach (var seed in new long[] { 1, 2, 3 })
                {
                    data.Add(file.Data, seed);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(FilesAndSeeds))]
    public void What_a_scenario_expects_holds(string file, long seed)
    {
        foreach (var scenario in Read(file))
        {
            Assert.Contains(scenario.Steps, step => step is ScenarioStep.Expect);
            HoldsAfter(ScenarioFiles.Start(scenario, Path.Combine(Root, file), seed));
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void A_restart_after_every_step_changes_nothing_that_is_expected(string file)
    {
        foreach (var scenario in Read(file))
        {
            var steps = scenario.Steps.SelectMany(step => new[] { step, new ScenarioStep.Restart("engine") });
            HoldsAfter(ScenarioFiles.Start(scenario with { Steps = [.. steps] }, Path.Combine(Root, file), 1));
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void The_same_seed_gives_the_same_bytes(string file)
    {
        foreach (var scenario in Read(file))
        {
            // What a scenario does not snapshot itself is compared at its end.
            var whole = scenario with { Steps = scenario.Steps.Add(new ScenarioStep.Snapshot("the-end-of-the-test")) };
            Assert.Equal(JsonOf(whole, file, 7), JsonOf(whole, file, 7));
        }
    }

    [Fact]
    public void Every_scenario_says_what_fact_it_is_about() => Assert.All(
        Files,
        file => Assert.StartsWith("# Fact: ", File.ReadAllText(Path.Combine(Root, file.Data)), StringComparison.Ordinal));

    private static IReadOnlyList<Scenario> Read(string file) => [.. ScenarioFiles.Read(Path.Combine(Root, file))];

    private static void HoldsAfter(ScenarioRun run)
    {
        run.RunAll();
        Assert.True(
            !run.ExpectationFailed,
            $"{run.Scenario.Name}, seed {run.World.Chance.Seed}:\n" + string.Join('\n', run.Steps
                .Where(step => step.Action == "expect" && !step.Ok)
                .Select(step => $"step {step.Index} at {step.At.TotalSeconds} s: {step.Message}")));
    }

    private static string JsonOf(Scenario scenario, string file, long seed)
    {
        var run = ScenarioFiles.Start(scenario, Path.Combine(Root, file), seed);
        var history = History.Of(run.World);
        run.RunAll();
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            ScenarioJson.Write(json, run, 0, members => RunReportJson.WriteMembers(members, ReportBuilder.Build(history, new ReportRequest { Seed = seed })));
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    private static string RootOf(string folder) => File.Exists(Path.Combine(folder, "Sparkwright.slnx"))
        ? folder
        : RootOf(Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("the tests do not lie in the repository"));
}
