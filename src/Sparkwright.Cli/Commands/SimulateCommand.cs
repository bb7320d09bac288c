using System.CommandLine;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Insight;
using Sparkwright.World.Scenarios;

namespace Sparkwright.Cli.Commands;

/// <summary><c>sparkwright simulate</c>: runs scenarios in virtual time.</summary>
public static class SimulateCommand
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
        command.SetAction(parsed =>
        {
            using var standardOut = Console.OpenStandardOutput();
            return Run(parsed.GetValue(paths)!, parsed.GetValue(seed), parsed.GetValue(output) == "json", standardOut, Console.Error);
        });
        return command;
    }

    /// <summary>Runs every scenario of the paths and answers the exit code.</summary>
    public static int Run(IReadOnlyList<string> paths, long? seed, bool asJson, Stream output, TextWriter errors)
    {
        var exit = 0;
        foreach (var path in paths)
        {
            var files = ScenarioFiles.Find(path);
            if (files.Count == 0)
            {
                errors.WriteLine($"sparkwright: {path}: there is no scenario below it: a .yaml or .yml file that begins with apiVersion: {ScenarioReader.ApiVersion} and kind: Scenario");
                exit = 2;
            }

            foreach (var file in files)
            {
                exit = Math.Max(exit, RunFile(file, seed, asJson, output, errors));
            }
        }

        return exit;
    }

    private static int RunFile(string file, long? seed, bool asJson, Stream output, TextWriter errors)
    {
        var exit = 0;
        try
        {
            foreach (var scenario in ScenarioFiles.Read(file))
            {
                exit = Math.Max(exit, RunOne(scenario, file, seed, asJson, output) ? 0 : 1);
            }

            return exit;
        }
        catch (ScenarioException wrong)
        {
            errors.WriteLine($"sparkwright: {wrong.Message}");
            return 2;
        }
    }

    private static bool RunOne(Scenario scenario, string file, long? seed, bool asJson, Stream output)
    {
        var wall = Stopwatch.StartNew();
        var run = ScenarioFiles.Start(scenario, file, seed);
        var history = History.Of(run.World);
        run.RunAll();
        using var buffer = new MemoryStream();
        if (asJson)
        {
            using (var json = new Utf8JsonWriter(buffer, TreeJson.Compact))
            {
                ScenarioJson.Write(json, run, wall.ElapsedMilliseconds, members => RunReportJson.WriteMembers(members, Report(run, history)));
            }

            buffer.WriteByte((byte)'\n');
        }
        else
        {
            buffer.Write(Encoding.UTF8.GetBytes(ScenarioText.Of(run)));
        }

        buffer.WriteTo(output);
        output.Flush();
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
    public static string Of(ScenarioRun run)
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

        return text.ToString();
    }
}
