using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Blueprint;

/// <summary>
/// What of an object its manifests speak of. The server adds fields and so do controllers and users; only what the manifest of this blueprint
/// sets, and what the last one did, is the blueprint's.
/// </summary>
public static class ManifestView
{
    /// <summary>The object as it is, cut to what this manifest and the last applied one set.</summary>
    /// <param name="lastApplied">Null when the object was never applied.</param>
    public static TreeMap Of(TreeMap current, TreeMap? lastApplied, TreeMap manifest) =>
        Cut(current, Both(WithoutServersPart(manifest), lastApplied is null ? null : WithoutServersPart(lastApplied))) as TreeMap ?? TreeMap.Empty;

    /// <summary>A manifest without what is the server's to say.</summary>
    public static TreeMap WithoutServersPart(TreeMap manifest) => manifest["metadata"] is TreeMap metadata
        ? manifest.With("status", null).With("metadata", metadata.With("creationTimestamp", null))
        : manifest.With("status", null);

    private static Tree? Cut(Tree? current, Tree shape)
    {
        switch (current, shape)
        {
            case (TreeMap map, TreeMap { Count: > 0 } wanted):
                var kept = new TreeMapBuilder();
                foreach (var (name, inner) in wanted.Members())
                {
                    kept.Set(name, map[name] is { } value ? Cut(value, inner) : null);
                }

                return kept.Build();

            // Defaults are added to the members of lists too; a member more or less is a change.
            case (TreeList list, TreeList wanted):
                var shapes = wanted.Span.ToArray();
                return TreeList.From(list.Span.ToArray().Select((item, at) => at < shapes.Length ? Cut(item, shapes[at])! : item));
            default:
                return current;
        }
    }

    /// <summary>A shape that has what either has; where they disagree in kind, the first one's.</summary>
    private static Tree Both(Tree first, Tree? second)
    {
        if (first is TreeMap map && second is TreeMap other)
        {
            foreach (var (name, value) in other.Members())
            {
                map = map.With(name, map[name] is { } known ? Both(known, value) : value);
            }

            return map;
        }

        return first;
    }
}
