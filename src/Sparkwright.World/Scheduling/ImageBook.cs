using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Scheduling;

/// <summary>
/// Which nodes report which images, for the score that likes nodes where large images lie already. Only images with a size count; simulated
/// kubelets report none.
/// </summary>
internal sealed class ImageBook
{
    private const long Megabyte = 1 << 20;
    private const long TooSmall = 23 * Megabyte;
    private const long LargeEnough = 1000 * Megabyte;

    private readonly Dictionary<string, SortedDictionary<string, long>> sizes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TreeMap> statuses = new(StringComparer.Ordinal);

    /// <summary>Rises when any of these scores may have changed.</summary>
    public long Version { get; private set; }

    public void Seen(ApiObject node, bool isGone)
    {
        var before = statuses.TryGetValue(node.Name, out var known) ? known["images"] : null;
        var after = isGone ? null : node.Status["images"];
        if (isGone)
        {
            statuses.Remove(node.Name);
        }
        else
        {
            statuses[node.Name] = node.Status;
        }

        // The share of nodes that have an image changes with the number of nodes.
        Version += sizes.Count > 0 && (known is null || isGone) ? 1 : 0;
        if (ReferenceEquals(before, after) || (before is not null && before.Equals(after)))
        {
            return;
        }

        foreach (var (name, _) in Sized(before))
        {
            sizes[name].Remove(node.Name);
            if (sizes[name].Count == 0)
            {
                sizes.Remove(name);
            }

            Version++;
        }

        foreach (var (name, bytes) in Sized(after))
        {
            if (!sizes.TryGetValue(name, out var homes))
            {
                sizes.Add(name, homes = new(StringComparer.Ordinal));
            }

            homes[node.Name] = bytes;
            Version++;
        }
    }

    /// <summary>0 to 100: the sizes of the pod's images that lie on the node, each times the share of nodes that have it.</summary>
    public int Score(PodSpecView pod, string node)
    {
        if (sizes.Count == 0)
        {
            return 0;
        }

        var sum = 0L;
        foreach (var container in pod.InitContainers.Concat(pod.Containers))
        {
            if (sizes.TryGetValue(Normalised(container["image"]?.Text ?? ""), out var homes) && homes.TryGetValue(node, out var bytes))
            {
                sum += (long)(Int128)bytes * homes.Count / statuses.Count;
            }
        }

        var most = LargeEnough * (pod.InitContainers.Length + pod.Containers.Length);
        return (int)(Scores.Best * (Math.Clamp(sum, TooSmall, most) - TooSmall) / (most - TooSmall));
    }

    private static IEnumerable<(string Name, long Bytes)> Sized(Tree? images) => Tree.ItemsOf(images).ToArray()
        .Where(image => image["sizeBytes"]?.Integer > 0)
        .SelectMany(image => Tree.ItemsOf(image["names"]).ToArray().Select(name => (name.Text ?? "", image["sizeBytes"]!.Integer!.Value)))
        .DistinctBy(image => image.Item1);

    /// <summary>A name without a tag stands for <c>latest</c>.</summary>
    private static string Normalised(string image) => image.LastIndexOf(':') <= image.LastIndexOf('/') ? image + ":latest" : image;
}
