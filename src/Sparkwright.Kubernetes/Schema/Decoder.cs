using System.Text.RegularExpressions;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Quantities;
using Sparkwright.Kubernetes.Requests;

namespace Sparkwright.Kubernetes.Schema;

/// <summary>
/// Turns a document that a client wrote into the form that the store keeps, or says what is wrong with it: unknown fields and wrong types as
/// strict decoding does, quantities in canonical form, nulls dropped; kinds of CustomResourceDefinitions are checked against their schema.
/// </summary>
public static class Decoder
{
    public static DecodeResult Decode(ResourceType type, TreeMap document)
    {
        if (ApiSchema.ForKind(type) is not { } schema)
        {
            return new DecodeResult.Decoded(document);
        }

        var walk = new Walk(schema.IsCustom);
        var clean = walk.Object(document, schema.Root, "", isRoot: true);
        if (walk.WrongType is { } wrong)
        {
            return Refuse(400, "BadRequest", $"{type.Kind} in version \"{type.Version}\" cannot be handled as a {type.Kind}: {wrong}");
        }

        if (walk.Unknown.Count > 0)
        {
            return Refuse(400, "BadRequest", $"{type.Kind} in version \"{type.Version}\" cannot be handled as a {type.Kind}: strict decoding error: {string.Join(", ", walk.Unknown)}");
        }

        var name = document.At("metadata", "name")?.Text ?? "";
        return walk.Invalid.Count switch
        {
            0 => new DecodeResult.Decoded(clean),
            1 => Refuse(422, "Invalid", $"{type.QualifiedKind} \"{name}\" is invalid: {walk.Invalid[0]}"),
            _ => Refuse(422, "Invalid", $"{type.QualifiedKind} \"{name}\" is invalid: [{string.Join(", ", walk.Invalid)}]"),
        };
    }

    private static DecodeResult.Refused Refuse(int code, string reason, string message) => new(new ApiStatus(code, reason, message));

    private sealed class Walk(bool isCustom)
    {
        public List<string> Unknown { get; } = [];

        public List<string> Invalid { get; } = [];

        public string? WrongType { get; private set; }

        public TreeMap Object(TreeMap map, TypeSchema schema, string path, bool isRoot = false)
        {
            var clean = new TreeMapBuilder(map.Count);
            foreach (var (key, value) in map)
            {
                var at = path.Length == 0 ? key : $"{path}.{key}";
                if (isRoot && key == "metadata")
                {
                    clean.Set(key, value is TreeMap metadata ? Object(metadata, ApiSchema.ObjectMeta, "metadata") : Wrong(value, at, "ObjectMeta"));
                }
                else if (isRoot && key is "apiVersion" or "kind")
                {
                    clean.Set(key, value);
                }
                else if (!schema.Fields.TryGetValue(key, out var field))
                {
                    Unknown.Add($"unknown field \"{at}\"");
                }
                else if (value is not TreeNull)
                {
                    clean.Set(key, Field(value, field, at));
                }
            }

            foreach (var (key, field) in schema.Fields)
            {
                if (!isCustom || path == "metadata" || path.StartsWith("metadata.", StringComparison.Ordinal))
                {
                    break;
                }

                if (!clean.Contains(key) && field.Default is { } standard)
                {
                    clean.Set(key, standard);
                }
                else if (!clean.Contains(key) && field.IsRequired)
                {
                    Invalid.Add($"{(path.Length == 0 ? key : path + "." + key)}: Required value");
                }
            }

            return clean.Build();
        }

        private Tree? Field(Tree value, FieldSchema field, string at)
        {
            if (field.Items is { } items)
            {
                return value is TreeList list
                    ? TreeList.From(list.Span.ToArray().Where(item => item is not TreeNull).Select((item, index) => Field(item, items, $"{at}[{index}]")).OfType<Tree>())
                    : Wrong(value, at, "array");
            }

            if (field.Values is { } values)
            {
                return value is TreeMap map ? Map(map, values, at) : Wrong(value, at, "object");
            }

            if (field.Object is { ValueType: null } nested)
            {
                return value is TreeMap map ? Object(map, nested, at) : Wrong(value, at, nested.Name.Length == 0 ? "object" : nested.Name);
            }

            return Checked(Value(value, field.Object?.ValueType ?? field.Type ?? "any", at), field, at);
        }

        private TreeMap Map(TreeMap map, FieldSchema values, string at)
        {
            var clean = new TreeMapBuilder(map.Count);
            foreach (var (key, value) in map)
            {
                clean.Set(key, value is TreeNull ? values.Type == "string" ? "" : null : Field(value, values, $"{at}.{key}"));
            }

            return clean.Build();
        }

        private Tree? Value(Tree value, string type, string at) => type switch
        {
            "string" or "bytes" => value is TreeText ? value : Wrong(value, at, "string"),
            "time" or "microTime" => value is TreeText text && Timestamps.TryParse(text.Value, out _) ? value : Wrong(value, at, "Time"),
            "integer" => value is TreeInteger ? value : Wrong(value, at, "int64"),
            "number" => value is TreeInteger or TreeReal ? value : Wrong(value, at, "float64"),
            "boolean" => value is TreeBoolean ? value : Wrong(value, at, "bool"),
            "quantity" => Amount(value, at),
            "intOrString" => value is TreeInteger or TreeText ? value : Wrong(value, at, "IntOrString"),
            "object" => value is TreeMap ? value : Wrong(value, at, "object"),
            _ => value,
        };

        private Tree? Amount(Tree value, string at)
        {
            var text = value switch
            {
                TreeText known => known.Value,
                TreeInteger or TreeReal => value.ToString(),
                _ => null,
            };
            if (text is not null && Quantity.TryParse(text, out var quantity))
            {
                return quantity.ToString();
            }

            WrongType ??= text is null ? $"{at}: {Quantity.SyntaxMessage}" : $"{at}: \"{text}\": {Quantity.SyntaxMessage}";
            return null;
        }

        private Tree? Wrong(Tree value, string at, string wanted)
        {
            if (isCustom)
            {
                Invalid.Add($"{at}: Invalid value: \"{JsonTypeOf(value)}\": {at} in body must be of type {Plain(wanted)}: \"{JsonTypeOf(value)}\"");
            }
            else
            {
                WrongType ??= $"json: cannot unmarshal {JsonTypeOf(value)} into Go struct field {at} of type {wanted}";
            }

            return null;
        }

        private Tree? Checked(Tree? value, FieldSchema field, string at)
        {
            if (!isCustom || value is null)
            {
                return value;
            }

            if (field.Fact("minimum")?.Integer is { } least && value.Integer < least)
            {
                Invalid.Add($"{at}: Invalid value: {value}: {at} in body should be greater than or equal to {least}");
            }

            if (field.Fact("maximum")?.Integer is { } most && value.Integer > most)
            {
                Invalid.Add($"{at}: Invalid value: {value}: {at} in body should be less than or equal to {most}");
            }

            if (field.Fact("pattern")?.Text is { } pattern && value.Text is { } text && !Regex.IsMatch(text, pattern))
            {
                Invalid.Add($"{at}: Invalid value: \"{text}\": {at} in body should match '{pattern}'");
            }

            if (field.Fact("enum") is TreeList allowed && !allowed.Span.Contains(value))
            {
                Invalid.Add($"{at}: Unsupported value: {value}: supported values: {string.Join(", ", allowed.Span.ToArray().Select(one => one.ToString()))}");
            }

            return value;
        }

        private static string Plain(string wanted) => wanted switch
        {
            "int64" => "integer",
            "float64" => "number",
            "bool" => "boolean",
            "array" or "object" or "string" => wanted,
            _ => "object",
        };

        private static string JsonTypeOf(Tree value) => value switch
        {
            TreeMap => "object",
            TreeList => "array",
            TreeText => "string",
            TreeInteger or TreeReal => "number",
            TreeBoolean => "bool",
            _ => "null",
        };
    }
}

/// <summary>What became of a document.</summary>
public abstract record DecodeResult
{
    private DecodeResult()
    {
    }

    public sealed record Decoded(TreeMap Document) : DecodeResult;

    public sealed record Refused(ApiStatus Status) : DecodeResult;
}
