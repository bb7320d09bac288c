using System.Globalization;
using Sparkwright.World.Karpenter;
using Sparkwright.World.Karpenter.Requirements;

namespace Sparkwright.Tests.Karpenter.Requirements;

/// <summary>The algebra against a naive model: a requirement as a predicate, tried with every value of a small universe, over all pairs.</summary>
public sealed class RequirementTests
{
    // Words, numbers at and around the bounds, a number that is none, and a word that no requirement names.
    private static readonly string[] Universe = ["a", "b", "c", "0", "1", "2", "3", "4", "5", "6", "-1", "1.5", "zz"];

    private static readonly (string Text, Requirement Requirement, Func<string, bool> Model)[] All =
    [
        .. Subsets("a", "b", "2", "4").Select(values => ($"In {string.Join(',', values)}", Requirement.In("k", values), (Func<string, bool>)(value => values.Contains(value)))),
        .. Subsets("a", "b", "2", "4").Select(values => ($"NotIn {string.Join(',', values)}", Requirement.NotIn("k", values), (Func<string, bool>)(value => !values.Contains(value)))),
        .. Enumerable.Range(0, 6).Select(bound => ($"Gt {bound}", Requirement.Greater("k", bound), (Func<string, bool>)(value => Number(value) > bound))),
        .. Enumerable.Range(0, 6).Select(bound => ($"Lt {bound}", Requirement.Less("k", bound), (Func<string, bool>)(value => Number(value) < bound))),
        .. Enumerable.Range(0, 6).Select(bound => ($"Gte {bound}", Requirement.AtLeast("k", bound), (Func<string, bool>)(value => Number(value) >= bound))),
        .. Enumerable.Range(0, 6).Select(bound => ($"Lte {bound}", Requirement.AtMost("k", bound), (Func<string, bool>)(value => Number(value) <= bound))),
    ];

    [Fact]
    public void An_intersection_has_the_values_that_both_have()
    {
        foreach (var one in All)
        {
            foreach (var other in All)
            {
                var both = one.Requirement.Intersect(other.Requirement);
                foreach (var value in Universe)
                {
                    var expected = one.Model(value) && other.Model(value);
                    Assert.True(expected == both.Has(value), $"{one.Text} with {other.Text}: {value} should be {(expected ? "in" : "out")} of {both}");
                }
            }
        }
    }

    [Fact]
    public void Intersecting_is_commutative_associative_and_idempotent()
    {
        foreach (var (_, one, _) in All)
        {
            Assert.Equal(one, one.Intersect(one));
            foreach (var (_, other, _) in All)
            {
                var both = one.Intersect(other);
                Assert.Equal(both, other.Intersect(one));
                foreach (var (_, third, _) in All.Where((_, at) => at % 5 == 0))
                {
                    var (left, right) = (both.Intersect(third), one.Intersect(other.Intersect(third)));
                    Assert.True(Universe.All(value => left.Has(value) == right.Has(value)), $"{one} {other} {third}");
                }
            }
        }
    }

    [Fact]
    public void Two_are_compatible_when_a_value_suits_both_or_both_put_up_with_absence()
    {
        foreach (var one in All)
        {
            foreach (var other in All)
            {
                var share = Universe.Any(value => one.Model(value) && other.Model(value));
                var absent = MayBeAbsent(one.Requirement) && MayBeAbsent(other.Requirement);
                if (share || absent)
                {
                    Assert.True(one.Requirement.IsCompatibleWith(other.Requirement), $"{one.Text} and {other.Text}");
                }
                else if (!one.Requirement.IsComplement || !other.Requirement.IsComplement)
                {
                    // A set is known in full; a complement with bounds counts as never empty unless the bounds cross.
                    Assert.False(one.Requirement.IsCompatibleWith(other.Requirement), $"{one.Text} and {other.Text}");
                }
            }
        }
    }

    [Theory]
    [InlineData(2, 1)]
    [InlineData(3, 3)]
    public void Bounds_that_cross_leave_nothing(long above, long below) =>
        Assert.True(Requirement.Greater("k", above).Intersect(Requirement.Less("k", below)).IsEmpty);

    [Theory]
    [InlineData("In", "[a, b]", "k In [a b]")]
    [InlineData("NotIn", "[b, a, a]", "k NotIn [a b]")]
    [InlineData("Exists", "[]", "k Exists")]
    [InlineData("DoesNotExist", "[]", "k DoesNotExist")]
    [InlineData("Gt", "['3']", "k Exists >3")]
    [InlineData("Lt", "['3']", "k Exists <3")]
    [InlineData("Gte", "['3']", "k Exists >2")]
    [InlineData("Lte", "['3']", "k Exists <4")]
    public void Expressions_are_read_as_pools_write_them(string comparison, string values, string expected) =>
        Assert.Equal(expected, Requirement.From(Yaml.Read($"{{key: k, operator: {comparison}, values: {values}}}")).ToString());

    [Theory]
    [InlineData("failure-domain.beta.kubernetes.io/zone", KarpenterLabels.Zone)]
    [InlineData("failure-domain.beta.kubernetes.io/region", KarpenterLabels.Region)]
    [InlineData("beta.kubernetes.io/arch", KarpenterLabels.Arch)]
    [InlineData("beta.kubernetes.io/os", KarpenterLabels.Os)]
    [InlineData("beta.kubernetes.io/instance-type", KarpenterLabels.InstanceType)]
    [InlineData("topology.ebs.csi.aws.com/zone", KarpenterLabels.Zone)]
    [InlineData("my.company/zone", "my.company/zone")]
    public void Older_names_of_labels_stand_for_the_stable_ones(string written, string key) =>
        Assert.Equal(key, Requirement.Exists(written).Key);

    private static bool MayBeAbsent(Requirement requirement) =>
        requirement.IsComplement ? !requirement.Values.IsEmpty && requirement.GreaterThan is null && requirement.LessThan is null : requirement.Values.IsEmpty;

    private static double Number(string value) => long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : double.NaN;

    private static IEnumerable<string[]> Subsets(params string[] of) =>
        Enumerable.Range(0, 1 << of.Length).Select(mask => of.Where((_, at) => (mask >> at & 1) != 0).ToArray());
}
