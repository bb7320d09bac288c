using Sparkwright.Kubernetes.Objects;
using Sparkwright.Simulation;
using Sparkwright.World;

namespace Sparkwright.Tests.World;

public sealed class ModelFiguresTests
{
    [Fact]
    public void A_draw_lies_between_the_bounds_and_is_keyed()
    {
        var figure = new ModelFigures().NodeReady;
        var chance = new Chance(1);
        TimeSpan[] drawn = [.. Enumerable.Range(0, 500).Select(at => figure.Draw(chance, "test", "i-" + at))];
        Assert.All(drawn, value => Assert.InRange(value, figure.Least, figure.Most));
        Assert.True(drawn.Max() - drawn.Min() > TimeSpan.FromSeconds(50));
        Assert.Equal(drawn[7], figure.Draw(chance, "test", "i-7"));
    }

    [Theory]
    [InlineData("""{"nodeReady":"60s"}""", "60 60 60")]
    [InlineData("""{"nodeReady":["60s","110s"]}""", "60 110 110")]
    public void Fixed_values_are_taken_in_the_order_of_the_draws(string values, string seconds)
    {
        var (figures, error) = ModelFigures.With(new ModelFigures(), SmallCluster.Json(values));
        Assert.Null(error);
        Assert.Equal(seconds, string.Join(' ', Enumerable.Range(0, 3).Select(at => figures.NodeReady.Draw(new Chance(1), "test", "x", at).TotalSeconds)));
    }

    [Theory]
    [InlineData("""{"nodeReady":"soon"}""", "nodeReady: ")]
    [InlineData("""{"nodeReady":"-1s"}""", "nodeReady: ")]
    [InlineData("""{"nodeReady":[]}""", "nodeReady: the list is empty")]
    [InlineData("""{"taskSpreadPercent":"10s"}""", "taskSpreadPercent: \"10s\" is not a whole number from 0 to 100")]
    [InlineData("""{"scanBytesPerSecond":0}""", "scanBytesPerSecond: 0 is not a whole number from 1 on")]
    [InlineData("""{"spotInterruptionPercent":-1}""", "spotInterruptionPercent: -1 is not a whole number from 0 to 1000000")]
    [InlineData("""{"launchFailurePercent":101}""", "launchFailurePercent: 101 is not a whole number from 0 to 100")]
    [InlineData("""{"nodeready":"1s"}""", "nodeready: is not a figure of the model")]
    public void Wrong_values_are_named(string values, string error) =>
        Assert.StartsWith(error, ModelFigures.With(new ModelFigures(), SmallCluster.Json(values)).Error);

    [Fact]
    public void Every_name_can_be_fixed() => Assert.All(
        ModelFigures.AllNames,
        name => Assert.Null(ModelFigures.With(new ModelFigures(), TreeMap.Of((name, ModelFigures.Names.Contains(name) ? "1s" : 1))).Error));

    [Fact]
    public void Every_member_of_the_model_has_a_name() => Assert.Equal(
        typeof(ModelFigures).GetProperties().Where(member => member.SetMethod is not null).Select(member => member.Name).Order(StringComparer.Ordinal),
        ModelFigures.AllNames.Select(name => char.ToUpperInvariant(name[0]) + name[1..]).Order(StringComparer.Ordinal));
}
