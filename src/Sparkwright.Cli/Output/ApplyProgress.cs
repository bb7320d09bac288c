using System.Globalization;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Blueprint;

namespace Sparkwright.Cli.Output;

/// <summary>How far an apply is: a line for each thing that happens, and on a terminal a bar below them.</summary>
public sealed class ApplyProgress(TextWriter terminal, ScreenSettings settings, PlatformPlan plan) : IDisposable
{
    private readonly ProgressLine bar = new(terminal, settings, plan.Changes.Sum(static change => change.Kind == ChangeKind.Replace ? 2 : 1));
    private int done;

    /// <param name="told">An event as the platform tells it.</param>
    public void Show(TreeMap told)
    {
        bar.Clear();
        terminal.WriteLine(Line(told));
        done += told["event"]?.Text == "done" ? 1 : 0;
        bar.Show(done, told["address"]?.Text ?? "");
    }

    /// <summary>An event in words: <c>ADDRESS: Creation complete after 64s</c>.</summary>
    public static string Line(TreeMap told)
    {
        var (ongoing, complete, still) = told["action"]?.Text switch
        {
            "delete" => ("Destroying...", "Destruction complete", "Still destroying..."),
            "update" => ("Modifying...", "Modifications complete", "Still modifying..."),
            _ => ("Creating...", "Creation complete", "Still creating..."),
        };
        var after = (told["seconds"]?.Integer ?? 0).ToString(CultureInfo.InvariantCulture) + "s";
        return $"{told["address"]?.Text}: " + told["event"]?.Text switch
        {
            "started" => ongoing,
            "waiting" => $"{still} {told["message"]?.Text} [{after} elapsed]",
            "done" => $"{complete} after {after}",
            _ => $"Error: {told["message"]?.Text}",
        };
    }

    public void Dispose() => bar.Dispose();
}
