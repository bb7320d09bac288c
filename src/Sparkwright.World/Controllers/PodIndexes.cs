using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Store;

namespace Sparkwright.World.Controllers;

/// <summary>The ways in which controllers look objects up without walking all of them.</summary>
public static class PodIndexes
{
    /// <summary>Objects of a type by the uid of the owner that manages them.</summary>
    public static StoreIndex ByController(ObjectStore store, ResourceType type) =>
        store.Index(type, "controllers/controller-uid", known => known.Metadata.Controller?.Uid);

    /// <summary>Objects of a type that nobody manages, by namespace.</summary>
    public static StoreIndex OrphansByNamespace(ObjectStore store, ResourceType type) =>
        store.Index(type, "controllers/orphans", known => known.Metadata.Controller is null ? known.Namespace : null);

    /// <summary>Pods by the node that they are bound to; the index that the kubelets use too.</summary>
    public static StoreIndex ByNode(ObjectStore store) => store.Index(CoreTypes.Pod, "by-node", static pod => pod.Spec["nodeName"]?.Text);
}
