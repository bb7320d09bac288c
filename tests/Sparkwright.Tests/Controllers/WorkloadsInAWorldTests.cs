using Sparkwright.Kubernetes.Objects;
using Sparkwright.World;
using Sparkwright.World.Controllers;

namespace Sparkwright.Tests.Controllers;

/// <summary>The controllers beside the real rules, scheduler and kubelets.</summary>
public sealed class WorkloadsInAWorldTests
{
    private const string Manifests = """
        apiVersion: v1
        kind: Node
        metadata: {name: one, labels: {kubernetes.io/hostname: one}}
        status:
          allocatable: {cpu: "4", memory: 8Gi, pods: "20"}
          capacity: {cpu: "4", memory: 8Gi, pods: "20"}
        ---
        apiVersion: v1
        kind: Node
        metadata: {name: two, labels: {kubernetes.io/hostname: two}}
        spec: {unschedulable: true}
        status:
          allocatable: {cpu: "4", memory: 8Gi, pods: "20"}
          capacity: {cpu: "4", memory: 8Gi, pods: "20"}
        ---
        apiVersion: apps/v1
        kind: DaemonSet
        metadata: {name: agent, namespace: kube-system}
        spec:
          selector: {matchLabels: {app: agent}}
          template:
            metadata: {labels: {app: agent}}
            spec: {containers: [{name: c, image: i, resources: {requests: {cpu: 100m}}}]}
        ---
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web, namespace: default}
        spec:
          replicas: 3
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}}
            spec: {containers: [{name: c, image: i, resources: {requests: {cpu: 500m}}}]}
        ---
        apiVersion: batch/v1
        kind: Job
        metadata: {name: good, namespace: default}
        spec: {template: {spec: {restartPolicy: Never, containers: [{name: c, image: i, command: [sleep, "5"]}]}}}
        ---
        apiVersion: batch/v1
        kind: Job
        metadata: {name: bad, namespace: default}
        spec: {backoffLimit: 1, template: {spec: {restartPolicy: Never, containers: [{name: c, image: i, command: ["false"]}]}}}
        """;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Daemons_deployments_and_jobs_come_to_their_ends(bool isRebuiltOnTheWay)
    {
        var world = WorldBuilder.Build(new WorldSettings());
        foreach (var document in YamlReader.Read(Manifests).Documents)
        {
            var applied = world.Apply(document.Root);
            Assert.True(applied.IsAccepted, applied.Message);
        }

        world.Loop.RunUntil(world.Clock.Now.AddSeconds(3));
        if (isRebuiltOnTheWay)
        {
            world.RebuildFromJournal();
        }

        world.Loop.RunUntil(world.Clock.Now.AddSeconds(120));
        Assert.Equal(["one", "two"], world.Store.List(CoreTypes.Pod, "kube-system").Select(PodState.NodeName).Order());
        Assert.Equal(2, world.Store.Get(CoreTypes.DaemonSet, "kube-system", "agent")!.Status["numberAvailable"]?.Integer);
        Assert.Equal(3, world.Store.Get(CoreTypes.Deployment, "default", "web")!.Status["availableReplicas"]?.Integer);
        Assert.Equal("one", Assert.Single(world.Store.List(CoreTypes.Pod, "default").Where(pod => pod.Metadata.Label("app") == "web").Select(PodState.NodeName).Distinct()));
        Assert.Equal("SuccessCriteriaMet/CompletionsReached Complete/CompletionsReached", TestCluster.ConditionsOf(world.Store.Get(CoreTypes.Job, "default", "good")!));
        Assert.Equal("FailureTarget/BackoffLimitExceeded Failed/BackoffLimitExceeded", TestCluster.ConditionsOf(world.Store.Get(CoreTypes.Job, "default", "bad")!));
    }
}
