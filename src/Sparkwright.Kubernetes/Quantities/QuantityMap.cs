using System.Collections.Immutable;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.Kubernetes.Quantities;

/// <summary>
/// Exact amounts by the name of their resource, in ordinal order, printed as they were written. An amount of nothing is not the same as none:
/// whoever limits resources has to know whether a pod named one.
/// </summary>
public sealed class QuantityMap
{
    private readonly ImmutableSortedDictionary<string, Quantity> amounts;

    private QuantityMap(ImmutableSortedDictionary<string, Quantity> amounts) => this.amounts = amounts;

    public static QuantityMap Empty { get; } = new(ImmutableSortedDictionary.Create<string, Quantity>(StringComparer.Ordinal));

    public bool IsEmpty => amounts.IsEmpty;

    public IEnumerable<string> Names => amounts.Keys;

    /// <summary>The amount of one resource; null when it is not named.</summary>
    public Quantity? this[string name] => amounts.TryGetValue(name, out var amount) ? amount : null;

    /// <summary>Reads a map such as <c>resources.requests</c>; what is no quantity is left out.</summary>
    public static QuantityMap From(Tree? tree)
    {
        var read = Empty.amounts.ToBuilder();
        foreach (var (name, amount) in tree as TreeMap ?? TreeMap.Empty)
        {
            if (Quantity.TryParse(amount.Text ?? amount.ToString(), out var quantity))
            {
                read[name] = quantity;
            }
        }

        return new(read.ToImmutable());
    }

    /// <summary>The sum of both, name by name.</summary>
    public static QuantityMap operator +(QuantityMap left, QuantityMap right) => Combine(left, right, static (a, b) => a + b);

    /// <summary>The first less the second; a name that only the second has is negative.</summary>
    public static QuantityMap operator -(QuantityMap left, QuantityMap right) =>
        right.amounts.Aggregate(left, static (rest, taken) => rest.With(taken.Key, (rest[taken.Key] ?? default) - taken.Value));

    /// <summary>The larger of both, name by name.</summary>
    public static QuantityMap Max(QuantityMap left, QuantityMap right) => Combine(left, right, static (a, b) => b > a ? b : a);

    public QuantityMap With(string name, Quantity amount) => new(amounts.SetItem(name, amount));

    /// <summary>The amounts of some names only.</summary>
    public QuantityMap Where(Func<string, bool> isWanted) => new(amounts.RemoveRange(amounts.Keys.Where(name => !isWanted(name)).ToList()));

    /// <summary>The amounts above nothing.</summary>
    public QuantityMap Positive() => Where(name => amounts[name] > default(Quantity));

    public TreeMap ToTree() => TreeMap.OfTexts(amounts.Select(amount => KeyValuePair.Create(amount.Key, amount.Value.ToString())));

    /// <summary>As quota messages print it: <c>cpu=2,memory=1Gi</c>.</summary>
    public override string ToString() => string.Join(',', amounts.Select(amount => $"{amount.Key}={amount.Value}"));

    private static QuantityMap Combine(QuantityMap left, QuantityMap right, Func<Quantity, Quantity, Quantity> both)
    {
        var combined = left.amounts.ToBuilder();
        foreach (var (name, amount) in right.amounts)
        {
            combined[name] = combined.TryGetValue(name, out var known) ? both(known, amount) : amount;
        }

        return new(combined.ToImmutable());
    }
}
