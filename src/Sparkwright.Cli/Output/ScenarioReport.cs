using Sparkwright.World.Insight;
using Sparkwright.World.Scenarios;

namespace Sparkwright.Cli.Output;

/// <summary>One scenario as it came out, for reports that show several: a run, or why a file could not be read.</summary>
public abstract record ScenarioReport(string File)
{
    /// <param name="Wall">Real time; reports that are to repeat leave it out.</param>
    public sealed record Ran(string File, ScenarioRun Run, RunReport Report, TimeSpan Wall) : ScenarioReport(File);

    /// <param name="Message">What is wrong, where, and how to mend it.</param>
    public sealed record Unreadable(string File, string Message) : ScenarioReport(File);

    /// <summary>The folder of the file, as it was given; scenarios of one folder belong together.</summary>
    public string Folder => Path.GetDirectoryName(File) is { Length: > 0 } folder ? folder.Replace('\\', '/') : ".";

    /// <summary>The failed steps that fail a scenario, in words.</summary>
    public static IEnumerable<string> Failures(ScenarioRun run) => run.Steps
        .Where(step => step.Action == "expect" && !step.Ok)
        .Select(step => $"step {step.Index} expect at {ScenarioJson.Seconds(step.At)} s: {step.Message}");
}
