using System.Globalization;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Store;
using Sparkwright.Simulation;
using Sparkwright.World.YuniKorn.Admission;
using Sparkwright.World.YuniKorn.Cycle;

namespace Sparkwright.Bench;

/// <summary>
/// YuniKorn alone over the API server, bin packing: from pods that wait to the last binding, with admission's labels, events, and whatever the
/// scheduler keeps in the store for a restart. Nodes have 100 places in three zones. Of gangs, placeholders are made, bound, replaced and deleted
/// on the way; they count as objects as the members do.
/// </summary>
internal static class YuniKornBench
{
    private const string ByZone = "topology.kubernetes.io/zone";
    private const string ByHost = "kubernetes.io/hostname";

    private static readonly Load[] Loads =
    [
        new("equal pods, 10 applications", 2_000, 50_000, 10_000, 10),
        new("equal pods, 10 applications", 4_000, 50_000, 10_000, 10),
        new("equal pods, 1 application", 5_000, 50_000, 10_000, 1),
        new("equal pods, 400 applications in 5 queues", 5_000, 50_000, 10_000, 400) { Queues = 5 },
        new("equal pods, 400 applications in 5 fair queues", 5_000, 50_000, 10_000, 400) { Queues = 5, SortPolicy = "fair" },
        new("equal pods, 10 applications", 10_000, 50_000, 10_000, 10),
        new("equal pods, 10 applications, fair nodes", 10_000, 50_000, 10_000, 10) { NodeSort = "fair" },
        new("gangs of 1 + 20", 5_000, 21_000, 10_000, 1_000) { GangSize = 21 },
        new("gangs of 1 + 20", 10_000, 21_000, 10_000, 1_000) { GangSize = 21 },
        new("gangs of 1 + 1,000", 5_000, 20_020, 10_000, 20) { GangSize = 1_001 },
        new("zonal spread, maxSkew 1", 5_000, 10_000, 2_000, 10) { Spec = Spread(ByZone) },
        new("affinity to its own zone", 5_000, 10_000, 2_000, 10) { Spec = Term("podAffinity", ByZone) },
        new("one a host (anti-affinity)", 10_000, 10_000, 2_000, 10) { Spec = Term("podAntiAffinity", ByHost) },
    ];

    public static IEnumerable<string> Run()
    {
        foreach (var load in Loads)
        {
            var (work, objects) = (0L, 0L);
            var took = Rounds.Best(() => Waiting(load), world =>
            {
                var scheduler = new YuniKornScheduler(world.Loop, world.Api);
                var before = world.Api.Store.ResourceVersion;
                world.Loop.RunUntil(world.Api.Clock.Now + TimeSpan.FromSeconds(20));
                objects = Finish(load, world.Api);
                work = world.Api.Store.ResourceVersion - before;
                GC.KeepAlive(scheduler);
            });
            var rate = objects / took.TotalSeconds;
            var gangs = load.GangSize == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $", {load.Applications / took.TotalSeconds:N0} gangs/s");
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{rate,10:N0} pods/s: {load.Name}, {objects:N0} on {load.Nodes:N0} nodes{gangs} ({work / (double)objects:N1} writes a pod; target {load.Target:N0}{(rate < load.Target ? ": MISSED" : "")})");
        }
    }

    /// <summary>How many pods were bound, placeholders included; all of them must have been.</summary>
    private static long Finish(Load load, ApiServer api)
    {
        var bound = api.Store.List(CoreTypes.Pod).Count(pod => pod.Spec["nodeName"] is not null);
        return bound == load.Pods ? (load.GangSize == 0 ? 1 : 2) * load.Pods : throw new InvalidOperationException($"{load.Name}: {bound} of {load.Pods} pods are bound");
    }

    private static (EventLoop Loop, ApiServer Api) Waiting(Load load)
    {
        var clock = new Clock(DateTime.UnixEpoch);
        var api = new ApiServer(new ObjectStore(), clock, new Chance(1));
        api.AddAdmission(new YuniKornAdmission(api.Store).Admit);
        foreach (var name in new[] { "default", "yunikorn" })
        {
            Create(api, new ApiObject(CoreTypes.Namespace, new ObjectMeta { Name = name }, TreeMap.Empty));
        }

        var queues = string.Concat(Enumerable.Range(0, load.Queues).Select(queue => $"    - name: q{queue}\n      properties: {{application.sort.policy: {load.SortPolicy}}}\n"));
        var configuration = $"partitions:\n- name: default\n  nodesortpolicy: {{type: {load.NodeSort}}}\n  queues:\n  - name: root\n    submitacl: '*'\n    queues:\n{queues}";
        Create(api, new ApiObject(
            CoreTypes.ConfigMap,
            new ObjectMeta { Name = "yunikorn-configs", Namespace = "yunikorn" },
            TreeMap.Of(("data", TreeMap.Of(("queues.yaml", configuration))))));
        for (var number = 0; number < load.Nodes; number++)
        {
            var name = "node-" + number.ToString(CultureInfo.InvariantCulture);
            var capacity = TreeMap.Of(("cpu", "16"), ("memory", "64Gi"), ("pods", "100"));
            Create(api, new ApiObject(
                CoreTypes.Node,
                new ObjectMeta { Name = name, Labels = TreeMap.Of((ByHost, name), (ByZone, "abc"[number % 3].ToString())) },
                TreeMap.Of(("status", TreeMap.Of(("allocatable", capacity), ("capacity", capacity))))));
        }

        for (var number = 0; number < load.Pods; number++)
        {
            Create(api, Pod(load, number));
        }

        return (new EventLoop(clock), api);
    }

    private static ApiObject Pod(Load load, int number)
    {
        var application = load.GangSize == 0 ? number % load.Applications : number / load.GangSize;
        var resources = TreeMap.Of(("cpu", "100m"), ("memory", "200Mi"));
        var annotations = TreeMap.Empty;
        if (load.GangSize > 0)
        {
            var isDriver = number % load.GangSize == 0;
            var groups = TreeList.Of(Group("driver", 1), Group("executor", load.GangSize - 1));
            annotations = annotations.With("yunikorn.apache.org/task-group-name", isDriver ? "driver" : "executor");
            annotations = isDriver ? annotations.With("yunikorn.apache.org/task-groups", groups.ToString()) : annotations;
        }

        return new ApiObject(
            CoreTypes.Pod,
            new ObjectMeta
            {
                Name = string.Create(CultureInfo.InvariantCulture, $"p{number:D6}"),
                Namespace = "default",
                Annotations = annotations,
                Labels = TreeMap.Of(("app", "w"), ("applicationId", $"a{application}"), ("queue", $"root.q{application % load.Queues}")),
            },
            TreeMap.Of(("spec", TreeMap.Of(("containers", TreeList.Of(TreeMap.Of(
                ("image", "work"), ("name", "c"), ("resources", TreeMap.Of(("requests", resources)))))))
                .Merge(load.Spec))));

        TreeMap Group(string name, int members) => TreeMap.Of(("minMember", members), ("minResource", resources), ("name", name));
    }

    private static void Create(ApiServer api, ApiObject wanted)
    {
        var answer = api.Create(wanted);
        if (!answer.IsAccepted)
        {
            throw new InvalidOperationException(answer.ToString());
        }
    }

    private static TreeMap Spread(string key) => TreeMap.Of(("topologySpreadConstraints", TreeList.Of(TreeMap.Of(
        ("maxSkew", 1), ("topologyKey", key), ("whenUnsatisfiable", "DoNotSchedule"), ("labelSelector", OfAll)))));

    private static TreeMap Term(string kind, string key) => TreeMap.Of(("affinity", TreeMap.Of((kind, TreeMap.Of(
        ("requiredDuringSchedulingIgnoredDuringExecution", TreeList.Of(TreeMap.Of(("topologyKey", key), ("labelSelector", OfAll)))))))));

    private static TreeMap OfAll => TreeMap.Of(("matchLabels", TreeMap.Of(("app", "w"))));

    /// <param name="Target">Pods a second to be reached, placeholders among them.</param>
    private sealed record Load(string Name, int Nodes, int Pods, int Target, int Applications)
    {
        public int Queues { get; init; } = 1;

        /// <summary>Members of each application's gang; 0 for no gangs.</summary>
        public int GangSize { get; init; }

        public string SortPolicy { get; init; } = "fifo";

        public string NodeSort { get; init; } = "binpacking";

        /// <summary>What the pods have besides a container.</summary>
        public TreeMap Spec { get; init; } = TreeMap.Empty;
    }
}
