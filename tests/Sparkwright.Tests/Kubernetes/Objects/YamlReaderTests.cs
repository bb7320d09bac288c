using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.Tests.Kubernetes.Objects;

public sealed class YamlReaderTests
{
    [Theory]
    [InlineData("yes", "true")]
    [InlineData("On", "true")]
    [InlineData("y", "true")]
    [InlineData("no", "false")]
    [InlineData("OFF", "false")]
    [InlineData("n", "false")]
    [InlineData("yEs", "\"yEs\"")]
    [InlineData("'yes'", "\"yes\"")]
    [InlineData("\"1\"", "\"1\"")]
    [InlineData("~", "null")]
    [InlineData("", "null")]
    [InlineData("0777", "511")]
    [InlineData("0o777", "511")]
    [InlineData("0888", "888")]
    [InlineData("0x1F", "31")]
    [InlineData("-0b101", "-5")]
    [InlineData("1_000", "1000")]
    [InlineData("+5", "5")]
    [InlineData("9223372036854775807", "9223372036854775807")]
    [InlineData("1e3", "1000")]
    [InlineData("1.", "1")]
    [InlineData("1.5", "1.5")]
    [InlineData(".5", "0.5")]
    [InlineData("1.0", "1")]
    [InlineData("1.2.3", "\"1.2.3\"")]
    [InlineData("1.24", "1.24")]
    [InlineData("100m", "\"100m\"")]
    [InlineData("10:30", "\"10:30\"")]
    [InlineData("+", "\"+\"")]
    [InlineData("2026-01-01", "\"2026-01-01\"")]
    [InlineData("2026-01-01T00:00:00Z", "\"2026-01-01T00:00:00Z\"")]
    [InlineData("!!str 5", "\"5\"")]
    [InlineData("! 5", "\"5\"")]
    [InlineData("!!int '5'", "5")]
    [InlineData("!!binary aGk=", "\"hi\"")]
    [InlineData("|\n  a\n  b\n", "\"a\\nb\\n\"")]
    public void Scalars_are_typed_as_kubectl_types_them(string text, string json) =>
        Assert.Equal($"{{\"v\":{json}}}", Yaml.Read($"v: {text}").ToString());

    [Fact]
    public void Keys_are_typed_too_and_then_written_as_text() =>
        Assert.Equal("""{"16":1,"a.b/c":3,"true":2}""", Yaml.Read("0x10: 1\non: 2\na.b/c: 3").ToString());

    [Fact]
    public void Documents_are_parted_and_empty_ones_left_out()
    {
        var read = YamlReader.Read("# nothing\n---\na: 1\n---\n---\n# still nothing\n...\n---\nb: 2\n");
        Assert.Null(read.Error);
        Assert.Equal(["{\"a\":1}", "{\"b\":2}"], read.Documents.Select(document => document.Root.ToString()));
    }

    [Fact]
    public void Anchors_are_shared_and_merge_keys_give_way_to_what_is_written_out()
    {
        const string text = """
            base: &base {cpu: 1, memory: 2Gi, labels: {x: w}}
            other: &other {memory: 1Gi, disk: 5}
            one:
              <<: *base
              cpu: 3
            many:
              <<: [*base, *other]
            same: *base
            """;
        var tree = Yaml.Read(text);
        Assert.Equal("""{"cpu":3,"labels":{"x":"w"},"memory":"2Gi"}""", tree["one"]!.ToString());
        Assert.Equal("""{"cpu":1,"disk":5,"labels":{"x":"w"},"memory":"2Gi"}""", tree["many"]!.ToString());
        Assert.Equal(tree["base"], tree["same"]);
    }

    [Theory]
    [InlineData("{\"a\":[1,{\"b\":null}],\"c\":\"x\\u00e9\\/y\"}", "{\"a\":[1,{\"b\":null}],\"c\":\"xé/y\"}")]
    [InlineData("{\n\t\"a\" : true,\n\t\"b\": {}\n}", "{\"a\":true,\"b\":{}}")]
    [InlineData("{\"a\":\"b:c\",\"http://x\":1}", "{\"a\":\"b:c\",\"http://x\":1}")]
    public void Json_is_read_as_well(string json, string compact) => Assert.Equal(compact, Yaml.Read(json).ToString());

    [Theory]
    [InlineData("a: 1\nb: 2\na: 3\n", 3, "key \"a\" already set in map")]
    [InlineData("spec:\n  x: 1\n  x: 2\n", 3, "key \"x\" already set in map")]
    [InlineData("a: .inf\n", 1, "the number .inf cannot be written as JSON")]
    [InlineData("a: !!int abc\n", 1, "cannot decode `abc` as a !!int")]
    [InlineData("a: 1\nb: *nobody\n", 2, "the alias *nobody has no anchor before it")]
    [InlineData("a:\n  <<: 5\n", 2, "map merge requires map or sequence of maps as the value")]
    [InlineData("? {a: 1}\n: 2\n", 1, "a key must be plain text")]
    public void Mistakes_name_their_line(string text, int line, string message)
    {
        var read = YamlReader.Read(text);
        Assert.Equal((line, message), (read.Error?.Line, read.Error?.Message));
    }

    [Theory]
    [InlineData("a: [1, 2\nb: 3\n")]
    [InlineData("a: b: c\n")]
    [InlineData("a:\n\t- b\n")]
    public void What_is_no_yaml_is_an_error_and_no_exception(string text) => Assert.NotNull(YamlReader.Read(text).Error);

    [Fact]
    public void No_damaged_text_throws()
    {
        const string good = "apiVersion: v1\nkind: &k Pod\nmetadata: {name: a, labels: {\"x\": 'y'}}\nspec:\n  containers:\n  - name: *k\n    args: [a, \"b\\n\", !!str 5]\n    text: |-\n      x\n---\n? a\n: b\n";
        const string noise = "{}[]:,-&*!|>'\"%@`#?\t\n \\<~0";
        for (var at = 0; at < good.Length; at++)
        {
            foreach (var character in noise)
            {
                Assert.NotNull(YamlReader.Read(good[..at] + character + good[at..]));
                Assert.NotNull(YamlReader.Read(good[..at] + character + good[(at + 1)..]));
            }

            Assert.NotNull(YamlReader.Read(good[..at]));
        }
    }

    [Fact]
    public void Documents_before_a_mistake_are_kept()
    {
        var read = YamlReader.Read("a: 1\n---\nb: [\n");
        Assert.Single(read.Documents);
        Assert.NotNull(read.Error);
    }

    [Fact]
    public void Aliases_cannot_blow_a_text_up()
    {
        var text = "l0: &l0 [1,1,1,1,1,1,1,1,1,1]\n" + string.Concat(Enumerable.Range(1, 9).Select(level =>
            $"l{level}: &l{level} [{string.Join(',', Enumerable.Repeat($"*l{level - 1}", 10))}]\n"));
        Assert.Contains("too large", YamlReader.Read(text).Error?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Deep_nesting_is_refused() =>
        Assert.Contains("levels deep", YamlReader.Read(new string('[', 500) + new string(']', 500)).Error?.Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("metadata.name", 3)]
    [InlineData("spec.containers[1].image", 8)]
    [InlineData("spec.containers[1].command", 7)]
    [InlineData("spec.nothing", 4)]
    [InlineData("status.phase", 1)]
    [InlineData("metadata.annotations.sparkwright.dev/create-at", 10)]
    public void Marks_say_where_a_field_stands(string path, int line)
    {
        const string text = """
            kind: Pod
            metadata:
              name: x
            spec:
              containers:
              - name: a
              - name: b
                image: c
            ---
            metadata: {annotations: {sparkwright.dev/create-at: 30s}}
            """;
        var documents = YamlReader.Read(text).Documents;
        Assert.Equal(line, documents[line == 10 ? 1 : 0].LineOf(path));
    }
}
