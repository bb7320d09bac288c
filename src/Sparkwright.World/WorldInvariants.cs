using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Ec2;
using Sparkwright.World.YuniKorn;
using Sparkwright.World.YuniKorn.Applications;

namespace Sparkwright.World;

/// <summary>What must be true of a world at any moment between two turns.</summary>
public static class WorldInvariants
{
    /// <summary>Every breach in words, the name of its rule first; empty when all is well.</summary>
    public static IEnumerable<string> Broken(World world) => Overcommitted(world).Concat(Unexplained(world)).Concat(Addresses(world)).Concat(Owners(world)).Concat(QueueSums(world));

    /// <summary>No node carries more than it has.</summary>
    private static IEnumerable<string> Overcommitted(World world)
    {
        var nodes = world.Store.List(CoreTypes.Node).ToDictionary(node => node.Name, node => NodeView.Of(node).Allocatable, StringComparer.Ordinal);
        foreach (var node in world.Store.List(CoreTypes.Pod)
            .Where(pod => pod.Status["phase"]?.Text is not ("Succeeded" or "Failed"))
            .GroupBy(pod => PodSpecView.Of(pod).NodeName, StringComparer.Ordinal)
            .Where(node => nodes.ContainsKey(node.Key)))
        {
            var used = node.Aggregate(ResourceList.Zero, (sum, pod) => sum + PodSpecView.Of(pod).Requests);
            if (!used.FitsIn(nodes[node.Key]))
            {
                yield return $"overcommitted: node {node.Key} carries {used} and has {nodes[node.Key]}";
            }
        }
    }

    /// <summary>A pod that was looked at and is not placed says why.</summary>
    private static IEnumerable<string> Unexplained(World world) => world.Store.List(CoreTypes.Pod)
        .Where(pod => Conditions.Find(pod.Status, "PodScheduled") is { } scheduled && scheduled["status"]?.Text == "False" && string.IsNullOrEmpty(scheduled["message"]?.Text))
        .Select(pod => $"unexplained: pod {pod.Key} is not scheduled and does not say why");

    /// <summary>No two living instances share an address, and each is in its subnet.</summary>
    private static IEnumerable<string> Addresses(World world) => world.Store.List(Ec2Types.Instance)
        .Select(Instance.Of)
        .Where(instance => instance.IsAlive)
        .GroupBy(instance => instance.PrivateIp, StringComparer.Ordinal)
        .Where(address => address.Count() > 1)
        .Select(address => $"addresses: {address.Key} is that of {string.Join(", ", address.Select(instance => instance.Id))}");

    /// <summary>What a queue counts is what its pods have and want.</summary>
    private static IEnumerable<string> QueueSums(World world) =>
        from queue in world.YuniKorn?.Queues.Root.Downwards() ?? []
        let tasks = queue.Downwards().SelectMany(below => below.Applications.Values).SelectMany(application => application.Tasks.Values).ToList()
        from sum in new[] { ("has", queue.Allocated, Sum(tasks, TaskState.Bound)), ("wants", queue.Pending, Sum(tasks, TaskState.Asking)) }
        where !sum.Item2.Equals(sum.Item3)
        select $"queues: {queue.Path} {sum.Item1} {sum.Item2} and its pods {sum.Item3}";

    private static Amounts Sum(IEnumerable<PodTask> tasks, TaskState state) =>
        tasks.Where(task => task.State == state || (state == TaskState.Bound && task.State == TaskState.Allocated)).Aggregate(Amounts.None, (sum, task) => sum + task.Request);

    /// <summary>A node of an instance that is gone is going too.</summary>
    private static IEnumerable<string> Owners(World world) => world.Store.List(CoreTypes.Node)
        .Where(node => node.Spec["providerID"]?.Text is { } provider
            && world.Store.Get(Ec2Types.Instance, "", provider[(provider.LastIndexOf('/') + 1)..]) is { } instance
            && !Instance.Of(instance).IsAlive && NodeView.Of(node).IsReady)
        .Select(node => $"owners: node {node.Name} is ready and its instance is gone");
}
