using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.Kubernetes.ManagedFields;

/// <summary>An object with what an apply says of it: values of the apply win, and what it does not speak of stays.</summary>
internal static class ApplyMerge
{
    public static TreeMap Merge(TreeMap live, TreeMap applied, FieldShape shape) => (TreeMap)Value(live, applied, shape);

    private static Tree Value(Tree? live, Tree applied, FieldShape shape)
    {
        switch (shape.OwnershipOf(applied), live, applied)
        {
            case (Ownership.Members, TreeMap map, TreeMap { Count: > 0 } said):
                var merged = map;
                foreach (var (key, value) in said)
                {
                    merged = merged.With(key, Value(map.Get(key), value, shape.Member(key)));
                }

                return merged;
            case (Ownership.Members, TreeMap { Count: > 0 }, TreeMap):
                return live;
            case (Ownership.Values or Ownership.Keyed, TreeList { Count: > 0 } list, TreeList said):
                return List(list, said, shape);
            default:
                return applied;
        }
    }

    /// <summary>
    /// Elements that both have stand in the order of the apply; those of the object alone keep their place among them.
    /// </summary>
    private static TreeList List(TreeList live, TreeList applied, FieldShape shape)
    {
        var left = live.Span.ToArray().Select(shape.ElementOf).ToList();
        var right = applied.Span.ToArray().Select(shape.ElementOf).ToList();
        var shared = new Queue<string>(right.Where(left.Contains));
        var taken = new HashSet<string>(StringComparer.Ordinal);
        var merged = new List<Tree>();
        var (l, r) = (0, 0);
        while (l < left.Count || r < right.Count)
        {
            if (l < left.Count && r < right.Count)
            {
                if (left[l] == right[r])
                {
                    Take(right[r]);
                    l++;
                    r++;
                    shared.TryDequeue(out _);
                    continue;
                }

                if (right.Contains(left[l]) && shared.TryPeek(out var next) && next != left[l])
                {
                    l++;
                    continue;
                }
            }

            if (l < left.Count && !right.Contains(left[l]))
            {
                merged.Add(live.Span[l]);
                l++;
                continue;
            }

            if (l < left.Count && taken.Contains(left[l]))
            {
                l++;
            }

            if (r < right.Count)
            {
                Take(right[r]);
                if (shared.TryPeek(out var wanted) && wanted == right[r])
                {
                    shared.Dequeue();
                }

                r++;
            }
        }

        return TreeList.From(merged);

        void Take(string element)
        {
            taken.Add(element);
            var at = left.IndexOf(element);
            merged.Add(Value(at < 0 ? null : live.Span[at], applied.Span[right.IndexOf(element)], shape.Element));
        }
    }
}
