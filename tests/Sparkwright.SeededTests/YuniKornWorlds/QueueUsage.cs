using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.YuniKorn;

namespace Sparkwright.SeededTests.YuniKornWorlds;

using World = Sparkwright.World.World;

/// <summary>What queues and users count beside what the pods in the store take.</summary>
internal static class QueueUsage
{
    /// <summary>Each queue whose usage is not the sum of its pods; to be asked between two instants.</summary>
    public static IEnumerable<string> Broken(World world)
    {
        var scheduler = world.YuniKorn!;
        var queueOf = scheduler.Applications.Where(application => application.Queue is not null)
            .ToDictionary(application => application.Id, application => application.Queue!, StringComparer.Ordinal);
        var sums = new Dictionary<string, Amounts>(StringComparer.Ordinal);
        foreach (var pod in world.Store.List(CoreTypes.Pod))
        {
            var node = PodSpecView.Of(pod).NodeName;
            if (PodMetadata.IsManaged(pod) && node.Length > 0 && pod.Status["phase"]?.Text is not ("Succeeded" or "Failed")
                && world.Store.Get(CoreTypes.Node, "", node) is not null
                && queueOf.TryGetValue(PodMetadata.ApplicationId(pod)!, out var leaf))
            {
                foreach (var queue in leaf.Upwards())
                {
                    sums[queue.Path] = sums.GetValueOrDefault(queue.Path, Amounts.None) + Amounts.From(PodSpecView.Of(pod).Requests);
                }
            }
        }

        return scheduler.Queues.Root.Downwards()
            .Where(queue => !queue.Allocated.Equals(sums.GetValueOrDefault(queue.Path, Amounts.None)))
            .Select(queue => $"usage: {queue.Path} counts {queue.Allocated} and its pods take {sums.GetValueOrDefault(queue.Path, Amounts.None)}");
    }
}
