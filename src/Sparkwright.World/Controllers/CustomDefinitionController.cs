using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Schema;
using Sparkwright.Kubernetes.Store;
using Sparkwright.Simulation;

namespace Sparkwright.World.Controllers;

/// <summary>
/// Serves the kinds that users define by CustomResourceDefinitions, from the moment of the write; says so in their conditions; and empties them before
/// they go. What the simulator needs others to run for (webhooks, aggregated APIs) is refused.
/// </summary>
public sealed class CustomDefinitionController : Controller
{
    private readonly ResourceTypes types;
    private readonly HashSet<ResourceType> followed = [];

    public CustomDefinitionController(EventLoop loop, ApiServer api, ResourceTypes types)
        : base(loop, api, "customresourcedefinition-controller")
    {
        this.types = types;
        api.AddAdmission(Refuse);
        Store.Watch(CoreTypes.CustomResourceDefinition, Observe);
        foreach (var known in Store.List(CoreTypes.CustomResourceDefinition))
        {
            Serve(known);
            Wake(known.Key);
        }
    }

    protected override void Reconcile(ObjectKey key)
    {
        if (Store.Get(CoreTypes.CustomResourceDefinition, key) is not { } definition)
        {
            return;
        }

        if (definition.Metadata.IsBeingDeleted)
        {
            Empty(definition);
            return;
        }

        if (IsOurs(definition))
        {
            Api.ModifyStatus(definition.Type, key, status => Accepted(definition, status, null));
            return;
        }

        Move(types.DefinedBy(key.Name)?.Stored);
        Api.ModifyStatus(definition.Type, key, status => Accepted(definition, status, ClashOf(definition)));
    }

    /// <summary>Whether a definition is of kinds that are served without it: Karpenter's.</summary>
    private bool IsOurs(ApiObject definition) => types.IsBuiltIn(definition.Spec["group"]?.Text ?? "", definition.Spec.At("names", "plural")?.Text ?? "");

    private void Observe(StoreEvent change)
    {
        Wake(change.Object.Key);
        if (change.Kind == StoreEventKind.Deleted)
        {
            types.Undefine(change.Object.Name);
        }
        else
        {
            Serve(change.Object);
        }
    }

    private void Serve(ApiObject definition)
    {
        if (IsOurs(definition) || ClashOf(definition) is not null)
        {
            return;
        }

        types.Define(CustomKinds.Of(definition));
        var stored = types.DefinedBy(definition.Name)!.Stored;
        if (followed.Add(stored))
        {
            Store.Watch(stored, change =>
            {
                if (change.Kind == StoreEventKind.Deleted)
                {
                    Wake(definition.Key);
                }
            });
        }
    }

    /// <summary>The name that another kind of the group has already; null when all are free.</summary>
    private (string Reason, string Name)? ClashOf(ApiObject definition)
    {
        var (group, names) = (definition.Spec["group"]?.Text, definition.Spec["names"]);
        var own = types.DefinedBy(definition.Name)?.Versions.Select(version => version.Resource.Type).ToHashSet() ?? [];
        foreach (var other in types.Served.Where(one => one.Type.Group == group && !own.Contains(one.Type)))
        {
            if (other.Type.Plural == names?["plural"]?.Text)
            {
                return ("PluralConflict", other.Type.Plural);
            }

            if (other.Type.Kind == names?["kind"]?.Text)
            {
                return ("KindConflict", other.Type.Kind);
            }
        }

        return null;
    }

    private TreeMap Accepted(ApiObject definition, TreeMap status, (string Reason, string Name)? clash)
    {
        var now = Api.Clock.Now;
        if (clash is { } taken)
        {
            status = Conditions.Set(status, "NamesAccepted", false, taken.Reason, $"\"{taken.Name}\" is already in use", now);
            return Conditions.Set(status, "Established", false, "NotAccepted", "not all names are accepted", now);
        }

        status = Conditions.Set(status, "NamesAccepted", true, "NoConflicts", "no conflicts found", now);
        status = Conditions.Set(status, "Established", true, "InitialNamesAccepted", "the initial names have been accepted", now);
        var stored = Tree.ItemsOf(definition.Spec["versions"]).ToArray().First(version => version["storage"]?.Boolean == true)["name"]!;
        var versions = status["storedVersions"] as TreeList ?? TreeList.Empty;
        return status
            .With("acceptedNames", definition.Spec["names"])
            .With("storedVersions", versions.Span.Contains(stored) ? versions : versions.Add(stored));
    }

    /// <summary>Brings objects that were kept in another version into the one that the definition now keeps.</summary>
    private void Move(ResourceType? stored)
    {
        foreach (var old in stored is null ? [] : types.All.Where(type => type != stored && type.Group == stored.Group && type.Kind == stored.Kind).ToList())
        {
            foreach (var known in Store.List(old).ToList())
            {
                Store.Remove(old, known.Key);
                Store.Put(new ApiObject(stored!, known.Metadata, known.Body));
            }
        }
    }

    private void Empty(ApiObject definition)
    {
        var stored = types.DefinedBy(definition.Name)?.Stored;
        foreach (var instance in stored is null ? [] : Store.List(stored).Where(known => !known.Metadata.IsBeingDeleted).ToList())
        {
            Api.Delete(instance.Type, instance.Key);
        }

        if (stored is null || Store.Count(stored) == 0)
        {
            Api.Modify(definition.Type, definition.Key, current => current.With(current.Metadata with
            {
                Finalizers = current.Metadata.Finalizers.Remove(ApiServer.CustomCleanupFinalizer),
            }));
        }
    }

    private AdmissionVerdict Refuse(ApiObject candidate, ApiObject? old) => candidate.Type switch
    {
        { Group: "admissionregistration.k8s.io", Kind: "MutatingWebhookConfiguration" or "ValidatingWebhookConfiguration" } =>
            AdmissionVerdict.Refuse(ApiStatus.Forbidden(candidate.Type, candidate.Name, "Sparkwright calls no webhooks: their containers are simulated and would never answer")),
        { Group: "apiregistration.k8s.io", Kind: "APIService" } =>
            AdmissionVerdict.Refuse(ApiStatus.Forbidden(candidate.Type, candidate.Name, "Sparkwright serves no aggregated APIs: the containers behind them are simulated and would never answer")),
        _ when old is null && types.DefinitionOf(candidate.Type) is { } name && Store.Get(CoreTypes.CustomResourceDefinition, "", name)?.Metadata.IsBeingDeleted == true =>
            AdmissionVerdict.Refuse(new ApiStatus(405, "MethodNotAllowed", "create not allowed while custom resource definition is terminating")),
        _ => AdmissionVerdict.Accept(candidate),
    };
}
