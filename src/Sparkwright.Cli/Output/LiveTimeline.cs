using System.Globalization;
using Sparkwright.World.Insight;
using Spectre.Console;

namespace Sparkwright.Cli.Output;

/// <summary>
/// Shows on a terminal what happens while virtual time passes: frames drawn over one another, at most a few a second of real time. Elsewhere
/// it shows nothing.
/// </summary>
public sealed class LiveTimeline(TextWriter terminal, ScreenSettings settings, TimeProvider time) : IDisposable
{
    private const int MostNodes = 8;
    private const int MostPods = 14;

    private static readonly TimeSpan FramePeriod = TimeSpan.FromMilliseconds(80);

    private long? lastFrame;
    private int lines;

    /// <summary>The timeline of this process, on stderr.</summary>
    public static LiveTimeline OnStderr(bool noColor) => new(Console.Error, ScreenSettings.ForStderr(noColor), TimeProvider.System);

    /// <summary>Draws a frame, unless the last one is too young.</summary>
    /// <param name="jobState">The job run's state, or null before there is one.</param>
    public void Show(History history, string? jobState)
    {
        if (!settings.IsTerminal || (lastFrame is { } last && time.GetElapsedTime(last) < FramePeriod))
        {
            return;
        }

        lastFrame = time.GetTimestamp();
        var frame = Frame(history, jobState, settings);
        Clear();
        terminal.Write(frame);
        lines = frame.Count(character => character == '\n');
    }

    /// <summary>Takes the last frame away: the report says it all.</summary>
    public void Dispose()
    {
        if (settings.IsTerminal)
        {
            Clear();
            terminal.Flush();
        }
    }

    /// <summary>One frame as text.</summary>
    public static string Frame(History history, string? jobState, ScreenSettings settings)
    {
        var screen = new Screen(settings);
        var pods = history.Pods.Where(pod => pod.Role is not null).ToList();
        var nodes = history.Nodes.Where(node => node.DeletedAt is null).ToList();
        screen.Line(string.Join(
            "  ",
            $"[bold]t+{Numbers.Seconds(history.Now - history.Start)} s[/]",
            $"job {Screen.State(jobState ?? "not submitted")}",
            $"nodes {Count(nodes, node => node.IsReady)} ready, {Count(nodes, node => !node.IsReady)} booting",
            $"pods {Count(pods, pod => State(pod) == "Pending")} waiting, {Count(pods, pod => State(pod) == "Starting")} starting, "
            + $"{Count(pods, pod => State(pod) == "Running")} running, {Count(pods, pod => pod.FinishedAt is not null)} done"));
        foreach (var node in nodes.Where(node => node.IsKarpenters).TakeLast(MostNodes))
        {
            var state = node.IsReady ? "Ready" : "Booting";
            screen.Line($"  node {Host(node.Name)}  {Text(node.InstanceType)}  {Text(node.Zone)}  {Text(node.CapacityType)}  {Screen.State(state)}  "
                + $"pods {Count(node.Pods, pod => pod.TakesRoom && pod.Role is not null)}");
        }

        foreach (var pod in pods.TakeLast(MostPods))
        {
            screen.Line($"  pod  {Markup.Escape(pod.Name)}  {pod.Role}  {Screen.State(State(pod))}  {Host(pod.NodeName)}");
        }

        return screen.Render();
    }

    private static string State(PodHistory pod) => pod switch
    {
        { FinishedAt: not null } or { RunningAt: not null } => pod.Phase,
        { ScheduledAt: not null } => "Starting",
        _ => "Pending",
    };

    private static string Count<T>(IEnumerable<T> items, Func<T, bool> which) => items.Count(which).ToString(CultureInfo.InvariantCulture);

    private static string Host(string? node) => Text(node?.Split('.')[0]);

    private static string Text(string? text) => text is null ? "-" : Markup.Escape(text);

    private void Clear()
    {
        if (lines > 0)
        {
            // Up to the first line of the last frame, and everything below it away.
            terminal.Write($"\e[{lines.ToString(CultureInfo.InvariantCulture)}A\r\e[J");
            lines = 0;
        }
    }
}
