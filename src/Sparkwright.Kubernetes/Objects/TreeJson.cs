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

    /// <summary>Reads one JSON value; <see cref="JsonException"/> when the text is not JSON.</summary>
    public static Tree Parse(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
        reader.Read();
        var tree = Read(ref reader);
        if (reader.Read())
        {
            throw new JsonException("more than one JSON value");
        }

        return tree;
    }

    public static Tree Parse(string json) => Parse(Encoding.UTF8.GetBytes(json));

    private static Tree Read(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                var members = new TreeMapBuilder();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
                {
                    var key = reader.GetString()!;
                    reader.Read();
                    members.Set(key, Read(ref reader));
                }

                return members.Build();
            case JsonTokenType.StartArray:
                var items = new List<Tree>();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    items.Add(Read(ref reader));
                }

                return TreeList.From(items);
            case JsonTokenType.String:
                return new TreeText(reader.GetString()!);
            case JsonTokenType.Number:
                return reader.TryGetInt64(out var whole) ? new TreeInteger(whole) : new TreeReal(reader.GetDouble());
            case JsonTokenType.True:
                return TreeBoolean.True;
            case JsonTokenType.False:
                return TreeBoolean.False;
            default:
                return TreeNull.Value;
        }
    }
}
