using System.Globalization;

namespace Sparkwright.World.Controllers;

/// <summary>A range of IPv4 addresses in CIDR form.</summary>
public readonly record struct AddressRange(uint First, int PrefixLength)
{
    /// <summary>How many addresses the range has, network and broadcast included.</summary>
    public long Size => 1L << (32 - PrefixLength);

    public string this[long offset] => Print((uint)(First + offset));

    /// <summary>Whether a text is an address of the range that a service can have: neither the first nor the last.</summary>
    public bool Holds(string text) => Read(text) is { } address && address - (long)First is var offset && offset > 0 && offset < Size - 1;

    public static AddressRange Parse(string cidr)
    {
        var slash = cidr.IndexOf('/');
        var length = int.Parse(cidr[(slash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture);
        var mask = length == 0 ? 0 : uint.MaxValue << (32 - length);
        return new AddressRange((Read(cidr[..slash]) ?? throw new FormatException($"not an IPv4 range: {cidr}")) & mask, length);
    }

    private static uint? Read(string text)
    {
        var parts = text.Split('.');
        uint address = 0;
        foreach (var part in parts)
        {
            if (!byte.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var octet))
            {
                return null;
            }

            address = (address << 8) | octet;
        }

        return parts.Length == 4 ? address : null;
    }

    private static string Print(uint address) =>
        string.Create(CultureInfo.InvariantCulture, $"{address >> 24}.{(address >> 16) & 255}.{(address >> 8) & 255}.{address & 255}");
}
