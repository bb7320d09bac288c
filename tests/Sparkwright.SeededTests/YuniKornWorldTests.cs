using Sparkwright.Kubernetes.Objects;
using Sparkwright.Simulation;
using Sparkwright.World;
using Sparkwright.World.YuniKorn.Applications;

namespace Sparkwright.SeededTests;

/// <summary>
/// Worlds of the YuniKorn scheduler from a seed: plain pods and gangs in queues with limits, nodes that come and go, new configurations,
/// restarts of the scheduler and of the engine. The sums agree after every step; at the end everything is given back.
/// </summary>
public sealed class YuniKornWorldTests
{
    private static readonly string[] Queues = ["root.a", "root.b", "root.c.d", "root.c.e"];

    public static TheoryData<long> Seeds => [.. Enumerable.Range(1, 25).Select(seed => (long)seed)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Whatever_happens_the_sums_agree_and_everything_is_given_back(long seed)
    {
        var world = WorldBuilder.Build(new WorldSettings { Seed = seed, Components = ["yunikorn"] });
        var chance = new Chance(seed);
        Apply(world, Configuration(chance.For("test/configuration", -1)));
        for (var step = 0; step < 60; step++)
        {
            var draw = chance.For("test/step", step);
            Disturb(world, step, draw);
            world.Loop.RunUntil(world.Clock.Now + TimeSpan.FromMilliseconds(draw.Next.Next.Next.Between(0, 40_000)));
            Assert.True(!WorldInvariants.Broken(world).Any(), $"seed {seed}, step {step}: {string.Join("; ", WorldInvariants.Broken(world))}");
        }

        foreach (var pod in world.Store.List(CoreTypes.Pod).ToList())
        {
            world.Api.Delete(CoreTypes.Pod, pod.Key);
        }

        world.Loop.RunUntil(world.Clock.Now + TimeSpan.FromMinutes(20));
        var scheduler = world.YuniKorn!;
        Assert.True(scheduler.Queues.Root is { Allocated.IsZero: true, Pending.IsZero: true, Preempting.IsZero: true, RunningApplications: 0 }, $"seed {seed}: something is left in the queues");
        Assert.Empty(scheduler.Applications.Select(application => $"{application.Id} {application.State}"));
        Assert.All(scheduler.Finished, application => Assert.True(ApplicationLifecycle.IsOver(application.State)));
        Assert.Empty(world.Store.List(CoreTypes.Pod));
    }

    private static void Disturb(global::Sparkwright.World.World world, int step, Draw draw)
    {
        var pods = world.Store.List(CoreTypes.Pod);
        var nodes = world.Store.List(CoreTypes.Node);
        switch (draw.Below(12))
        {
            case < 4:
                for (var more = draw.Next.Between(1, 6); more > 0; more--)
                {
                    Apply(world, Pod($"p{step}-{more}", $"app-{draw.Next.Bits % 9}", Queues[(draw.Next.Bits + (ulong)more) % 4], draw.Next.Next.Between(1, 30), ""));
                }

                break;
            case < 6:
                var cpu = draw.Next.Between(1, 20);
                var style = draw.Next.Next.Below(2) == 0 ? "Hard" : "Soft";
                Apply(world, Pod($"g{step}", $"gang-{step}", Queues[draw.Bits % 4], cpu, $$"""
                    yunikorn.apache.org/task-group-name: driver
                        yunikorn.apache.org/schedulingPolicyParameters: placeholderTimeoutInSeconds={{draw.Next.Next.Between(5, 60)}} gangSchedulingStyle={{style}}
                        yunikorn.apache.org/task-groups: '[{"name": "driver", "minMember": 1, "minResource": {"cpu": "{{cpu}}00m", "memory": "1Gi"} }, {"name": "exec", "minMember": {{draw.Next.Next.Between(1, 5)}}, "minResource": {"cpu": "{{draw.Next.Between(1, 9)}}00m", "memory": "1Gi"} }]'
                    """));
                break;
            case 6 when pods.Where(pod => pod.Name.StartsWith('g')).ToList() is { Count: > 0 } drivers:
                Apply(world, Pod($"e{step}", drivers[(int)draw.Next.Below(drivers.Count)].Metadata.Label("applicationId")!, "", draw.Next.Between(1, 9), "yunikorn.apache.org/task-group-name: exec"));
                break;
            case 7 when pods.Count > 0:
                world.Api.Delete(CoreTypes.Pod, pods[(int)draw.Next.Below(pods.Count)].Key);
                break;
            case 8:
                var size = draw.Next.Between(2, 16);
                Apply(world, $"{{apiVersion: v1, kind: Node, metadata: {{name: n{step}}}, status: {{allocatable: {{cpu: {size}, memory: 64Gi, pods: 110}}, capacity: {{cpu: {size}, memory: 64Gi, pods: 110}}}}}}");
                break;
            case 9 when nodes.Count > 2:
                world.Api.Delete(CoreTypes.Node, nodes[(int)draw.Next.Below(nodes.Count)].Key);
                break;
            case 10:
                world.YuniKorn!.Restart();
                break;
            case 11 when draw.Next.Below(2) == 0:
                Apply(world, Configuration(draw.Next));
                break;
            default:
                world.RebuildFromJournal();
                break;
        }
    }

    private static string Configuration(Draw draw) => $$"""
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: yunikorn-configs, namespace: yunikorn}
        data:
          queues.yaml: |
            partitions:
            - name: default
              nodesortpolicy: {type: {{(draw.Below(2) == 0 ? "fair" : "binpacking")}}}
              preemption: {quotapreemptionenabled: true}
              queues:
              - name: root
                submitacl: "*"
                properties: {quota.preemption.delay: 5s, preemption.delay: 10s}
                queues:
                - name: a
                  resources: {guaranteed: {vcore: {{draw.Next.Between(1, 4)}} }, max: {vcore: {{draw.Next.Between(5, 20)}} } }
                - name: b
                  maxapplications: {{draw.Next.Next.Between(1, 4)}}
                - name: c
                  parent: true
                  resources: {guaranteed: {vcore: 4} }
                  queues:
                  - name: d
                    resources: {guaranteed: {vcore: 2} }
                  {{(draw.Next.Next.Below(3) == 0 ? "" : "- name: e")}}
        """;

    private static string Pod(string name, string application, string queue, long cpu, string annotations) => $$"""
        apiVersion: v1
        kind: Pod
        metadata:
          name: {{name}}
          labels: {applicationId: {{application}}{{(queue.Length == 0 ? "" : $", queue: {queue}")}} }
          annotations:
            {{(cpu % 3 == 0 ? $"sparkwright.dev/run-for: {cpu}s" : "a: b")}}
            {{(annotations.Length == 0 ? "c: d" : annotations.Replace("\n    ", "\n", StringComparison.Ordinal).Replace("\n", "\n    ", StringComparison.Ordinal))}}
        spec:
          restartPolicy: Never
          terminationGracePeriodSeconds: {{cpu}}
          containers: [{name: main, image: app, resources: {requests: {cpu: {{cpu}}00m, memory: {{cpu}}00Mi} } }]
        """;

    private static void Apply(global::Sparkwright.World.World world, string manifest)
    {
        var read = YamlReader.Read(manifest);
        Assert.True(read.Error is null, $"{read.Error}\n{manifest}");
        var applied = world.Apply(read.Documents[0].Root);
        Assert.True(applied.IsAccepted, applied.Message);
    }
}
