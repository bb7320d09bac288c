using System.Globalization;
using System.Text;

namespace Sparkwright.World.Aws.Logs;

/// <summary>Something that was logged.</summary>
/// <param name="Timestamp">When it happened, as its sender says: milliseconds since 1970.</param>
/// <param name="IngestedAt">When it came: milliseconds since 1970.</param>
/// <param name="Sequence">Counts a stream's events from 1, as they came.</param>
public sealed record LogEvent(long Timestamp, long IngestedAt, long Sequence, string Message)
{
    /// <summary>What an event costs beside its text, in sizes and limits.</summary>
    public const int Overhead = 26;

    /// <summary>Bytes, as limits and bills count them.</summary>
    public int Size => Encoding.UTF8.GetByteCount(Message) + Overhead;

    internal LogPosition Position => new(Timestamp, Sequence);
}

/// <summary>A place in the order of a stream's events: by time, then as they came.</summary>
internal readonly record struct LogPosition(long Timestamp, long Sequence) : IComparable<LogPosition>
{
    public int CompareTo(LogPosition other) => Timestamp != other.Timestamp ? Timestamp.CompareTo(other.Timestamp) : Sequence.CompareTo(other.Sequence);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Timestamp:D20}{Sequence:D20}");

    public static bool TryParse(string text, out LogPosition position)
    {
        var isOne = text.Length == 40;
        var sequence = 0L;
        isOne = long.TryParse(isOne ? text.AsSpan(0, 20) : "", NumberStyles.None, CultureInfo.InvariantCulture, out var timestamp)
            && long.TryParse(text.AsSpan(20), NumberStyles.None, CultureInfo.InvariantCulture, out sequence);
        position = new LogPosition(timestamp, sequence);
        return isOne;
    }
}

/// <summary>Events as bytes: each is its three numbers, and its text with the length before it.</summary>
internal static class LogChunk
{
    public static byte[] Write(IEnumerable<LogEvent> events)
    {
        using var whole = new MemoryStream();
        using (var writer = new BinaryWriter(whole, Encoding.UTF8))
        {
            foreach (var one in events)
            {
                writer.Write(one.Timestamp);
                writer.Write(one.IngestedAt);
                writer.Write(one.Sequence);
                writer.Write(one.Message);
            }
        }

        return whole.ToArray();
    }

    public static IEnumerable<LogEvent> Read(ReadOnlyMemory<byte> body)
    {
        using var whole = new MemoryStream(body.ToArray());
        using var reader = new BinaryReader(whole, Encoding.UTF8);
        while (whole.Position < whole.Length)
        {
            yield return new LogEvent(reader.ReadInt64(), reader.ReadInt64(), reader.ReadInt64(), reader.ReadString());
        }
    }
}
