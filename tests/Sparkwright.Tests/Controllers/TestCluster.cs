using Sparkwright.Kubernetes.Admission;
using Sparkwright.Kubernetes.Authentication;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Schema;
using Sparkwright.Kubernetes.Store;
using Sparkwright.Simulation;
using Sparkwright.World.Controllers;

namespace Sparkwright.Tests.Controllers;

/// <summary>A cluster of built-in controllers and a kubelet that starts and ends each pod after a second.</summary>
internal sealed class TestCluster
{
    private static readonly DateTime Start = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
    private static readonly ResourceTypes Types = new([]);

    public TestCluster(bool withRules = false, ObjectStore? store = null, Clock? clock = null, ClusterTrust? trust = null)
    {
        Loop = new EventLoop(clock ?? new Clock(Start));
        Store = store ?? new ObjectStore();
        Api = new ApiServer(Store, Loop.Clock, new Chance(1));
        if (withRules)
        {
            Api.AddAdmission(CoreRules.Table().Admit);
        }

        Controllers = new BuiltInControllers(Loop, Api, Types.All, new ControllerSettings { Trust = trust });
        Kubelet = new TestKubelet(Loop, Api);
    }

    public EventLoop Loop { get; }

    public ObjectStore Store { get; }

    public ApiServer Api { get; }

    public BuiltInControllers Controllers { get; }

    public TestKubelet Kubelet { get; }

    public IEnumerable<ApiObject> Pods => Store.List(CoreTypes.Pod, "default");

    public IEnumerable<ApiObject> ActivePods => Pods.Where(PodState.IsActive);

    /// <summary>The same world, built anew from what a journal would hold.</summary>
    public TestCluster Rebuilt(bool withRules = false)
    {
        var store = new ObjectStore();
        store.Load(Store.InWriteOrder(), Store.ResourceVersion);
        return new TestCluster(withRules, store, Clock.Resumed(Start, Loop.Clock.Now));
    }

    public void Run(double seconds) => Loop.RunUntil(Loop.Clock.Now.AddSeconds(seconds));

    public ApiObject Apply(string yaml)
    {
        var read = YamlReader.Read(yaml);
        Assert.Null(read.Error);
        ApiObject? last = null;
        foreach (var document in read.Documents)
        {
            var tree = (TreeMap)document.Root;
            var type = Types.Find(tree["apiVersion"]!.Text!, tree["kind"]!.Text!)!;
            var given = ApiObject.From(type, tree);
            if (type.Namespaced && given.Namespace.Length == 0)
            {
                given = given.With(given.Metadata with { Namespace = "default" });
            }

            var result = Store.Get(type, given.Key) is { } known
                ? Api.Update(given.With(given.Metadata with { Annotations = known.Metadata.Annotations.Merge(given.Metadata.Annotations) }))
                : Api.Create(given);
            Assert.True(result.IsAccepted, (result as ApiResult.Refused)?.Status.Message);
            last = result.Object;
        }

        return last!;
    }

    public ApiObject Get(ResourceType type, string name, string @namespace = "default") =>
        Store.Get(type, type.Namespaced ? @namespace : "", name) ?? throw new InvalidOperationException($"no {type} {name}");

    public ApiObject AddNode(string name, string ready = "True", string taints = "[]") => Apply($$"""
        apiVersion: v1
        kind: Node
        metadata: {name: {{name}}, labels: {kubernetes.io/hostname: {{name}} } }
        spec: {taints: {{taints}}}
        status: {conditions: [{type: Ready, status: "{{ready}}"}]}
        """);

    public void Scale(ResourceType type, string name, long replicas) =>
        Assert.NotNull(Api.Modify(type, new ObjectKey("default", name), known => known.Set(["spec", "replicas"], replicas)));

    public void Delete(ResourceType type, string name, PropagationPolicy propagation = PropagationPolicy.Background) => Assert.True(
        Api.Delete(type, new ObjectKey(type.Namespaced ? "default" : "", name), new DeleteOptions { Propagation = propagation }).IsAccepted);

    public IReadOnlyList<string> EventsOf(string kind, string name) =>
    [
        .. Store.List(CoreTypes.Event)
            .Where(known => known.Body.At("involvedObject", "kind")?.Text == kind && known.Body.At("involvedObject", "name")?.Text == name)
            .OrderBy(known => known.Metadata.ResourceVersion)
            .Select(known => $"{known.Body["reason"]?.Text}: {known.Body["message"]?.Text}"),
    ];

    public static string ConditionsOf(ApiObject known) => string.Join(
        ' ',
        Tree.ItemsOf(known.Status["conditions"]).ToArray()
            .Where(condition => condition["status"]?.Text == "True")
            .Select(condition => $"{condition["type"]?.Text}/{condition["reason"]?.Text}"));
}

/// <summary>What becomes of a pod a second after it was made.</summary>
internal enum Fate
{
    Runs,
    Succeeds,
    Fails,
    StaysPending,
}

/// <summary>Binds each pod to the node that it names (else to node-1), and starts and ends pods as told.</summary>
internal sealed class TestKubelet : Worker<ObjectKey>
{
    private readonly ApiServer api;

    public TestKubelet(EventLoop loop, ApiServer api)
        : base(loop)
    {
        this.api = api;
        api.Store.Watch(CoreTypes.Pod, change => WakeAfter(change.Object.Key, TimeSpan.FromSeconds(1)));
        foreach (var pod in api.Store.List(CoreTypes.Pod))
        {
            WakeAfter(pod.Key, TimeSpan.FromSeconds(1));
        }
    }

    public Func<ApiObject, Fate> FateOf { get; set; } = _ => Fate.Runs;

    protected override void Reconcile(ObjectKey key)
    {
        if (api.Store.Get(CoreTypes.Pod, key) is not { } pod)
        {
            return;
        }

        if (pod.Metadata.IsBeingDeleted)
        {
            api.Delete(CoreTypes.Pod, key, new DeleteOptions { GracePeriodSeconds = 0 });
            return;
        }

        if (PodState.IsFinished(pod) || FateOf(pod) == Fate.StaysPending)
        {
            return;
        }

        if (PodState.NodeName(pod).Length == 0)
        {
            api.Bind(key, DaemonPods.TargetOf(pod) ?? "node-1");
        }

        var fate = FateOf(pod);
        if (fate == Fate.Runs && (PodState.Phase(pod) == "Running" || api.Store.Get(CoreTypes.Node, "", PodState.NodeName(pod)) is { } node && !Conditions.IsTrue(node.Status, "Ready")))
        {
            return;
        }

        api.ModifyStatus(CoreTypes.Pod, key, status => Conditions.Set(
            status.With("phase", fate switch { Fate.Succeeds => "Succeeded", Fate.Fails => "Failed", _ => "Running" }),
            "Ready",
            fate == Fate.Runs,
            null,
            null,
            Clock.Now));
    }
}
