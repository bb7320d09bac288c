using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Store;
using Sparkwright.SeededTests.RandomWorlds;
using Sparkwright.SeededTests.YuniKornWorlds;
using Sparkwright.Simulation;
using Sparkwright.World;
using Sparkwright.World.Karpenter.Apis;
using Sparkwright.World.YuniKorn;

namespace Sparkwright.SeededTests;

/// <summary>
/// YuniKorn and Karpenter together, with gangs, plain pods and pods that a quota holds back for ever: while jobs come and go nodes are bought for
/// what waits and is allowed; once only Deployments are left, the number of nodes settles and nothing is bought or given back any more.
/// </summary>
public sealed class YuniKornKarpenterWorldTests
{
    private static readonly string[] Queues = ["root.a", "root.b"];

    public static TheoryData<long> Seeds => [.. Enumerable.Range(1, 14).Select(seed => (long)seed)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Nodes_settle_and_no_node_is_bought_to_be_given_back(long seed)
    {
        var world = WorldBuilder.Build(new WorldSettings { Seed = seed, Components = ["karpenter", "scheduler", "yunikorn"] });
        var dice = new Dice(new Chance(seed).For("test/karpenter", 0));
        var watch = new GangWatch(world);
        Manifests.Apply(world, Manifests.Configuration("[{name: a}, {name: b, resources: {max: {vcore: 4}}}]", dice.Of("binpacking", "binpacking", "fair")));
        Manifests.Apply(world, Pool(dice));
        var marked = new List<string>();
        world.Store.Watch(CoreTypes.Pod, change => SeeMark(world, change, marked));
        var gangs = new List<(Gang Gang, string Queue)>();
        for (var step = 0; step < 30; step++)
        {
            switch (dice.Below(5))
            {
                case 0 when gangs.Count < 5:
                    gangs.Add((new Gang($"gang{step}", dice.OneIn(2), dice.Between(60, 300), dice.Of("500m", "900m", "1500m"), dice.Between(1, 8)), "root.a"));
                    watch.Add(gangs[^1].Gang);
                    Manifests.Apply(world, Manifests.Driver(gangs[^1].Gang, gangs[^1].Queue, dice.Between(60, 600)));
                    break;
                case 1 when gangs.Count > 0 && gangs[dice.Below(gangs.Count)] is var (gang, queue) && world.YuniKorn!.Applications.Any(application => application.Id == gang.Id):
                    Manifests.Apply(world, Manifests.Executor(gang, step, queue, dice.Between(30, 300)));
                    break;
                case 2:
                    // For ever; of queue b's no more than four cores may run, the others wait as long.
                    Manifests.Apply(world, Manifests.Deployment($"lasting{step}", dice.Of(Queues), dice.Of("600m", "1", "1700m"), dice.Between(1, 3)));
                    break;
                default:
                    Manifests.Apply(world, Manifests.Pod($"short{step}", $"short{step}", dice.Of(Queues), dice.Of("600m", "1", "1700m"), dice.Between(30, 600)));
                    break;
            }

            world.Loop.RunUntil(world.Clock.Now + TimeSpan.FromSeconds(dice.Between(1, 60)));
            Check(world, watch, seed);
        }

        world.Loop.RunUntil(world.Clock.Now + TimeSpan.FromHours(1));
        Check(world, watch, seed);
        var moves = new List<string>();
        world.Store.Watch(KarpenterTypes.NodeClaim, change => Note(change, moves));
        world.Store.Watch(CoreTypes.Node, change => Note(change, moves));
        var nodes = world.Store.List(CoreTypes.Node).Count;
        world.Loop.RunUntil(world.Clock.Now + TimeSpan.FromHours(2));
        Assert.True(moves.Count == 0, $"seed {seed}: nodes do not settle: {string.Join(", ", moves.Take(10))}");
        Assert.True(marked.Count == 0, $"seed {seed}: {string.Join("; ", marked)}");
        Assert.Equal(nodes, world.Store.List(CoreTypes.Node).Count);
        var waiting = world.Store.List(CoreTypes.Pod).Where(pod => pod.Status["phase"]?.Text == "Pending" && pod.Spec["nodeName"] is null && PodMetadata.Queue(pod) == "root.a").Select(pod => pod.Name);
        Assert.True(!waiting.Any(), $"seed {seed}: {string.Join(", ", waiting)} may run and wait for a node");
    }

    /// <summary>An autoscaler is told of a pod only if its queue would take it: a node bought for any other would help nobody.</summary>
    private static void SeeMark(World.World world, StoreEvent change, List<string> marked)
    {
        if (change.Kind != StoreEventKind.Deleted && IsMarked(change.Object) && !(change.Old is { } old && IsMarked(old)))
        {
            var id = PodMetadata.ApplicationId(change.Object);
            var room = world.YuniKorn!.Applications.First(application => application.Id == id).Queue!.MaxHeadRoom();
            if (room?.Allows(Amounts.From(PodSpecView.Of(change.Object).Requests)) == false)
            {
                marked.Add($"{change.Object.Name} was marked at {world.Clock.Now:T} with room for {room}");
            }
        }
    }

    private static bool IsMarked(ApiObject pod) => Conditions.Find(pod.Status, "PodScheduled")?["reason"]?.Text == "Unschedulable";

    private static void Note(StoreEvent change, List<string> moves)
    {
        if (change.Kind != StoreEventKind.Modified)
        {
            moves.Add($"{change.Kind} {change.Object.Type.Kind} {change.Object.Name}");
        }
    }

    private static void Check(World.World world, GangWatch watch, long seed)
    {
        var broken = QueueUsage.Broken(world).Concat(watch.Broken()).Concat(WorldInvariants.Broken(world)).ToList();
        Assert.True(broken.Count == 0, $"seed {seed} at {world.Clock.Now:T}: {string.Join("; ", broken)}");
    }

    private static string Pool(Dice dice) => $$"""
        {apiVersion: karpenter.sh/v1, kind: NodePool, metadata: {name: default}, spec: {
          disruption: {consolidationPolicy: {{dice.Of("WhenEmpty", "WhenEmptyOrUnderutilized", "WhenEmptyOrUnderutilized")}}, consolidateAfter: {{dice.Of("0s", "30s", "2m")}} },
          template: {spec: {
            nodeClassRef: {group: karpenter.k8s.aws, kind: EC2NodeClass, name: default}, expireAfter: Never,
            requirements: [
              {key: karpenter.sh/capacity-type, operator: In, values: [on-demand]},
              {key: node.kubernetes.io/instance-type, operator: In, values: {{dice.Some("c5.large", "c5.xlarge", "c5.2xlarge", "m5.large", "m5.2xlarge")}} }] } } } }
        ---
        {apiVersion: karpenter.k8s.aws/v1, kind: EC2NodeClass, metadata: {name: default}, spec: {
          role: KarpenterNodeRole-sparkwright, amiSelectorTerms: [{alias: al2023@latest}],
          subnetSelectorTerms: [{tags: {karpenter.sh/discovery: sparkwright} }], securityGroupSelectorTerms: [{tags: {karpenter.sh/discovery: sparkwright} }] } }
        """;
}
