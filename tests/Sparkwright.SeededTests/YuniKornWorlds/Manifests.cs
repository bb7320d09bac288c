using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.SeededTests.YuniKornWorlds;

using World = Sparkwright.World.World;

/// <summary>What the worlds of YuniKorn are made of, and its way into them.</summary>
internal static class Manifests
{
    public static void Apply(World world, string manifest)
    {
        var read = YamlReader.Read(manifest);
        Assert.True(read.Error is null, $"{read.Error}\n{manifest}");
        foreach (var document in read.Documents)
        {
            var applied = world.Apply(document.Root);
            Assert.True(applied.IsAccepted, applied.Message);
        }
    }

    public static string Node(string name, int cpu) =>
        $"{{apiVersion: v1, kind: Node, metadata: {{name: {name}}}, status: {{allocatable: {{cpu: {cpu}, memory: 64Gi, pods: 110}}, capacity: {{cpu: {cpu}, memory: 64Gi, pods: 110}}}}}}";

    /// <param name="queues">The queues below root, as a YAML list in one line.</param>
    public static string Configuration(string queues, string nodeSort = "binpacking") => $$"""
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: yunikorn-configs, namespace: yunikorn}
        data:
          queues.yaml: |
            partitions:
            - name: default
              nodesortpolicy: {type: {{nodeSort}} }
              queues:
              - {name: root, submitacl: "*", queues: {{queues}} }
        """;

    /// <param name="seconds">How long it runs; 0 is until it is deleted.</param>
    /// <param name="annotations">More of them, each with a comma before it, in YAML's flow style.</param>
    /// <param name="spec">More of the spec, in the same way.</param>
    public static string Pod(string name, string application, string queue, string cpu, int seconds, string annotations = "", string spec = "") =>
        $"{{apiVersion: v1, kind: Pod, metadata: {{name: {name}, labels: {{applicationId: {application}, queue: {queue}}}, annotations: {{a: b{(seconds == 0 ? "" : $", sparkwright.dev/run-for: {seconds}s")}{annotations}}}}}, "
        + $"spec: {{restartPolicy: Never, terminationGracePeriodSeconds: 1{spec}, containers: [{{name: main, image: app, resources: {{requests: {{cpu: {cpu}, memory: 256Mi}}}}}}]}}}}";

    /// <summary>Pods of one application that are made again when they are lost.</summary>
    public static string Deployment(string name, string queue, string cpu, int replicas) =>
        $"{{apiVersion: apps/v1, kind: Deployment, metadata: {{name: {name}}}, spec: {{replicas: {replicas}, selector: {{matchLabels: {{app: {name}}}}}, template: {{metadata: {{labels: {{app: {name}, applicationId: {name}, queue: {queue}}}}}, "
        + $"spec: {{terminationGracePeriodSeconds: 1, containers: [{{name: main, image: app, resources: {{requests: {{cpu: {cpu}, memory: 256Mi}}}}}}]}}}}}}}}";

    /// <summary>The first pod of a gang that holds places for itself and for so many executors like it.</summary>
    public static string Driver(Gang gang, string queue, int seconds) => Pod(
        $"{gang.Id}-driver", gang.Id, queue, gang.Cpu, seconds,
        $", yunikorn.apache.org/task-group-name: driver, yunikorn.apache.org/schedulingPolicyParameters: 'placeholderTimeoutInSeconds={gang.Timeout} gangSchedulingStyle={(gang.IsHard ? "Hard" : "Soft")}'"
        + $", yunikorn.apache.org/task-groups: '[{Group("driver", 1, gang.Cpu)}, {Group("executor", gang.Executors, gang.Cpu)}]'");

    public static string Executor(Gang gang, int number, string queue, int seconds) => Pod(
        $"{gang.Id}-executor-{number}", gang.Id, queue, gang.Cpu, seconds, ", yunikorn.apache.org/task-group-name: executor");

    private static string Group(string name, int members, string cpu) => $$"""{"name": "{{name}}", "minMember": {{members}}, "minResource": {"cpu": "{{cpu}}", "memory": "256Mi"} }""";
}

/// <summary>A gang of a driver and executors of one size.</summary>
/// <param name="Timeout">How long its placeholders are held, in seconds.</param>
internal sealed record Gang(string Id, bool IsHard, int Timeout, string Cpu, int Executors);
