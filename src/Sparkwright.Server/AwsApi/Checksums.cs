using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Sparkwright.Server.AwsApi;

/// <summary>One of the checksums that S3 clients send along, taken over a body piece by piece.</summary>
internal sealed class Checksum : IDisposable
{
    private const ulong Crc32 = 0xEDB88320;
    private const ulong Crc32C = 0x82F63B78;
    private const ulong Crc64Nvme = 0x9A6C9329AC4BC9B5;

    private readonly IncrementalHash? hash;
    private readonly ulong[]? table;
    private readonly int bytes;
    private ulong state;

    private Checksum(string name, IncrementalHash? hash, ulong polynomial, int bytes)
    {
        Header = "x-amz-checksum-" + name;
        this.hash = hash;
        this.bytes = bytes;
        if (hash is null)
        {
            table = Table(polynomial);
            state = Ones;
        }
    }

    /// <summary>Such as x-amz-checksum-crc32.</summary>
    public string Header { get; }

    private ulong Ones => bytes == 8 ? ulong.MaxValue : uint.MaxValue;

    /// <summary>The checksum of a header's or algorithm's name; null for one that S3 does not have.</summary>
    public static Checksum? Of(string name) => name.Replace("x-amz-checksum-", "", StringComparison.OrdinalIgnoreCase).ToUpperInvariant() switch
    {
        "CRC32" => new("crc32", null, Crc32, 4),
        "CRC32C" => new("crc32c", null, Crc32C, 4),
        "CRC64NVME" => new("crc64nvme", null, Crc64Nvme, 8),
        "SHA1" => new("sha1", IncrementalHash.CreateHash(HashAlgorithmName.SHA1), 0, 20),
        "SHA256" => new("sha256", IncrementalHash.CreateHash(HashAlgorithmName.SHA256), 0, 32),
        _ => null,
    };

    public void Add(ReadOnlySpan<byte> piece)
    {
        if (hash is not null)
        {
            hash.AppendData(piece);
            return;
        }

        var (next, by) = (state, table!);
        foreach (var unit in piece)
        {
            next = (next >> 8) ^ by[(byte)next ^ unit];
        }

        state = next;
    }

    /// <summary>In base 64, as headers have it.</summary>
    public string Value()
    {
        if (hash is not null)
        {
            return Convert.ToBase64String(hash.GetCurrentHash());
        }

        Span<byte> whole = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(whole, state ^ Ones);
        return Convert.ToBase64String(whole[(8 - bytes)..]);
    }

    public void Dispose() => hash?.Dispose();

    private static ulong[] Table(ulong polynomial)
    {
        var table = new ulong[256];
        for (var at = 0; at < table.Length; at++)
        {
            var entry = (ulong)at;
            for (var bit = 0; bit < 8; bit++)
            {
                entry = (entry & 1) == 1 ? (entry >> 1) ^ polynomial : entry >> 1;
            }

            table[at] = entry;
        }

        return table;
    }
}
