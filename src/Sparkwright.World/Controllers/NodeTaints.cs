using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Controllers;

/// <summary>Which taints the state of a node asks for.</summary>
public static class NodeTaints
{
    public const string NotReady = "node.kubernetes.io/not-ready";
    public const string Unreachable = "node.kubernetes.io/unreachable";
    public const string Unschedulable = "node.kubernetes.io/unschedulable";

    private static readonly (string Condition, string Taint)[] Pressures =
    [
        ("MemoryPressure", "node.kubernetes.io/memory-pressure"),
        ("DiskPressure", "node.kubernetes.io/disk-pressure"),
        ("PIDPressure", "node.kubernetes.io/pid-pressure"),
        ("NetworkUnavailable", "node.kubernetes.io/network-unavailable"),
    ];

    /// <summary>
    /// The taints that a node should have by its conditions. A node that has never reported is kept free of new pods, but nothing is driven
    /// from it.
    /// </summary>
    public static IReadOnlyList<Taint> WantedBy(ApiObject node)
    {
        var wanted = new List<Taint>();
        switch (Conditions.Find(node.Status, "Ready")?["status"]?.Text)
        {
            case "True":
                break;
            case "False":
                wanted.Add(new Taint(NotReady, "", Taint.NoSchedule));
                wanted.Add(new Taint(NotReady, "", Taint.NoExecute));
                break;
            case "Unknown":
                wanted.Add(new Taint(Unreachable, "", Taint.NoSchedule));
                wanted.Add(new Taint(Unreachable, "", Taint.NoExecute));
                break;
            default:
                wanted.Add(new Taint(NotReady, "", Taint.NoSchedule));
                break;
        }

        foreach (var (condition, taint) in Pressures)
        {
            if (Conditions.IsTrue(node.Status, condition))
            {
                wanted.Add(new Taint(taint, "", Taint.NoSchedule));
            }
        }

        if (node.Spec["unschedulable"]?.Boolean == true)
        {
            wanted.Add(new Taint(Unschedulable, "", Taint.NoSchedule));
        }

        return wanted;
    }

    /// <summary>The node's list of taints with those of its conditions brought up to date; the others stay as they are.</summary>
    public static TreeList? Updated(ApiObject node, DateTime now)
    {
        var wanted = WantedBy(node).ToList();
        var taints = new List<Tree>();
        foreach (var item in Tree.ItemsOf(node.Spec["taints"]))
        {
            var taint = Taint.From(item);
            if (!IsOurs(taint.Key) || wanted.RemoveAll(other => other.Key == taint.Key && other.Effect == taint.Effect) > 0)
            {
                taints.Add(item);
            }
        }

        foreach (var taint in wanted)
        {
            var tree = taint.ToTree();
            taints.Add(taint.Effect == Taint.NoExecute ? tree.With("timeAdded", Timestamps.Print(now)) : tree);
        }

        return taints.Count == 0 ? null : TreeList.From(taints);
    }

    private static bool IsOurs(string key) => key is NotReady or Unreachable or Unschedulable || Pressures.Any(pressure => pressure.Taint == key);
}
