using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.Kubernetes.Schema;

/// <summary>The fields of a type by their protobuf numbers.</summary>
internal sealed class WireIndex
{
    private readonly Dictionary<int, WireField> fields = [];

    public static WireIndex Of(TypeSchema schema)
    {
        var index = new WireIndex();
        foreach (var (name, field) in schema.InOrder)
        {
            switch (field.Fact("proto"))
            {
                case TreeInteger number:
                    index.fields.Add((int)number.Value, new WireField(name, field, null));
                    break;
                case TreeList path:
                    index.Add(path.Span, name, field);
                    break;
            }
        }

        return index;
    }

    public WireField? Find(int number) => fields.GetValueOrDefault(number);

    /// <summary>A field that protobuf has in a message of its own and JSON in the object around it.</summary>
    private void Add(ReadOnlySpan<Tree> path, string name, FieldSchema field)
    {
        var number = (int)path[0].Integer!.Value;
        if (path.Length == 1)
        {
            fields.Add(number, new WireField(name, field, null));
            return;
        }

        if (!fields.TryGetValue(number, out var inner))
        {
            inner = new WireField("", field, new WireIndex());
            fields.Add(number, inner);
        }

        inner.Inlined!.Add(path[1..], name, field);
    }
}

/// <param name="Name">As JSON has it.</param>
/// <param name="Inlined">The fields of a message that JSON does not have; null for a field proper.</param>
internal sealed record WireField(string Name, FieldSchema Field, WireIndex? Inlined);
