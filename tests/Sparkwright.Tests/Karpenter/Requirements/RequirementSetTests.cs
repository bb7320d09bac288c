using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Karpenter;
using Sparkwright.World.Karpenter.Requirements;

namespace Sparkwright.Tests.Karpenter.Requirements;

public sealed class RequirementSetTests
{
    private const string Zone = KarpenterLabels.Zone;
    private const string NotThere = "label \"team\" does not have known values";

    [Theory]
    //          node                    pod                      conflict
    [InlineData("", "", "")]
    [InlineData("", "team In a", NotThere)]
    [InlineData("", "team Exists", NotThere)]
    [InlineData("", "team Gt 3", NotThere)]
    [InlineData("", "team NotIn a", "")]
    [InlineData("", "team DoesNotExist", "")]
    [InlineData("", Zone + " In a", "")]
    [InlineData("team In a", "team In a,b", "")]
    [InlineData("team In a", "team In b", "key team, team In [b] not in team In [a]")]
    [InlineData("team In a", "team NotIn a", "key team, team NotIn [a] not in team In [a]")]
    [InlineData("team In a", "team DoesNotExist", "key team, team DoesNotExist not in team In [a]")]
    [InlineData("team In 5", "team Gt 4", "")]
    [InlineData("team In 4", "team Gt 4", "key team, team Exists >4 not in team In [4]")]
    [InlineData("team In a", "team Gt 4", "key team, team Exists >4 not in team In [a]")]
    [InlineData("team NotIn a", "team NotIn b", "")]
    [InlineData("team DoesNotExist", "team NotIn b", "")]
    [InlineData("team DoesNotExist", "team Exists", "key team, team Exists not in team DoesNotExist")]
    public void A_node_carries_a_pod_when_no_label_stands_between_them(string node, string pod, string conflict)
    {
        var (mine, theirs) = (Set(node), Set(pod));
        var conflicts = mine.Conflicts(theirs, GenerationRules.Of(Generation.V1Alpha5).WellKnownLabels);
        Assert.Equal(conflict, string.Join("; ", conflicts));
        Assert.Equal(conflict.Length == 0, mine.Admits(theirs, GenerationRules.Of(Generation.V1Alpha5).WellKnownLabels));
    }

    [Theory]
    [InlineData("topology.kubernetes.io/zne", " (typo of \"topology.kubernetes.io/zone\"?)")]
    [InlineData("topology.kubernetes.io/zonee", " (typo of \"topology.kubernetes.io/zone\"?)")]
    [InlineData("karpenter.sh/capacity-typ", " (typo of \"karpenter.sh/capacity-type\"?)")]
    [InlineData("my.domain/zone", " (typo of \"topology.kubernetes.io/zone\"?)")]
    [InlineData("nodegroup", " (typo of \"NodeGroup\"?)")]
    [InlineData("disktype", "")]
    public void A_mistyped_label_is_told_the_one_that_was_meant(string key, string hint)
    {
        var conflict = Assert.Single(Set("NodeGroup In x").Conflicts(Set(key + " In a"), GenerationRules.Of(Generation.V1Alpha5).WellKnownLabels));
        Assert.Equal($"label \"{key}\" does not have known values{hint}", conflict.ToString());
    }

    [Fact]
    public void Shapes_are_asked_only_about_labels_that_both_sides_speak_of()
    {
        Assert.True(Set("team In a").Intersects(Set("zone In b")));
        Assert.False(Set("team In a; zone In b").Intersects(Set("zone In c")));
        Assert.True(Set("gpu DoesNotExist").Intersects(Set("gpu NotIn t4")));
        Assert.False(Set("gpu DoesNotExist").Intersects(Set("gpu Exists")));
    }

    [Fact]
    public void Several_requirements_on_one_label_hold_together() =>
        Assert.Equal("cpu In [5], zone In [b]", Set("cpu In 3,5,9; zone In a,b; cpu Gt 3; zone In b,c; cpu Lt 9").ToString());

    [Fact]
    public void Sets_are_compared_by_content_and_kept_when_nothing_changes()
    {
        var set = Set("a In x,y; b Exists");
        Assert.Equal(set, Set("b Exists; a In y,x"));
        Assert.NotEqual(set, Set("a In x; b Exists"));
        Assert.Same(set, set.With(Set("a In x,y,z")));
    }

    [Theory]
    //          label                               a5     v1
    [InlineData("karpenter.sh/anything", true, true)]
    [InlineData("karpenter.k8s.aws/instance-family", false, false)]
    [InlineData("karpenter.k8s.aws/instance-tenancy", true, false)]
    [InlineData("karpenter.k8s.aws/instance-pods", false, true)]
    [InlineData("karpenter.k8s.aws/anything", true, true)]
    [InlineData("kubernetes.io/hostname", true, true)]
    [InlineData("kubernetes.io/arch", false, false)]
    [InlineData("kubernetes.io/anything", true, false)]
    [InlineData("sub.k8s.io/anything", true, false)]
    [InlineData("kops.k8s.io/anything", false, false)]
    [InlineData("node.kubernetes.io/anything", false, false)]
    [InlineData("team", false, false)]
    [InlineData("my.company/team", false, false)]
    public void Some_labels_are_Karpenters_own(string label, bool inA5, bool inV1) =>
        Assert.Equal((inA5, inV1), (KarpenterLabels.IsRestricted(label, Generation.V1Alpha5), KarpenterLabels.IsRestricted(label, Generation.V1)));

    /// <summary>Requirements from text such as <c>zone In a,b; team Exists</c>.</summary>
    internal static RequirementSet Set(string text) => RequirementSet.Of(text.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(one =>
    {
        var words = one.Split(' ');
        return Requirement.From(TreeMap.Of(
            ("key", words[0]), ("operator", words[1]), ("values", words.Length < 3 ? null : TreeList.OfTexts(words[2].Split(',')))));
    }));
}
