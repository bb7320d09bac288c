using System.Globalization;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.Kubernetes.Tables;

/// <summary>A pod's row: what its STATUS says is the most telling reason among its phase, its conditions and its containers.</summary>
internal static class PodCells
{
    public static TableForm Form { get; } = new(
        TableColumn.Read("Name | Ready | Status | Restarts | Age | IP+ | Node+ | Nominated Node+ | Readiness Gates+"), Cells, Completion);

    private static Tree[] Cells(ApiObject pod, DateTime now)
    {
        var seen = Seen.Of(pod);
        var gates = Tree.ItemsOf(pod.Spec["readinessGates"]);
        return
        [
            pod.Name,
            $"{seen.Ready}/{seen.Total}",
            StatusOf(pod, seen.Reason),
            seen.Restarts > 0 && seen.LastRestart is { } last ? $"{seen.Restarts} ({HumanDuration.Print(now - last)} ago)" : $"{seen.Restarts}",
            Cell.Age(pod, now),
            Cell.OrNone(Tree.ItemsOf(pod.Status["podIPs"]) is [var first, ..] ? first["ip"]?.Text : pod.Status["podIP"]?.Text),
            Cell.OrNone(pod.Spec["nodeName"]?.Text),
            Cell.OrNone(pod.Status["nominatedNodeName"]?.Text),
            gates.Length == 0 ? Cell.None : $"{gates.ToArray().Count(gate => Objects.Conditions.IsTrue(pod.Status, gate["conditionType"]?.Text ?? ""))}/{gates.Length}",
        ];
    }

    private static TreeList? Completion(ApiObject pod) => pod.Status["phase"]?.Text switch
    {
        "Succeeded" => Completed("Succeeded", "The pod has completed successfully."),
        "Failed" => Completed("Failed", "The pod failed."),
        _ => null,
    };

    private static TreeList Completed(string reason, string message) =>
        TreeList.Of(TreeMap.Of(("message", message), ("reason", reason), ("status", "True"), ("type", "Completed")));

    private static string StatusOf(ApiObject pod, string reason) => pod switch
    {
        { Metadata.IsBeingDeleted: false } => reason,
        _ when pod.Status["reason"]?.Text == "NodeLost" => "Unknown",
        _ when pod.Status["phase"]?.Text is "Succeeded" or "Failed" => reason,
        _ => "Terminating",
    };

    /// <summary>What the containers' states add up to.</summary>
    private sealed record Seen(string Reason, int Ready, int Total, long Restarts, DateTime? LastRestart)
    {
        public static Seen Of(ApiObject pod)
        {
            var sidecars = Tree.ItemsOf(pod.Spec["initContainers"]).ToArray()
                .Where(container => container["restartPolicy"]?.Text == "Always").Select(container => container["name"]?.Text).ToHashSet();
            var start = new Seen(
                Objects.Conditions.Find(pod.Status, "PodScheduled")?["reason"]?.Text == "SchedulingGated" ? "SchedulingGated"
                    : pod.Status["reason"]?.Text is { Length: > 0 } said ? said
                    : pod.Status["phase"]?.Text ?? "",
                0,
                Tree.ItemsOf(pod.Spec["containers"]).Length + sidecars.Count,
                0,
                null);
            var (seen, ofSidecars, isInitializing) = Initial(pod, sidecars, start);
            return !isInitializing || Objects.Conditions.IsTrue(pod.Status, "Initialized")
                ? Running(pod, seen with { Restarts = ofSidecars.Restarts, LastRestart = ofSidecars.LastRestart })
                : seen;
        }

        private static (Seen Seen, Seen OfSidecars, bool IsInitializing) Initial(ApiObject pod, HashSet<string?> sidecars, Seen seen)
        {
            var ofSidecars = seen;
            var total = Tree.ItemsOf(pod.Spec["initContainers"]).Length;
            var statuses = Tree.ItemsOf(pod.Status["initContainerStatuses"]);
            for (var at = 0; at < statuses.Length; at++)
            {
                var container = statuses[at];
                seen = seen.Counting(container);
                var isSidecar = sidecars.Contains(container["name"]?.Text);
                if (isSidecar)
                {
                    ofSidecars = ofSidecars.Counting(container);
                }

                var (terminated, waiting) = (container.At("state", "terminated"), container.At("state", "waiting", "reason")?.Text);
                if (terminated is not null && (terminated["exitCode"]?.Integer ?? 0) == 0)
                {
                    continue;
                }

                if (isSidecar && container["started"]?.Boolean == true)
                {
                    seen = container["ready"]?.Boolean == true ? seen with { Ready = seen.Ready + 1 } : seen;
                    continue;
                }

                var reason = terminated is not null ? EndOf(terminated)
                    : waiting is { Length: > 0 } and not "PodInitializing" ? waiting
                    : string.Create(CultureInfo.InvariantCulture, $"{at}/{total}");
                return (seen with { Reason = "Init:" + reason }, ofSidecars, true);
            }

            return (seen, ofSidecars, false);
        }

        private static Seen Running(ApiObject pod, Seen seen)
        {
            var hasRunning = false;
            var statuses = Tree.ItemsOf(pod.Status["containerStatuses"]);
            for (var at = statuses.Length - 1; at >= 0; at--)
            {
                var container = statuses[at];
                seen = seen.Counting(container);
                if (container.At("state", "waiting", "reason")?.Text is { Length: > 0 } waiting)
                {
                    seen = seen with { Reason = waiting };
                }
                else if (container.At("state", "terminated") is { } terminated)
                {
                    seen = seen with { Reason = EndOf(terminated) };
                }
                else if (container["ready"]?.Boolean == true && container.At("state", "running") is not null)
                {
                    hasRunning = true;
                    seen = seen with { Ready = seen.Ready + 1 };
                }
            }

            return seen.Reason == "Completed" && hasRunning ? seen with { Reason = Objects.Conditions.IsTrue(pod.Status, "Ready") ? "Running" : "NotReady" } : seen;
        }

        private Seen Counting(Tree container)
        {
            var ended = Timestamps.Read(container.At("lastState", "terminated", "finishedAt"));
            return this with
            {
                Restarts = Restarts + (container["restartCount"]?.Integer ?? 0),
                LastRestart = ended > (LastRestart ?? DateTime.MinValue) ? ended : LastRestart,
            };
        }

        private static string EndOf(Tree terminated) =>
            terminated["reason"]?.Text is { Length: > 0 } reason ? reason
            : terminated["signal"]?.Integer is { } signal and not 0 ? $"Signal:{signal}"
            : $"ExitCode:{terminated["exitCode"]?.Integer ?? 0}";
    }
}
