using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Schema;

namespace Sparkwright.Kubernetes.Patching;

/// <summary>
/// Strategic merge patch of built-in kinds: maps are merged, null removes, lists whose elements have a merge key are merged element by
/// element, lists of plain values may be united, and directives replace, delete, retain and order.
/// </summary>
public static class StrategicMergePatch
{
    public static PatchResult Apply(TreeMap current, TreeMap patch, TypeSchema schema)
    {
        var merge = new Merge();
        var merged = merge.Map(current, patch, new PatchShape(schema, null));
        return merge.Fault is { } fault ? new PatchResult.Refused(fault) : new PatchResult.Patched(merged);
    }

    private sealed class Merge
    {
        public ApiStatus? Fault { get; private set; }

        public TreeMap Map(TreeMap current, TreeMap patch, PatchShape shape)
        {
            switch (patch[PatchDirectives.Patch]?.Text)
            {
                case null when !patch.ContainsKey(PatchDirectives.Patch):
                    break;
                case "replace":
                    return (TreeMap)Plain(patch);
                case "delete":
                    return TreeMap.Empty;
                case var unknown:
                    Fail(500, "", $"unknown patch type: {unknown} in map: {patch}");
                    return current;
            }

            var result = Retained(current, patch);
            var ordered = new HashSet<string>(StringComparer.Ordinal);
            foreach (var (key, value) in patch)
            {
                if (key.StartsWith(PatchDirectives.SetElementOrder, StringComparison.Ordinal))
                {
                    var name = key[PatchDirectives.SetElementOrder.Length..];
                    ordered.Add(name);
                    result = WithOrder(result, name, patch, value, shape.Field(name));
                }
            }

            foreach (var (key, value) in patch)
            {
                if (key.StartsWith(PatchDirectives.DeleteFromPrimitiveList, StringComparison.Ordinal))
                {
                    result = WithoutValues(result, key[PatchDirectives.DeleteFromPrimitiveList.Length..], value);
                }
                else if (key[0..Math.Min(1, key.Length)] != "$" && !ordered.Contains(key))
                {
                    result = result.With(key, value is TreeNull ? null : Value(result.Get(key), value, shape.Field(key)));
                }
            }

            return result;
        }

        private Tree Value(Tree? current, Tree patch, FieldSchema? field) => (current, patch) switch
        {
            (TreeMap map, TreeMap changes) when !PatchShape.Replaces(field) => Map(map, changes, PatchShape.Of(field)),
            (TreeList list, TreeList changes) when PatchShape.Merges(field) => List(list, changes, changes, field!),
            _ => Plain(patch),
        };

        /// <summary>The map without the keys that a patch's <c>$retainKeys</c> does not name.</summary>
        private TreeMap Retained(TreeMap current, TreeMap patch)
        {
            if (patch[PatchDirectives.RetainKeys] is not { } directive)
            {
                return current;
            }

            var keys = directive.Items.ToArray().Select(key => key.Text).ToHashSet(StringComparer.Ordinal);
            if (directive is not TreeList || patch.Members().Any(member => member.Key[0] != '$' && member.Value is not TreeNull && !keys.Contains(member.Key)))
            {
                Fail(400, "BadRequest", "invalid patch format of retainKeys");
                return current;
            }

            var kept = new TreeMapBuilder(current.Count);
            foreach (var (key, value) in current)
            {
                kept.Set(key, keys.Contains(key) ? value : null);
            }

            return kept.Build();
        }

        private TreeMap WithoutValues(TreeMap map, string key, Tree values)
        {
            if (values is not TreeList gone)
            {
                Fail(400, "BadRequest", "invalid patch format of primitive list");
                return map;
            }

            return map.Get(key) is TreeList list ? map.With(key, TreeList.From(list.Span.ToArray().Where(item => !gone.Span.Contains(item)))) : map;
        }

        private TreeMap WithOrder(TreeMap map, string key, TreeMap patch, Tree order, FieldSchema? field)
        {
            var current = map.Get(key);
            var changes = patch.Get(key);
            var mergeKey = field?.PatchMergeKey;
            if (order is not TreeList wanted || current is not (null or TreeList) || changes is not (null or TreeList) || field is null
                || !IsInOrder(Tree.ItemsOf(changes).ToArray(), wanted, mergeKey))
            {
                Fail(400, "BadRequest", "invalid patch format of setElementOrder list");
                return map;
            }

            return (current, changes) switch
            {
                (null, null) => map,
                (null, TreeList added) => map.With(key, Ordered((TreeList)Plain(added), wanted, TreeList.Empty, mergeKey)),
                (TreeList known, null) => map.With(key, Ordered(known, wanted, known, mergeKey)),
                (TreeList known, TreeList merged) => map.With(key, List(known, merged, wanted, field)),
                _ => map,
            };
        }

        /// <summary>Whether the elements of a patch, deletions aside, stand in an order list in the same order.</summary>
        private static bool IsInOrder(Tree[] changes, TreeList order, string? mergeKey)
        {
            var at = 0;
            foreach (var item in changes.Where(item => item[PatchDirectives.Patch] is null))
            {
                var identity = PatchShape.Identity(item, mergeKey);
                while (at < order.Count && !Equals(PatchShape.Identity(order.Span[at], mergeKey), identity))
                {
                    at++;
                }

                if (at++ >= order.Count && order.Count > 0)
                {
                    return false;
                }
            }

            return true;
        }

        private TreeList List(TreeList current, TreeList changes, TreeList order, FieldSchema field)
        {
            if (field.PatchMergeKey is not { } mergeKey)
            {
                var united = current.Span.ToArray().Concat(changes.Span.ToArray()).Distinct();
                return Ordered(TreeList.From(united), order, current, null);
            }

            var items = current.Span.ToArray().ToList();
            var replaces = false;
            foreach (var item in changes.Span)
            {
                if (item is not TreeMap map || (map[mergeKey] is null && map[PatchDirectives.Patch]?.Text != "replace"))
                {
                    Fail(500, "", $"map: {item} does not contain declared merge key: {mergeKey}");
                    return current;
                }

                switch (map[PatchDirectives.Patch]?.Text)
                {
                    case null:
                        Put(items, map, mergeKey, PatchShape.Of(field));
                        break;
                    case "delete":
                        items.RemoveAll(one => Equals(one[mergeKey], map[mergeKey]));
                        break;
                    case "replace":
                        replaces = true;
                        break;
                    case "merge":
                        Fail(500, "", "merging lists cannot yet be specified in the patch");
                        return current;
                    case var unknown:
                        Fail(500, "", $"unknown patch type: {unknown} in map: {map}");
                        return current;
                }
            }

            return replaces ? (TreeList)Plain(changes) : Ordered(TreeList.From(items), order, current, mergeKey);
        }

        private void Put(List<Tree> items, TreeMap change, string mergeKey, PatchShape shape)
        {
            var known = items.FindIndex(one => Equals(one[mergeKey], change[mergeKey]));
            if (known < 0)
            {
                items.Add(Plain(change));
            }
            else if (items[known] is TreeMap map)
            {
                items[known] = Map(map, change, shape);
            }
        }

        /// <summary>
        /// The elements that an order names, in that order; the others keep their place before the first of those that stood after them.
        /// </summary>
        private static TreeList Ordered(TreeList merged, TreeList order, TreeList before, string? mergeKey)
        {
            int Place(TreeList list, Tree item)
            {
                var identity = PatchShape.Identity(item, mergeKey);
                for (var at = 0; at < list.Count; at++)
                {
                    if (Equals(PatchShape.Identity(list.Span[at], mergeKey), identity))
                    {
                        return at;
                    }
                }

                return -1;
            }

            var all = merged.Span.ToArray();
            var named = all.Where(item => Place(order, item) >= 0).OrderBy(item => Place(order, item)).ToList();
            var others = new Queue<Tree>(all.Where(item => Place(order, item) < 0));
            var result = new List<Tree>(all.Length);
            foreach (var item in named)
            {
                while (others.TryPeek(out var other) && Place(before, other) is var left && Place(before, item) is var right && left >= 0 && left < right)
                {
                    result.Add(others.Dequeue());
                }

                result.Add(item);
            }

            return TreeList.From(result.Concat(others));
        }

        /// <summary>A part of a patch that meets nothing in the object: its values without nulls and directives.</summary>
        private static Tree Plain(Tree patch)
        {
            switch (patch)
            {
                case TreeMap map:
                    var members = new TreeMapBuilder(map.Count);
                    foreach (var (key, value) in map)
                    {
                        var isDirective = key is PatchDirectives.Patch or PatchDirectives.RetainKeys
                            || key.StartsWith(PatchDirectives.SetElementOrder, StringComparison.Ordinal)
                            || key.StartsWith(PatchDirectives.DeleteFromPrimitiveList, StringComparison.Ordinal);
                        members.Set(key, isDirective || value is TreeNull ? null : Plain(value));
                    }

                    return members.Build();
                case TreeList list:
                    return TreeList.From(list.Span.ToArray().Where(item => item[PatchDirectives.Patch] is null).Select(Plain));
                default:
                    return patch;
            }
        }

        private void Fail(int code, string reason, string message) => Fault ??= new ApiStatus(code, reason, message);
    }
}
