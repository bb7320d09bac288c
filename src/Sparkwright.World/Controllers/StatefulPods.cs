using System.Globalization;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Controllers;

/// <summary>The names, identities and claims of a StatefulSet's pods.</summary>
public static class StatefulPods
{
    public const string RevisionLabel = "controller-revision-hash";
    private const string NameLabel = "statefulset.kubernetes.io/pod-name";
    private const string IndexLabel = "apps.kubernetes.io/pod-index";

    public static string NameOf(ApiObject set, long ordinal) => string.Create(CultureInfo.InvariantCulture, $"{set.Name}-{ordinal}");

    /// <summary>The number at the end of a pod's name, or null when the name is not one of this set's.</summary>
    public static long? OrdinalOf(ApiObject set, ApiObject pod) =>
        pod.Name.StartsWith(set.Name + "-", StringComparison.Ordinal)
        && int.TryParse(pod.Name.AsSpan(set.Name.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var ordinal)
            ? ordinal
            : null;

    public static string RevisionOf(ApiObject pod) => pod.Metadata.Label(RevisionLabel) ?? "";

    public static ApiObject New(ApiObject set, long ordinal, ApiObject revision)
    {
        var pod = PodTemplates.NewPod(set, ControllerRevisions.TemplateOf(revision));
        var name = NameOf(set, ordinal);
        pod = pod.With(pod.Metadata with
        {
            Name = name,
            Labels = pod.Metadata.Labels
                .With(NameLabel, name)
                .With(IndexLabel, ordinal.ToString(CultureInfo.InvariantCulture))
                .With(RevisionLabel, revision.Name),
        });
        return pod
            .Set(["spec", "hostname"], name)
            .Set(["spec", "subdomain"], set.Spec["serviceName"] is { Text.Length: > 0 } service ? service : null)
            .Set(["spec", "volumes"], Volumes(set, ordinal, pod.Spec["volumes"]));
    }

    /// <summary>The claims of one pod, to be made when they are not there.</summary>
    public static IEnumerable<ApiObject> Claims(ApiObject set, long ordinal)
    {
        foreach (var template in Templates(set))
        {
            var claim = ApiObject.From(CoreTypes.PersistentVolumeClaim, template);
            yield return claim.With(claim.Metadata with
            {
                Name = ClaimName(set, template, ordinal),
                Namespace = set.Namespace,
                Labels = claim.Metadata.Labels.Merge(set.Spec.At("selector", "matchLabels") as TreeMap ?? TreeMap.Empty),
            });
        }
    }

    /// <summary>
    /// Who takes a claim away: nobody, the set when it goes, or the pod once it is scaled away, by the set's retention policy. References of
    /// others stay.
    /// </summary>
    public static ApiObject WithRetention(ApiObject claim, ApiObject set, ApiObject? pod, bool isScaledDown)
    {
        var policy = set.Spec["persistentVolumeClaimRetentionPolicy"];
        var byPod = isScaledDown && policy?["whenScaled"]?.Text == "Delete" && pod is not null;
        var bySet = !byPod && policy?["whenDeleted"]?.Text == "Delete";
        var others = claim.Metadata.OwnerReferences.Where(owner => owner.Uid != set.Metadata.Uid && !(owner.Kind == "Pod" && owner.Uid == pod?.Metadata.Uid));
        var owner = byPod ? pod!.AsOwner() : bySet ? set.AsOwner() : null;
        return claim.With(claim.Metadata with { OwnerReferences = owner is null ? [.. others] : [.. others, owner] });
    }

    /// <summary>Whether a claim belongs to an earlier pod of the name and is on its way out with it.</summary>
    public static bool IsStale(ApiObject claim, ApiObject set, ApiObject? pod) =>
        claim.Metadata.OwnerReferences.Any(owner => owner.Kind == "Pod" && owner.Name.StartsWith(set.Name + "-", StringComparison.Ordinal) && owner.Uid != pod?.Metadata.Uid);

    private static IEnumerable<TreeMap> Templates(ApiObject set) => Tree.ItemsOf(set.Spec["volumeClaimTemplates"]).ToArray().OfType<TreeMap>();

    private static string ClaimName(ApiObject set, TreeMap template, long ordinal) =>
        $"{template.At("metadata", "name")?.Text}-{NameOf(set, ordinal)}";

    /// <summary>The claims as volumes, in place of volumes of the same names in the template.</summary>
    private static Tree? Volumes(ApiObject set, long ordinal, Tree? volumes)
    {
        var claims = Templates(set).Select(Tree (template) => TreeMap.Of(
            ("name", template.At("metadata", "name")),
            ("persistentVolumeClaim", TreeMap.Of(("claimName", ClaimName(set, template, ordinal)))))).ToList();
        var names = claims.Select(claim => claim["name"]?.Text).ToList();
        return claims.Count == 0 ? volumes : TreeList.From([.. claims, .. Tree.ItemsOf(volumes).ToArray().Where(volume => !names.Contains(volume["name"]?.Text))]);
    }
}
