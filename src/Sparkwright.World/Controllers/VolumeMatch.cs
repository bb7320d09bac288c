using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Quantities;
using Sparkwright.Kubernetes.Selectors;

namespace Sparkwright.World.Controllers;

/// <summary>Which existing volume a claim gets.</summary>
public static class VolumeMatch
{
    /// <summary>The volume that is kept for the claim, else the smallest free one that suits it; null when there is none.</summary>
    /// <param name="onlyKept">The claim waits for its first pod: whoever schedules that chooses among the free ones.</param>
    public static ApiObject? Best(ApiObject claim, IEnumerable<ApiObject> volumes, bool onlyKept)
    {
        var known = volumes.Where(volume => !volume.Metadata.IsBeingDeleted).ToList();
        return known.Find(volume => IsFor(volume, claim) && Holds(volume, claim))
            ?? (onlyKept ? null : known
                .Where(volume => volume.Spec["claimRef"] is null && volume.Status["phase"]?.Text is "Available" && Suits(volume, claim))
                .OrderBy(Capacity)
                .ThenBy(volume => volume.Name, StringComparer.Ordinal)
                .FirstOrDefault());
    }

    /// <summary>Whether a volume names the claim; one that names no uid yet is kept for whichever claim gets the name.</summary>
    public static bool IsFor(ApiObject volume, ApiObject claim) => volume.Spec["claimRef"] is { } reference
        && reference["namespace"]?.Text == claim.Namespace && reference["name"]?.Text == claim.Name
        && (reference["uid"]?.Text is null or "" || reference["uid"]!.Text == claim.Metadata.Uid);

    private static bool Suits(ApiObject volume, ApiObject claim) =>
        (volume.Spec["storageClassName"]?.Text ?? "") == (claim.Spec["storageClassName"]?.Text ?? "")
        && (volume.Spec["volumeMode"]?.Text ?? "Filesystem") == (claim.Spec["volumeMode"]?.Text ?? "Filesystem")
        && Tree.ItemsOf(claim.Spec["accessModes"]).ToArray().All(mode => Tree.ItemsOf(volume.Spec["accessModes"]).ToArray().Contains(mode))
        && LabelSelector.From(claim.Spec["selector"])?.Matches(volume.Metadata.Labels) is not false
        && Holds(volume, claim);

    private static bool Holds(ApiObject volume, ApiObject claim) =>
        !(Capacity(volume) < Read(claim.Spec.At("resources", "requests", "storage")));

    private static Quantity Capacity(ApiObject volume) => Read(volume.Spec.At("capacity", "storage"));

    private static Quantity Read(Tree? amount) => Quantity.TryParse(amount?.Text ?? amount?.ToString() ?? "", out var quantity) ? quantity : default;
}
