using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Quantities;

namespace Sparkwright.Kubernetes.Fitting;

/// <summary>
/// What the containers of a pod come to: those that run together added up, or an init container with the side-cars started before it where that
/// is more.
/// </summary>
public static class PodSums
{
    /// <summary>What a pod asks for, by resource, its overhead included.</summary>
    public static QuantityMap Requests(PodSpecView pod) => Of(pod, "requests") + QuantityMap.From(pod.Spec["overhead"]);

    /// <summary>What a pod may use, by resource; overhead is added to what is limited at all.</summary>
    public static QuantityMap Limits(PodSpecView pod)
    {
        var limits = Of(pod, "limits");
        return limits + QuantityMap.From(pod.Spec["overhead"]).Where(name => limits[name] is not null);
    }

    internal static T Of<T>(PodSpecView pod, T nothing, Func<TreeMap, T> read, Func<T, T, T> together, Func<T, T, T> larger)
    {
        var running = nothing;
        foreach (var container in pod.Containers)
        {
            running = together(running, read(container));
        }

        // An init container runs beside the side-cars started before it.
        var (sidecars, starting) = (nothing, nothing);
        foreach (var container in pod.InitContainers)
        {
            if (PodSpecView.IsSidecar(container))
            {
                sidecars = together(sidecars, read(container));
                starting = larger(starting, sidecars);
            }
            else
            {
                starting = larger(starting, together(sidecars, read(container)));
            }
        }

        return larger(together(running, sidecars), starting);
    }

    private static QuantityMap Of(PodSpecView pod, string which) =>
        Of(pod, QuantityMap.Empty, container => QuantityMap.From(container.At("resources", which)), static (a, b) => a + b, QuantityMap.Max);
}
