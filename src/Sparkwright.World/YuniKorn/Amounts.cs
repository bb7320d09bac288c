using System.Globalization;
using System.Text;
using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.YuniKorn;

/// <summary>
/// Amounts of resources as YuniKorn counts them: memory in bytes, vcore in milli, pods, others in whole units. Immutable. A type that is not
/// named is not zero but undefined: in a limit it stands for no limit.
/// </summary>
public sealed class Amounts : IEquatable<Amounts>
{
    public const string Memory = "memory";
    public const string Vcore = "vcore";
    public const string Pods = "pods";

    private readonly string[] names;
    private readonly long[] values;

    private Amounts(string[] names, long[] values)
    {
        this.names = names;
        this.values = values;
    }

    /// <summary>No type at all.</summary>
    public static Amounts None { get; } = new([], []);

    /// <summary>The types that are named, in ordinal order.</summary>
    public IReadOnlyList<string> Names => names;

    /// <summary>Whether no type is named.</summary>
    public bool IsEmpty => names.Length == 0;

    /// <summary>Whether every type that is named is zero.</summary>
    public bool IsZero => Array.TrueForAll(values, static value => value == 0);

    public bool HasNegative => Array.Exists(values, static value => value < 0);

    /// <summary>Some type is above zero and none below.</summary>
    public bool IsPositive => !HasNegative && !IsZero;

    /// <summary>The amount of a type; zero when it is not named.</summary>
    public long this[string name] => TryGet(name, out var value) ? value : 0;

    public static Amounts operator +(Amounts left, Amounts right) => Merge(left, right, static (a, b) => a + b);

    public static Amounts operator -(Amounts left, Amounts right) => Merge(left, right, static (a, b) => a - b);

    public static Amounts Of(params ReadOnlySpan<(string Name, long Value)> members)
    {
        var sorted = members.ToArray();
        Array.Sort(sorted, static (left, right) => string.CompareOrdinal(left.Name, right.Name));
        return new(Array.ConvertAll(sorted, member => member.Name), Array.ConvertAll(sorted, member => member.Value));
    }

    /// <summary>What a pod asks for or a node has: cpu is called vcore, and zeros are left out.</summary>
    public static Amounts From(ResourceList list)
    {
        var members = new List<(string, long)>(4);
        foreach (var name in list.Names())
        {
            if (list.Of(name) != 0)
            {
                members.Add((name == ResourceList.Cpu ? Vcore : name, list.Of(name)));
            }
        }

        return Of([.. members]);
    }

    public static Amounts From(TreeMap map) => Of([.. map.Members().Select(member => (member.Key, member.Value.Integer ?? 0))]);

    public bool TryGet(string name, out long value)
    {
        for (var at = 0; at < names.Length; at++)
        {
            if (string.Equals(names[at], name, StringComparison.Ordinal))
            {
                value = values[at];
                return true;
            }
        }

        value = 0;
        return false;
    }

    public Amounts Times(long count) => new(names, Array.ConvertAll(values, value => value * count));

    /// <summary>Without the types that are zero.</summary>
    public Amounts Pruned() => Array.Exists(values, static value => value == 0)
        ? Of([.. names.Zip(values).Where(member => member.Second != 0)])
        : this;

    /// <summary>The types that are above zero.</summary>
    public Amounts Positive() => Of([.. names.Zip(values).Where(member => member.Second > 0)]);

    /// <summary>This less another, for the types of this alone.</summary>
    public Amounts LessExisting(Amounts other)
    {
        var left = new long[values.Length];
        for (var at = 0; at < left.Length; at++)
        {
            left[at] = values[at] - other[names[at]];
        }

        return new(names, left);
    }

    /// <summary>The types of this, each no more than in the other where that names it.</summary>
    public Amounts MinExisting(Amounts? other) => other is null
        ? this
        : new(names, [.. names.Select((name, at) => other.TryGet(name, out var value) ? Math.Min(values[at], value) : values[at])]);

    /// <summary>The smaller of each type; what only one names is as there. Null names nothing.</summary>
    public static Amounts? Min(Amounts? left, Amounts? right) => left is null ? right : right is null ? left
        : Combine(left, right, static (a, b) => Math.Min(a ?? b!.Value, b ?? a!.Value));

    /// <summary>This, and the types that only the other names.</summary>
    public Amounts WithMissing(Amounts? other) => other is null ? this : Combine(this, other, static (a, b) => a ?? b!.Value);

    /// <summary>This with every type of the other set.</summary>
    public Amounts Overridden(Amounts other) => Combine(this, other, static (a, b) => b ?? a!.Value);

    /// <summary>Whether something fits into this limit; a type that the limit does not name is unlimited.</summary>
    public bool Allows(Amounts asked)
    {
        for (var at = 0; at < asked.names.Length; at++)
        {
            if (TryGet(asked.names[at], out var limit) && asked.values[at] > Math.Max(0, limit))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether something fits into this capacity; of a type that is not named there is nothing.</summary>
    public bool Holds(Amounts asked)
    {
        for (var at = 0; at < asked.names.Length; at++)
        {
            if (asked.values[at] > Math.Max(0, this[asked.names[at]]))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>No type is less than in the other.</summary>
    public bool IsAtLeast(Amounts other) => !(this - other).HasNegative;

    /// <summary>No type is less than in the other, and one is more.</summary>
    public bool Exceeds(Amounts other) => (this - other).IsPositive;

    /// <summary>Whether both name a type in common.</summary>
    public bool Shares(Amounts other) => Array.Exists(names, name => other.TryGet(name, out _));

    /// <summary>Equal amounts; a type that is not named counts as zero.</summary>
    public bool Equals(Amounts? other) => other is not null && (this - other).IsZero;

    public override bool Equals(object? obj) => Equals(obj as Amounts);

    public override int GetHashCode()
    {
        var hash = default(HashCode);
        for (var at = 0; at < names.Length; at++)
        {
            if (values[at] != 0)
            {
                hash.Add(names[at], StringComparer.Ordinal);
                hash.Add(values[at]);
            }
        }

        return hash.ToHashCode();
    }

    /// <summary>As YuniKorn's messages say it: <c>map[memory:100 vcore:10]</c>.</summary>
    public override string ToString()
    {
        var text = new StringBuilder("map[");
        for (var at = 0; at < names.Length; at++)
        {
            text.Append(at == 0 ? "" : " ").Append(names[at]).Append(':').Append(values[at].ToString(CultureInfo.InvariantCulture));
        }

        return text.Append(']').ToString();
    }

    public TreeMap ToTree() => TreeMap.Of([.. names.Zip(values, static (name, value) => (name, (Tree?)value))]);

    private static Amounts Merge(Amounts left, Amounts right, Func<long, long, long> merge)
    {
        if (!left.names.AsSpan().SequenceEqual(right.names))
        {
            return Combine(left, right, (a, b) => merge(a ?? 0, b ?? 0));
        }

        var merged = new long[left.values.Length];
        for (var at = 0; at < merged.Length; at++)
        {
            merged[at] = merge(left.values[at], right.values[at]);
        }

        return new(left.names, merged);
    }

    private static Amounts Combine(Amounts left, Amounts right, Func<long?, long?, long> merge)
    {
        var all = left.names.Union(right.names, StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray();
        return new(all, Array.ConvertAll(all, name => merge(left.TryGet(name, out var a) ? a : null, right.TryGet(name, out var b) ? b : null)));
    }
}
