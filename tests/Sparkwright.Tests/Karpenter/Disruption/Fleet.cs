using System.Collections.Immutable;
using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Tests.Karpenter.InstanceTypes;
using Sparkwright.Tests.Karpenter.Solver;
using Sparkwright.World.Karpenter;
using Sparkwright.World.Karpenter.Apis;
using Sparkwright.World.Karpenter.Disruption;
using Sparkwright.World.Karpenter.InstanceTypes;
using Sparkwright.World.Karpenter.Provisioning;
using Sparkwright.World.Karpenter.Requirements;
using Sparkwright.World.Karpenter.Solver;

namespace Sparkwright.Tests.Karpenter.Disruption;

/// <summary>Nodes that stand ready to be disrupted, and worlds made of them.</summary>
internal static class Fleet
{
    public static readonly DateTime Now = new(2026, 1, 1, 12, 0, 0, DateTimeKind.Utc);
    public static readonly ShapeTable Table = ShapeTableTests.TableOf("us-west-2a", "us-west-2b");
    public static readonly DisruptionPolicy Underutilized = new(ConsolidationPolicy.WhenEmptyOrUnderutilized, TimeSpan.Zero, [new("100%", [], null, null)]);

    /// <param name="pods">CPU requests of its pods, such as <c>1 500m</c>; they become pods node-0, node-1 …</param>
    public static DisruptionNode Node(
        string name, string type = "c5.xlarge", string pods = "", string capacityType = "on-demand", Generation generation = Generation.V1, string pool = "default",
        string podYaml = "{}") => Of(name, type, capacityType, generation, pool, [.. pods.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select((cpu, at) => Pod($"{name}-{at}", cpu, podYaml))]);

    public static ApiObject Pod(string name, string cpu = "1", string yaml = "{}")
    {
        var given = (TreeMap)Yaml.Read(yaml);
        var spec = TreeMap.Of(("containers", TreeList.Of(TreeMap.Of(("name", "c"), ("resources", TreeMap.Of(("requests", TreeMap.Of(("cpu", cpu), ("memory", "64Mi")))))))));
        var tree = TreeMap.Of(
            ("metadata", TreeMap.Of(("name", name), ("namespace", "default"), ("uid", name))),
            ("spec", spec),
            ("status", TreeMap.Of(("phase", "Running"), ("startTime", "2026-01-01T11:30:00Z"))));
        foreach (var (part, change) in given.Members())
        {
            tree = tree.With(part, ((TreeMap)tree.Get(part)!).Merge((TreeMap)change));
        }

        return ApiObject.From(CoreTypes.Pod, tree);
    }

    private static DisruptionNode Of(string name, string type, string capacityType, Generation generation, string pool, ImmutableArray<ApiObject> pods)
    {
        var shape = Table.Shapes[Table.Find(type)];
        var labels = TreeMap.Of(
            (GenerationRules.Of(generation).PoolLabel, pool),
            (KarpenterLabels.CapacityType, capacityType),
            (KarpenterLabels.InstanceType, type),
            (KarpenterLabels.Zone, "us-west-2a"));
        return new DisruptionNode
        {
            Node = new ApiObject(CoreTypes.Node, new ObjectMeta { Name = name, Labels = labels }, TreeMap.Of(("status", TreeMap.Of(("capacity", shape.Capacity.ToTree()))))),
            Claim = null,
            Pool = new PoolKey(generation, pool),
            Policy = Underutilized,
            Shape = shape,
            Pods = pods,
            IsInitialized = true,
            IsReady = true,
            IsConsolidatable = true,
            Cost = DisruptionCost.OfNode(pods, TimeSpan.Zero, null),
        };
    }

    /// <summary>A world of these nodes and nothing else.</summary>
    /// <param name="types">What the pools may launch, as a requirement.</param>
    public static DisruptionSnapshot World(
        IEnumerable<DisruptionNode> nodes, string types = "c5.large,c5.xlarge,c5.2xlarge", string capacityTypes = "on-demand", string limits = "",
        IEnumerable<SolverPod>? pending = null, string? budgets = null, bool spotToSpot = false)
    {
        var all = nodes.OrderBy(node => node.Name, StringComparer.Ordinal).ToImmutableArray();
        var generation = all.IsEmpty ? Generation.V1 : all[0].Pool.Generation;
        var pools = all.Select(node => node.Pool.Name).Distinct(StringComparer.Ordinal).ToList();
        var requirements = $"node.kubernetes.io/instance-type In {types}; karpenter.sh/capacity-type In {capacityTypes}";
        return new DisruptionSnapshot(all, () => new Evacuation(new SolverInput(
            [.. pools.Select(pool => Rounds.Pool(pool, requirements, limits: limits, generation: generation, table: Table))],
            [.. all.Where(node => !node.IsLeaving).Select(Existing)],
            [.. pending ?? []]), SolverPod.Of, input => input))
        {
            Generation = generation,
            Now = Now,
            Pools = [.. pools.Select(pool => PoolOf(pool, generation, budgets))],
            Uninitialized = [.. all.Where(node => !node.IsInitialized).Select(node => node.Name)],
            AllowsSpotToSpot = spotToSpot,
        };
    }

    private static SolverNode Existing(DisruptionNode node)
    {
        var free = node.Pods.Aggregate(node.Shape!.Allocatable, (left, pod) => left - PodSpecView.Of(pod).Requests);
        return new SolverNode(node.Name, RequirementSet.OfLabels(node.Node.Metadata.Labels), [], free, []);
    }

    private static Pool PoolOf(string name, Generation generation, string? budgets) => Pool.Of(ApiObject.From(
        generation == Generation.V1 ? KarpenterTypes.NodePool : KarpenterTypes.Provisioner,
        (TreeMap)Yaml.Read($"{{metadata: {{name: {name}}}, spec: {{disruption: {{budgets: {budgets ?? "[{nodes: 100%}]"}}}}}}}")));

    /// <summary>Such as <c>SingleNode a -> c5.large</c>, or <c>nothing</c>.</summary>
    public static string Say(DisruptionCommand? command) => command is null ? "nothing"
        : $"{command.Method} {string.Join(' ', command.Candidates.Select(candidate => candidate.Name))}"
        + string.Concat(command.Replacements.Select(replacement =>
            $" -> {string.Join(' ', DisruptionCommand.TypeNames(replacement))} {string.Join('|', replacement.Requirements.Get(KarpenterLabels.CapacityType)?.Values ?? [])}"));
}
