using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Quantities;
using Sparkwright.Kubernetes.Store;

namespace Sparkwright.World.Nodes;

/// <summary>
/// What metrics-server would report (metrics.k8s.io), worked out when it is read. Modelled: a running container uses what it requests, and a node
/// what its pods do.
/// </summary>
public static class UsageMetrics
{
    /// <summary>The group under which metrics-server serves them.</summary>
    public const string Group = "metrics.k8s.io";

    /// <summary>The span of a reading; metrics-server scrapes every 15 s.</summary>
    private const string Window = "15s";

    /// <summary>The metrics of a Ready node; null for others.</summary>
    public static TreeMap? OfNode(ApiObject node, ObjectStore store, DateTime now)
    {
        if (!Conditions.IsTrue(node.Status, "Ready"))
        {
            return null;
        }

        var used = QuantityMap.Empty;
        foreach (var pod in store.Index(CoreTypes.Pod, "by-node", static one => one.Spec["nodeName"]?.Text).Of(node.Name).Where(IsRunning))
        {
            foreach (var container in Tree.ItemsOf(pod.Spec["containers"]))
            {
                used += Usage(container);
            }
        }

        return Metrics("NodeMetrics", node, now).With("usage", Whole(used));
    }

    /// <summary>The metrics of a running pod, container by container; null for others.</summary>
    public static TreeMap? OfPod(ApiObject pod, DateTime now) => !IsRunning(pod) ? null : Metrics("PodMetrics", pod, now)
        .With("containers", TreeList.From(Tree.ItemsOf(pod.Spec["containers"]).ToArray()
            .Select(container => TreeMap.Of(("name", container["name"]), ("usage", Whole(Usage(container)))))));

    private static bool IsRunning(ApiObject pod) => pod.Status["phase"]?.Text == "Running";

    private static QuantityMap Usage(Tree container) =>
        QuantityMap.From(container.At("resources", "requests")).Where(static name => name is "cpu" or "memory");

    private static TreeMap Whole(QuantityMap used)
    {
        var usage = used.ToTree();
        return TreeMap.Of(("cpu", usage["cpu"] ?? "0"), ("memory", usage["memory"] ?? "0"));
    }

    private static TreeMap Metrics(string kind, ApiObject of, DateTime now) => TreeMap.Of(
        ("apiVersion", $"{Group}/v1beta1"),
        ("kind", kind),
        ("metadata", TreeMap.Of(
            ("creationTimestamp", Timestamps.Print(now)),
            ("labels", of.Metadata.Labels.Count == 0 ? null : of.Metadata.Labels),
            ("name", of.Name),
            ("namespace", of.Namespace.Length == 0 ? null : of.Namespace))),
        ("timestamp", Timestamps.Print(now)),
        ("window", Window));
}
