using System.Buffers.Binary;

namespace Sparkwright.Kubernetes.Schema;

/// <summary>How a protobuf field lies on the wire.</summary>
internal enum WireType
{
    Varint = 0,
    Fixed64 = 1,
    Bytes = 2,
    Fixed32 = 5,
}

/// <summary>Reads a protobuf message field by field; <see cref="InvalidDataException"/>, in Go's words, when it is broken.</summary>
internal ref struct WireReader(ReadOnlySpan<byte> message)
{
    private ReadOnlySpan<byte> rest = message;

    public readonly bool IsAtEnd => rest.IsEmpty;

    public (int Number, WireType Type) Tag()
    {
        var tag = Varint();
        var (number, type) = ((long)(tag >> 3), (int)(tag & 7));
        if (type is not ((>= 0 and <= 2) or 5))
        {
            throw new InvalidDataException($"proto: illegal wireType {type}");
        }

        return number is > 0 and <= int.MaxValue ? ((int)number, (WireType)type) : throw new InvalidDataException($"proto: illegal tag {number} (wire type {type})");
    }

    public ulong Varint()
    {
        ulong value = 0;
        for (var at = 0; at < rest.Length; at++)
        {
            if (at == 10)
            {
                throw new InvalidDataException("proto: integer overflow");
            }

            value |= (ulong)(rest[at] & 127) << (7 * at);
            if (rest[at] < 128)
            {
                rest = rest[(at + 1)..];
                return value;
            }
        }

        throw Ended();
    }

    public ReadOnlySpan<byte> Bytes()
    {
        var length = Varint();
        return length > (ulong)rest.Length ? throw Ended() : Take((int)length);
    }

    public ulong Fixed64() => BinaryPrimitives.ReadUInt64LittleEndian(rest.Length < 8 ? throw Ended() : Take(8));

    /// <summary>Passes over a field that nobody knows, as a newer client may send it.</summary>
    public void Skip(WireType type)
    {
        switch (type)
        {
            case WireType.Varint:
                Varint();
                break;
            case WireType.Fixed64:
                Fixed64();
                break;
            case WireType.Fixed32:
                _ = rest.Length < 4 ? throw Ended() : Take(4);
                break;
            default:
                Bytes();
                break;
        }
    }

    private ReadOnlySpan<byte> Take(int length)
    {
        var taken = rest[..length];
        rest = rest[length..];
        return taken;
    }

    private static InvalidDataException Ended() => new("unexpected EOF");
}
