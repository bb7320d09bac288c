using System.CommandLine;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Insight;
using Sparkwright.World.Scenarios;

namespace Sparkwright.Cli.Commands;

/// <summary><c>sparkwright simulate</c>: runs scenarios in virtual time.</summary>
internal static class SimulateCommand
{
    public static Command Create()
    {
        var paths = new Argument<string[]>("SCENARIO_OR_DIR") { Description = "Scenario files, or folders of them", Arity = ArgumentArity.OneOrMore };
        var seed = new Option<long?>("--seed") { Description = "Seed of all chance; beats spec.seed" };
        var output = new Option<string>("--output", "-o") { Description = "text or json (one object a line and scenario)", DefaultValueFactory = _ => "text" };
        output.AcceptOnlyFromAmong("text", "json");
        var command = new Command("simulate", """
            Runs scenarios in virtual time and prints what happened. Exits 1 when an expect step fails, 2 when a scenario cannot be read.

            Examples:
              sparkwright simulate tests/scale-out.yaml
              sparkwright simulate scenarios/ --seed 7 --output json
            """)
        {
            paths, seed, output,
        };
        command.SetAction(parsed => Run(parsed.GetValue(paths)!, parsed.GetValue(seed), parsed.GetValue(output) == "json"));
        return command;
    }

    private static int Run(string[] paths, long? seed, bool asJson)
    {
        var exit = 0;
        using var standardOut = Console.OpenStandardOutput();
        foreach (var path in paths)
        {
            foreach (var file in ScenarioFiles.Find(path))
            {
                try
                {
                    foreach (var scenario in ScenarioFiles.Read(file))
                    {
                        exit = Math.Max(exit, RunOne(scenario, file, seed, asJson, standardOut) ? 0 : 1);
                    }
                }
                catch (ScenarioException wrong)
                {
                    Console.Error.WriteLine($"sparkwright: {wrong.Message}");
                    exit = 2;
                }
            }
        }

        return exit;
    }

    private static bool RunOne(Scenario scenario, string file, long? seed, bool asJson, Stream standardOut)
    {
        var wall = Stopwatch.StartNew();
        var run = ScenarioFiles.Start(scenario, file, seed);
        var history = History.Of(run.World);
        run.RunAll();
        if (!asJson)
        {
            ScenarioText.Print(run, Console.Out);
            return !run.ExpectationFailed;
        }

        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, TreeJson.Compact))
        {
            ScenarioJson.Write(json, run, wall.ElapsedMilliseconds, members => RunReportJson.WriteMembers(members, Report(run, history)));
        }

        buffer.WriteByte((byte)'\n');
        buffer.WriteTo(standardOut);
        standardOut.Flush();
        return !run.ExpectationFailed;
    }

    private static RunReport Report(ScenarioRun run, History history) => ReportBuilder.Build(history, new ReportRequest
    {
        Seed = run.World.Chance.Seed,
        Findings = [.. run.World.LateRefusals().Select(refusal => Finding.Error("late-refusal", refusal)), .. BootFindings.Of(run.World.Store)],
    });
}

/// <summary>What a run of a scenario looks like in a terminal.</summary>
internal static class ScenarioText
{
    public static void Print(ScenarioRun run, TextWriter to)
    {
        var text = new StringBuilder();
        text.AppendLine($"{(run.ExpectationFailed ? "FAILED" : "ok    ")} {run.Scenario.Name} (seed {run.World.Chance.Seed}, {ScenarioJson.Seconds(run.World.Clock.Elapsed)} virtual seconds)");
        foreach (var step in run.Steps.Where(step => !step.Ok))
        {
            text.AppendLine($"       step {step.Index} {step.Action} at {ScenarioJson.Seconds(step.At)} s: {(step.Message.Length > 0 ? step.Message : "refused")}");
            foreach (var document in step.Documents.Where(document => !document.IsAccepted))
            {
                text.AppendLine($"         {document.Kind} {document.Name}: {document.Status} {document.Message}");
            }
        }

        to.Write(text);
    }
}
