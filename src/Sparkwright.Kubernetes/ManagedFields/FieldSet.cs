using System.Text;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.Kubernetes.ManagedFields;

/// <summary>
/// A set of fields of an object, in the form in which managedFields write it (FieldsV1): a tree of path elements, where a leaf is in the set and
/// an inner place only if it has the member <c>.</c>. Elements are <c>f:NAME</c>, <c>k:{KEYS}</c> and <c>v:VALUE</c>.
/// </summary>
public readonly record struct FieldSet(TreeMap Fields)
{
    private const string Self = ".";

    public static FieldSet Empty { get; } = new(TreeMap.Empty);

    public bool IsEmpty => Fields.Count == 0;

    public FieldSet Union(FieldSet other) => new(Children(Fields, other.Fields, static (a, b) => a is null ? b : b is null ? a : Both(a, b, static (one, two) => one || two, Union)));

    public FieldSet Intersection(FieldSet other) => new(Children(Fields, other.Fields, static (a, b) => a is null || b is null ? null : Both(a, b, static (one, two) => one && two, Intersection)));

    /// <summary>The fields that are not in the other set; what lies below them stays where it is.</summary>
    public FieldSet Difference(FieldSet other) => new(Children(Fields, other.Fields, static (a, b) => a is null || b is null ? a : Both(a, b, static (one, two) => one && !two, Difference)));

    /// <summary>The fields that are neither in the other set nor below one that is.</summary>
    public FieldSet Outside(FieldSet other) => new(Children(Fields, other.Fields, static (a, b) =>
        a is null || b is null ? a : IsMember(b) ? null : Node(IsMember(a), new FieldSet(ChildrenOf(a)).Outside(new FieldSet(ChildrenOf(b))).Fields)));

    /// <summary>Whether the place itself is in the set.</summary>
    public bool Has(string element) => Fields.Get(element) is TreeMap node && IsMember(node);

    /// <summary>The part of the set below a place.</summary>
    public FieldSet Below(string element) => Fields.Get(element) is TreeMap node ? new(ChildrenOf(node)) : Empty;

    /// <summary>The set with the named fields of structs that lie on the way to its fields; places in lists and maps are not added.</summary>
    internal FieldSet WithNamedFields(FieldShape shape)
    {
        var named = new TreeMapBuilder(Fields.Count);
        foreach (var (element, node) in Fields)
        {
            var at = shape.At(element);
            var below = new FieldSet(ChildrenOf((TreeMap)node)).WithNamedFields(at).Fields;
            named.Set(element, Node(IsMember((TreeMap)node) || shape.IsNamed(element), below));
        }

        return new(named.Build());
    }

    /// <summary>The paths as messages show them, such as <c>.spec.containers[name="a"].image</c>: those of a place before those below it.</summary>
    public IEnumerable<string> Paths() => Paths(Fields, "");

    private static IEnumerable<string> Paths(TreeMap fields, string prefix)
    {
        foreach (var (element, node) in fields)
        {
            if (IsMember((TreeMap)node))
            {
                yield return prefix + Print(element);
            }
        }

        foreach (var (element, node) in fields)
        {
            foreach (var path in Paths(ChildrenOf((TreeMap)node), prefix + Print(element)))
            {
                yield return path;
            }
        }
    }

    /// <summary>An element as messages show it.</summary>
    internal static string Print(string element)
    {
        var rest = element[2..];
        if (element[0] == 'f')
        {
            return "." + rest;
        }

        if (element[0] == 'v')
        {
            return $"[={rest}]";
        }

        var keys = new StringBuilder("[");
        foreach (var (key, value) in (TreeMap)TreeJson.Parse(rest))
        {
            keys.Append(keys.Length > 1 ? "," : "").Append(key).Append('=').Append(value);
        }

        return keys.Append(']').ToString();
    }

    private static TreeMap Union(TreeMap a, TreeMap b) => new FieldSet(a).Union(new FieldSet(b)).Fields;

    private static TreeMap Intersection(TreeMap a, TreeMap b) => new FieldSet(a).Intersection(new FieldSet(b)).Fields;

    private static TreeMap Difference(TreeMap a, TreeMap b) => new FieldSet(a).Difference(new FieldSet(b)).Fields;

    private static TreeMap Children(TreeMap a, TreeMap b, Func<TreeMap?, TreeMap?, TreeMap?> combine)
    {
        var combined = new TreeMapBuilder(a.Count);
        foreach (var (element, node) in a)
        {
            combined.Set(element, combine((TreeMap)node, b.Get(element) as TreeMap));
        }

        foreach (var (element, node) in b)
        {
            if (!a.ContainsKey(element))
            {
                combined.Set(element, combine(null, (TreeMap)node));
            }
        }

        return combined.Build();
    }

    private static TreeMap? Both(TreeMap a, TreeMap b, Func<bool, bool, bool> member, Func<TreeMap, TreeMap, TreeMap> below) =>
        Node(member(IsMember(a), IsMember(b)), below(ChildrenOf(a), ChildrenOf(b)));

    private static bool IsMember(TreeMap node) => node.Count == 0 || node.ContainsKey(Self);

    private static TreeMap ChildrenOf(TreeMap node) => node.With(Self, null);

    private static TreeMap? Node(bool isMember, TreeMap children) =>
        children.Count > 0 ? isMember ? children.With(Self, TreeMap.Empty) : children : isMember ? TreeMap.Empty : null;

    /// <summary>Collects fields by their paths.</summary>
    internal sealed class Builder
    {
        private readonly Dictionary<string, Builder> children = new(StringComparer.Ordinal);
        private bool isMember;

        public FieldSet Build() => new(Children());

        public void Add(IReadOnlyList<string> path)
        {
            if (path.Count == 0)
            {
                // The object as a whole belongs to nobody.
                return;
            }

            var here = this;
            foreach (var element in path)
            {
                if (!here.children.TryGetValue(element, out var next))
                {
                    here.children.Add(element, next = new Builder());
                }

                here = next;
            }

            here.isMember = true;
        }

        private TreeMap Children()
        {
            var members = new TreeMapBuilder(children.Count);
            foreach (var (element, child) in children.OrderBy(one => one.Key, StringComparer.Ordinal))
            {
                members.Set(element, Node(child.isMember, child.Children()));
            }

            return members.Build();
        }
    }
}
