using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Quantities;
using Sparkwright.Kubernetes.Selectors;

namespace Sparkwright.Kubernetes.Fitting;

/// <summary>Which existing volume a claim gets, and which nodes reach a volume.</summary>
public static class VolumeMatch
{
    private const string OldClass = "volume.beta.kubernetes.io/storage-class";

    /// <summary>
    /// The volume that is kept for the claim, else the smallest free one that suits it among those with the fewest access modes; null when
    /// there is none.
    /// </summary>
    /// <param name="onlyKept">The claim waits for its first pod: whoever schedules that chooses among the free ones.</param>
    public static ApiObject? Best(ApiObject claim, IEnumerable<ApiObject> volumes, bool onlyKept)
    {
        var usable = volumes.Where(volume => IsLargeEnough(volume, claim)).ToList();
        return usable.Find(volume => IsFor(volume, claim))
            ?? (onlyKept ? null : usable
                .Where(volume => IsFree(volume, claim) && HasModes(volume, claim))
                .OrderBy(volume => Tree.ItemsOf(volume.Spec["accessModes"]).Length)
                .ThenBy(Capacity)
                .ThenBy(volume => volume.Name, StringComparer.Ordinal)
                .FirstOrDefault());
    }

    /// <summary>The volume that a claim gets for a pod on a node: the one that is kept for it, else the smallest free one that the node reaches.</summary>
    /// <param name="taken">Volumes that other claims of the pod get.</param>
    public static ApiObject? BestOn(NodeView node, ApiObject claim, IEnumerable<ApiObject> volumes, IReadOnlyCollection<string> taken)
    {
        var usable = volumes.Where(volume => !taken.Contains(volume.Name) && IsLargeEnough(volume, claim)).ToList();
        if (usable.Find(volume => IsFor(volume, claim)) is { } kept)
        {
            return IsReachedFrom(node, kept) ? kept : null;
        }

        return usable
            .Where(volume => IsFree(volume, claim) && HasModes(volume, claim) && IsReachedFrom(node, volume))
            .OrderBy(Capacity)
            .ThenBy(volume => volume.Name, StringComparer.Ordinal)
            .FirstOrDefault();
    }

    /// <summary>Whether a volume names the claim; one that names no uid yet is kept for whichever claim gets the name.</summary>
    public static bool IsFor(ApiObject volume, ApiObject claim) => volume.Spec["claimRef"] is { } reference
        && reference["namespace"]?.Text == claim.Namespace && reference["name"]?.Text == claim.Name
        && (reference["uid"]?.Text is null or "" || reference["uid"]!.Text == claim.Metadata.Uid);

    /// <summary>Why a volume that the claim names cannot be its volume; null when it can. Its labels are not looked at.</summary>
    public static string? Mismatch(ApiObject volume, ApiObject claim) =>
        Capacity(volume) < Asked(claim) ? "requested PV is too small"
        : ClassOf(volume) != ClassOf(claim) ? "storageClassName does not match"
        : ModeOf(volume) != ModeOf(claim) ? "incompatible volumeMode"
        : !HasModes(volume, claim) ? "incompatible accessMode"
        : null;

    /// <summary>Whether pods on the node can use the volume.</summary>
    public static bool IsReachedFrom(NodeView node, ApiObject volume)
    {
        var required = volume.Spec.At("nodeAffinity", "required");
        return required is null
            || Tree.ItemsOf(required["nodeSelectorTerms"]).ToArray().Any(term => NodeSelectorTerm.From(term).Matches(node.Labels, node.Name));
    }

    /// <summary>The storage class of a claim or a volume; the annotation of old is heard first.</summary>
    public static string ClassOf(ApiObject claimOrVolume) => claimOrVolume.Metadata.Annotation(OldClass) ?? claimOrVolume.Spec["storageClassName"]?.Text ?? "";

    private static bool IsLargeEnough(ApiObject volume, ApiObject claim) =>
        !volume.Metadata.IsBeingDeleted && (volume.Spec["claimRef"] is null || IsFor(volume, claim))
        && !(Capacity(volume) < Asked(claim)) && ModeOf(volume) == ModeOf(claim);

    private static bool IsFree(ApiObject volume, ApiObject claim) =>
        volume.Status["phase"]?.Text == "Available" && ClassOf(volume) == ClassOf(claim)
        && LabelSelector.From(claim.Spec["selector"])?.Matches(volume.Metadata.Labels) is not false;

    private static bool HasModes(ApiObject volume, ApiObject claim) =>
        Tree.ItemsOf(claim.Spec["accessModes"]).ToArray().All(mode => Tree.ItemsOf(volume.Spec["accessModes"]).ToArray().Contains(mode));

    private static string ModeOf(ApiObject claimOrVolume) => claimOrVolume.Spec["volumeMode"]?.Text ?? "Filesystem";

    private static Quantity Capacity(ApiObject volume) => Read(volume.Spec.At("capacity", "storage"));

    private static Quantity Asked(ApiObject claim) => Read(claim.Spec.At("resources", "requests", "storage"));

    private static Quantity Read(Tree? amount) => Quantity.TryParse(amount?.Text ?? amount?.ToString() ?? "", out var quantity) ? quantity : default;
}
