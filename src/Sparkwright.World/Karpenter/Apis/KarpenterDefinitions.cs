using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.OpenApi;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Schema;

namespace Sparkwright.World.Karpenter.Apis;

/// <summary>
/// The CustomResourceDefinitions of Karpenter's kinds, which are served with them or without. Clients list them to see that Karpenter is
/// installed.
/// </summary>
public static class KarpenterDefinitions
{
    /// <summary>Makes the definitions that are not there yet.</summary>
    public static void Ensure(ApiServer api, ResourceTypes types)
    {
        foreach (var kind in types.Served.Where(one => one.IsCustom && types.IsBuiltIn(one.Type.Group, one.Type.Plural)).GroupBy(one => $"{one.Type.Plural}.{one.Type.Group}").ToList())
        {
            if (api.Store.Get(CoreTypes.CustomResourceDefinition, "", kind.Key) is null)
            {
                api.Create(new ApiObject(CoreTypes.CustomResourceDefinition, new ObjectMeta { Name = kind.Key }, TreeMap.Of(("spec", Spec([.. kind], types)))));
            }
        }
    }

    private static TreeMap Spec(IReadOnlyList<ServedResource> versions, ResourceTypes types)
    {
        var first = versions[0];
        var stored = versions.FirstOrDefault(one => one.Type.Version == "v1") ?? first;
        return TreeMap.Of(
            ("group", first.Type.Group),
            ("names", TreeMap.Of(
                ("categories", TreeList.OfTexts(first.Categories)),
                ("kind", first.Type.Kind),
                ("listKind", first.Type.Kind + "List"),
                ("plural", first.Type.Plural),
                ("shortNames", first.ShortNames.Count == 0 ? null : TreeList.OfTexts(first.ShortNames)),
                ("singular", first.Singular))),
            ("scope", first.Type.Namespaced ? "Namespaced" : "Cluster"),
            ("versions", TreeList.From(versions.Select(one => TreeMap.Of(
                ("additionalPrinterColumns", one.PrinterColumns.Count == 0 ? null : TreeList.From(one.PrinterColumns)),
                ("name", one.Type.Version),
                ("schema", TreeMap.Of(("openAPIV3Schema", OpenApiDocuments.Structural(types.SchemaOf(one.Type)!)))),
                ("served", true),
                ("storage", one == stored),
                ("subresources", one.Type.HasStatus ? TreeMap.Of(("status", TreeMap.Empty)) : null))))));
    }
}
