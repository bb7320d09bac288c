using System.Collections.Immutable;
using System.Globalization;
using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Tests.Karpenter.InstanceTypes;
using Sparkwright.Tests.Karpenter.Requirements;
using Sparkwright.World.Karpenter;
using Sparkwright.World.Karpenter.InstanceTypes;
using Sparkwright.World.Karpenter.Solver;

namespace Sparkwright.Tests.Karpenter.Solver;

/// <summary>Inputs of the solver with good defaults, and its plans in a line.</summary>
internal static class Rounds
{
    private static readonly DateTime Start = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
    private static readonly ShapeTable Table = ShapeTableTests.TableOf("us-west-2a", "us-west-2b");

    /// <param name="requirements">Such as <c>node.kubernetes.io/instance-type In c5.large,c5.xlarge</c>.</param>
    public static SolverPool Pool(
        string name = "default",
        string requirements = "node.kubernetes.io/instance-type In c5.large,c5.xlarge,c5.2xlarge; karpenter.sh/capacity-type In on-demand",
        string taints = "",
        string limits = "",
        string daemons = "{}",
        string daemonSpec = "{}",
        Generation generation = Generation.V1Alpha5,
        ShapeTable? table = null) => new()
        {
            Name = name,
            Generation = generation,
            Requirements = RequirementSetTests.Set(requirements + $"; {GenerationRules.Of(generation).PoolLabel} In {name}"),
            Taints = [.. taints.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(taint => taint.Split(':')).Select(parts => new Taint(parts[0], "true", parts[1]))],
            Shapes = table ?? Table,
            Daemons = DaemonLoad.Of(
                daemons == "{}" ? [] : [SpecOf(daemons, daemonSpec)], generation, RequirementSetTests.Set(requirements), []),
            Remaining = limits.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(limit => limit.Split('='))
                .ToImmutableSortedDictionary(limit => limit[0], limit => long.Parse(limit[1], CultureInfo.InvariantCulture), StringComparer.Ordinal),
        };

    /// <summary>Pods <c>name-0</c>, <c>name-1</c> … created one second after another.</summary>
    public static IEnumerable<SolverPod> Pods(string name, int count, string requests, string spec = "{}", string? labels = null) =>
        Enumerable.Range(0, count).Select(at => new SolverPod(new ObjectKey("default", $"{name}-{at}"), $"{name}-{at:d6}", Start.AddSeconds(at), SpecOf(requests, spec))
        {
            Labels = (TreeMap)Yaml.Read(labels ?? $"{{app: {name}}}"),
        });

    /// <summary>A pod that stays on a node with these labels.</summary>
    public static BoundPod Bound(string node, string nodeLabels, string labels, string spec = "{}") => new(
        new ObjectKey("default", $"on-{node}"), (TreeMap)Yaml.Read(labels), SpecOf("{}", spec), node, RequirementSetTests.Set(nodeLabels), []);

    public static SolverNode Node(string name, string available, string labels = "", string taints = "") => new(
        name,
        RequirementSetTests.Set(labels),
        [.. taints.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(taint => taint.Split(':')).Select(parts => new Taint(parts[0], "true", parts[1]))],
        ResourceList.From(Yaml.Read(available)),
        []);

    public static SolverPlan Solve(IEnumerable<SolverPool> pools, IEnumerable<SolverPod> pods, params SolverNode[] nodes) =>
        PackingSolver.Solve(new SolverInput([.. pools], [.. nodes], [.. pods]));

    /// <summary>Such as <c>n1: a-0 | default[c5.xlarge c5.2xlarge]: a-1 a-2 | waits: b-0</c>.</summary>
    public static string Say(SolverPlan plan) => string.Join(" | ",
    [
        .. plan.OnNodes.GroupBy(planned => planned.Node, StringComparer.Ordinal).Select(node => $"{node.Key}: {Names(node.Select(planned => planned.Pod))}"),
        .. plan.Claims.Select(claim => $"{claim.Pool.Name}[{string.Join(' ', ShapeTableTests.Names(claim.Pool.Shapes, claim.Shapes))}]: {Names(claim.Pods)}"),
        .. plan.Unplaced.IsEmpty ? Array.Empty<string>() : [$"waits: {Names(plan.Unplaced.Select(unplaced => unplaced.Pod))}"],
    ]);

    private static PodSpecView SpecOf(string requests, string spec) => PodSpecView.Of(
        TreeMap.Of(("containers", TreeList.Of(TreeMap.Of(("name", "c"), ("resources", TreeMap.Of(("requests", Yaml.Read(requests))))))))
            .Merge((TreeMap)Yaml.Read(spec)));

    private static string Names(IEnumerable<SolverPod> pods) => string.Join(' ', pods.Select(pod => pod.Key.Name));
}
