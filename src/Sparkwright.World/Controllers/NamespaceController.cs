using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Store;
using Sparkwright.Simulation;

namespace Sparkwright.World.Controllers;

/// <summary>Makes the namespaces that every cluster has, and empties those that are being deleted before they go.</summary>
public sealed class NamespaceController : Controller
{
    private const string Finalizer = "kubernetes";
    private static readonly string[] SystemNamespaces = ["default", "kube-node-lease", "kube-public", "kube-system"];

    private readonly IReadOnlyList<ResourceType> types;

    /// <param name="types">All resource types; the list may grow as CRDs come.</param>
    public NamespaceController(EventLoop loop, ApiServer api, IReadOnlyList<ResourceType> types)
        : base(loop, api, "namespace-controller")
    {
        this.types = types;
        api.AddAdmission(Complete);
        Follow(CoreTypes.Namespace);
        Store.WatchAll(Observe);
        foreach (var name in SystemNamespaces)
        {
            if (Store.Get(CoreTypes.Namespace, "", name) is null)
            {
                Api.Create(new ApiObject(CoreTypes.Namespace, new ObjectMeta { Name = name }, TreeMap.Empty));
            }
        }
    }

    protected override void Reconcile(ObjectKey key)
    {
        if (Store.Get(CoreTypes.Namespace, key) is not { Metadata.IsBeingDeleted: true } leaving)
        {
            return;
        }

        foreach (var type in types)
        {
            if (!type.Namespaced)
            {
                continue;
            }

            foreach (var content in Store.List(type, key.Name).ToList())
            {
                if (!content.Metadata.IsBeingDeleted)
                {
                    Api.Delete(type, content.Key);
                }
            }
        }

        if (types.Any(type => type.Namespaced && Store.List(type, key.Name).Any()))
        {
            return;
        }

        var finalizers = Tree.ItemsOf(leaving.Spec["finalizers"]).ToArray().Where(item => item.Text != Finalizer).ToList();
        Api.Modify(CoreTypes.Namespace, key, current => current.Set(["spec", "finalizers"], finalizers.Count == 0 ? null : TreeList.From(finalizers)));
    }

    /// <summary>What the server adds to a new namespace; without the finalizer its content would be left behind.</summary>
    private static AdmissionVerdict Complete(ApiObject candidate, ApiObject? old)
    {
        if (candidate.Type != CoreTypes.Namespace || old is not null)
        {
            return AdmissionVerdict.Accept(candidate);
        }

        var finalizers = Tree.ItemsOf(candidate.Spec["finalizers"]).ToArray();
        if (!finalizers.Any(item => item.Text == Finalizer))
        {
            candidate = candidate.Set(["spec", "finalizers"], TreeList.From([.. finalizers, Finalizer]));
        }

        return AdmissionVerdict.Accept(candidate
            .Set(["status", "phase"], "Active")
            .WithLabel("kubernetes.io/metadata.name", candidate.Name));
    }

    private void Observe(StoreEvent change)
    {
        if (change.Kind == StoreEventKind.Deleted
            && change.Object.Namespace.Length > 0
            && Store.Get(CoreTypes.Namespace, "", change.Object.Namespace) is { Metadata.IsBeingDeleted: true } home)
        {
            Wake(home.Key);
        }
    }
}
