using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Controllers;

namespace Sparkwright.Tests.Controllers;

public class EndpointsPlanTests
{
    private static readonly ApiObject Service = ApiObject.From(
        CoreTypes.Service, (TreeMap)Yaml.Read("{metadata: {name: web, namespace: default, uid: s}, spec: {clusterIP: 172.20.0.5, selector: {app: web}, ports: [{port: 80}]}}"));

    [Theory]
    //          before: slices as pods   now        after; new slices have no name
    [InlineData("", "1-250", ":1-100 :101-200 :201-250")]
    [InlineData("a=1-100 b=101-150", "1-160", "a:1-100 b:101-160")]
    [InlineData("a=1-100 b=101-150", "51-150", "a:51-100 b:101-150")]
    [InlineData("a=1-100 b=101-150", "1-100", "a:1-100")]
    [InlineData("a=1-3", "", "a:")]
    [InlineData("a=", "1-3", "a:1-3")]
    [InlineData("a=1-3 b=4-6", "7-9", "a:7-9")]
    [InlineData("", "", ":")]
    public void Endpoints_stay_in_their_slice_and_new_ones_fill_it_up(string before, string now, string after)
    {
        var existing = before.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(slice => slice.Split('=')).Select(slice => Plan(Numbers(slice[1]), [])[0] is var made
            ? made.With(made.Metadata with { Name = slice[0] })
            : null!).ToList();
        Assert.Equal(after, string.Join(' ', Plan(Numbers(now), existing).Select(slice => $"{slice.Name}:{Say(slice)}")));
    }

    [Fact]
    public void Pods_that_end_or_have_no_address_are_behind_no_service()
    {
        var ended = Pod(1).Set(["status", "phase"], "Succeeded");
        var starting = Pod(2).Set(["status", "podIP"], null);
        Assert.Equal(["3"], ServiceBackend.Of(Service, [ended, starting, Pod(3)]).Select(backend => backend.Pod.Name));
    }

    private static IReadOnlyList<ApiObject> Plan(IEnumerable<int> pods, IReadOnlyList<ApiObject> existing) =>
        EndpointsPlan.Slices(Service, [.. ServiceBackend.Of(Service, pods.Select(Pod))], existing, _ => null);

    private static ApiObject Pod(int number) => ApiObject.From(
        CoreTypes.Pod, (TreeMap)Yaml.Read($"{{metadata: {{name: '{number}', namespace: default, uid: '{number}'}}, spec: {{}}, status: {{phase: Running, podIP: 10.0.0.{number}}}}}"));

    private static IEnumerable<int> Numbers(string range) =>
        range.Split('-') is [var first, var last] ? Enumerable.Range(int.Parse(first), int.Parse(last) - int.Parse(first) + 1) : [];

    private static string Say(ApiObject slice)
    {
        var numbers = Tree.ItemsOf(slice.Body["endpoints"]).ToArray().Select(endpoint => int.Parse(endpoint.At("targetRef", "name")!.Text!)).Order().ToList();
        return numbers.Count == 0 ? "" : numbers[^1] - numbers[0] + 1 == numbers.Count ? $"{numbers[0]}-{numbers[^1]}" : string.Join(',', numbers);
    }
}
