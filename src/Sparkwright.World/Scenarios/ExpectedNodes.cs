using System.Globalization;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Ec2;

namespace Sparkwright.World.Scenarios;

/// <summary>What a scenario expects of nodes by what they are, and of their price.</summary>
internal static class ExpectedNodes
{
    public static IReadOnlyList<string> Words { get; } = ["count", "types", "zones", "capacityTypes", "pools"];

    public static IReadOnlyList<string> CostWords { get; } = ["usd", "usdSpot", "usdOnDemand"];

    /// <summary>Nodes counted by a label each: <c>{count: 3, zones: {us-west-2a: 3}}</c>; a value that is not named must not occur.</summary>
    public static IEnumerable<string> Failures(TreeMap expected, IReadOnlyList<ApiObject> nodes)
    {
        foreach (var (word, value) in expected.Members())
        {
            if (word == "count")
            {
                if (value.Integer != nodes.Count)
                {
                    yield return $"expected {value}, is {nodes.Count}";
                }

                continue;
            }

            var actual = nodes.GroupBy(node => Values(node, word), StringComparer.Ordinal).ToDictionary(group => group.Key, group => (long)group.Count(), StringComparer.Ordinal);
            foreach (var failure in CountFailures(value as TreeMap ?? TreeMap.Empty, actual))
            {
                yield return $"{word}: {failure}";
            }
        }
    }

    /// <summary>How counts by a value differ from those that are expected.</summary>
    public static IEnumerable<string> CountFailures(TreeMap expected, IReadOnlyDictionary<string, long> actual)
    {
        foreach (var name in expected.Keys.ToArray().Union(actual.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            var (wanted, found) = (expected[name]?.Integer ?? 0, actual.GetValueOrDefault(name));
            if (wanted != found)
            {
                yield return $"expected {wanted} of {name}, is {found}";
            }
        }
    }

    /// <summary>Dollars of Karpenter's instances until now: a number, to the cent, or <c>{atLeast, atMost}</c>.</summary>
    public static IEnumerable<string> CostFailures(TreeMap expected, World world)
    {
        var bought = world.Store.List(Ec2Types.Instance).Select(Instance.Of).Where(instance => instance.NodeTemplate.Count == 0).ToList();
        foreach (var (word, value) in expected.Members())
        {
            var usd = bought
                .Where(instance => word == "usd" || instance.CapacityType == "spot" == (word == "usdSpot"))
                .Sum(instance => instance.UsdUntil(world.Clock.Now));
            var holds = value is TreeMap range
                ? (range["atLeast"] is not { } least || usd >= Number(least)) && (range["atMost"] is not { } most || usd <= Number(most))
                : decimal.Round(usd, 2) == decimal.Round(Number(value), 2);
            if (!holds)
            {
                yield return $"{word}: expected {value}, is {decimal.Round(usd, 6)}";
            }
        }
    }

    /// <summary>A number as YAML has it, whole or not.</summary>
    public static bool IsNumber(Tree value) => decimal.TryParse(Digits(value), NumberStyles.Float, CultureInfo.InvariantCulture, out _);

    private static decimal Number(Tree value) => decimal.Parse(Digits(value), NumberStyles.Float, CultureInfo.InvariantCulture);

    private static string Digits(Tree value) => value.Text ?? value.ToString();

    private static string Values(ApiObject node, string word) => word switch
    {
        "types" => node.Metadata.Label("node.kubernetes.io/instance-type"),
        "zones" => node.Metadata.Label("topology.kubernetes.io/zone"),
        "capacityTypes" => node.Metadata.Label("karpenter.sh/capacity-type"),
        _ => node.Metadata.Label("karpenter.sh/nodepool") ?? node.Metadata.Label("karpenter.sh/provisioner-name") ?? node.Metadata.Label("eks.amazonaws.com/nodegroup"),
    } ?? "-";
}
