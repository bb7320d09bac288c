using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Schema;

namespace Sparkwright.Kubernetes.Patching;

/// <summary>
/// Merging as built-in kinds define it: lists whose elements have a merge key are merged element by element, other lists are replaced.
/// </summary>
public static class StrategicMerge
{
    /// <summary>The object that client-side apply arrives at: the current one, less what only the last manifest had, plus this manifest.</summary>
    public static TreeMap ThreeWay(TreeMap last, TreeMap wanted, TreeMap current, TypeSchema? schema)
    {
        var result = current;
        foreach (var (key, _) in last)
        {
            if (!wanted.ContainsKey(key))
            {
                result = result.With(key, null);
            }
        }

        foreach (var (key, value) in wanted)
        {
            var field = schema?.Fields.GetValueOrDefault(key);
            result = result.With(key, Merged(last.Get(key), value, current.Get(key), field));
        }

        return result;
    }

    private static Tree Merged(Tree? last, Tree wanted, Tree? current, FieldSchema? field)
    {
        if (wanted is TreeMap map && current is TreeMap known && field?.PatchStrategy.Contains("replace", StringComparison.Ordinal) != true)
        {
            return field?.PatchStrategy.Contains("retainKeys", StringComparison.Ordinal) == true
                ? ThreeWay(known, map, known, field.Object)
                : field?.Values is { } values ? ThreeWayMap(last as TreeMap ?? TreeMap.Empty, map, known, values)
                : ThreeWay(last as TreeMap ?? TreeMap.Empty, map, known, field?.Object);
        }

        if (wanted is TreeList list && current is TreeList old && field is { } of && of.PatchStrategy.Contains("merge", StringComparison.Ordinal))
        {
            return of.PatchMergeKey is { } mergeKey
                ? MergedByKey(Tree.ItemsOf(last).ToArray(), list, old, mergeKey, of.Items?.Object)
                : MergedSet(Tree.ItemsOf(last).ToArray(), list, old);
        }

        return wanted;
    }

    private static TreeMap ThreeWayMap(TreeMap last, TreeMap wanted, TreeMap current, FieldSchema values)
    {
        var result = current;
        foreach (var (key, _) in last)
        {
            if (!wanted.ContainsKey(key))
            {
                result = result.With(key, null);
            }
        }

        foreach (var (key, value) in wanted)
        {
            result = result.With(key, Merged(last.Get(key), value, current.Get(key), values));
        }

        return result;
    }

    /// <summary>The manifest's elements in its order, then those that others added.</summary>
    private static TreeList MergedByKey(Tree[] last, TreeList wanted, TreeList current, string mergeKey, TypeSchema? schema)
    {
        var items = new List<Tree>();
        foreach (var item in wanted.Span)
        {
            var known = Find(current.Span, mergeKey, item[mergeKey]) as TreeMap;
            var before = Find(last, mergeKey, item[mergeKey]) as TreeMap;
            items.Add(known is null || item is not TreeMap map ? item : ThreeWay(before ?? TreeMap.Empty, map, known, schema));
        }

        foreach (var item in current.Span)
        {
            if (Find(wanted.Span, mergeKey, item[mergeKey]) is null && Find(last, mergeKey, item[mergeKey]) is null)
            {
                items.Add(item);
            }
        }

        return TreeList.From(items);
    }

    private static TreeList MergedSet(Tree[] last, TreeList wanted, TreeList current)
    {
        var items = wanted.Span.ToArray().ToList();
        items.AddRange(current.Span.ToArray().Where(item => !items.Contains(item) && !last.Contains(item)));
        return TreeList.From(items);
    }

    private static Tree? Find(ReadOnlySpan<Tree> items, string mergeKey, Tree? value)
    {
        foreach (var item in items)
        {
            if (value is not null && value.Equals(item[mergeKey]))
            {
                return item;
            }
        }

        return null;
    }
}
