using System.Collections.Immutable;
using Sparkwright.Cli.Commands;
using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Scenarios;

namespace Sparkwright.SeededTests;

/// <summary>The blueprint's three pools, written for each of Karpenter's APIs, buy the same nodes for the same jobs.</summary>
public sealed class GenerationsTests
{
    [Theory]
    [InlineData("v1alpha5")]
    [InlineData("v1beta1")]
    public void Pools_of_every_generation_buy_what_those_of_v1_buy(string version)
    {
        var nodes = NodesOf(version);
        Assert.Equal(3, nodes.Length);
        Assert.Equal(NodesOf("v1"), nodes);
    }

    /// <summary>Each node in a line: what was bought, what it shows to jobs, and how many pods run on it.</summary>
    private static ImmutableArray<string> NodesOf(string version)
    {
        var file = Path.Combine(ScenarioTests.Root, "tests", "Sparkwright.SeededTests", "Scenarios", "karpenter", "generations", version + ".yaml");
        var scenario = ScenarioFiles.Read(file).First();
        var untilSettled = scenario with { Steps = [.. scenario.Steps.TakeWhile(step => step is not ScenarioStep.Scale)] };
        var run = ScenarioFiles.Start(untilSettled, file, 1);
        run.RunAll();
        return
        [
            .. run.World.Store.List(CoreTypes.Node)
                .Select(node => string.Join(
                    ' ',
                    new[] { "node.kubernetes.io/instance-type", "topology.kubernetes.io/zone", "karpenter.sh/capacity-type", "kubernetes.io/arch", "type", "provisioner", "NodeGroupType" }
                        .Select(label => node.Metadata.Label(label))
                        .Append(string.Join(',', NodeView.Of(node).Taints))
                        .Append($"{run.World.Store.List(CoreTypes.Pod).Count(pod => pod.Spec["nodeName"]?.Text == node.Name)} pods")))
                .Order(StringComparer.Ordinal),
        ];
    }
}
