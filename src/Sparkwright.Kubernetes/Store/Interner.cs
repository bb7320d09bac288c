using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.Kubernetes.Store;

/// <summary>
/// Makes equal subtrees and strings one, so that the thousand pods of one template share what the template says. It remembers a bounded
/// number of them: what has not been met for two generations is forgotten, which costs sharing and never correctness.
/// </summary>
internal sealed class Interner
{
    /// <summary>Trees in a generation; two generations are held.</summary>
    private const int Generation = 1 << 17;

    private HashSet<Tree> young = [];
    private HashSet<Tree> old = [];
    private HashSet<string> youngTexts = new(StringComparer.Ordinal);
    private HashSet<string> oldTexts = new(StringComparer.Ordinal);
    private Dictionary<string, List<string[]>> shapes = new(StringComparer.Ordinal);

    public ApiObject Intern(ApiObject candidate)
    {
        if (young.Count > Generation || youngTexts.Count > Generation)
        {
            (old, young) = (young, []);
            (oldTexts, youngTexts) = (youngTexts, new(StringComparer.Ordinal));
            shapes = new(StringComparer.Ordinal);
        }

        var metadata = candidate.Metadata;
        return new ApiObject(
            candidate.Type,
            metadata with
            {
                Namespace = Text(metadata.Namespace),
                Labels = (TreeMap)Shared(metadata.Labels),
                Annotations = (TreeMap)Shared(metadata.Annotations),
                ManagedFields = metadata.ManagedFields is { Count: > 0 } managed ? (TreeList)Shared(managed) : null,
                GenerateName = Text(metadata.GenerateName),
            },
            (TreeMap)Shared(candidate.Body));
    }

    private Tree Shared(Tree tree)
    {
        if (Known(tree) is { } known)
        {
            return known;
        }

        var made = tree switch
        {
            TreeMap { Count: > 0 } map => Map(map),
            TreeList { Count: > 0 } list => List(list),
            TreeText text => Known(text) ?? new TreeText(Text(text.Value)),
            _ => tree,
        };
        young.Add(made);
        return made;
    }

    private Tree? Known(Tree tree)
    {
        if (young.TryGetValue(tree, out var known))
        {
            return known;
        }

        if (old.TryGetValue(tree, out known))
        {
            young.Add(known);
            return known;
        }

        return null;
    }

    private TreeMap Map(TreeMap map)
    {
        var values = map.Values.ToArray();
        var changed = false;
        for (var at = 0; at < values.Length; at++)
        {
            var shared = Shared(values[at]);
            changed |= !ReferenceEquals(shared, values[at]);
            values[at] = shared;
        }

        var keys = Shape(map.KeyArray);
        return changed || !ReferenceEquals(keys, map.KeyArray) ? new TreeMap(keys, values) : map;
    }

    private TreeList List(TreeList list)
    {
        var items = list.Span.ToArray();
        var changed = false;
        for (var at = 0; at < items.Length; at++)
        {
            var shared = Shared(items[at]);
            changed |= !ReferenceEquals(shared, items[at]);
            items[at] = shared;
        }

        return changed ? new TreeList(items) : list;
    }

    /// <summary>Maps with the same keys share one array of them.</summary>
    private string[] Shape(string[] keys)
    {
        if (!shapes.TryGetValue(keys[0], out var candidates))
        {
            shapes.Add(keys[0], candidates = []);
        }

        foreach (var candidate in candidates)
        {
            if (candidate.AsSpan().SequenceEqual(keys))
            {
                return candidate;
            }
        }

        // Maps with free keys (data, labels) would fill the table without ever being met again.
        if (candidates.Count < 64)
        {
            candidates.Add(keys);
        }

        return keys;
    }

    private string Text(string text)
    {
        if (text.Length == 0)
        {
            return "";
        }

        if (youngTexts.TryGetValue(text, out var known))
        {
            return known;
        }

        known = oldTexts.TryGetValue(text, out var older) ? older : text;
        youngTexts.Add(known);
        return known;
    }
}
