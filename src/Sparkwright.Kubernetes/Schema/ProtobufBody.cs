using System.Text;
using System.Text.Json;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Quantities;

namespace Sparkwright.Kubernetes.Schema;

/// <summary>
/// Documents in the API's own protobuf form: four bytes that say so, then an envelope with the kind and the object's message. What is read is the
/// document as JSON would have it, so that everything after it is the same for both.
/// </summary>
public static class ProtobufBody
{
    public const string MediaType = "application/vnd.kubernetes.protobuf";

    private const string EnvelopeId = "io.k8s.apimachinery.pkg.runtime.Unknown";

    private static ReadOnlySpan<byte> Prefix => "k8s\0"u8;

    /// <summary>Reads a document.</summary>
    /// <param name="expected">Taken for its kind where the envelope names none.</param>
    public static ProtobufResult Read(ReadOnlySpan<byte> body, ResourceType expected)
    {
        if (!body.StartsWith(Prefix) || body.Length == Prefix.Length)
        {
            return Unrecognized(
                body, expected, body.Length == 0 ? "empty data" : body.Length == Prefix.Length ? "empty body" : "provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]");
        }

        TreeMap envelope;
        try
        {
            envelope = Struct(body[Prefix.Length..], ApiSchema.Definition(EnvelopeId), 0);
        }
        catch (InvalidDataException fault)
        {
            return Unrecognized(body, expected, fault.Message);
        }

        var (apiVersion, kind) = (envelope.At("typeMeta", "apiVersion")?.Text, envelope.At("typeMeta", "kind")?.Text);
        var (group, version) = apiVersion?.Split('/') switch
        {
            [var named, var its] => (named, its),
            [var its] => ("", its),
            _ => (expected.Group, expected.Version),
        };
        if (ApiSchema.ForKind(group, version, kind ?? expected.Kind) is not { IsCustom: false } schema)
        {
            return new ProtobufResult.Unknown();
        }

        try
        {
            var document = Struct(Convert.FromBase64String(envelope["raw"]?.Text ?? ""), schema.Root, 0);
            return new ProtobufResult.Document(document.With("apiVersion", apiVersion).With("kind", kind));
        }
        catch (Exception fault) when (fault is InvalidDataException or JsonException)
        {
            return new ProtobufResult.Broken($"{kind ?? expected.Kind} in version \"{version}\" cannot be handled as a {expected.Kind}: {fault.Message}");
        }
    }

    private static ProtobufResult.Broken Unrecognized(ReadOnlySpan<byte> body, ResourceType expected, string why)
    {
        const int Shown = 30;
        var hex = Convert.ToHexStringLower(body[..Math.Min(body.Length, Shown)]);
        return new ProtobufResult.Broken(
            $"the object provided is unrecognized (must be of type {expected.Kind}): {why} ({(body.Length == 0 ? "<empty>" : body.Length > Shown ? $"{hex} ..." : hex)})");
    }

    private static TreeMap Struct(ReadOnlySpan<byte> message, TypeSchema schema, int depth)
    {
        var parts = new Parts();
        Fill(message, schema.Wire, parts, depth + 1);
        return parts.Build();
    }

    private static void Fill(ReadOnlySpan<byte> message, WireIndex index, Parts into, int depth)
    {
        if (depth > TreeJson.MaxDepth)
        {
            throw new InvalidDataException("proto: the message is nested too deeply");
        }

        var reader = new WireReader(message);
        while (!reader.IsAtEnd)
        {
            var (number, type) = reader.Tag();
            switch (index.Find(number))
            {
                case null:
                    reader.Skip(type);
                    break;
                case { Inlined: { } inlined } inner:
                    Fill(Message(ref reader, type, inner.Name), inlined, into, depth + 1);
                    break;
                case var (name, field, _):
                    Take(ref reader, type, name, field, into, depth);
                    break;
            }
        }
    }

    private static void Take(ref WireReader reader, WireType type, string name, FieldSchema field, Parts into, int depth)
    {
        if (field.Fact("protoWrap") is not null)
        {
            into.Set(name, Wrapped(Message(ref reader, type, name), field, depth + 1));
        }
        else if (field.Items is { } items)
        {
            if (type == WireType.Bytes && (items.Object?.ValueType ?? items.Type) is "integer" or "boolean" or "number")
            {
                // Numbers of a list may come one by one or packed.
                var packed = new WireReader(reader.Bytes());
                while (!packed.IsAtEnd)
                {
                    into.Add(name, Value(ref packed, items.Type == "number" ? WireType.Fixed64 : WireType.Varint, name, items, depth));
                }
            }
            else
            {
                into.Add(name, Value(ref reader, type, name, items, depth));
            }
        }
        else if (field.Values is { } values)
        {
            var (key, value) = Entry(Message(ref reader, type, name), name, values, depth + 1);
            into.Put(name, key, value);
        }
        else
        {
            var value = Value(ref reader, type, name, field, depth);
            into.Set(name, field.IsLeftOut(value) ? null : value);
        }
    }

    private static (string Key, Tree Value) Entry(ReadOnlySpan<byte> message, string name, FieldSchema values, int depth)
    {
        var (key, value) = ("", (Tree?)null);
        var reader = new WireReader(message);
        while (!reader.IsAtEnd)
        {
            var (number, type) = reader.Tag();
            switch (number)
            {
                case 1:
                    key = Encoding.UTF8.GetString(Message(ref reader, type, name));
                    break;
                case 2:
                    value = values.Fact("protoWrap") is not null ? Wrapped(Message(ref reader, type, name), values, depth) : Value(ref reader, type, name, values, depth);
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }

        return (key, value ?? values.Zero ?? TreeNull.Value);
    }

    /// <summary>A list that is a message of its own, where Go gives the list a type.</summary>
    private static TreeList Wrapped(ReadOnlySpan<byte> message, FieldSchema field, int depth)
    {
        var items = new List<Tree>();
        var reader = new WireReader(message);
        while (!reader.IsAtEnd)
        {
            var (number, type) = reader.Tag();
            if (number == field.Fact("protoWrap")!.Integer)
            {
                items.Add(Value(ref reader, type, "items", field.Items!, depth));
            }
            else
            {
                reader.Skip(type);
            }
        }

        return TreeList.From(items);
    }

    private static Tree Value(ref WireReader reader, WireType type, string name, FieldSchema field, int depth)
    {
        if (field.Object is { } nested)
        {
            var message = Message(ref reader, type, name);
            return nested.ValueType is null ? Struct(message, nested, depth) : ValueOf(message, nested, depth);
        }

        switch (field.Type)
        {
            case "string":
                return Encoding.UTF8.GetString(Message(ref reader, type, name));
            case "bytes":
                return Convert.ToBase64String(Message(ref reader, type, name));
            case "boolean":
                return Number(ref reader, type, name) != 0;
            case "integer":
                var number = Number(ref reader, type, name);
                return field.Fact("format")?.Text == "int32" ? (int)number : number;
            case "number":
                return type == WireType.Fixed64 ? Real(BitConverter.UInt64BitsToDouble(reader.Fixed64())) : throw WrongType(type, name);
            default:
                // A value type that is named, not referred to.
                return ValueOf(Message(ref reader, type, name), ApiSchema.Definition(ApiSchema.ValueTypeId(field.Type!)), depth);
        }
    }

    /// <summary>A message that JSON has as one value.</summary>
    private static Tree ValueOf(ReadOnlySpan<byte> message, TypeSchema schema, int depth)
    {
        var (wire, package) = ((TreeMap)schema.Facts["wire"]!, schema.Id[..(schema.Id.LastIndexOf('.') + 1)]);
        var parts = new SortedDictionary<string, Tree?>(StringComparer.Ordinal);
        var reader = new WireReader(message);
        while (!reader.IsAtEnd)
        {
            var (number, type) = reader.Tag();
            var (part, proto) = wire.Members().Where(one => one.Value.Items[0].Integer == number).Select(one => (one.Key, one.Value.Items[1].Text!)).FirstOrDefault();
            switch (proto)
            {
                case null:
                    reader.Skip(type);
                    break;
                case "int64":
                    parts[part] = Number(ref reader, type, part);
                    break;
                case "int32":
                    parts[part] = (int)Number(ref reader, type, part);
                    break;
                case "bool":
                    parts[part] = Number(ref reader, type, part) != 0;
                    break;
                case "string":
                    parts[part] = Encoding.UTF8.GetString(Message(ref reader, type, part));
                    break;
                case "bytes":
                    var raw = Message(ref reader, type, part);
                    parts[part] = raw.IsEmpty ? null : TreeJson.Parse(raw);
                    break;
                case "repeated string":
                    parts[part] = (parts.GetValueOrDefault(part) as TreeList ?? TreeList.Empty).Add(Encoding.UTF8.GetString(Message(ref reader, type, part)));
                    break;
                default:
                    var isList = proto.StartsWith("repeated ", StringComparison.Ordinal);
                    var one = Struct(Message(ref reader, type, part), ApiSchema.Definition(package + (isList ? proto["repeated ".Length..] : proto)), depth + 1);
                    parts[part] = isList ? (parts.GetValueOrDefault(part) as TreeList ?? TreeList.Empty).Add(one) : one;
                    break;
            }
        }

        Tree? Part(string name) => parts.GetValueOrDefault(name);
        return schema.ValueType switch
        {
            "quantity" => Part("string")?.Text is { Length: > 0 } amount ? amount : "0",
            "time" or "microTime" => TimeOf(Part("seconds")?.Integer ?? 0, Part("nanos")?.Integer ?? 0, schema.ValueType == "microTime"),
            "duration" => GoDuration.Print(TimeSpan.FromTicks((Part("duration")?.Integer ?? 0) / TimeSpan.NanosecondsPerTick)),
            "intOrString" => (Part("type")?.Integer ?? 0) == 0 ? Part("intVal") ?? 0 : Part("strVal") ?? "",

            // Of a choice, a schema counts before a list, and a list before a plain value; what is JSON has but one part.
            _ => parts.Values.OfType<TreeMap>().FirstOrDefault() ?? parts.Values.OfType<TreeList>().FirstOrDefault() ?? parts.Values.FirstOrDefault(part => part is not null) ?? TreeNull.Value,
        };
    }

    private static Tree TimeOf(long seconds, long nanos, bool micro)
    {
        if (seconds == 0 && nanos == 0)
        {
            return TreeNull.Value;
        }

        const long Earliest = -62_135_596_800, Latest = 253_402_300_799;
        if (seconds is < Earliest or > Latest || nanos is < 0 or >= 1_000_000_000)
        {
            throw new InvalidDataException($"proto: {seconds} s and {nanos} ns are no time");
        }

        var time = DateTime.UnixEpoch.AddTicks((seconds * TimeSpan.TicksPerSecond) + (nanos / TimeSpan.NanosecondsPerTick));
        return micro ? Timestamps.PrintMicro(time) : Timestamps.Print(time);
    }

    private static Tree Real(double value) => Math.Abs(value) < 1L << 53 && value == Math.Truncate(value) ? (long)value : new TreeReal(value);

    private static ReadOnlySpan<byte> Message(ref WireReader reader, WireType type, string name) => type == WireType.Bytes ? reader.Bytes() : throw WrongType(type, name);

    private static long Number(ref WireReader reader, WireType type, string name) => type == WireType.Varint ? (long)reader.Varint() : throw WrongType(type, name);

    private static InvalidDataException WrongType(WireType type, string name) => new($"proto: wrong wireType = {(int)type} for field {name}");

    /// <summary>What is known of an object while its message is read: lists and maps come in pieces.</summary>
    private sealed class Parts
    {
        private readonly TreeMapBuilder members = new();
        private readonly Dictionary<string, List<Tree>> lists = new(StringComparer.Ordinal);
        private readonly Dictionary<string, TreeMapBuilder> maps = new(StringComparer.Ordinal);

        public void Set(string name, Tree? value) => members.Set(name, value);

        public void Add(string name, Tree item)
        {
            if (!lists.TryGetValue(name, out var list))
            {
                lists.Add(name, list = []);
            }

            list.Add(item);
        }

        public void Put(string name, string key, Tree value)
        {
            if (!maps.TryGetValue(name, out var map))
            {
                maps.Add(name, map = new TreeMapBuilder());
            }

            map.Set(key, value);
        }

        public TreeMap Build()
        {
            foreach (var (name, list) in lists)
            {
                members.Set(name, TreeList.From(list));
            }

            foreach (var (name, map) in maps)
            {
                members.Set(name, map.Build());
            }

            return members.Build();
        }
    }
}

/// <summary>What became of a protobuf body.</summary>
public abstract record ProtobufResult
{
    private ProtobufResult()
    {
    }

    /// <param name="Content">The document as JSON would have it.</param>
    public sealed record Document(TreeMap Content) : ProtobufResult;

    /// <summary>The bytes are no such message.</summary>
    /// <param name="Message">In the API server's words.</param>
    public sealed record Broken(string Message) : ProtobufResult;

    /// <summary>The kind has no protobuf form, as those of CustomResourceDefinitions have none.</summary>
    public sealed record Unknown : ProtobufResult;
}
