namespace Sparkwright.Kubernetes.Objects;

/// <summary>
/// An immutable piece of structured data: what YAML or JSON says, and the part of an object that no controller types.
/// Trees are compared by content, share their parts freely, and a map keeps its keys in ordinal order.
/// </summary>
public abstract class Tree : IEquatable<Tree>
{
    private int hash;

    private protected Tree()
    {
    }

    /// <summary>The member of a map, or null when this is no map or has no such key.</summary>
    public Tree? this[string key] => (this as TreeMap)?.Get(key);

    /// <summary>The text, or null when this is not a string.</summary>
    public string? Text => (this as TreeText)?.Value;

    /// <summary>The whole number, or null when this is not one.</summary>
    public long? Integer => (this as TreeInteger)?.Value;

    /// <summary>The truth value, or null when this is not one.</summary>
    public bool? Boolean => (this as TreeBoolean)?.Value;

    /// <summary>The elements of a list; empty when this is not a list.</summary>
    public ReadOnlySpan<Tree> Items => this is TreeList list ? list.Span : [];

    /// <summary>The elements of a list that may be absent.</summary>
    public static ReadOnlySpan<Tree> ItemsOf(Tree? tree) => tree is TreeList list ? list.Span : [];

    /// <summary>Follows keys through nested maps; null as soon as one is missing.</summary>
    public Tree? At(params ReadOnlySpan<string> path)
    {
        Tree? here = this;
        foreach (var key in path)
        {
            here = here?[key];
        }

        return here;
    }

    [return: System.Diagnostics.CodeAnalysis.NotNullIfNotNull(nameof(value))]
    public static implicit operator Tree?(string? value) => value is null ? null : new TreeText(value);

    public static implicit operator Tree(long value) => new TreeInteger(value);

    public static implicit operator Tree(int value) => new TreeInteger(value);

    public static implicit operator Tree(bool value) => value ? TreeBoolean.True : TreeBoolean.False;

    public bool Equals(Tree? other) =>
        ReferenceEquals(this, other) || (other is not null && Hash == other.Hash && SameAs(other));

    public override bool Equals(object? obj) => Equals(obj as Tree);

    public override int GetHashCode() => Hash;

    /// <summary>The tree as compact JSON.</summary>
    public override string ToString() => TreeJson.Print(this);

    private int Hash
    {
        get
        {
            if (hash == 0)
            {
                var computed = ComputeHash();
                hash = computed == 0 ? 1 : computed;
            }

            return hash;
        }
    }

    private protected abstract int ComputeHash();

    private protected abstract bool SameAs(Tree other);

    private protected static int HashOf(string text) => StringComparer.Ordinal.GetHashCode(text);
}

/// <summary>A string.</summary>
public sealed class TreeText(string value) : Tree
{
    public string Value { get; } = value;

    private protected override int ComputeHash() => HashOf(Value);

    private protected override bool SameAs(Tree other) => other is TreeText text && string.Equals(text.Value, Value, StringComparison.Ordinal);
}

/// <summary>A whole number.</summary>
public sealed class TreeInteger(long value) : Tree
{
    public long Value { get; } = value;

    private protected override int ComputeHash() => HashCode.Combine(2, Value);

    private protected override bool SameAs(Tree other) => other is TreeInteger number && number.Value == Value;
}

/// <summary>A number with a fraction or beyond 64 bits; kept, never calculated with.</summary>
public sealed class TreeReal(double value) : Tree
{
    public double Value { get; } = value;

    private protected override int ComputeHash() => HashCode.Combine(3, Value);

    private protected override bool SameAs(Tree other) => other is TreeReal number && number.Value.Equals(Value);
}

/// <summary>True or false.</summary>
public sealed class TreeBoolean : Tree
{
    private TreeBoolean(bool value) => Value = value;

    public static TreeBoolean True { get; } = new(true);

    public static TreeBoolean False { get; } = new(false);

    public bool Value { get; }

    private protected override int ComputeHash() => Value ? 5 : 7;

    private protected override bool SameAs(Tree other) => false;
}

/// <summary>An explicit null.</summary>
public sealed class TreeNull : Tree
{
    private TreeNull()
    {
    }

    public static TreeNull Value { get; } = new();

    private protected override int ComputeHash() => 11;

    private protected override bool SameAs(Tree other) => false;
}

/// <summary>A list; the order is part of its content.</summary>
public sealed class TreeList : Tree
{
    private readonly Tree[] items;

    internal TreeList(Tree[] items) => this.items = items;

    public static TreeList Empty { get; } = new([]);

    public int Count => items.Length;

    public ReadOnlySpan<Tree> Span => items;

    public static TreeList Of(params ReadOnlySpan<Tree> items) => items.Length == 0 ? Empty : new(items.ToArray());

    public static TreeList From(IEnumerable<Tree> items) => items.ToArray() is { Length: > 0 } some ? new(some) : Empty;

    public static TreeList OfTexts(IEnumerable<string> texts) => From(texts.Select(text => (Tree)text));

    public TreeList Add(Tree item) => new([.. items, item]);

    private protected override int ComputeHash()
    {
        var code = new HashCode();
        code.Add(13);
        foreach (var item in items)
        {
            code.Add(item);
        }

        return code.ToHashCode();
    }

    private protected override bool SameAs(Tree other) => other is TreeList list && items.AsSpan().SequenceEqual(list.items);
}

/// <summary>A map from string keys, kept in ordinal order, to trees.</summary>
public sealed class TreeMap : Tree
{
    private readonly string[] keys;
    private readonly Tree[] values;
    private object? view;

    internal TreeMap(string[] sortedKeys, Tree[] values)
    {
        keys = sortedKeys;
        this.values = values;
    }

    public static TreeMap Empty { get; } = new([], []);

    public int Count => keys.Length;

    public ReadOnlySpan<string> Keys => keys;

    public ReadOnlySpan<Tree> Values => values;

    internal string[] KeyArray => keys;

    /// <summary>Builds a map; a null value leaves its key out; a key given twice keeps the last value.</summary>
    public static TreeMap Of(params ReadOnlySpan<(string Key, Tree? Value)> members)
    {
        var builder = new TreeMapBuilder(members.Length);
        foreach (var (key, value) in members)
        {
            builder.Set(key, value);
        }

        return builder.Build();
    }

    /// <summary>Builds a map of strings, as labels and annotations are.</summary>
    public static TreeMap OfTexts(IEnumerable<KeyValuePair<string, string>> members)
    {
        var builder = new TreeMapBuilder(4);
        foreach (var (key, value) in members)
        {
            builder.Set(key, value);
        }

        return builder.Build();
    }

    public Tree? Get(string key) => Array.BinarySearch(keys, key, StringComparer.Ordinal) is var at && at >= 0 ? values[at] : null;

    public bool ContainsKey(string key) => Array.BinarySearch(keys, key, StringComparer.Ordinal) >= 0;

    /// <summary>This map with one member set; null removes it; the same map when nothing changes.</summary>
    public TreeMap With(string key, Tree? value)
    {
        var at = Array.BinarySearch(keys, key, StringComparer.Ordinal);
        if (at >= 0)
        {
            if (value is null)
            {
                return keys.Length == 1 ? Empty : new([.. keys[..at], .. keys[(at + 1)..]], [.. values[..at], .. values[(at + 1)..]]);
            }

            if (values[at].Equals(value))
            {
                return this;
            }

            var changed = values.ToArray();
            changed[at] = value;
            return new(keys, changed);
        }

        if (value is null)
        {
            return this;
        }

        return new([.. keys[..~at], key, .. keys[~at..]], [.. values[..~at], value, .. values[~at..]]);
    }

    /// <summary>This map with the value at a path of nested maps set; maps on the way are made; null removes the last key.</summary>
    public TreeMap Set(ReadOnlySpan<string> path, Tree? value)
    {
        if (path.Length == 1)
        {
            return With(path[0], value);
        }

        var child = Get(path[0]) as TreeMap;
        if (child is null && value is null)
        {
            return this;
        }

        return With(path[0], (child ?? Empty).Set(path[1..], value));
    }

    /// <summary>This map with every member of the other one set.</summary>
    public TreeMap Merge(TreeMap other)
    {
        var merged = this;
        for (var at = 0; at < other.keys.Length; at++)
        {
            merged = merged.With(other.keys[at], other.values[at]);
        }

        return merged;
    }

    /// <summary>
    /// The typed reading of this map, made once and kept with it: a map never changes, so neither does its reading.
    /// </summary>
    public T View<T>(Func<TreeMap, T> read)
        where T : class
    {
        if (view is T known)
        {
            return known;
        }

        var made = read(this);
        view = made;
        return made;
    }

    public Enumerator GetEnumerator() => new(this);

    /// <summary>The members in key order, for queries.</summary>
    public IEnumerable<KeyValuePair<string, Tree>> Members()
    {
        for (var at = 0; at < keys.Length; at++)
        {
            yield return new(keys[at], values[at]);
        }
    }

    private protected override int ComputeHash()
    {
        var code = new HashCode();
        for (var at = 0; at < keys.Length; at++)
        {
            code.Add(HashOf(keys[at]));
            code.Add(values[at]);
        }

        return code.ToHashCode();
    }

    private protected override bool SameAs(Tree other)
    {
        if (other is not TreeMap map || map.keys.Length != keys.Length)
        {
            return false;
        }

        return (ReferenceEquals(keys, map.keys) || keys.AsSpan().SequenceEqual(map.keys)) && values.AsSpan().SequenceEqual(map.values);
    }

    /// <summary>Walks a map's members in key order without allocating.</summary>
    public struct Enumerator(TreeMap map)
    {
        private int at = -1;

        public readonly KeyValuePair<string, Tree> Current => new(map.keys[at], map.values[at]);

        public bool MoveNext() => ++at < map.keys.Length;
    }
}

/// <summary>Collects members in any order and makes a <see cref="TreeMap"/> of them.</summary>
public sealed class TreeMapBuilder(int capacity = 4)
{
    private readonly List<string> keys = new(capacity);
    private readonly List<Tree> values = new(capacity);
    private bool sorted = true;

    public bool Contains(string key) => keys.IndexOf(key) >= 0;

    /// <summary>Sets a member; a null value is left out.</summary>
    public void Set(string key, Tree? value)
    {
        if (value is null)
        {
            return;
        }

        if (keys.Count > 0)
        {
            var order = string.CompareOrdinal(keys[^1], key);
            if (order >= 0 && keys.IndexOf(key) is var known && known >= 0)
            {
                values[known] = value;
                return;
            }

            if (order < 0 && !sorted && keys.IndexOf(key) is var earlier && earlier >= 0)
            {
                values[earlier] = value;
                return;
            }

            sorted &= order < 0;
        }

        keys.Add(key);
        values.Add(value);
    }

    public TreeMap Build()
    {
        if (keys.Count == 0)
        {
            return TreeMap.Empty;
        }

        var sortedKeys = keys.ToArray();
        var sortedValues = values.ToArray();
        if (!sorted)
        {
            Array.Sort(sortedKeys, sortedValues, StringComparer.Ordinal);
        }

        return new(sortedKeys, sortedValues);
    }
}
