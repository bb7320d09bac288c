using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.Kubernetes.ManagedFields;

/// <summary>Documents as sets of fields: what one has, where two differ, and a document without some of its fields.</summary>
internal static class FieldTrees
{
    /// <summary>The fields that a document sets.</summary>
    public static FieldSet SetOf(Tree document, FieldShape shape)
    {
        var set = new FieldSet.Builder();
        Collect(document, shape, [], set);
        return set.Build();
    }

    /// <summary>Where two documents differ.</summary>
    public static FieldComparison Compare(Tree old, Tree now, FieldShape shape)
    {
        var walk = new Comparing();
        walk.Visit(old, now, shape);
        return new FieldComparison(walk.Added.Build(), walk.Removed.Build(), walk.Modified.Build());
    }

    /// <summary>A document without some of its fields; null when nothing is left.</summary>
    public static Tree? Without(Tree document, FieldSet gone, FieldShape shape)
    {
        if (gone.IsEmpty)
        {
            return document;
        }

        switch (shape.OwnershipOf(document), document)
        {
            case (Ownership.Members, TreeMap map):
                var members = new TreeMapBuilder(map.Count);
                foreach (var (key, value) in map)
                {
                    var element = $"f:{key}";
                    members.Set(key, gone.Has(element) ? null : Without(value, gone.Below(element), shape.Member(key)));
                }

                return members.Build() is { Count: > 0 } some ? some : map.Count == 0 ? map : null;
            case (Ownership.Values or Ownership.Keyed, TreeList list):
                var items = new List<Tree>();
                foreach (var item in list.Span)
                {
                    var element = shape.ElementOf(item);
                    if (!gone.Has(element) && Without(item, gone.Below(element), shape.Element) is { } kept)
                    {
                        items.Add(kept);
                    }
                }

                return items.Count > 0 ? TreeList.From(items) : list.Count == 0 ? list : null;
            default:
                return document;
        }
    }

    private static void Collect(Tree value, FieldShape shape, List<string> path, FieldSet.Builder set)
    {
        switch (shape.OwnershipOf(value))
        {
            case Ownership.Members:
                foreach (var (key, member) in value as TreeMap ?? TreeMap.Empty)
                {
                    var element = $"f:{key}";
                    path.Add(element);
                    Collect(member, shape.Member(key), path, set);
                    if (member is TreeNull or TreeMap { Count: 0 } || !shape.IsNamed(element))
                    {
                        set.Add(path);
                    }

                    path.RemoveAt(path.Count - 1);
                }

                break;
            case Ownership.Values or Ownership.Keyed:
                foreach (var item in Tree.ItemsOf(value))
                {
                    path.Add(shape.ElementOf(item));
                    Collect(item, shape.Element, path, set);
                    set.Add(path);
                    path.RemoveAt(path.Count - 1);
                }

                break;
            default:
                set.Add(path);
                break;
        }
    }

    private sealed class Comparing
    {
        private readonly List<string> path = [];

        public FieldSet.Builder Added { get; } = new();

        public FieldSet.Builder Removed { get; } = new();

        public FieldSet.Builder Modified { get; } = new();

        public void Visit(Tree? old, Tree? now, FieldShape shape)
        {
            if (Equals(old, now))
            {
                return;
            }

            var ownership = shape.OwnershipOf(now is null or TreeNull ? old : now);
            var isLeaf = ownership == Ownership.Whole || (IsNothing(old) && IsNothing(now)) || (old is TreeMap && now is TreeList) || (old is TreeList && now is TreeMap);
            if (!isLeaf && ownership == Ownership.Members)
            {
                VisitMembers(old as TreeMap ?? TreeMap.Empty, now as TreeMap ?? TreeMap.Empty, shape);
            }
            else if (!isLeaf)
            {
                VisitElements(old, now, shape);
            }

            if (old is null)
            {
                Added.Add(path);
            }
            else if (now is null)
            {
                Removed.Add(path);
            }
            else if (isLeaf)
            {
                Modified.Add(path);
            }
        }

        private void VisitMembers(TreeMap old, TreeMap now, FieldShape shape)
        {
            foreach (var (key, value) in old)
            {
                Descend($"f:{key}", value, now.Get(key), shape.Member(key));
            }

            foreach (var (key, value) in now)
            {
                if (!old.ContainsKey(key))
                {
                    Descend($"f:{key}", null, value, shape.Member(key));
                }
            }
        }

        private void VisitElements(Tree? old, Tree? now, FieldShape shape)
        {
            var (before, after) = (Elements(old, shape), Elements(now, shape));
            foreach (var (element, item) in before)
            {
                Descend(element, item, after.GetValueOrDefault(element), shape.Element);
            }

            foreach (var (element, item) in after)
            {
                if (!before.ContainsKey(element))
                {
                    Descend(element, null, item, shape.Element);
                }
            }
        }

        private void Descend(string element, Tree? old, Tree? now, FieldShape shape)
        {
            path.Add(element);
            Visit(old, now, shape);
            path.RemoveAt(path.Count - 1);
        }

        private static OrderedDictionary<string, Tree> Elements(Tree? list, FieldShape shape)
        {
            var elements = new OrderedDictionary<string, Tree>(StringComparer.Ordinal);
            foreach (var item in Tree.ItemsOf(list))
            {
                elements.TryAdd(shape.ElementOf(item), item);
            }

            return elements;
        }

        private static bool IsNothing(Tree? tree) => tree is null or TreeNull or TreeMap { Count: 0 } or TreeList { Count: 0 };
    }
}

/// <summary>Where two documents differ, as sets of fields. A place that only one of them has counts as well as the fields in it.</summary>
internal sealed record FieldComparison(FieldSet Added, FieldSet Removed, FieldSet Modified)
{
    /// <summary>The fields that the second document sets anew or otherwise.</summary>
    public FieldSet Written => Added.Union(Modified);
}
