using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Schema;

namespace Sparkwright.Kubernetes.Patching;

/// <summary>
/// What client-side <c>kubectl apply</c> does to an object that exists: everything that the manifest says and the object does not is set, and
/// what only the manifest applied last had is removed; what others set stays.
/// </summary>
public static class ThreeWayMerge
{
    /// <summary>The object after the apply.</summary>
    /// <param name="last">The manifest applied last, from the annotation; empty when there is none.</param>
    /// <param name="wanted">The manifest.</param>
    public static PatchResult Apply(TreeMap last, TreeMap wanted, TreeMap current, KindSchema? schema) =>
        ObjectPatch.Apply(schema is { IsCustom: false } ? PatchType.Strategic : PatchType.Merge, current, Patch(last, wanted, current, schema), schema);

    /// <summary>The patch that kubectl sends: strategic for built-in kinds, a merge patch for others; empty when nothing changes.</summary>
    public static TreeMap Patch(TreeMap last, TreeMap wanted, TreeMap current, KindSchema? schema) => schema is { IsCustom: false }
        ? Map(last, wanted, current, new PatchShape(schema.Root, null), retainsKeys: false)
        : MergePatch.ForApply(last, wanted, current);

    private static TreeMap Map(TreeMap last, TreeMap wanted, TreeMap current, PatchShape shape, bool retainsKeys)
    {
        var patch = new TreeMapBuilder();
        var changes = false;
        void Set(string key, Tree? value)
        {
            changes |= value is not null;
            patch.Set(key, value);
        }

        foreach (var (key, value) in wanted)
        {
            var field = shape.Field(key);
            switch (value, current.Get(key))
            {
                case (TreeNull, null):
                    break;
                case (TreeMap map, TreeMap known) when !PatchShape.Replaces(field):
                    var nested = Map(last.Get(key) as TreeMap ?? TreeMap.Empty, map, known, PatchShape.Of(field), PatchShape.RetainsKeys(field));
                    Set(key, nested.Count == 0 ? null : nested);
                    break;
                case (TreeList list, TreeList { Count: > 0 } known) when PatchShape.Merges(field):
                    foreach (var (name, part) in List(key, Tree.ItemsOf(last.Get(key)).ToArray(), list, known, field!))
                    {
                        Set(name, part);
                    }

                    break;
                case (_, var known):
                    Set(key, value.Equals(known) ? null : value);
                    break;
            }
        }

        foreach (var (key, _) in last)
        {
            if (!wanted.ContainsKey(key))
            {
                Set(key, TreeNull.Value);
            }
        }

        var said = wanted.Members().Where(member => member.Value is not TreeNull).Select(member => member.Key);
        if (retainsKeys && wanted.Count > 0 && (changes || current.Keys.ToArray().Any(key => !wanted.ContainsKey(key))))
        {
            patch.Set(PatchDirectives.RetainKeys, TreeList.OfTexts(said));
        }

        return patch.Build();
    }

    private static IEnumerable<(string, Tree)> List(string key, Tree[] last, TreeList wanted, TreeList current, FieldSchema field)
    {
        var mergeKey = field.PatchMergeKey;
        var before = current.Span.ToArray();
        var now = wanted.Span.ToArray();
        Tree? Match(Tree[] items, Tree like) => Array.Find(items, item => Equals(PatchShape.Identity(item, mergeKey), PatchShape.Identity(like, mergeKey)));

        var changed = new List<Tree>();
        foreach (var item in now)
        {
            if (Match(before, item) is not { } known)
            {
                changed.Add(item);
            }
            else if (mergeKey is not null && item is TreeMap map && known is TreeMap knownMap)
            {
                var old = Match(last, item) as TreeMap ?? TreeMap.Empty;
                var part = Map(old, map, knownMap, PatchShape.Of(field), PatchShape.RetainsKeys(field));
                if (part.Count > 0)
                {
                    changed.Add(part.With(mergeKey, item[mergeKey]));
                }
            }
        }

        var gone = last.Where(item => Match(now, item) is null).ToList();
        if (mergeKey is null)
        {
            if (gone.Count > 0)
            {
                yield return (PatchDirectives.DeleteFromPrimitiveList + key, TreeList.From(gone.Distinct()));
            }
        }
        else
        {
            changed.AddRange(gone.Select(item => TreeMap.Of((PatchDirectives.Patch, "delete"), (mergeKey, item[mergeKey]))));
        }

        if (changed.Count > 0)
        {
            yield return (key, TreeList.From(changed));
        }

        var sameOrder = before.Select(item => PatchShape.Identity(item, mergeKey)).SequenceEqual(now.Select(item => PatchShape.Identity(item, mergeKey)));
        if (changed.Count > 0 || gone.Count > 0 || !sameOrder)
        {
            var order = mergeKey is null ? wanted : TreeList.From(now.Select(item => TreeMap.Of((mergeKey, item[mergeKey]))));
            yield return (PatchDirectives.SetElementOrder + key, order);
        }
    }
}
