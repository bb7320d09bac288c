using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Sparkwright.Kubernetes.Objects;

/// <summary>Trees to and from JSON.</summary>
public static class TreeJson
{
    /// <summary>Nesting beyond this is refused, so that no body can exhaust the stack.</summary>
    public const int MaxDepth = 256;

    /// <summary>Text is escaped no more than JSON demands: output is data, never part of a page.</summary>
    public static JsonWriterOptions Compact { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    public static string Print(Tree tree)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer, Compact))
        {
            Write(writer, tree);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    public static void Write(Utf8JsonWriter writer, Tree tree)
    {
        switch (tree)
        {
            case TreeMap map:
                writer.WriteStartObject();
                WriteMembers(writer, map);
                writer.WriteEndObject();
                break;
            case TreeList list:
                writer.WriteStartArray();
                foreach (var item in list.Span)
                {
                    Write(writer, item);
                }

                writer.WriteEndArray();
                break;
            case TreeText text:
                writer.WriteStringValue(text.Value);
                break;
            case TreeInteger number:
                writer.WriteNumberValue(number.Value);
                break;
            case TreeReal real:
                writer.WriteNumberValue(real.Value);
                break;
            case TreeBoolean truth:
                writer.WriteBooleanValue(truth.Value);
                break;
            default:
                writer.WriteNullValue();
                break;
        }
    }

    /// <summary>Writes a map's members into an object that the caller has opened.</summary>
    public static void WriteMembers(Utf8JsonWriter writer, TreeMap map)
    {
        foreach (var (key, value) in map)
        {
            writer.WritePropertyName(key);
            Write(writer, value);
        }
    }

    /// <summary>Reads one JSON value; <see cref="JsonException"/> when the text is not JSON. Of a field given twice the last value counts.</summary>
    public static Tree Parse(ReadOnlySpan<byte> json) => Parse(json, null);

    public static Tree Parse(string json) => Parse(Encoding.UTF8.GetBytes(json));

    /// <param name="duplicates">Gets the paths of fields that were given twice, such as <c>spec.containers[0].image</c>.</param>
    public static Tree Parse(ReadOnlySpan<byte> json, ICollection<string>? duplicates)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
        try
        {
            reader.Read();
            var tree = Read(ref reader, "", duplicates);
            return reader.Read() ? throw new JsonException("more than one JSON value") : tree;
        }
        catch (InvalidOperationException mistake)
        {
            // Half a surrogate pair is only found when the text is taken.
            throw new JsonException(mistake.Message, mistake);
        }
    }

    private static Tree Read(ref Utf8JsonReader reader, string path, ICollection<string>? duplicates)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                var members = new TreeMapBuilder();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
                {
                    var key = reader.GetString()!;
                    reader.Read();
                    var at = duplicates is null ? "" : path.Length == 0 ? key : $"{path}.{key}";
                    if (duplicates is not null && members.Contains(key))
                    {
                        duplicates.Add(at);
                    }

                    members.Set(key, Read(ref reader, at, duplicates));
                }

                return members.Build();
            case JsonTokenType.StartArray:
                var items = new List<Tree>();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    items.Add(Read(ref reader, duplicates is null ? "" : $"{path}[{items.Count}]", duplicates));
                }

                return TreeList.From(items);
            case JsonTokenType.String:
                return new TreeText(reader.GetString()!);
            case JsonTokenType.Number:
                return reader.TryGetInt64(out var whole) ? new TreeInteger(whole)
                    : reader.TryGetDouble(out var real) && double.IsFinite(real) ? new TreeReal(real)
                    : throw new JsonException("a number is out of range");
            case JsonTokenType.True:
                return TreeBoolean.True;
            case JsonTokenType.False:
                return TreeBoolean.False;
            default:
                return TreeNull.Value;
        }
    }
}
