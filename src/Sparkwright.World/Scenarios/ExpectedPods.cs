using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Scenarios;

/// <summary>What a scenario expects of pods: where they are, and how evenly.</summary>
internal static class ExpectedPods
{
    private static readonly string[] Selecting = ["name", "namespace", "labels"];

    public static IReadOnlyList<string> Words { get; } = [.. Selecting, "count", "running", "phase", "node", "zone", "instanceType"];

    public static IReadOnlyList<string> SpreadWords { get; } = [.. Selecting, "by", "maxSkew", "counts"];

    /// <summary>The pods that name, namespace and labels choose: there are some (or <c>count</c>), and each is as the other words say.</summary>
    public static IEnumerable<string> Failures(Tree wanted, World world)
    {
        var pods = Chosen(wanted, world).ToList();
        var who = Say(wanted);
        if (wanted["count"]?.Integer is { } count ? pods.Count != count : pods.Count == 0)
        {
            yield return $"{who}: expected {wanted["count"]?.ToString() ?? "some"}, is {pods.Count}";
        }

        var running = pods.Where(pod => pod.Status["phase"]?.Text == "Running").ToList();
        if (wanted["running"] is { } asked && (asked.Integer is { } number ? running.Count != number : (running.Count == pods.Count) != asked.Boolean))
        {
            yield return $"{who}: expected running {asked}, is {running.Count} of {pods.Count}";
        }

        foreach (var pod in pods)
        {
            foreach (var (word, actual) in new[]
            {
                ("phase", pod.Status["phase"]?.Text ?? ""),
                ("node", PodSpecView.Of(pod).NodeName),
                ("zone", OfNode(world, pod, "topology.kubernetes.io/zone")),
                ("instanceType", OfNode(world, pod, "node.kubernetes.io/instance-type")),
            })
            {
                if (wanted[word]?.Text is { } pattern && !ScenarioExpectation.Like(actual ?? "", pattern))
                {
                    yield return $"{who}: expected {word} {pattern} of {pod.Name}, is '{actual}'";
                }
            }
        }
    }

    /// <summary>
    /// Placed pods counted by a label of their nodes (<c>by: zone</c>, <c>hostname</c> or any label): exactly <c>counts</c>, or at most
    /// <c>maxSkew</c> between the fullest and the emptiest value that any node has.
    /// </summary>
    public static IEnumerable<string> SpreadFailures(Tree wanted, World world)
    {
        var label = wanted["by"]?.Text switch { null or "zone" => "topology.kubernetes.io/zone", "hostname" => "kubernetes.io/hostname", var other => other };
        var counts = world.Store.List(CoreTypes.Node).Select(node => node.Metadata.Label(label)).OfType<string>()
            .Distinct(StringComparer.Ordinal).ToDictionary(value => value, _ => 0L, StringComparer.Ordinal);
        foreach (var pod in Chosen(wanted, world))
        {
            if (OfNode(world, pod, label) is { } value)
            {
                counts[value] = counts.GetValueOrDefault(value) + 1;
            }
        }

        var found = string.Join(", ", counts.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => $"{entry.Key}: {entry.Value}"));
        if (wanted["maxSkew"]?.Integer is { } most && (counts.Count == 0 || counts.Values.Max() - counts.Values.Min() > most))
        {
            yield return $"{Say(wanted)}: expected a skew of at most {most}, is {{{found}}}";
        }

        if (wanted["counts"] is TreeMap exact)
        {
            foreach (var failure in ExpectedNodes.CountFailures(exact, counts))
            {
                yield return $"{Say(wanted)}: {failure}";
            }
        }
    }

    private static IEnumerable<ApiObject> Chosen(Tree wanted, World world) => world.Store.List(CoreTypes.Pod).Where(pod =>
        ScenarioExpectation.Like(pod.Name, wanted["name"]?.Text ?? "*")
        && (wanted["namespace"]?.Text is not { } home || pod.Namespace == home)
        && (wanted["labels"] as TreeMap ?? TreeMap.Empty).Members().All(label => pod.Metadata.Label(label.Key) == label.Value.Text));

    private static string? OfNode(World world, ApiObject pod, string label) =>
        PodSpecView.Of(pod).NodeName is { Length: > 0 } name ? world.Store.Get(CoreTypes.Node, "", name)?.Metadata.Label(label) : null;

    private static string Say(Tree wanted) => wanted["name"]?.Text ?? wanted["labels"]?.ToString() ?? "pods";
}
