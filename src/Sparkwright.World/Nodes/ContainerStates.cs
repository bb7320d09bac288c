using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Nodes;

/// <summary>The entries of <c>status.containerStatuses</c>.</summary>
internal static class ContainerStates
{
    public static TreeMap Waiting(TreeMap container, string reason, TreeMap? before = null) => Entry(container, before, false)
        .With("state", TreeMap.Of(("waiting", TreeMap.Of(("reason", reason)))));

    public static TreeMap Running(TreeMap container, DateTime startedAt, string id, TreeMap? before = null) => Entry(container, before, true)
        .With("containerID", $"containerd://{id}")
        .With("imageID", container["image"])
        .With("started", true)
        .With("state", TreeMap.Of(("running", TreeMap.Of(("startedAt", Timestamps.Print(startedAt))))));

    public static TreeMap Terminated(TreeMap container, TreeMap before, DateTime finishedAt, int exitCode) => before
        .With("ready", false)
        .With("started", false)
        .With("name", container["name"])
        .With("state", TreeMap.Of(("terminated", TreeMap.Of(
            ("containerID", before["containerID"]),
            ("exitCode", exitCode),
            ("finishedAt", Timestamps.Print(finishedAt)),
            ("reason", exitCode == 0 ? "Completed" : "Error"),
            ("startedAt", before.At("state", "running", "startedAt"))))));

    /// <summary>The entry of a running container with what its probes say now; any other as it is.</summary>
    public static TreeMap Probed(TreeMap container, TreeMap entry, DateTime now) =>
        Timestamps.Read(entry.At("state", "running", "startedAt")) is { } since
            ? entry.With("ready", ContainerProbes.ReadyFrom(container, since) <= now).With("started", ContainerProbes.StartedFrom(container, since) <= now)
            : entry;

    public static bool AreAnyRunning(TreeMap status) =>
        Tree.ItemsOf(status["initContainerStatuses"]).ToArray().Concat(Tree.ItemsOf(status["containerStatuses"]).ToArray()).Any(entry => entry.At("state", "running") is not null);

    /// <summary>The status of a pod that is stopped as a whole: what runs ends.</summary>
    /// <param name="isLost">Whether a container that never ran counts as one that nobody can find.</param>
    public static TreeMap AllEnded(TreeMap status, IEnumerable<TreeMap> containers, string list, DateTime now, int exitCode, bool isLost)
    {
        foreach (var container in containers)
        {
            var entry = Of(status, list, container["name"]?.Text ?? "");
            if (entry?.At("state", "running") is not null)
            {
                status = Put(status, list, Terminated(container, entry, now, exitCode));
            }
            else if (isLost && entry?.At("state", "waiting") is not null)
            {
                status = Put(status, list, entry.With("state", TreeMap.Of(("terminated", TreeMap.Of(
                    ("exitCode", 137),
                    ("message", "The container could not be located when the pod was terminated"),
                    ("reason", "ContainerStatusUnknown"))))));
            }
        }

        return status;
    }

    public static TreeMap? Of(TreeMap status, string list, string name) =>
        Tree.ItemsOf(status[list]).ToArray().OfType<TreeMap>().FirstOrDefault(entry => entry["name"]?.Text == name);

    public static TreeMap Put(TreeMap status, string list, TreeMap entry)
    {
        var items = Tree.ItemsOf(status[list]).ToArray().ToList();
        var at = items.FindIndex(item => item["name"]?.Text == entry["name"]?.Text);
        if (at < 0)
        {
            items.Add(entry);
        }
        else
        {
            items[at] = entry;
        }

        return status.With(list, TreeList.From(items));
    }

    private static TreeMap Entry(TreeMap container, TreeMap? before, bool ready) => TreeMap.Of(
        ("image", container["image"]),
        ("imageID", before?["imageID"] ?? ""),
        ("lastState", before?["lastState"] ?? TreeMap.Empty),
        ("name", container["name"]),
        ("ready", ready),
        ("restartCount", before?["restartCount"] ?? 0));
}
