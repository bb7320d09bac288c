using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Controllers;

/// <summary>One pod behind a service, as the service sees it.</summary>
/// <param name="Address">The pod's IPv4 address.</param>
/// <param name="Ports">The service's ports as numbers of this pod, those that it does not have left out.</param>
/// <param name="IsReady">Whether traffic goes to it.</param>
/// <param name="Hostname">Its own name below the service's; null for none.</param>
public sealed record ServiceBackend(ApiObject Pod, string Address, TreeList Ports, bool IsReady, string? Hostname)
{
    /// <summary>The pods of a service that have an address and have not ended.</summary>
    public static IEnumerable<ServiceBackend> Of(ApiObject service, IEnumerable<ApiObject> pods)
    {
        var publishesAll = EndpointsPlan.PublishesAll(service);
        foreach (var pod in pods)
        {
            if (pod.Status["podIP"]?.Text is { Length: > 0 } address && !PodState.IsFinished(pod))
            {
                yield return new ServiceBackend(
                    pod,
                    address,
                    TreeList.From(Tree.ItemsOf(service.Spec["ports"]).ToArray().Select(port => PortOf(pod, port)).OfType<TreeMap>()),
                    publishesAll || PodState.IsReady(pod),
                    pod.Spec["hostname"]?.Text is { Length: > 0 } host && pod.Spec["subdomain"]?.Text == service.Name ? host : null);
            }
        }
    }

    /// <summary>The reference by which both kinds of objects name the pod.</summary>
    public TreeMap Target => TreeMap.Of(("kind", "Pod"), ("name", Pod.Name), ("namespace", Pod.Namespace), ("uid", Pod.Metadata.Uid));

    /// <summary>A service's port on a pod; null when the pod has no container port of that name.</summary>
    private static TreeMap? PortOf(ApiObject pod, Tree port)
    {
        var protocol = port["protocol"]?.Text ?? "TCP";
        var number = port["targetPort"] switch
        {
            TreeInteger { Value: > 0 } fixedNumber => fixedNumber.Value,
            TreeText { Value: { Length: > 0 } name } => NumberOf(pod, name, protocol),
            _ => port["port"]?.Integer,
        };
        return number is { } found
            ? TreeMap.Of(("appProtocol", port["appProtocol"]), ("name", port["name"]?.Text ?? ""), ("port", found), ("protocol", protocol))
            : null;
    }

    /// <summary>Containers first, then init containers that go on running.</summary>
    private static long? NumberOf(ApiObject pod, string name, string protocol) =>
        Tree.ItemsOf(pod.Spec["containers"]).ToArray()
            .Concat(Tree.ItemsOf(pod.Spec["initContainers"]).ToArray().Where(container => container["restartPolicy"]?.Text == "Always"))
            .SelectMany(container => Tree.ItemsOf(container["ports"]).ToArray())
            .FirstOrDefault(port => port["name"]?.Text == name && (port["protocol"]?.Text ?? "TCP") == protocol)?["containerPort"]?.Integer;
}
