using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Controllers;

namespace Sparkwright.Tests.Controllers;

/// <summary>A node is written as its pods: o is of an old template, n of the new one, capitals are available.</summary>
public sealed class DaemonRolloutTests
{
    [Theory]
    //          nodes         unavailable  surge  deleted  created on
    [InlineData("O O O", 1, 0, "0", "")]
    [InlineData("O O O", 2, 0, "0 1", "")]
    [InlineData("O n O", 1, 0, "", "")]
    [InlineData("O n O", 2, 0, "0", "")]
    [InlineData("O o o", 1, 0, "1 2", "")]
    [InlineData("O - O", 1, 0, "", "")]
    [InlineData("N O N", 1, 0, "1", "")]
    [InlineData("O O O", 0, 2, "", "0 1")]
    [InlineData("On O O", 0, 2, "", "1")]
    [InlineData("ON O O", 0, 1, "0", "1")]
    [InlineData("On o O", 0, 1, "", "1")]
    [InlineData("N N -", 0, 1, "", "")]
    public void Old_pods_make_room_as_far_as_the_strategy_allows(string nodes, long maxUnavailable, long maxSurge, string deleted, string createdOn)
    {
        var step = DaemonRollout.Next(
            [.. nodes.Split(' ').Select((pods, at) => new DaemonNode($"{at}", [.. pods.Where(char.IsLetter).Select(pod => Pod($"{at}", pod))]))],
            "new",
            new DaemonPace(maxUnavailable, maxSurge),
            PodState.IsReady);
        Assert.Equal((deleted, createdOn), (string.Join(' ', step.Delete.Select(PodState.NodeName)), string.Join(' ', step.CreateOn)));
    }

    [Theory]
    //          pods   surges  surplus
    [InlineData("O", false, "")]
    [InlineData("On", false, "n")]
    [InlineData("On", true, "")]
    [InlineData("ON", true, "O")]
    [InlineData("on", true, "o")]
    [InlineData("OOn", true, "O")]
    public void A_node_keeps_two_pods_only_while_the_new_one_is_not_available(string pods, bool maySurge, string surplus) => Assert.Equal(
        surplus,
        string.Concat(DaemonRollout.Surplus([.. pods.Select((pod, at) => Pod($"{at}", pod))], "new", maySurge, PodState.IsReady).Select(pod => pod.Name[0])));

    [Theory]
    //          rolling update                               unavailable  surge
    [InlineData("{}", 1, 0)]
    [InlineData("{maxUnavailable: 30%}", 3, 0)]
    [InlineData("{maxSurge: 1%, maxUnavailable: 0}", 0, 1)]
    [InlineData("{maxSurge: 0, maxUnavailable: 0}", 1, 0)]
    public void Percentages_are_of_the_nodes_and_rounded_up(string rolling, long maxUnavailable, long maxSurge) => Assert.Equal(
        new DaemonPace(maxUnavailable, maxSurge),
        DaemonPace.Of((TreeMap)YamlReader.Read($"updateStrategy: {{rollingUpdate: {rolling}}}").Documents[0].Root, 8));

    private static ApiObject Pod(string node, char state) => new(
        CoreTypes.Pod,
        new ObjectMeta
        {
            Name = $"{state}-{node}",
            Namespace = "default",
            CreationTimestamp = new DateTime(2026, 1, 1, 0, 0, node[0] - '0', DateTimeKind.Utc),
            Labels = TreeMap.Of((DaemonPods.RevisionLabel, char.ToUpperInvariant(state) == 'N' ? "new" : "old")),
        },
        TreeMap.Of(
            ("spec", TreeMap.Of(("nodeName", node))),
            ("status", TreeMap.Of(("conditions", TreeList.Of(TreeMap.Of(("type", "Ready"), ("status", char.IsUpper(state) ? "True" : "False"))))))));
}
