using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;

namespace Sparkwright.World.Scheduling;

/// <summary>
/// Has the claims of pods bound that have a node: offers free volumes to claims, names the node to those that make volumes, and waits for
/// whoever does it. After a restart a waiting pod finds its node again through its claims.
/// </summary>
/// <param name="timeOut">How long claims may take; ten minutes unless given.</param>
internal sealed class VolumeBinder(ApiServer api, Func<TimeSpan>? timeOut = null)
{
    private static readonly TimeSpan TimeOut = TimeSpan.FromSeconds(600);

    private readonly SortedDictionary<ObjectKey, Wait> waits = [];

    public IEnumerable<ObjectKey> Waiting => waits.Keys;

    public bool IsWaiting(ObjectKey pod) => waits.ContainsKey(pod);

    /// <summary>When the volumes of a pod that waits have failed.</summary>
    public DateTime UntilOf(ObjectKey pod) => waits[pod].Until;

    public void Forget(ObjectKey pod) => waits.Remove(pod);

    /// <summary>Asks for the volumes of a pod on its node; answers when to look again at the latest.</summary>
    public DateTime Begin(ApiObject pod, NodeView node, VolumeNeeds needs, QueuedPod turn)
    {
        var chosen = needs.Choose(node)!;
        foreach (var claim in needs.Unbound)
        {
            if (chosen.TryGetValue(claim.Key, out var volume))
            {
                api.Modify(CoreTypes.PersistentVolume, volume.Key, known => known.WithAnnotation("pv.kubernetes.io/bound-by-controller", "yes")
                    .Set(["spec", "claimRef"], TreeMap.Of(
                        ("apiVersion", "v1"),
                        ("kind", "PersistentVolumeClaim"),
                        ("name", claim.Name),
                        ("namespace", claim.Namespace),
                        ("resourceVersion", claim.Metadata.ResourceVersion.ToString(System.Globalization.CultureInfo.InvariantCulture)),
                        ("uid", claim.Metadata.Uid))));
            }
            else
            {
                api.Modify(CoreTypes.PersistentVolumeClaim, claim.Key, known => known.WithAnnotation(Claims.SelectedNode, node.Name));
            }
        }

        waits[pod.Key] = new Wait(node.Name, api.Clock.Now + (timeOut?.Invoke() ?? TimeOut), turn, [.. chosen.Keys]);
        return waits[pod.Key].Until;
    }

    /// <summary>How far it is.</summary>
    public BindingProgress Look(ApiObject pod)
    {
        var wait = waits[pod.Key];
        var needs = VolumeNeeds.Of(pod, api.Store)!;
        var node = api.Store.Get(CoreTypes.Node, "", wait.Node);
        var failure = node is null ? $"node \"{wait.Node}\" not found"
            : needs.Unbound.IsEmpty && needs.Problem is { } problem ? problem
            : needs.Unbound.FirstOrDefault(claim => !wait.Offered.Contains(claim.Key) && claim.Metadata.Annotation(Claims.SelectedNode) is null) is { } refused
                ? $"provisioning failed for PVC \"{refused.Name}\""
            : !needs.Unbound.IsEmpty && api.Clock.Now >= wait.Until ? "context deadline exceeded"
            : null;
        if (failure is null && !needs.Unbound.IsEmpty)
        {
            return new BindingProgress.Waits(wait.Until);
        }

        waits.Remove(pod.Key);
        return failure is null ? new BindingProgress.Done(wait.Node) : new BindingProgress.Failed(failure, wait.Turn);
    }

    private sealed record Wait(string Node, DateTime Until, QueuedPod Turn, HashSet<ObjectKey> Offered);
}

/// <summary>How far the binding of a pod's volumes is.</summary>
internal abstract record BindingProgress
{
    private BindingProgress()
    {
    }

    /// <param name="Until">When it has failed.</param>
    public sealed record Waits(DateTime Until) : BindingProgress;

    public sealed record Done(string Node) : BindingProgress;

    public sealed record Failed(string Why, QueuedPod Turn) : BindingProgress;
}
