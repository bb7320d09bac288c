using System.Text;
using System.Text.Json;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Simulation;
using Sparkwright.World;
using Sparkwright.World.Ec2;
using Sparkwright.World.Insight;

namespace Sparkwright.SeededTests;

/// <summary>
/// Whole worlds from a seed: pools, pods, deletions and restarts of the engine in any order. The invariants hold after every step; when the
/// disturbances stop, the world settles and pays for no empty node.
/// </summary>
public sealed class RandomWorldTests
{
    private static readonly string[] Types = ["c5.large, c5.xlarge", "c5d.2xlarge, c5d.4xlarge, c5d.9xlarge", "m5.large, m5.xlarge, m5.2xlarge", "r5d.4xlarge, r6gd.4xlarge"];

    public static TheoryData<long> Seeds => [.. Enumerable.Range(1, 25).Select(seed => (long)seed)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_disturbed_world_keeps_its_invariants_and_settles(long seed)
    {
        var (world, history) = Disturbed(seed, restarts: true);
        foreach (var pod in world.Store.List(CoreTypes.Pod).ToList())
        {
            world.Api.Delete(CoreTypes.Pod, pod.Key);
        }

        world.Loop.RunUntil(world.Clock.Now + TimeSpan.FromMinutes(20));
        Check(world, seed, "the end");
        Assert.DoesNotContain(world.Store.List(Ec2Types.Instance), known => Instance.Of(known).IsAlive);
        var report = ReportBuilder.Build(history, new ReportRequest());
        var billed = world.Store.List(Ec2Types.Instance).Sum(known => Instance.Of(known).UsdUntil(world.Clock.Now));
        Assert.Equal(decimal.Round(billed, 6), decimal.Round(report.Cost.Usd, 6));
        Assert.InRange(report.Cost.UsdIdle, 0, report.Cost.Usd);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void The_same_seed_gives_the_same_world(long seed) =>
        Assert.Equal(Print(Disturbed(seed, restarts: false)), Print(Disturbed(seed, restarts: false)));

    private static string Print((global::Sparkwright.World.World World, History History) run)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            RunReportJson.Write(json, ReportBuilder.Build(run.History, new ReportRequest()));
        }

        return Encoding.UTF8.GetString(buffer.ToArray()) + string.Join('\n', run.World.Store.InWriteOrder().Select(known => known.ToTree()));
    }

    private static (global::Sparkwright.World.World World, History History) Disturbed(long seed, bool restarts)
    {
        var world = WorldBuilder.Build(new WorldSettings { Seed = seed });
        var history = History.Of(world);
        var chance = new Chance(seed);
        for (var pool = 0; pool < 3; pool++)
        {
            foreach (var document in Pool(pool, chance.For("test/pool", pool)))
            {
                Assert.True(world.Apply(document).IsAccepted);
            }
        }

        var pods = 0;
        for (var step = 0; step < 40; step++)
        {
            var draw = chance.For("test/step", step);
            switch (draw.Below(10))
            {
                case < 6:
                    for (var more = draw.Next.Between(1, 6); more > 0; more--)
                    {
                        Assert.True(world.Apply(Pod(pods, chance.For("test/pod", pods))).IsAccepted);
                        pods++;
                    }

                    break;
                case < 8 when world.Store.List(CoreTypes.Pod) is { Count: > 0 } known:
                    world.Api.Delete(CoreTypes.Pod, known[(int)draw.Next.Below(known.Count)].Key);
                    break;
                case 8 when world.Store.List(CoreTypes.Node) is { Count: > 0 } nodes:
                    world.Api.Delete(CoreTypes.Node, nodes[(int)draw.Next.Below(nodes.Count)].Key);
                    break;
                case 9 when restarts:
                    world.RebuildFromJournal();
                    break;
            }

            world.Loop.RunUntil(world.Clock.Now + TimeSpan.FromSeconds(draw.Next.Next.Between(0, 90)));
            Check(world, seed, $"step {step}");
        }

        return (world, history);
    }

    private static void Check(global::Sparkwright.World.World world, long seed, string when) =>
        Assert.True(!WorldInvariants.Broken(world).Any(), $"seed {seed}, {when}: {string.Join("; ", WorldInvariants.Broken(world))}");

    private static IEnumerable<Tree> Pool(int number, Draw draw) => YamlReader.Read($$"""
        apiVersion: karpenter.sh/v1alpha5
        kind: Provisioner
        metadata: {name: pool-{{number}}}
        spec:
          requirements:
          - {key: node.kubernetes.io/instance-type, operator: In, values: [{{Types[draw.Below(Types.Length)]}}]}
          - {key: karpenter.sh/capacity-type, operator: In, values: [{{(draw.Next.Below(2) == 0 ? "spot, on-demand" : "on-demand")}}]}
          - {key: kubernetes.io/arch, operator: In, values: [amd64, arm64]}
          labels: {pool: p{{number}}}
          limits:
            resources:
              cpu: {{draw.Next.Next.Between(10, 100)}}
          weight: {{draw.Next.Next.Next.Between(1, 3)}}
          ttlSecondsAfterEmpty: {{draw.Bits % 120}}
          providerRef: {name: pool-{{number}}}
        ---
        apiVersion: karpenter.k8s.aws/v1alpha1
        kind: AWSNodeTemplate
        metadata: {name: pool-{{number}}}
        spec:
          subnetSelector: {karpenter.sh/discovery: sparkwright}
          securityGroupSelector: {karpenter.sh/discovery: sparkwright}
        """).Documents.Select(document => document.Root);

    private static Tree Pod(int number, Draw draw) => YamlReader.Read($$"""
        apiVersion: v1
        kind: Pod
        metadata:
          name: pod-{{number}}
          annotations: { {{(draw.Below(3) == 0 ? $"sparkwright.dev/run-for: {draw.Next.Between(5, 200)}s" : "")}} }
        spec:
          restartPolicy: Never
          {{(draw.Next.Below(4) == 0 ? $"nodeSelector: {{pool: p{draw.Next.Next.Below(3)}}}" : "")}}
          {{(draw.Next.Below(4) == 1 ? $"nodeSelector: {{topology.kubernetes.io/zone: us-west-2{"abc"[(int)draw.Next.Next.Below(3)]}}}" : "")}}
          containers:
          - name: main
            image: app
            resources:
              requests:
                cpu: {{draw.Next.Next.Between(1, 40)}}00m
                memory: {{draw.Next.Next.Next.Between(1, 60)}}00Mi
        """).Documents[0].Root;
}
