using System.CommandLine;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Sparkwright.Cli.Output;
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
        var output = new Option<string>("--output", "-o")
        {
            Description = "text; json (one object a line and scenario); junit (XML for CI systems); html (a page that needs nothing else)",
            DefaultValueFactory = _ => "text",
        };
        output.AcceptOnlyFromAmong("text", "json", "junit", "html");
        var command = new Command("simulate", """
            Runs scenarios in virtual time and prints what happened; of a single file all of it. A folder means all scenarios below it. Exits 1 when an expect step fails, 2 when a
            scenario cannot be read; the others run all the same.

            Examples:
              sparkwright simulate tests/scale-out.yaml
              sparkwright simulate scenarios/ more/one.yaml --seed 7 --output json
              sparkwright simulate scenarios/ --output junit > results.xml
              sparkwright simulate scenarios/ --output html > report.html
            """)
        {
            paths, seed, output,
        };
        command.SetAction(parsed =>
        {
            using var standardOut = Console.OpenStandardOutput();
            return Run(parsed.GetValue(paths)!, parsed.GetValue(seed), parsed.GetValue(output)!, standardOut, Console.Error);
        });
        return command;
    }

    /// <summary>Runs every scenario of the paths and answers the exit code.</summary>
    /// <param name="format">text, json, junit or html; the last two are printed when all have run.</param>
    public static int Run(IReadOnlyList<string> paths, long? seed, string format, Stream output, TextWriter errors)
    {
        var reports = new List<ScenarioReport>();
        var exit = 0;
        var screen = ReferenceEquals(errors, Console.Error) ? ScreenSettings.ForStdout(noColor: false) : ScreenSettings.Plain;
        var found = paths.Select(path => (Path: path, Files: ScenarioFiles.Find(path))).ToList();
        using (var progress = new ProgressLine(errors, ReferenceEquals(errors, Console.Error) ? ScreenSettings.ForStderr(noColor: true) : ScreenSettings.Plain, found.Sum(one => one.Files.Count)))
        {
            var done = 0;
            foreach (var (path, files) in found)
            {
                var outcomes = files.Count == 0
                    ? [new ScenarioReport.Unreadable(path, $"{path}: there is no scenario below it: a .yaml or .yml file that begins with apiVersion: {ScenarioReader.ApiVersion} and kind: Scenario")]
                    : files.SelectMany(file => RunFile(file, seed, () => progress.Show(done++, file)));
                foreach (var report in outcomes)
                {
                    progress.Clear();
                    exit = Math.Max(exit, ExitCode(report));
                    if (report is ScenarioReport.Unreadable unreadable)
                    {
                        errors.WriteLine($"sparkwright: {unreadable.Message}");
                    }

                    if (format is "text" or "json")
                    {
                        PrintAtOnce(report, format, found.Sum(one => one.Files.Count) == 1 ? screen : null, output);
                    }
                    else
                    {
                        reports.Add(report);
                    }
                }
            }
        }

        if (format is "junit" or "html")
        {
            output.Write(Encoding.UTF8.GetBytes(format == "junit" ? ScenarioJUnit.Of(reports) : ScenarioHtml.Of(reports)));
            output.Flush();
        }

        return exit;
    }

    private static int ExitCode(ScenarioReport report) => report switch
    {
        ScenarioReport.Unreadable => 2,
        ScenarioReport.Ran { Run.ExpectationFailed: true } => 1,
        _ => 0,
    };

    /// <summary>The scenarios of a file as they come out, and last the reason why the rest of it cannot be read.</summary>
    private static IEnumerable<ScenarioReport> RunFile(string file, long? seed, Action begins)
    {
        begins();
        using var scenarios = new ScenarioEnumerator(file);
        while (true)
        {
            ScenarioReport report;
            try
            {
                if (scenarios.Next() is not { } scenario)
                {
                    yield break;
                }

                report = RunOne(scenario, file, seed);
            }
            catch (ScenarioException wrong)
            {
                report = new ScenarioReport.Unreadable(file, wrong.Message);
            }

            yield return report;
            if (report is ScenarioReport.Unreadable)
            {
                yield break;
            }
        }
    }

    private static ScenarioReport.Ran RunOne(Scenario scenario, string file, long? seed)
    {
        var wall = Stopwatch.StartNew();
        var run = ScenarioFiles.Start(scenario, file, seed);
        var history = History.Of(run.World);
        run.RunAll();
        return new ScenarioReport.Ran(file, run, Report(run, history), wall.Elapsed);
    }

    /// <param name="details">What text with all reasons is made for; null for a line or two.</param>
    private static void PrintAtOnce(ScenarioReport report, string format, ScreenSettings? details, Stream output)
    {
        if (report is not ScenarioReport.Ran ran)
        {
            return;
        }

        using var buffer = new MemoryStream();
        if (format == "json")
        {
            using (var json = new Utf8JsonWriter(buffer, TreeJson.Compact))
            {
                ScenarioJson.Write(json, ran.Run, (long)ran.Wall.TotalMilliseconds, members => RunReportJson.WriteMembers(members, ran.Report));
            }

            buffer.WriteByte((byte)'\n');
        }
        else
        {
            buffer.Write(Encoding.UTF8.GetBytes(ScenarioText.Of(ran.Run)));
            if (details is not null && ran.Report.Pods.Length + ran.Report.Nodes.Length > 0)
            {
                buffer.Write(Encoding.UTF8.GetBytes(RunScreen.Render(ran.Report, details)));
            }
        }

        buffer.WriteTo(output);
        output.Flush();
    }

    private static RunReport Report(ScenarioRun run, History history) => ReportBuilder.Build(history, new ReportRequest
    {
        Seed = run.World.Chance.Seed,
        YuniKorn = run.World.YuniKorn,
        Findings = [.. run.World.LateRefusals().Select(refusal => Finding.Error("late-refusal", refusal)), .. BootFindings.Of(run.World.Store)],
    });
}

/// <summary>The scenarios of a file one after the other; reading each may fail.</summary>
internal sealed class ScenarioEnumerator(string file) : IDisposable
{
    private IEnumerator<Scenario>? scenarios;

    /// <exception cref="ScenarioException">It cannot be read.</exception>
    public Scenario? Next()
    {
        scenarios ??= ScenarioFiles.Read(file).GetEnumerator();
        return scenarios.MoveNext() ? scenarios.Current : null;
    }

    public void Dispose() => scenarios?.Dispose();
}

/// <summary>What a run of a scenario looks like in a terminal.</summary>
internal static class ScenarioText
{
    public static string Of(ScenarioRun run)
    {
        var text = new StringBuilder();
        text.Append($"{(run.ExpectationFailed ? "FAILED" : "ok    ")} {run.Scenario.Name} (seed {run.World.Chance.Seed}, {ScenarioJson.Seconds(run.World.Clock.Elapsed)} virtual seconds)\n");
        foreach (var step in run.Steps.Where(step => !step.Ok))
        {
            text.Append($"       step {step.Index} {step.Action} at {ScenarioJson.Seconds(step.At)} s: {(step.Message.Length > 0 ? step.Message : "refused")}\n");
            foreach (var document in step.Documents.Where(document => !document.IsAccepted))
            {
                text.Append($"         {document.Kind} {document.Name}: {document.Status} {document.Message}\n");
            }
        }

        return text.ToString();
    }
}
