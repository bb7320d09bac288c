using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using Sparkwright.Cli.Output;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World;
using Sparkwright.World.Insight;

namespace Sparkwright.Cli.Commands;

/// <summary><c>sparkwright run</c>: the main job.</summary>
internal static class RunCommand
{
    public static Command Create()
    {
        var folder = new Argument<string>("JOB_DIR") { Description = "A folder with job-run.yaml (or .json) and the files that it names" };
        var blueprint = new Option<string?>("--blueprint") { Description = "The platform; else the nearest blueprint.yaml above JOB_DIR, else the one built in" };
        var seed = new Option<long>("--seed") { Description = "Seed of all chance", DefaultValueFactory = _ => 1 };
        var output = new Option<string>("--output", "-o") { Description = "text; json; html (a page that needs nothing else)", DefaultValueFactory = _ => "text" };
        output.AcceptOnlyFromAmong("text", "json", "html");
        var noColor = new Option<bool>("--no-color") { Description = "No colours (also: the variable NO_COLOR)" };
        var command = new Command("run", """
            Brings up the platform in virtual time, runs a job through it, and shows where every pod went, which nodes were bought and why, how long it
            took and what it cost. Exits 0 only if the job run is COMPLETED, 1 if it is not, 2 when the input is wrong.

            Examples:
              sparkwright run blueprints/emr-eks-karpenter/examples/compute-optimized
              sparkwright run my-job --blueprint my-platform/blueprint.yaml --seed 7
              sparkwright run my-job --output json
              sparkwright run my-job --output html > report.html
            """)
        {
            folder, blueprint, seed, output, noColor,
        };
        command.SetAction(parsed => Run(
            parsed.GetValue(folder)!, parsed.GetValue(blueprint), parsed.GetValue(seed), parsed.GetValue(output)!, parsed.GetValue(noColor)));
        return command;
    }

    private static int Run(string folder, string? blueprintFile, long seed, string format, bool noColor)
    {
        try
        {
            var wall = Stopwatch.StartNew();
            var job = JobFolder.Read(folder);
            var session = new JobSession(BlueprintFiles.Load(blueprintFile, job.Path), seed);
            foreach (var (key, body) in job.Files)
            {
                session.Upload(JobFolder.Bucket, key, body);
            }

            bool completed;
            using (var timeline = LiveTimeline.OnStderr(noColor))
            {
                void Show() => timeline.Show(session.History, session.State);
                if (session.Submit(job.Request, Show) is { } wrong)
                {
                    throw new InputException($"{folder}: {wrong.Replace($"s3://{JobFolder.Bucket}/", JobFolder.Variable + "/", StringComparison.Ordinal)}; {JobFolder.Variable}/{Path.GetFileName(job.Path)}/ is this folder");
                }

                completed = session.Follow(Show);
            }

            var report = session.Report(wall.ElapsedMilliseconds);
            switch (format)
            {
                case "json":
                    PrintJson(report);
                    break;
                case "html":
                    Console.Out.Write(RunHtml.Of(report));
                    break;
                default:
                    Console.Out.Write(RunScreen.Render(report, ScreenSettings.ForStdout(noColor)));
                    break;
            }

            return completed ? 0 : 1;
        }
        catch (Exception mistake) when (mistake is InputException or PlatformException or IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"sparkwright: {mistake.Message}");
            return 2;
        }
    }

    private static void PrintJson(RunReport report)
    {
        using var standardOut = Console.OpenStandardOutput();
        using (var json = new Utf8JsonWriter(standardOut, TreeJson.Compact))
        {
            RunReportJson.Write(json, report);
        }

        standardOut.WriteByte((byte)'\n');
    }
}
