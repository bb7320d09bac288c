using System.Globalization;
using System.Text.RegularExpressions;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.ConformanceTests;

/// <summary>A service's model as botocore has it, from which AWS' own SDKs are made.</summary>
/// <param name="Operations">By name.</param>
/// <param name="Shapes">By name.</param>
internal sealed record BotocoreModel(TreeMap Operations, TreeMap Shapes)
{
    /// <summary>The models of services under botocore's names; the test is skipped where no Python has the package.</summary>
    public static async Task<IReadOnlyDictionary<string, BotocoreModel>> Read(params IEnumerable<string> services)
    {
        const string Dump = """
            import json, sys, botocore.session
            session = botocore.session.get_session()
            def bare(shapes):
                return {name: {key: value for key, value in shape.items() if key != 'documentation'} for name, shape in shapes.items()}
            def model(name):
                known = session.get_service_model(name)._service_description
                return {'operations': known['operations'], 'shapes': bare(known['shapes'])}
            print(json.dumps({name: model(name) for name in sys.argv[1:]}))
            """;
        foreach (var python in Client.FindAll("python3"))
        {
            var (code, output) = await Client.Run(python, ["-c", Dump, .. services], []);
            if (code == 0)
            {
                return ((TreeMap)TreeJson.Parse(output)).Members().ToDictionary(
                    one => one.Key, one => new BotocoreModel((TreeMap)one.Value["operations"]!, (TreeMap)one.Value["shapes"]!), StringComparer.Ordinal);
            }
        }

        Assert.Skip("NOT TESTED: no python3 of the PATH has the package botocore (pip install botocore)");
        throw new System.Diagnostics.UnreachableException();
    }

    /// <summary>What of a value is not of a shape: members known, types right, enumerations and ARNs as they must be.</summary>
    /// <param name="isXml">Whether numbers may be written as text.</param>
    public IEnumerable<string> Faults(Tree value, string shapeName, string where, bool isXml = false)
    {
        var shape = Shapes[shapeName]!;

        // JSON has seconds since 1970 for a time unless the model says otherwise.
        var isText = isXml || shape["timestampFormat"]?.Text == "iso8601";
        switch (shape["type"]?.Text, value)
        {
            case ("structure", TreeMap map):
                var members = ((TreeMap)shape["members"]!).Members().ToDictionary(one => one.Value["locationName"]?.Text ?? one.Key, one => one.Value["shape"]!.Text!, StringComparer.Ordinal);
                var missing = Tree.ItemsOf(shape["required"]).ToArray().Select(one => shape.At("members", one.Text!, "locationName")?.Text ?? one.Text!).Where(name => !map.ContainsKey(name));
                return
                [
                    .. missing.Select(name => $"{where} has no {name}"),
                    .. map.Members().SelectMany(one => members.TryGetValue(one.Key, out var known)
                        ? Faults(one.Value, known, $"{where}.{one.Key}", isXml)
                        : [$"{where}.{one.Key} is unknown to the model"]),
                ];
            case ("list", TreeList list):
                return list.Span.ToArray().SelectMany(item => Faults(item, shape.At("member", "shape")!.Text!, where + "[]", isXml));
            case ("map", TreeMap map):
                return map.Members().SelectMany(one => Faults(one.Value, shape.At("value", "shape")!.Text!, $"{where}.{one.Key}", isXml));
            case ("timestamp", TreeText text) when isText && DateTime.TryParse(text.Value, CultureInfo.InvariantCulture, out _):
            case ("timestamp", TreeInteger or TreeReal) when !isText:
            case ("integer" or "long" or "double" or "float", TreeInteger or TreeReal):
            case ("integer" or "long" or "double" or "float", TreeText number) when isXml && double.TryParse(number.Value, CultureInfo.InvariantCulture, out _):
            case ("boolean", TreeBoolean):
                return [];
            case ("string", TreeText text):
                return shape["enum"] is { } words && !words.Items.ToArray().Contains(value) ? [$"{where}: {value} is none of {words}"]
                    : shape["pattern"]?.Text is { } pattern && pattern.StartsWith("^arn", StringComparison.Ordinal) && !Regex.IsMatch(text.Value, pattern) ? [$"{where}: {value} does not match {pattern}"]
                    : [];
            default:
                return [$"{where}: {value} is no {shape["type"]?.Text}"];
        }
    }
}
