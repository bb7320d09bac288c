using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Scheduling;
using Sparkwright.World.YuniKorn.Cycle;

namespace Sparkwright.World.YuniKorn.Rest;

/// <summary>How full the nodes are, in ten classes for each resource type, as <c>/ws/v1/scheduler/node-utilizations</c> shows it.</summary>
public static class NodeUtilization
{
    private const int Classes = 10;

    public static TreeList Of(YuniKornScheduler scheduler) => TreeList.Of(TreeMap.Of(
        ("clusterId", "mycluster"),
        ("partition", Names.Partition),
        ("utilizations", TreeList.From(Types(scheduler).Select(type => TreeMap.Of(
            ("type", type),
            ("utilization", TreeList.From(Enumerable.Range(0, Classes).Select(place => Class(place, NamesIn(scheduler, type, place)))))))))));

    /// <summary>For each resource type, in ordinal order, how many nodes are in each of the ten classes.</summary>
    internal static IEnumerable<(string Name, IReadOnlyList<int> Nodes)> Numbers(YuniKornScheduler scheduler) =>
        Types(scheduler).Select(type => (type, (IReadOnlyList<int>)[.. Enumerable.Range(0, Classes).Select(place => NamesIn(scheduler, type, place).Count)]));

    private static TreeMap Class(int place, IReadOnlyList<string> nodes) => TreeMap.Of(
        ("bucketName", $"{place * Classes}-{(place + 1) * Classes}%"),
        ("nodeNames", nodes.Count == 0 ? null : TreeList.OfTexts(nodes)),
        ("numOfNodes", nodes.Count));

    private static IEnumerable<string> Types(YuniKornScheduler scheduler) =>
        scheduler.Nodes.SelectMany(node => Amounts.From(node.View.Allocatable).Names).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);

    private static List<string> NamesIn(YuniKornScheduler scheduler, string type, int place) =>
        [.. scheduler.Nodes.Where(node => PlaceOf(node, type) == place).Select(node => node.View.Name).Order(StringComparer.Ordinal)];

    /// <summary>The class of a node: 0 for up to a tenth, 9 for more than nine; null where the node has nothing of the type.</summary>
    private static int? PlaceOf(NodeState node, string type)
    {
        var whole = Amounts.From(node.View.Allocatable)[type];
        return whole <= 0 ? null : (int)Int128.Clamp(((((Int128)Amounts.From(node.Used)[type] * Classes) + whole - 1) / whole) - 1, 0, Classes - 1);
    }
}
