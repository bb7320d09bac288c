using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Store;

namespace Sparkwright.World.Nodes;

/// <summary>
/// Which images nodes have: they list them in <c>status.images</c>, as kubelets do. An image that several pods of a node want is pulled once.
/// </summary>
internal sealed class NodeImages(ApiServer api, ModelFigures figures)
{
    /// <summary>When a pull that is going on ends, by node and image.</summary>
    private readonly Dictionary<string, SortedDictionary<string, DateTime>> pulling = [];

    public bool Has(string node, string image) =>
        api.Store.Get(CoreTypes.Node, "", node) is { } known && Lists(known.Status, image);

    /// <summary>When the image will be there; the first to ask begins the pull.</summary>
    public DateTime PullUntil(string node, string image)
    {
        if (!pulling.TryGetValue(node, out var here))
        {
            pulling.Add(node, here = new(StringComparer.Ordinal));
        }

        if (!here.TryGetValue(image, out var until))
        {
            var figure = image.Contains("emr", StringComparison.Ordinal) ? figures.EmrImagePull : figures.ImagePull;
            here.Add(image, until = api.Clock.Now + figure.Draw(api.Chance, "kubelet/pull", node + image));
        }

        return until;
    }

    /// <summary>Takes up a pull that was going on before a restart.</summary>
    public void Resume(string node, string image, DateTime until)
    {
        if (!pulling.TryGetValue(node, out var here))
        {
            pulling.Add(node, here = new(StringComparer.Ordinal));
        }

        here[image] = until;
    }

    /// <summary>The pull is over: the node lists the image.</summary>
    public void Pulled(string node, string image)
    {
        if (pulling.TryGetValue(node, out var here))
        {
            here.Remove(image);
        }

        api.ModifyStatus(CoreTypes.Node, new ObjectKey("", node), status => Lists(status, image)
            ? status
            : status.With("images", (status["images"] as TreeList ?? TreeList.Empty).Add(TreeMap.Of(("names", TreeList.Of(image!))))));
    }

    /// <summary>A node of the same name will begin with an empty disk.</summary>
    public void Forget(StoreEvent change)
    {
        if (change.Kind == StoreEventKind.Deleted)
        {
            pulling.Remove(change.Object.Name);
        }
    }

    private static bool Lists(TreeMap status, string image)
    {
        foreach (var entry in Tree.ItemsOf(status["images"]))
        {
            foreach (var name in Tree.ItemsOf(entry["names"]))
            {
                if (name.Text == image)
                {
                    return true;
                }
            }
        }

        return false;
    }
}
