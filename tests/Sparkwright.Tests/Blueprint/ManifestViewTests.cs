using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Blueprint;

namespace Sparkwright.Tests.Blueprint;

public sealed class ManifestViewTests
{
    [Theory]
    //          the object                                 last applied      the manifest            what of it is the manifest's
    [InlineData("{a: 1, b: 2}", "", "{a: 9}", "{a: 1}")]
    [InlineData("{a: 1, b: 2}", "{b: 2}", "{a: 9}", "{a: 1, b: 2}")]
    [InlineData("{a: {x: 1, y: 2}}", "", "{a: {x: 1}}", "{a: {x: 1}}")]
    [InlineData("{a: [{n: 1, d: 0}, {n: 2, d: 0}]}", "", "{a: [{n: 1}]}", "{a: [{n: 1}, {n: 2, d: 0}]}")]
    [InlineData("{b: 1}", "", "{a: 1}", "{}")]
    [InlineData("{a: {}}", "", "{a: {x: 1}}", "{a: {}}")]
    [InlineData("{a: {x: 1}}", "", "{a: {}}", "{a: {x: 1}}")]
    [InlineData("{metadata: {name: n, creationTimestamp: t}, status: {s: 1}}", "", "{metadata: {name: n, creationTimestamp: null}, status: {}}", "{metadata: {name: n}}")]
    public void Only_what_manifests_set_counts(string current, string lastApplied, string manifest, string view) => Assert.Equal(
        Yaml.Read(view).ToString(),
        ManifestView.Of(Map(current), lastApplied.Length == 0 ? null : Map(lastApplied), Map(manifest)).ToString());

    private static TreeMap Map(string yaml) => (TreeMap)Yaml.Read(yaml);
}
