using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Simulation;

namespace Sparkwright.World.Controllers;

/// <summary>Keeps the service <c>default/kubernetes</c> at the first address of the range, and gives an address to each service without one.</summary>
public sealed class ServiceController : Controller
{
    /// <summary>The range that EKS takes when the VPC lies in 10.0.0.0/8.</summary>
    public const string DefaultRange = "172.20.0.0/16";

    private static readonly ObjectKey ApiService = new("default", "kubernetes");

    private readonly AddressRange range;

    public ServiceController(EventLoop loop, ApiServer api, string addressRange = DefaultRange)
        : base(loop, api, "service-controller")
    {
        range = AddressRange.Parse(addressRange);
        api.AddAdmission(new ServiceAddresses(api, range).Admit);
        Follow(CoreTypes.Service);
        Reconcile(ApiService);
        Wake(ApiService);
    }

    protected override void Reconcile(ObjectKey key)
    {
        if (Store.Get(CoreTypes.Service, key) is { } service)
        {
            if (service.Spec["clusterIP"] is null && service.Spec["type"]?.Text != "ExternalName")
            {
                // Written before this controller's admission step was there; any write passes it.
                Api.Update(service);
            }
        }
        else if (key == ApiService)
        {
            Api.Create(new ApiObject(
                CoreTypes.Service,
                new ObjectMeta
                {
                    Name = key.Name,
                    Namespace = key.Namespace,
                    Labels = TreeMap.Of(("component", "apiserver"), ("provider", "kubernetes")),
                },
                TreeMap.Of(("spec", TreeMap.Of(
                    ("clusterIP", range[1]),
                    ("internalTrafficPolicy", "Cluster"),
                    ("ports", TreeList.Of(TreeMap.Of(("name", "https"), ("port", 443), ("protocol", "TCP"), ("targetPort", 443)))),
                    ("sessionAffinity", "None"),
                    ("type", "ClusterIP"))))));
        }
    }
}
