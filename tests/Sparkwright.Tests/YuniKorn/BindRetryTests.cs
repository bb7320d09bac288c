using Sparkwright.Kubernetes.Objects;
using Sparkwright.World;
using Sparkwright.World.YuniKorn.Applications;

namespace Sparkwright.Tests.YuniKorn;

/// <summary>A pod whose volume nobody makes, with ten seconds for each try to bind it.</summary>
public sealed class BindRetryTests
{
    private const string Manifests = """
        {apiVersion: v1, kind: ConfigMap, metadata: {name: yunikorn-configs, namespace: yunikorn}, data: {service.volumeBindTimeout: 10s}}
        ---
        {apiVersion: v1, kind: Node, metadata: {name: n1}, status: {allocatable: {cpu: 4, memory: 8Gi, pods: 110}, capacity: {cpu: 4, memory: 8Gi, pods: 110}}}
        ---
        {apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: slow}, provisioner: example.com/never, volumeBindingMode: WaitForFirstConsumer}
        ---
        {apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: c}, spec: {storageClassName: slow, accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}
        ---
        {apiVersion: v1, kind: Pod, metadata: {name: p1, labels: {applicationId: app}}, spec: {containers: [{name: main, image: app, resources: {requests: {cpu: 1}}}], volumes: [{name: v, persistentVolumeClaim: {claimName: c}}]}}
        """;

    [Fact]
    public void A_binding_that_fails_is_tried_again_with_longer_and_longer_pauses_and_then_given_up()
    {
        var world = WorldBuilder.Build(new WorldSettings { Components = ["scheduler", "yunikorn"] });
        foreach (var document in YamlReader.Read(Manifests).Documents)
        {
            Assert.True(world.Apply(document.Root).IsAccepted);
        }

        // Placed at 2 s; nine tries of 10 s with pauses of 1, 2, 4, 8, 16, 30, 30 and 30 s between them.
        world.Loop.RunUntil(world.Clock.Start.AddSeconds(212));
        Assert.Empty(Failures(world));
        Assert.Equal(ApplicationState.Running, Assert.Single(world.YuniKorn!.Applications).State);
        world.Loop.RunUntil(world.Clock.Start.AddSeconds(214));
        Assert.Equal(["bind volumes to pod failed, name: default/p1, context deadline exceeded"], Failures(world));
        Assert.Equal(ApplicationState.Completing, Assert.Single(world.YuniKorn!.Applications).State);
        Assert.True(world.YuniKorn.Queues.Root.Allocated.IsZero);
        world.Loop.RunUntil(world.Clock.Start.AddHours(1));
        Assert.Equal("Pending", world.Store.Get(CoreTypes.Pod, "default", "p1")!.Status["phase"]!.Text);
        Assert.Empty(world.YuniKorn.Applications);
        Assert.Empty(WorldInvariants.Broken(world));
    }

    private static IEnumerable<string> Failures(global::Sparkwright.World.World world) =>
        world.Store.List(CoreTypes.Event).Where(known => known.Body["reason"]?.Text == "PodVolumesBindFailure").Select(known => known.Body["message"]!.Text!);
}
