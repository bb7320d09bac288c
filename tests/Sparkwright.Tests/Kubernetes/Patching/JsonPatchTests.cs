using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Patching;

namespace Sparkwright.Tests.Kubernetes.Patching;

public sealed class JsonPatchTests
{
    [Theory]
    [InlineData("{foo: bar}", "[{op: add, path: /baz, value: qux}]", """{"baz":"qux","foo":"bar"}""")]
    [InlineData("{foo: [bar, baz]}", "[{op: add, path: /foo/1, value: qux}]", """{"foo":["bar","qux","baz"]}""")]
    [InlineData("{foo: [bar]}", "[{op: add, path: /foo/-, value: [abc, def]}]", """{"foo":["bar",["abc","def"]]}""")]
    [InlineData("{foo: [bar]}", "[{op: add, path: /foo/1, value: qux}]", """{"foo":["bar","qux"]}""")]
    [InlineData("{baz: qux, foo: bar}", "[{op: remove, path: /baz}]", """{"foo":"bar"}""")]
    [InlineData("{foo: [bar, qux, baz]}", "[{op: remove, path: /foo/1}]", """{"foo":["bar","baz"]}""")]
    [InlineData("{baz: qux}", "[{op: replace, path: /baz, value: boo}]", """{"baz":"boo"}""")]
    [InlineData("{a: {b: c}, d: {}}", "[{op: move, from: /a/b, path: /d/e}]", """{"a":{},"d":{"e":"c"}}""")]
    [InlineData("{foo: [all, grass, cows, eat]}", "[{op: move, from: /foo/1, path: /foo/3}]", """{"foo":["all","cows","eat","grass"]}""")]
    [InlineData("{a: [1]}", "[{op: copy, from: /a, path: /b}]", """{"a":[1],"b":[1]}""")]
    [InlineData("{baz: qux, foo: [a, 2]}", "[{op: test, path: /baz, value: qux}, {op: test, path: /foo/1, value: 2}]", """{"baz":"qux","foo":["a",2]}""")]
    [InlineData("{foo: bar}", "[{op: add, path: /child, value: {grandchild: {}}}]", """{"child":{"grandchild":{}},"foo":"bar"}""")]
    [InlineData("{'a/b': 1, 'm~n': 2}", "[{op: remove, path: /a~1b}, {op: replace, path: /m~0n, value: 3}]", """{"m~n":3}""")]
    [InlineData("{a: 1}", "[{op: add, path: '', value: {b: 2}}]", """{"b":2}""")]
    [InlineData("{a: 1}", "[{op: replace, path: /a, value: null}]", """{"a":null}""")]
    public void Operations_are_done_in_order(string target, string patch, string result)
    {
        var patched = Assert.IsType<PatchResult.Patched>(Apply(target, patch));
        Assert.Equal(result, patched.Document.ToString());
    }

    [Theory]
    [InlineData("{a: 1}", "[{op: test, path: /a, value: 2}]")]
    [InlineData("{a: 1}", "[{op: replace, path: /b, value: 2}]")]
    [InlineData("{a: 1}", "[{op: remove, path: /b}]")]
    [InlineData("{a: 1}", "[{op: add, path: /b/c, value: 2}]")]
    [InlineData("{a: [1]}", "[{op: add, path: /a/2, value: 2}]")]
    [InlineData("{a: [1]}", "[{op: add, path: /a/01, value: 2}]")]
    [InlineData("{a: {b: 1}}", "[{op: move, from: /a, path: /a/b/c}]")]
    [InlineData("{a: 1}", "[{op: add, path: b, value: 2}]")]
    [InlineData("{a: 1}", "[{op: merge, path: /b, value: 2}]")]
    [InlineData("{a: 1}", "[{op: add, path: '', value: 2}]")]
    public void What_does_not_fit_is_refused_whole(string target, string patch)
    {
        var refused = Assert.IsType<PatchResult.Refused>(Apply(target, patch));
        Assert.Equal((422, "the server rejected our request due to an error in our request"), (refused.Status.Code, refused.Status.Message));
    }

    [Fact]
    public void A_patch_is_a_list() => Assert.Equal(400, Assert.IsType<PatchResult.Refused>(Apply("{a: 1}", "{op: add}")).Status.Code);

    private static PatchResult Apply(string target, string patch) =>
        ObjectPatch.Apply(PatchType.Json, (TreeMap)Yaml.Read(target), Yaml.Read(patch), null);
}
