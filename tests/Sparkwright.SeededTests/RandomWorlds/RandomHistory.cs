using System.Collections.Immutable;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Simulation;
using Sparkwright.World.Ec2;
using Sparkwright.World.Karpenter.Apis;
using Sparkwright.World.Scenarios;

namespace Sparkwright.SeededTests.RandomWorlds;

/// <summary>What happens to the world of a seed: pools and workloads come and change, nodes are lost, calls fail, the engine restarts, time passes.</summary>
internal static class RandomHistory
{
    private const int MostPools = 10;

    private static readonly ImmutableArray<ResourceType> Workloads =
        [CoreTypes.Deployment, CoreTypes.StatefulSet, CoreTypes.Job, CoreTypes.DaemonSet, CoreTypes.PodDisruptionBudget];

    private static readonly ImmutableArray<ResourceType> Pools = [KarpenterTypes.NodePool, KarpenterTypes.Provisioner];

    /// <summary>The disturbances; what must hold afterwards is not among them.</summary>
    /// <param name="restarts">Whether the engine is restarted now and then.</param>
    public static ImmutableArray<Happening> Of(long seed, bool restarts)
    {
        var chance = new Chance(seed);
        var dice = new Dice(chance.For("random-world", 0));
        var kinds = dice.Of<string[]>(["v1alpha5"], ["v1beta1"], ["v1"], ["v1"], ["v1alpha5", "v1"]);
        var happenings = ImmutableArray.CreateBuilder<Happening>();
        happenings.Add(Apply(RandomWorkloads.Surroundings));
        for (var pool = dice.Between(2, MostPools); pool > 0; pool--)
        {
            happenings.Add(Apply(RandomPools.Of(dice.Of(kinds), $"pool-{pool}", dice)));
        }

        for (var step = 0; step < 24; step++)
        {
            happenings.Add(Disturbance($"w{step}", new Dice(chance.For("random-world/step", step)), kinds, restarts));
            happenings.Add(Happening.Of(new ScenarioStep.Advance(Pause(dice), false)));
        }

        return happenings.ToImmutable();
    }

    private static TimeSpan Pause(Dice dice) => dice.Below(8) switch
    {
        < 2 => TimeSpan.FromMilliseconds(dice.Between(0, 15_000)),
        < 4 => TimeSpan.FromSeconds(dice.Between(15, 150)),
        < 7 => TimeSpan.FromMinutes(dice.Between(3, 15)),
        _ => TimeSpan.FromMinutes(dice.Between(20, 130)),
    };

    private static Happening Disturbance(string name, Dice dice, string[] kinds, bool restarts) => dice.Below(24) switch
    {
        < 10 => Apply(RandomWorkloads.Of(name, dice)),
        < 12 => On([CoreTypes.Deployment, CoreTypes.StatefulSet], dice, known => new ScenarioStep.Scale(TargetOf(known), dice.Below(12))),
        12 => On([CoreTypes.Pod], dice, known => new ScenarioStep.Delete(TargetOf(known), false)),
        13 => On([CoreTypes.Node], dice, known => new ScenarioStep.Delete(TargetOf(known), false)),
        14 => On([KarpenterTypes.NodeClaim, CoreTypes.Node], dice, known => new ScenarioStep.Delete(TargetOf(known), false)),
        15 => On(Workloads, dice, known => new ScenarioStep.Delete(TargetOf(known), false)),
        16 => dice.OneIn(3) ? On(Pools, dice, known => new ScenarioStep.Delete(TargetOf(known), false)) : Apply(RandomPools.Of(dice.Of(kinds), $"pool-{dice.Between(1, MostPools)}", dice)),
        < 19 => PoolChange(dice),
        19 => Happening.Of(new ScenarioStep.Capacity(
            new CapacityPattern(dice.Of("c5.*", "m5.*", "*.large", "*"), dice.Of(null, "us-west-2a"), dice.Of(null, "spot", "on-demand")), dice.Of<long?>(0, 1, null))),
        20 => Happening.Of(new ScenarioStep.Fail(
            dice.Of("CreateFleet", "TerminateInstances", "DescribeSubnets", "CreateLaunchTemplate"), dice.Of("RequestLimitExceeded", "UnauthorizedOperation", "InsufficientInstanceCapacity"), null, dice.Between(1, 3))),
        21 => On([CoreTypes.Node], dice, known => new ScenarioStep.Interrupt(dice.Of([.. Interruptions.Kinds]), [known.Name])),
        22 => On([CoreTypes.Node], dice, known => new ScenarioStep.Patch(TargetOf(known), null, Map(dice.Of("{spec: {taints: []}}", "{spec: {unschedulable: true}}", "{spec: {unschedulable: null}}")))),
        _ => restarts ? Happening.Of(new ScenarioStep.Restart("engine")) : On([CoreTypes.Pod], dice, known => new ScenarioStep.Delete(TargetOf(known), false)),
    };

    private static Happening PoolChange(Dice dice)
    {
        var form = dice.Below(5);
        var requirements = RandomPools.RequirementsOf(dice, minValues: false);
        var limits = RandomPools.Limits(dice, nodes: false);
        return On(Pools, dice, known => new ScenarioStep.Patch(TargetOf(known), null, Map((form, known.Type == KarpenterTypes.Provisioner) switch
        {
            (0, true) => $"{{spec: {{requirements: {requirements}}}}}",
            (0, false) => $"{{spec: {{template: {{spec: {{requirements: {requirements}}}}}}}}}",
            (1, true) => "{spec: {labels: {team: red}}}",
            (1, false) => "{spec: {template: {metadata: {labels: {team: red}}}}}",
            (2, true) => $"{{spec: {{limits: {{resources: {limits}}}}}}}",
            (2, false) => $"{{spec: {{limits: {limits}}}}}",
            (3, true) => "{spec: {consolidation: null, ttlSecondsAfterEmpty: 60}}",
            (3, false) => "{spec: {disruption: {consolidateAfter: 15s, budgets: [{nodes: 100%}]}}}",
            (_, true) => "{spec: {taints: [{key: dedicated, value: spark, effect: NoSchedule}]}}",
            (_, false) => "{spec: {template: {spec: {taints: [{key: dedicated, value: spark, effect: NoSchedule}]}}}}",
        })));
    }

    private static Happening On(ImmutableArray<ResourceType> types, Dice dice, Func<ApiObject, ScenarioStep> step)
    {
        var pick = dice.Below(1000);
        return new Happening(world => types.SelectMany(type => world.Store.List(type)).ToList() is { Count: > 0 } known ? step(known[pick % known.Count]) : null);
    }

    private static Happening Apply(string manifests) => Happening.Of(new ScenarioStep.Apply([.. YamlReader.Read(manifests) is { Error: null } read
        ? read.Documents.Select(document => document.Root)
        : throw new InvalidOperationException($"the generator wrote what cannot be read: {manifests}")]));

    private static ObjectTarget TargetOf(ApiObject known) => new(null, known.Type.Kind, known.Name, known.Type.Namespaced ? known.Namespace : null);

    private static TreeMap Map(string yaml) => (TreeMap)YamlReader.Read(yaml).Documents[0].Root;
}
