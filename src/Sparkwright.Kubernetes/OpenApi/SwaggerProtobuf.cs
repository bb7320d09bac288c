using System.Buffers.Binary;
using System.Text;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.Kubernetes.OpenApi;

/// <summary>
/// A Swagger 2.0 document in the protobuf form that kubectl up to 1.28 asks for. The numbers are those of gnostic's <c>OpenAPIv2.proto</c>; what
/// our documents never have is left out.
/// </summary>
public static class SwaggerProtobuf
{
    /// <summary>The media type of the form.</summary>
    public const string MediaType = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";

    public static byte[] Encode(TreeMap document)
    {
        var whole = new Message();
        whole.Text(1, document["swagger"]);
        whole.Nested(2, document["info"], Info);
        whole.Nested(8, document["paths"], (paths, item) => paths.Named(2, item, PathItem));
        whole.Nested(9, document["definitions"], (definitions, item) => definitions.Named(1, item, Schema));
        return whole.ToArray();
    }

    private static void Info(Message message, TreeMap info)
    {
        message.Text(1, info["title"]);
        message.Text(2, info["version"]);
    }

    private static void PathItem(Message message, TreeMap item)
    {
        foreach (var (number, method) in new[] { (2, "get"), (3, "put"), (4, "post"), (5, "delete"), (6, "options"), (7, "head"), (8, "patch") })
        {
            message.Nested(number, item[method], Operation);
        }
    }

    private static void Operation(Message message, TreeMap operation)
    {
        message.Texts(1, operation["tags"]);
        message.Text(3, operation["description"]);
        message.Text(5, operation["operationId"]);
        message.Texts(6, operation["produces"]);
        message.Texts(7, operation["consumes"]);
        foreach (var parameter in Tree.ItemsOf(operation["parameters"]))
        {
            message.Nested(8, parameter, (item, of) => item.Nested(1, of, Parameter));
        }

        message.Nested(9, operation["responses"], (responses, of) => responses.Named(1, of, (value, response) => value.Nested(1, response, (body, its) =>
        {
            body.Text(1, its["description"]);
            body.Nested(2, its["schema"], (schema, wanted) => schema.Nested(1, wanted, Schema));
        })));
        Extensions(message, 13, operation);
    }

    private static void Parameter(Message message, TreeMap parameter)
    {
        switch (parameter["in"]?.Text)
        {
            case "body":
                message.Nested(1, parameter, (body, of) =>
                {
                    body.Text(2, of["name"]);
                    body.Text(3, of["in"]);
                    body.Flag(4, of["required"]);
                    body.Nested(5, of["schema"], Schema);
                });
                break;
            case "query":
                message.Nested(2, parameter, (plain, of) => plain.Nested(3, of, (query, its) => Plain(query, its, typeNumber: 6)));
                break;
            default:
                message.Nested(2, parameter, (plain, of) => plain.Nested(4, of, (path, its) => Plain(path, its, typeNumber: 5)));
                break;
        }
    }

    private static void Plain(Message message, TreeMap parameter, int typeNumber)
    {
        message.Flag(1, parameter["required"]);
        message.Text(2, parameter["in"]);
        message.Text(4, parameter["name"]);
        message.Text(typeNumber, parameter["type"]);
    }

    private static void Schema(Message message, TreeMap schema)
    {
        message.Text(1, schema["$ref"]);
        message.Text(2, schema["format"]);
        message.Text(4, schema["description"]);
        message.Number(7, schema["maximum"]);
        message.Number(9, schema["minimum"]);
        message.Whole(11, schema["maxLength"]);
        message.Whole(12, schema["minLength"]);
        message.Text(13, schema["pattern"]);
        message.Whole(14, schema["maxItems"]);
        message.Whole(15, schema["minItems"]);
        message.Whole(17, schema["maxProperties"]);
        message.Whole(18, schema["minProperties"]);
        message.Texts(19, schema["required"]);
        message.Nested(21, schema["additionalProperties"], (values, of) => values.Nested(1, of, Schema));
        if (schema["type"] is TreeText type)
        {
            message.Nested(22, TreeMap.Of(("value", type)), (types, of) => types.Text(1, of["value"]));
        }

        message.Nested(23, schema["items"], (items, of) => items.Nested(1, of, Schema));
        foreach (var part in Tree.ItemsOf(schema["allOf"]))
        {
            message.Nested(24, part, Schema);
        }

        message.Nested(25, schema["properties"], (properties, of) => properties.Named(1, of, Schema));
        Extensions(message, 31, schema);
    }

    /// <summary>Extensions are YAML text, which JSON is.</summary>
    private static void Extensions(Message message, int number, TreeMap of)
    {
        foreach (var (name, value) in of)
        {
            if (name.StartsWith("x-", StringComparison.Ordinal))
            {
                message.Nested(number, TreeMap.Of(("name", name), ("value", value.ToString())), (named, its) =>
                {
                    named.Text(1, its["name"]);
                    named.Nested(2, its, (any, text) => any.Text(2, text["value"]));
                });
            }
        }
    }

    /// <summary>A message that is being written.</summary>
    private sealed class Message
    {
        private readonly MemoryStream bytes = new();

        public byte[] ToArray() => bytes.ToArray();

        public void Text(int number, Tree? value)
        {
            if (value?.Text is { } text)
            {
                Bytes(number, Encoding.UTF8.GetBytes(text));
            }
        }

        public void Texts(int number, Tree? list)
        {
            foreach (var item in Tree.ItemsOf(list))
            {
                Text(number, item);
            }
        }

        public void Flag(int number, Tree? value)
        {
            if (value?.Boolean == true)
            {
                Varint((ulong)number << 3);
                Varint(1);
            }
        }

        public void Whole(int number, Tree? value)
        {
            if (value?.Integer is { } whole)
            {
                Varint((ulong)number << 3);
                Varint((ulong)whole);
            }
        }

        public void Number(int number, Tree? value)
        {
            if (value switch { TreeReal real => real.Value, TreeInteger whole => whole.Value, _ => (double?)null } is { } given)
            {
                Varint(((ulong)number << 3) | 1);
                Span<byte> fixed64 = stackalloc byte[8];
                BinaryPrimitives.WriteDoubleLittleEndian(fixed64, given);
                bytes.Write(fixed64);
            }
        }

        public void Nested(int number, Tree? value, Action<Message, TreeMap> write)
        {
            if (value is TreeMap map)
            {
                var nested = new Message();
                write(nested, map);
                Bytes(number, nested.ToArray());
            }
        }

        /// <summary>A map as a list of names and values.</summary>
        public void Named(int number, TreeMap map, Action<Message, TreeMap> write)
        {
            foreach (var (name, value) in map)
            {
                var named = new Message();
                named.Text(1, name);
                named.Nested(2, value, write);
                Bytes(number, named.ToArray());
            }
        }

        private void Bytes(int number, byte[] value)
        {
            Varint(((ulong)number << 3) | 2);
            Varint((ulong)value.Length);
            bytes.Write(value);
        }

        private void Varint(ulong value)
        {
            while (value >= 0x80)
            {
                bytes.WriteByte((byte)(value | 0x80));
                value >>= 7;
            }

            bytes.WriteByte((byte)value);
        }
    }
}
