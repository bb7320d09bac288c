using System.Globalization;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Store;
using Sparkwright.Simulation;
using Sparkwright.World.Scheduling;

namespace Sparkwright.Bench;

/// <summary>
/// The default scheduler alone over the API server: pods that wait are bound, with their conditions and events. Nodes have 100 places in three
/// zones; everything is measured from the first turn of the loop to the last binding.
/// </summary>
internal static class SchedulerBench
{
    private const string ByZone = "topology.kubernetes.io/zone";
    private const string ByHost = "kubernetes.io/hostname";

    private static readonly Load[] Loads =
    [
        new("equal pods", 10_000, 50_000, 20_000, "{}"),
        new("equal pods in 50 shapes", 10_000, 20_000, 20_000, "{}") { Shapes = 50 },
        new("zonal spread, maxSkew 1", 5_000, 10_000, 2_000, Spread(ByZone, "DoNotSchedule")),
        new("zonal spread, maxSkew 1", 10_000, 10_000, 2_000, Spread(ByZone, "DoNotSchedule")),
        new("spread over hosts as a wish", 5_000, 10_000, 2_000, Spread(ByHost, "ScheduleAnyway")),
        new("affinity to its own zone", 5_000, 10_000, 2_000, Term("podAffinity", ByZone)),
        new("one a host (anti-affinity)", 10_000, 10_000, 2_000, Term("podAntiAffinity", ByHost)),
        new("preferred affinity to a zone", 5_000, 10_000, 2_000, Wish("podAffinity", ByZone)),
        new("preferred anti-affinity to a host", 5_000, 10_000, 2_000, Wish("podAntiAffinity", ByHost)),
        new("preferred node affinity", 5_000, 10_000, 2_000, NodeWish),
    ];

    private const string NodeWish =
        """{"affinity":{"nodeAffinity":{"preferredDuringSchedulingIgnoredDuringExecution":[{"weight":1,"preference":{"matchExpressions":[{"key":"topology.kubernetes.io/zone","operator":"In","values":["a"]}]}}]}}}""";

    public static IEnumerable<string> Run()
    {
        foreach (var load in Loads)
        {
            var work = 0L;
            var took = Rounds.Best(() => Waiting(load), world =>
            {
                var scheduler = new DefaultScheduler(world.Loop, world.Api);
                world.Loop.RunUntil(world.Api.Clock.Now);
                work = scheduler.NodesAsked;
            });
            var rate = load.Pods / took.TotalSeconds;
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{rate,10:N0} pods/s: {load.Name}, {load.Pods:N0} on {load.Nodes:N0} nodes ({work / (double)load.Pods:N1} nodes asked a pod; target {load.Target:N0}{(rate < load.Target ? ": MISSED" : "")})");
        }
    }

    private static (EventLoop Loop, ApiServer Api) Waiting(Load load)
    {
        var clock = new Clock(DateTime.UnixEpoch);
        var api = new ApiServer(new ObjectStore(), clock, new Chance(1));
        api.Create(new ApiObject(CoreTypes.Namespace, new ObjectMeta { Name = "default" }, TreeMap.Empty));
        for (var number = 0; number < load.Nodes; number++)
        {
            var name = "node-" + number.ToString(CultureInfo.InvariantCulture);
            var capacity = TreeMap.Of(("cpu", "16"), ("memory", "64Gi"), ("pods", "100"));
            api.Create(new ApiObject(
                CoreTypes.Node,
                new ObjectMeta { Name = name, Labels = TreeMap.Of((ByHost, name), (ByZone, "abc"[number % 3].ToString())) },
                TreeMap.Of(("status", TreeMap.Of(("allocatable", capacity), ("capacity", capacity))))));
        }

        var more = (TreeMap)TreeJson.Parse(load.Spec);
        for (var number = 0; number < load.Pods; number++)
        {
            var spec = TreeMap.Of(("containers", TreeList.Of(TreeMap.Of(
                ("image", "work"),
                ("name", "c"),
                ("resources", TreeMap.Of(("requests", TreeMap.Of(("cpu", $"{100 + (number % load.Shapes)}m"), ("memory", "200Mi"))))))))).Merge(more);
            var answer = api.Create(new ApiObject(
                CoreTypes.Pod,
                new ObjectMeta { Name = "p" + number.ToString(CultureInfo.InvariantCulture), Namespace = "default", Labels = TreeMap.Of(("app", "w")) },
                TreeMap.Of(("spec", spec))));
            if (!answer.IsAccepted)
            {
                throw new InvalidOperationException(answer.ToString());
            }
        }

        return (new EventLoop(clock), api);
    }

    private static string Spread(string key, string unsatisfied) => TreeMap.Of(("topologySpreadConstraints", TreeList.Of(TreeMap.Of(
        ("maxSkew", 1), ("topologyKey", key), ("whenUnsatisfiable", unsatisfied), ("labelSelector", OfAll))))).ToString();

    private static string Term(string kind, string key) => Affinity(kind, "requiredDuringSchedulingIgnoredDuringExecution", Beside(key));

    private static string Wish(string kind, string key) =>
        Affinity(kind, "preferredDuringSchedulingIgnoredDuringExecution", TreeMap.Of(("weight", 1), ("podAffinityTerm", Beside(key))));

    private static TreeMap OfAll => TreeMap.Of(("matchLabels", TreeMap.Of(("app", "w"))));

    private static TreeMap Beside(string key) => TreeMap.Of(("topologyKey", key), ("labelSelector", OfAll));

    private static string Affinity(string kind, string strength, TreeMap term) =>
        TreeMap.Of(("affinity", TreeMap.Of((kind, TreeMap.Of((strength, TreeList.Of(term))))))).ToString();

    /// <param name="Target">Pods a second to be reached.</param>
    /// <param name="Spec">What the pods have besides a container.</param>
    private sealed record Load(string Name, int Nodes, int Pods, int Target, string Spec)
    {
        public int Shapes { get; init; } = 1;
    }
}
