using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Quantities;

namespace Sparkwright.Kubernetes.Quotas;

/// <summary>What one object uses of the resources that quotas know.</summary>
public static class QuotaUsage
{
    private static readonly Quantity One = Quantity.FromUnits(1);

    public static QuantityMap Of(ApiObject one, DateTime now)
    {
        var usage = QuantityMap.Empty.With(QuotaResources.CountOf(one.Type), One);
        return one.Type switch
        {
            var type when type == CoreTypes.Pod => IsOver(one, now) ? usage : usage + OfPod(one),
            var type when type == CoreTypes.Service => usage + OfService(one.Spec),
            var type when type == CoreTypes.PersistentVolumeClaim => usage + OfClaim(one.Spec),
            var type => QuotaResources.PlainNameOf(type) is { } plain ? usage.With(plain, One) : usage,
        };
    }

    /// <summary>What requests and limits come to in a quota: requests count under their own name and with a prefix.</summary>
    public static QuantityMap Compute(QuantityMap requests, QuantityMap limits)
    {
        var usage = QuantityMap.Empty.With("pods", One);
        foreach (var name in requests.Names)
        {
            var amount = requests[name]!.Value;
            if (name is ResourceList.Cpu or ResourceList.Memory or ResourceList.EphemeralStorage || QuotaResources.IsHugePages(name))
            {
                usage = usage.With(name, amount).With(QuotaResources.RequestsPrefix + name, amount);
            }
            else if (QuotaResources.IsOfPods(QuotaResources.RequestsPrefix + name))
            {
                usage = usage.With(QuotaResources.RequestsPrefix + name, amount);
            }
        }

        foreach (var name in limits.Names.Where(name => name is ResourceList.Cpu or ResourceList.Memory or ResourceList.EphemeralStorage))
        {
            usage = usage.With(QuotaResources.LimitsPrefix + name, limits[name]!.Value);
        }

        return usage;
    }

    /// <summary>Pods that have finished, and those that should have gone for longer than their grace, use nothing but their place in the store.</summary>
    private static bool IsOver(ApiObject pod, DateTime now) =>
        pod.Status["phase"]?.Text is "Succeeded" or "Failed"
        || pod.Metadata.DeletionTimestamp?.AddSeconds(pod.Metadata.DeletionGracePeriodSeconds ?? 0) < now;

    private static QuantityMap OfPod(ApiObject pod)
    {
        var view = PodSpecView.Of(pod);
        return Compute(PodSums.Requests(view), PodSums.Limits(view));
    }

    private static QuantityMap OfService(TreeMap spec)
    {
        var ports = Tree.ItemsOf(spec["ports"]).ToArray();
        var type = spec["type"]?.Text;
        var nodePorts = type switch
        {
            "NodePort" => ports.Length,
            "LoadBalancer" when spec["allocateLoadBalancerNodePorts"]?.Boolean == false => ports.Count(port => port["nodePort"]?.Integer > 0),
            "LoadBalancer" => ports.Length,
            _ => 0,
        };
        return QuantityMap.Empty
            .With("services", One)
            .With("services.nodeports", Quantity.FromUnits(nodePorts))
            .With("services.loadbalancers", Quantity.FromUnits(type == "LoadBalancer" ? 1 : 0));
    }

    private static QuantityMap OfClaim(TreeMap spec)
    {
        var usage = QuantityMap.Empty.With("persistentvolumeclaims", One);
        if (QuantityMap.From(spec.At("resources", "requests"))["storage"] is { } storage)
        {
            usage = usage.With(QuotaResources.Storage, storage);
        }

        return spec["storageClassName"]?.Text is { Length: > 0 } ofClass
            ? usage.Names.Aggregate(usage, (all, name) => all.With(ofClass + QuotaResources.ClassInfix + name, usage[name]!.Value))
            : usage;
    }
}
