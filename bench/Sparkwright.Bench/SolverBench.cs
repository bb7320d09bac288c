using System.Globalization;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World;
using Sparkwright.World.Ec2;
using Sparkwright.World.Karpenter;
using Sparkwright.World.Karpenter.Cloud;
using Sparkwright.World.Karpenter.Provisioning;
using Sparkwright.World.Karpenter.Solver;

namespace Sparkwright.Bench;

/// <summary>Plans for pods of many sizes over every launchable type of a region.</summary>
internal static class SolverBench
{
    private static readonly int[] Sizes = [100, 1_000, 5_000, 20_000];

    public static IEnumerable<string> Run()
    {
        foreach (var pods in Sizes)
        {
            var input = Input(pods);
            var plan = PackingSolver.Solve(input);
            var took = Rounds.Best(() => input, known => PackingSolver.Solve(known));
            yield return $"{pods / took.TotalSeconds,10:N0} pods/s for {pods:N0} mixed pods ({took.TotalMilliseconds:N0} ms, {plan.Claims.Length} nodes, {plan.Unplaced.Length} unplaced, {input.Pools[0].Shapes.Shapes.Length} types)";
        }
    }

    private static SolverInput Input(int pods)
    {
        var world = WorldBuilder.Build(new WorldSettings { Components = [] });
        world.Apply(TreeMap.Of(
            ("apiVersion", "karpenter.sh/v1alpha5"),
            ("kind", "Provisioner"),
            ("metadata", TreeMap.Of(("name", "default"))),
            ("spec", TreeMap.Of(
                ("providerRef", TreeMap.Of(("name", "default"))),
                ("requirements", TreeList.Of(TreeMap.Of(("key", "karpenter.sh/capacity-type"), ("operator", "In"), ("values", TreeList.Of("spot", "on-demand")))))))));
        world.Apply(TreeMap.Of(
            ("apiVersion", "karpenter.k8s.aws/v1alpha1"),
            ("kind", "AWSNodeTemplate"),
            ("metadata", TreeMap.Of(("name", "default"))),
            ("spec", TreeMap.Of(
                ("securityGroupSelector", TreeMap.Of(("karpenter.sh/discovery", "sparkwright"))),
                ("subnetSelector", TreeMap.Of(("karpenter.sh/discovery", "sparkwright")))))));
        world.Loop.RunUntil(world.Clock.Now.AddSeconds(1));
        for (var number = 0; number < pods; number++)
        {
            var key = new ObjectKey("default", "p" + number.ToString(CultureInfo.InvariantCulture));
            world.Api.Create(new ApiObject(
                CoreTypes.Pod,
                new ObjectMeta { Name = key.Name, Namespace = key.Namespace },
                TreeMap.Of(("spec", TreeMap.Of(
                    ("nodeSelector", (number % 4) switch
                    {
                        0 => TreeMap.Of(("topology.kubernetes.io/zone", "us-west-2" + "abc"[number % 3])),
                        1 => TreeMap.Of(("karpenter.sh/capacity-type", "on-demand")),
                        _ => null,
                    }),
                    ("containers", TreeList.Of(TreeMap.Of(
                        ("image", "work"),
                        ("name", "c"),
                        ("resources", TreeMap.Of(("requests", TreeMap.Of(("cpu", $"{100 + (number % 20 * 250)}m"), ("memory", $"{128 + (number % 13 * 900)}Mi")))))))))))));
            world.Api.ModifyStatus(CoreTypes.Pod, key, status =>
                Conditions.Set(status, "PodScheduled", false, "Unschedulable", "0/0 nodes are available", world.Clock.Now));
        }

        var cloud = new AwsCloud(
            new Ec2Cloud(world.Api, Ec2Catalogue.ForRegion("us-west-2"), new ModelFigures()),
            new KarpenterMemory(world.Api),
            new LiveSettings(world.Api, new KarpenterSettings { ClusterName = "sparkwright", DefaultInstanceProfile = "KarpenterNodeInstanceProfile-sparkwright" }));
        return new Snapshot(world.Api, new Pools(world.Api), cloud).Take()?.Solver ?? throw new InvalidOperationException("no pod waits");
    }
}
