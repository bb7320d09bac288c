using System.Globalization;

namespace Sparkwright.World.Ec2;

/// <summary>A block of IPv4 addresses.</summary>
/// <param name="First">The first address as a number.</param>
/// <param name="PrefixLength">Bits that all addresses share.</param>
public readonly record struct Cidr(uint First, int PrefixLength)
{
    /// <summary>Addresses of every subnet that AWS keeps for itself: the first four and the last.</summary>
    public const int ReservedBySubnet = 5;

    /// <summary>The offset of the first address of a subnet that an instance can have.</summary>
    public const int FirstUsable = 4;

    /// <summary>How many addresses the block has.</summary>
    public long Size => 1L << (32 - PrefixLength);

    /// <summary>Parses <c>10.1.0.0/16</c>; the host bits must be zero.</summary>
    public static bool TryParse(string text, out Cidr cidr)
    {
        cidr = default;
        var parts = text.Split('/');
        if (parts.Length != 2 || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var length) || length > 32 || !TryAddress(parts[0], out var first))
        {
            return false;
        }

        cidr = new Cidr(first, length);
        return (first & (uint)(cidr.Size - 1)) == 0;
    }

    public static string Print(uint address) => $"{address >> 24}.{(address >> 16) & 255}.{(address >> 8) & 255}.{address & 255}";

    public bool Contains(Cidr other) => PrefixLength <= other.PrefixLength && (other.First & ~(uint)(Size - 1)) == First;

    public bool Overlaps(Cidr other) => Contains(other) || other.Contains(this);

    public bool Contains(uint address) => (address & ~(uint)(Size - 1)) == First;

    /// <summary>The address at an offset from the first.</summary>
    public uint At(long offset) => First + (uint)offset;

    /// <summary>The blocks of a longer prefix that make up this one, in the order of their addresses.</summary>
    public IEnumerable<Cidr> Split(int prefixLength)
    {
        var size = 1L << (32 - prefixLength);
        for (var offset = 0L; prefixLength >= PrefixLength && offset < Size; offset += size)
        {
            yield return new Cidr(At(offset), prefixLength);
        }
    }

    public override string ToString() => $"{Print(First)}/{PrefixLength}";

    private static bool TryAddress(string text, out uint address)
    {
        address = 0;
        var bytes = text.Split('.');
        if (bytes.Length != 4)
        {
            return false;
        }

        foreach (var part in bytes)
        {
            if (part.Length is 0 or > 3 || !byte.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var value))
            {
                return false;
            }

            address = (address << 8) | value;
        }

        return true;
    }
}
