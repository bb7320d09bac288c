using System.Collections.Immutable;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Aws.Logs;

/// <summary>A log stream, read from the store.</summary>
public sealed class LogStream
{
    private readonly ApiObject from;

    private LogStream(ApiObject from)
    {
        this.from = from;
        Chunks = [.. Tree.ItemsOf(from.Spec["chunks"]).ToArray().Select(LogChunkFacts.Of)];
    }

    public string Group => from.Spec["group"]!.Text!;

    public string Name => from.Spec["stream"]!.Text!;

    public DateTime CreatedAt => from.Metadata.CreationTimestamp;

    /// <summary>When the last events came, milliseconds since 1970; null for a stream that never had one.</summary>
    public long? LastIngestion => from.Spec["lastIngestion"]?.Integer;

    /// <summary>How many events have come so far, dropped ones included.</summary>
    public long Count => from.Spec["count"]?.Integer ?? 0;

    public long? FirstTimestamp => Chunks.IsEmpty ? null : Chunks.Min(chunk => chunk.First);

    public long? LastTimestamp => Chunks.IsEmpty ? null : Chunks.Max(chunk => chunk.Last);

    internal ImmutableArray<LogChunkFacts> Chunks { get; }

    internal static LogStream Of(ApiObject from) => new(from);

    internal static TreeMap SpecOf(string group, string stream, IEnumerable<LogChunkFacts> chunks, long? lastIngestion, long count) => TreeMap.Of(
        ("chunks", TreeList.From(chunks.Select(chunk => chunk.ToTree()))),
        ("count", count),
        ("group", group),
        ("lastIngestion", lastIngestion),
        ("stream", stream));
}

/// <summary>What is known of a part of a stream's events.</summary>
/// <param name="Blob">Where they lie.</param>
/// <param name="Size">Bytes, as bills count them.</param>
/// <param name="First">The least timestamp, milliseconds since 1970.</param>
/// <param name="Last">The greatest one.</param>
internal sealed record LogChunkFacts(string Blob, long Size, long First, long Last)
{
    public static LogChunkFacts Of(Tree tree) => new(tree["blob"]!.Text!, tree["size"]!.Integer!.Value, tree["first"]!.Integer!.Value, tree["last"]!.Integer!.Value);

    public TreeMap ToTree() => TreeMap.Of(("blob", Blob), ("first", First), ("last", Last), ("size", Size));
}
