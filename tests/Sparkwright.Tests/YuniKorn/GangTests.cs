using Sparkwright.Simulation;
using Sparkwright.World.YuniKorn.Applications;
using Sparkwright.World.YuniKorn.Gang;

namespace Sparkwright.Tests.YuniKorn;

public sealed class GangTests
{
    [Theory]
    //          annotation                                             seconds hard  ignored
    [InlineData("placeholderTimeoutInSeconds=30 gangSchedulingStyle=Hard", 30, true, "")]
    [InlineData("placeholderTimeoutSeconds=30 gangSchedulingStyle=Hard", null, true, "placeholderTimeoutSeconds=30")]
    [InlineData("gangSchedulingStyle=Soft", null, false, "")]
    [InlineData("gangSchedulingStyle=hard", null, false, "gangSchedulingStyle=hard")]
    [InlineData("placeholderTimeoutInSeconds=abc", null, false, "placeholderTimeoutInSeconds=abc")]
    [InlineData("placeholderTimeoutInSeconds=0", null, false, "")]
    [InlineData("a=b=c d", null, false, "a=b=c,d")]
    [InlineData("", null, false, "")]
    public void Only_two_parameters_mean_something(string annotation, int? seconds, bool isHard, string ignored)
    {
        var read = SchedulingParameters.Read(annotation);
        Assert.Equal(seconds, (int?)read.PlaceholderTimeout?.TotalSeconds);
        Assert.Equal(isHard, read.IsHard);
        Assert.Equal(ignored, string.Join(',', read.Ignored));
    }

    [Theory]
    [InlineData("""[{"name": "a", "minMember": 2, "minResource": {"cpu": "1200m", "memory": "15Gi"}}]""", "a 2 map[memory:16106127360 pods:1 vcore:1200]")]
    [InlineData("""[{"name": "a", "minMember": 1, "minResource": {"cpu": 1, "nvidia.com/gpu": 2}}]""", "a 1 map[nvidia.com/gpu:2 pods:1 vcore:1000]")]
    [InlineData("""[{"name": "a", "minMember": 1}]""", "can't get taskGroup MinResource from pod annotation, [{\"name\": \"a\", \"minMember\": 1}]")]
    [InlineData("""[{"name": "a", "minMember": -1, "minResource": {}}]""", "minMember cannot be negative, [{\"name\": \"a\", \"minMember\": -1, \"minResource\": {}}]")]
    [InlineData("""{"name": "a"}""", "json: cannot unmarshal object into Go value of type []cache.TaskGroup")]
    [InlineData("", "")]
    public void Task_groups_are_read_whole_or_not_at_all(string annotation, string said)
    {
        var groups = TaskGroup.Read(annotation, out var error);
        Assert.Equal(said, error.Length > 0 ? error : string.Join(", ", groups.Select(group => $"{group.Name} {group.MinMember} {group.Member}")));
        Assert.True(error.Length == 0 || groups.IsEmpty);
    }

    [Fact]
    public void A_placeholders_name_is_never_too_long()
    {
        var name = PlaceholderPods.NameOf(new string('a', 80), new string('g', 80), new Chance(1).For("test", "name"));
        Assert.Equal(63, name.Length);
        Assert.Matches("^tg-a{28}-g{20}-[a-z0-9]{10}$", name);
    }
}
