using System.Collections.Immutable;
using Sparkwright.World.Ec2;
using Sparkwright.World.Karpenter.Requirements;

namespace Sparkwright.World.Karpenter.InstanceTypes;

/// <summary>
/// All shapes that a pool's nodes may have, with the fast form of the requirement algebra over them: a requirement becomes the set of shapes
/// whose labels satisfy it, and requirements on zone and capacity type become a mask over the offerings.
/// </summary>
public sealed class ShapeTable
{
    /// <summary>Offerings of one type that a mask has room for: zones × capacity types.</summary>
    private const int MostOfferingKinds = 64;

    private readonly Dictionary<string, List<(string? Value, ShapeSet Shapes)>> byLabel;
    private readonly ImmutableArray<(string Zone, string CapacityType)> offeringKinds;
    private readonly ulong[] available;

    /// <summary>For each shape the bits of its offerings, in their order.</summary>
    private readonly ulong[][] bits;

    public ShapeTable(ImmutableArray<NodeShape> shapes)
    {
        Shapes = shapes;
        Everything = ShapeSet.Where(shapes.Length, _ => true);
        offeringKinds =
        [
            .. shapes.SelectMany(shape => shape.Offerings).Select(offering => (offering.Zone, offering.CapacityType)).Distinct()
                .OrderBy(kind => kind.Zone, StringComparer.Ordinal).ThenBy(kind => kind.CapacityType, StringComparer.Ordinal),
        ];
        Simulation.Invariant.Holds(offeringKinds.Length <= MostOfferingKinds, "zones and capacity types of a pool fit a mask");
        bits = [.. shapes.Select(shape => shape.Offerings.Select(BitOf).ToArray())];
        available = [.. bits.Select(offered => offered.Aggregate(0UL, static (mask, bit) => mask | bit))];
        byLabel = Index();
    }

    private ShapeTable(ShapeTable of, ulong[] available)
    {
        Shapes = of.Shapes;
        Everything = of.Everything;
        offeringKinds = of.offeringKinds;
        byLabel = of.byLabel;
        bits = of.bits;
        this.available = available;
    }

    /// <summary>By name, in ordinal order; members of a <see cref="ShapeSet"/> are positions here.</summary>
    public ImmutableArray<NodeShape> Shapes { get; }

    public ShapeSet Everything { get; }

    /// <summary>The same table with some offerings left out for now.</summary>
    public ShapeTable Without(IEnumerable<UnavailableOffering> unavailable)
    {
        ulong[]? masks = null;
        foreach (var offering in unavailable)
        {
            if (offering.IsAll)
            {
                masks ??= [.. available];
                var whole = MaskOf(offering.CapacityType);
                for (var shape = 0; shape < masks.Length; shape++)
                {
                    masks[shape] &= ~whole;
                }

                continue;
            }

            var kind = offeringKinds.IndexOf((offering.Zone, offering.CapacityType));
            var at = Find(offering.Type);
            if (kind >= 0 && at >= 0)
            {
                masks ??= [.. available];
                masks[at] &= ~(1UL << kind);
            }
        }

        return masks is null ? this : new ShapeTable(this, masks);
    }

    private ulong MaskOf(string capacityType)
    {
        var mask = 0UL;
        for (var kind = 0; kind < offeringKinds.Length; kind++)
        {
            mask |= offeringKinds[kind].CapacityType == capacityType ? 1UL << kind : 0;
        }

        return mask;
    }

    /// <summary>The shapes whose labels can satisfy the requirements; zone and capacity type are asked of <see cref="Offered"/>.</summary>
    public ShapeSet Matching(RequirementSet requirements)
    {
        var set = Everything;
        foreach (var requirement in requirements.All)
        {
            if (byLabel.TryGetValue(requirement.Key, out var values))
            {
                set &= Matching(requirement, values);
            }
        }

        return set;
    }

    /// <summary>The shapes with an available offering in the zones and capacity types that the requirements allow.</summary>
    public ShapeSet Offered(RequirementSet requirements)
    {
        var mask = MaskOf(requirements);
        return ShapeSet.Where(Shapes.Length, at => (available[at] & mask) != 0);
    }

    /// <summary>The available offerings of one shape that the requirements allow, by zone and capacity type.</summary>
    public IEnumerable<Offering> OfferingsOf(int shape, RequirementSet requirements)
    {
        var mask = MaskOf(requirements) & available[shape];
        return Shapes[shape].Offerings.Where((_, at) => (bits[shape][at] & mask) != 0);
    }

    /// <summary>
    /// The most that a launch of each of some shapes can cost, in US dollars an hour: the dearest allowed zone of the capacity type that is tried
    /// first, spot before on-demand. Shapes of which nothing can be had are left out.
    /// </summary>
    public IEnumerable<(int Shape, decimal UsdPerHour)> WorstLaunchPrices(ShapeSet among, RequirementSet requirements)
    {
        var (allowed, spot) = (MaskOf(requirements), MaskOf("spot"));
        foreach (var shape in among)
        {
            var mask = allowed & available[shape];
            if (mask == 0)
            {
                continue;
            }

            mask = (mask & spot) != 0 ? mask & spot : mask;
            var (worst, offerings) = (0m, Shapes[shape].Offerings);
            for (var at = 0; at < offerings.Length; at++)
            {
                worst = (bits[shape][at] & mask) != 0 ? Math.Max(worst, offerings[at].UsdPerHour) : worst;
            }

            yield return (shape, worst);
        }
    }

    /// <summary>Whether an offering that the requirements allow exists but is out of capacity now, so that waiting may help.</summary>
    public bool IsOnlyUnavailable(int shape, RequirementSet requirements)
    {
        var mask = MaskOf(requirements);
        return (available[shape] & mask) == 0 && Array.Exists(bits[shape], bit => (bit & mask) != 0);
    }

    /// <summary>How many values of a label, of those that a requirement allows, some shapes show together.</summary>
    public int ValuesOf(Requirement requirement, ShapeSet among)
    {
        var values = new HashSet<string>(StringComparer.Ordinal);
        foreach (var at in among)
        {
            var shown = Offering.HasLabel(requirement.Key) ? Shapes[at].Offerings.Select(offering => offering.ValueOf(requirement.Key)!)
                : Shapes[at].Labels.Get(requirement.Key) is { IsComplement: false } own ? own.Values
                : Enumerable.Empty<string>();
            values.UnionWith(shown.Where(requirement.Has));
        }

        return values.Count;
    }

    /// <summary>The position of a type; negative when it is not here.</summary>
    public int Find(string type)
    {
        var (low, high) = (0, Shapes.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var order = string.CompareOrdinal(Shapes[middle].Name, type);
            if (order == 0)
            {
                return middle;
            }

            (low, high) = order < 0 ? (middle + 1, high) : (low, middle - 1);
        }

        return -1;
    }

    private ShapeSet Matching(Requirement requirement, List<(string? Value, ShapeSet Shapes)> values)
    {
        var set = ShapeSet.Of(Shapes.Length, []);
        foreach (var (value, shapes) in values)
        {
            if (value is null ? requirement.AllowsAbsence : requirement.Has(value))
            {
                set |= shapes;
            }
        }

        return set;
    }

    private ulong MaskOf(RequirementSet requirements)
    {
        var zone = requirements.Get(KarpenterLabels.Zone);
        var zoneId = requirements.Get(KarpenterLabels.ZoneId);
        var capacityType = requirements.Get(KarpenterLabels.CapacityType);
        var mask = 0UL;
        for (var at = 0; at < offeringKinds.Length; at++)
        {
            if (zone?.Has(offeringKinds[at].Zone) != false && zoneId?.Has(ZoneIds.Of(offeringKinds[at].Zone)) != false && capacityType?.Has(offeringKinds[at].CapacityType) != false)
            {
                mask |= 1UL << at;
            }
        }

        return mask;
    }

    private ulong BitOf(Offering offering) => 1UL << offeringKinds.IndexOf((offering.Zone, offering.CapacityType));

    /// <summary>For each label the shapes of each value, and under null those that do not have it.</summary>
    private Dictionary<string, List<(string? Value, ShapeSet Shapes)>> Index()
    {
        var index = new Dictionary<string, List<(string? Value, ShapeSet Shapes)>>(StringComparer.Ordinal);
        foreach (var key in Shapes.SelectMany(shape => shape.Labels.All).Select(label => label.Key).Distinct(StringComparer.Ordinal))
        {
            var members = new Dictionary<string, List<int>>(StringComparer.Ordinal);
            var without = new List<int>();
            for (var at = 0; at < Shapes.Length; at++)
            {
                if (Shapes[at].Labels.Get(key)?.Single is not { } value)
                {
                    without.Add(at);
                }
                else if (members.TryGetValue(value, out var known))
                {
                    known.Add(at);
                }
                else
                {
                    members.Add(value, [at]);
                }
            }

            var values = members.OrderBy(member => member.Key, StringComparer.Ordinal).Select(member => ((string?)member.Key, ShapeSet.Of(Shapes.Length, member.Value))).ToList();
            if (without.Count > 0)
            {
                values.Add((null, ShapeSet.Of(Shapes.Length, without)));
            }

            index.Add(key, values);
        }

        return index;
    }
}
