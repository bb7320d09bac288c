using System.Collections.Immutable;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Blueprint;

/// <summary>What becomes of a resource.</summary>
public enum ChangeKind
{
    Create,
    Update,
    Replace,
    Delete,
}

/// <summary>What becomes of one resource, and which of its attributes differ.</summary>
/// <param name="Resource">As it is wanted; as it was asked for last, where it goes.</param>
/// <param name="Unchanged">Attributes that stay as they are.</param>
public sealed record ResourceChange(ChangeKind Kind, PlatformResource Resource, ImmutableArray<AttributeChange> Attributes, int Unchanged)
{
    public bool Removes => Kind is ChangeKind.Replace or ChangeKind.Delete;

    public bool Makes => Kind is not ChangeKind.Delete;
}

/// <summary>A resource of the platform as the store holds it.</summary>
/// <param name="Resource">As it was asked for last.</param>
/// <param name="Current">Its attributes as they are now; null when it is gone. Of an object of the cluster, the whole object.</param>
/// <param name="LastApplied">The manifest of an object of the cluster as it was applied last; null when it never was.</param>
/// <param name="Applied">The whole object of the cluster as it would be if its manifest were applied now; null when that would be refused, and for all else.</param>
public sealed record KnownResource(PlatformResource Resource, TreeMap? Current, TreeMap? LastApplied, TreeMap? Applied);

/// <summary>
/// What has to be done so that the platform becomes what a blueprint asks for. A pure function of both: what is wanted and not there is made,
/// what differs is changed in place or replaced, and what is there and no longer wanted goes.
/// </summary>
/// <param name="Changes">In the order of the wanted resources, then those that go, the last made first.</param>
public sealed record PlatformPlan(ImmutableArray<ResourceChange> Changes)
{
    /// <summary>Resources that come, replacements among them, as Terraform counts.</summary>
    public int Adds => Changes.Count(static change => change.Kind is ChangeKind.Create or ChangeKind.Replace);

    public int Updates => Changes.Count(static change => change.Kind == ChangeKind.Update);

    /// <summary>Resources that go, replaced ones among them.</summary>
    public int Destroys => Changes.Count(static change => change.Removes);

    /// <param name="wanted">In the order of their making.</param>
    /// <param name="known">In the order in which they were made.</param>
    /// <param name="only">The modules that are meant; empty for all. What these need is built with them.</param>
    public static PlatformPlan ToApply(IReadOnlyList<PlatformResource> wanted, IReadOnlyList<KnownResource> known, IReadOnlyCollection<PlatformModule> only)
    {
        var meant = only.Count == 0 ? PlatformModules.All.ToHashSet() : PlatformModules.WithNeeds(only);
        var there = known.ToDictionary(static one => one.Resource.Address, StringComparer.Ordinal);
        var names = wanted.Select(static one => one.Address).ToHashSet(StringComparer.Ordinal);

        // Whatever lies in a cluster goes with it, and comes again in the new one.
        var isNewCluster = known.Any(one => one is { Resource.Type: ResourceKinds.Cluster, Current: not null } && !names.Contains(one.Resource.Address));
        return new PlatformPlan(
        [
            .. from resource in wanted
               where meant.Contains(resource.Module)
               let change = Becomes(resource, there.GetValueOrDefault(resource.Address), isNewCluster && IsInCluster(resource))
               where change is not null
               select change,
            .. Removals(known.Where(one => meant.Contains(one.Resource.Module) && !names.Contains(one.Resource.Address))),
        ]);
    }

    /// <param name="known">In the order in which they were made.</param>
    /// <param name="only">The modules that are meant; empty for all. What needs these goes with them.</param>
    public static PlatformPlan ToDestroy(IReadOnlyList<KnownResource> known, IReadOnlyCollection<PlatformModule> only)
    {
        var meant = only.Count == 0 ? PlatformModules.All.ToHashSet() : PlatformModules.WithDependents(only);
        return new PlatformPlan([.. Removals(known.Where(one => meant.Contains(one.Resource.Module)))]);
    }

    private static bool IsInCluster(PlatformResource resource) => resource.Type is ResourceKinds.Manifest or ResourceKinds.NodeGroup or ResourceKinds.VirtualCluster;

    private static ResourceChange? Becomes(PlatformResource wanted, KnownResource? known, bool isMoved)
    {
        if (known?.Current is not { } current)
        {
            return new ResourceChange(ChangeKind.Create, wanted, AttributeChange.Between(wanted.Type, null, Shown(wanted)), 0);
        }

        var (before, after) = wanted.Type == ResourceKinds.Manifest
            ? (ManifestView.Of(current, known.LastApplied, wanted.Attributes), ManifestView.Of(known.Applied ?? wanted.Attributes, known.LastApplied, wanted.Attributes))
            : (current, wanted.Attributes);
        var changes = AttributeChange.Between(wanted.Type, before, after);
        if (changes.IsEmpty && !isMoved)
        {
            return null;
        }

        var kind = isMoved || changes.Any(static change => change.ForcesReplacement) ? ChangeKind.Replace : ChangeKind.Update;
        return new ResourceChange(kind, wanted, changes, AttributeChange.Between(wanted.Type, null, Shown(wanted)).Length - changes.Count(static change => change.After is not null));
    }

    private static IEnumerable<ResourceChange> Removals(IEnumerable<KnownResource> known) =>
        from one in known.Reverse()
        where one.Current is not null
        orderby one.Resource.Module descending
        select new ResourceChange(ChangeKind.Delete, one.Resource, AttributeChange.Between(one.Resource.Type, Shown(one.Resource), null), 0);

    private static TreeMap Shown(PlatformResource resource) =>
        resource.Type == ResourceKinds.Manifest ? ManifestView.WithoutServersPart(resource.Attributes) : resource.Attributes;
}
