using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Store;
using Sparkwright.Simulation;

namespace Sparkwright.World.Controllers;

/// <summary>Gives each namespace its <c>default</c> service account and the ConfigMap with the cluster's certificate authority.</summary>
public sealed class ServiceAccountController : Controller
{
    private const string DefaultAccount = "default";
    private const string RootCertificateMap = "kube-root-ca.crt";
    private const string Description = "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP "
        + "or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.";

    private readonly string rootCertificate;

    /// <param name="rootCertificate">The certificate authority in PEM form; empty where no client ever checks it.</param>
    public ServiceAccountController(EventLoop loop, ApiServer api, string rootCertificate = "")
        : base(loop, api, "service-account-controller")
    {
        this.rootCertificate = rootCertificate;
        Follow(CoreTypes.Namespace);
        Store.Watch(CoreTypes.ServiceAccount, change => WakeHome(change, DefaultAccount));
        Store.Watch(CoreTypes.ConfigMap, change => WakeHome(change, RootCertificateMap));
    }

    protected override void Reconcile(ObjectKey key)
    {
        if (Store.Get(CoreTypes.Namespace, key) is not { Metadata.IsBeingDeleted: false })
        {
            return;
        }

        var account = new ObjectMeta { Name = DefaultAccount, Namespace = key.Name };
        if (Store.Get(CoreTypes.ServiceAccount, key.Name, DefaultAccount) is null)
        {
            Api.Create(new ApiObject(CoreTypes.ServiceAccount, account, TreeMap.Empty));
        }

        var data = TreeMap.Of(("ca.crt", rootCertificate));
        if (Store.Get(CoreTypes.ConfigMap, key.Name, RootCertificateMap) is not { } map)
        {
            Api.Create(new ApiObject(
                CoreTypes.ConfigMap,
                account with { Name = RootCertificateMap, Annotations = TreeMap.Of(("kubernetes.io/description", Description)) },
                TreeMap.Of(("data", data))));
        }
        else if (!data.Equals(map.Body["data"]))
        {
            Api.Update(map.Set(["data"], data));
        }
    }

    private void WakeHome(StoreEvent change, string name)
    {
        if (change.Kind != StoreEventKind.Added && change.Object.Name == name)
        {
            Wake(new ObjectKey("", change.Object.Namespace));
        }
    }
}
