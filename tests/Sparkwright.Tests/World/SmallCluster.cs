using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Store;
using Sparkwright.Simulation;

namespace Sparkwright.Tests.World;

/// <summary>A store with the namespace <c>default</c>, a loop and nothing that acts; objects are given as JSON.</summary>
internal sealed class SmallCluster
{
    public static readonly DateTime Start = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    public SmallCluster(long seed = 1, SmallCluster? restartOf = null)
    {
        Clock = restartOf is null ? new Clock(Start) : Clock.Resumed(Start, restartOf.Clock.Now);
        Loop = new EventLoop(Clock);
        Store = new ObjectStore();
        if (restartOf is not null)
        {
            Store.Load(restartOf.Store.InWriteOrder(), restartOf.Store.ResourceVersion);
        }

        Api = new ApiServer(Store, Clock, new Chance(seed));
        if (restartOf is null)
        {
            Api.Create(new ApiObject(CoreTypes.Namespace, new ObjectMeta { Name = "default" }, TreeMap.Empty));
        }
    }

    public Clock Clock { get; }

    public EventLoop Loop { get; }

    public ObjectStore Store { get; }

    public ApiServer Api { get; }

    public static TreeMap Json(string text) => (TreeMap)TreeJson.Parse(text);

    public static ApiObject MakeNode(string name, string capacity = """{"cpu":"4","memory":"8Gi","pods":"10"}""", string spec = "{}", string labels = "{}") => new(
        CoreTypes.Node,
        new ObjectMeta { Name = name, Labels = Json(labels) },
        TreeMap.Of(("spec", Json(spec)), ("status", TreeMap.Of(("allocatable", Json(capacity)), ("capacity", Json(capacity))))));

    public static ApiObject MakePod(string name, string requests = """{"cpu":"1","memory":"1Gi"}""", string spec = "{}", string annotations = "{}") => new(
        CoreTypes.Pod,
        new ObjectMeta { Name = name, Namespace = "default", Annotations = Json(annotations) },
        TreeMap.Of(("spec", TreeMap.Of(
            ("containers", TreeList.Of(TreeMap.Of(("image", "app"), ("name", "c"), ("resources", TreeMap.Of(("requests", Json(requests))))))))
            .Merge(Json(spec)))));

    public ApiObject Node(string name, string capacity = """{"cpu":"4","memory":"8Gi","pods":"10"}""", string spec = "{}", string labels = "{}") =>
        Must(Api.Create(MakeNode(name, capacity, spec, labels)));

    public ApiObject Pod(string name, string requests = """{"cpu":"1","memory":"1Gi"}""", string spec = "{}", string annotations = "{}") =>
        Must(Api.Create(MakePod(name, requests, spec, annotations)));

    public ApiObject? Find(string pod) => Api.Get(CoreTypes.Pod, "default", pod);

    public ApiObject Get(string pod) => Find(pod) ?? throw new InvalidOperationException($"no pod {pod}");

    /// <summary>The node of a pod; "-" while it has none.</summary>
    public string NodeOf(string pod) => Get(pod).Spec["nodeName"]?.Text ?? "-";

    public string PhaseOf(string pod) => Find(pod)?.Status["phase"]?.Text ?? "gone";

    public void RunFor(double seconds) => Loop.RunUntil(Clock.Now + TimeSpan.FromSeconds(seconds));

    /// <summary>"reason: message" of the events about an object, in the order of their first appearance.</summary>
    public string[] EventsOf(string name) =>
    [
        .. Store.List(CoreTypes.Event)
            .Where(known => known.Body.At("involvedObject", "name")?.Text == name)
            .OrderBy(known => known.Metadata.CreationTimestamp)
            .ThenBy(known => known.Body.At("involvedObject", "resourceVersion")?.Text, StringComparer.Ordinal)
            .Select(known => $"{known.Body["reason"]?.Text}: {known.Body["message"]?.Text}"),
    ];

    private static ApiObject Must(ApiResult answer) => answer.Object ?? throw new InvalidOperationException(answer.ToString());
}
