using System.Globalization;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;

namespace Sparkwright.World.Aws.Logs;

/// <summary>
/// Simulated CloudWatch Logs: groups, streams and their events. The store has what is known of a stream, its events lie in blobs. Events that are
/// older than their group keeps them are never read, and go when their stream is read or written.
/// </summary>
public sealed class LogGroups(ApiServer api, IBlobs blobs)
{
    /// <summary>A part of a stream grows up to this, so that writing a few events rewrites little.</summary>
    private const int ChunkSize = 64 << 10;

    /// <summary>Milliseconds since 1970.</summary>
    public long Now => Milliseconds(api.Clock.Now);

    public IEnumerable<ApiObject> Groups => api.Store.List(LogTypes.LogGroup);

    /// <summary>Every blob that a stream needs.</summary>
    public IEnumerable<string> Blobs => api.Store.List(LogTypes.LogStream).SelectMany(known => LogStream.Of(known).Chunks.Select(chunk => chunk.Blob));

    public static long Milliseconds(DateTime time) => (time - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMillisecond;

    public ApiObject? Find(string group) => api.Store.Get(LogTypes.LogGroup, "", group);

    public LogStream? Find(string group, string stream) => api.Store.Get(LogTypes.LogStream, "", $"{group}:{stream}") is { } known ? LogStream.Of(known) : null;

    /// <summary>The streams of a group whose names begin with a prefix, by name.</summary>
    public IEnumerable<LogStream> Streams(string group, string prefix = "") =>
        SortedNames.StartingWith(api.Store.List(LogTypes.LogStream), $"{group}:{prefix}").Select(LogStream.Of);

    /// <summary>Makes a group; false when it was there.</summary>
    public bool Create(string group, TreeMap tags) =>
        Find(group) is null && api.Create(new ApiObject(LogTypes.LogGroup, new ObjectMeta { Name = group }, TreeMap.Of(("spec", TreeMap.Of(("tags", tags)))))).IsAccepted;

    /// <summary>Makes a stream of a group that is there; false when it was there.</summary>
    public bool CreateStream(string group, string stream) => Find(group, stream) is null
        && api.Create(new ApiObject(LogTypes.LogStream, new ObjectMeta { Name = $"{group}:{stream}" }, TreeMap.Of(("spec", LogStream.SpecOf(group, stream, [], null, 0))))).IsAccepted;

    /// <summary>Removes a group with all its streams.</summary>
    public void Delete(string group)
    {
        foreach (var stream in Streams(group).ToList())
        {
            Delete(stream);
        }

        api.Delete(LogTypes.LogGroup, new ObjectKey("", group));
    }

    public void Delete(LogStream stream)
    {
        api.Delete(LogTypes.LogStream, new ObjectKey("", $"{stream.Group}:{stream.Name}"));
        Drop(stream.Chunks);
    }

    /// <summary>Days for which a group keeps events; null for ever.</summary>
    public static long? RetentionDays(ApiObject group) => group.Spec["retentionInDays"]?.Integer;

    public void SetRetention(string group, long? days) => api.Modify(LogTypes.LogGroup, new ObjectKey("", group), known => known.Set(["spec", "retentionInDays"], days));

    public static TreeMap Tags(ApiObject group) => group.Spec["tags"] as TreeMap ?? TreeMap.Empty;

    public void SetTags(string group, TreeMap tags) => api.Modify(LogTypes.LogGroup, new ObjectKey("", group), known => known.Set(["spec", "tags"], tags));

    /// <summary>Before this time (milliseconds since 1970) a group keeps nothing.</summary>
    public long KeptSince(string group) =>
        Find(group) is { } known && RetentionDays(known) is { } days ? Now - (long)TimeSpan.FromDays(days).TotalMilliseconds : long.MinValue;

    /// <summary>Bytes that a group has, as bills count them.</summary>
    public long StoredBytes(string group) => Streams(group).Sum(stream => stream.Chunks.Sum(chunk => chunk.Size));

    /// <summary>Adds events to a stream that is there.</summary>
    public void Put(string group, string stream, IReadOnlyList<(long Timestamp, string Message)> events)
    {
        if (events.Count == 0 || Find(group, stream) is not { } known)
        {
            return;
        }

        var (kept, old) = Kept(known);
        var added = events.Select((one, at) => new LogEvent(one.Timestamp, Now, known.Count + at + 1, one.Message)).ToList();
        var dropped = old.ToList();
        IEnumerable<LogEvent> chunk = added;
        if (kept is [.., var last] && last.Size < ChunkSize)
        {
            chunk = Read(last).Concat(added);
            kept.RemoveAt(kept.Count - 1);
            dropped.Add(last);
        }

        var whole = chunk.ToList();
        var blob = $"logs/{(api.Store.ResourceVersion + 1).ToString(CultureInfo.InvariantCulture)}";
        blobs.Put(blob, LogChunk.Write(whole));
        kept.Add(new LogChunkFacts(blob, whole.Sum(one => (long)one.Size), whole.Min(one => one.Timestamp), whole.Max(one => one.Timestamp)));
        Write(known, LogStream.SpecOf(group, stream, kept, Now, known.Count + added.Count));
        Drop(dropped);
    }

    /// <summary>The events of a stream between two times (both included), in the order of their times.</summary>
    public IReadOnlyList<LogEvent> Events(LogStream stream, long from, long to)
    {
        var (kept, old) = Kept(stream);
        if (old.Count > 0)
        {
            Write(stream, LogStream.SpecOf(stream.Group, stream.Name, kept, stream.LastIngestion, stream.Count));
            Drop(old);
        }

        var since = Math.Max(from, KeptSince(stream.Group));
        return [.. kept.Where(chunk => chunk.Last >= since && chunk.First <= to).SelectMany(Read)
            .Where(one => one.Timestamp >= since && one.Timestamp <= to)
            .OrderBy(one => one.Position)];
    }

    private (List<LogChunkFacts> Kept, List<LogChunkFacts> Old) Kept(LogStream stream)
    {
        var since = KeptSince(stream.Group);
        return ([.. stream.Chunks.Where(chunk => chunk.Last >= since)], [.. stream.Chunks.Where(chunk => chunk.Last < since)]);
    }

    private IEnumerable<LogEvent> Read(LogChunkFacts chunk) => LogChunk.Read(blobs.Get(chunk.Blob) ?? ReadOnlyMemory<byte>.Empty);

    private void Write(LogStream stream, TreeMap spec)
    {
        if (api.Store.Get(LogTypes.LogStream, "", $"{stream.Group}:{stream.Name}") is { } known)
        {
            api.Update(known.WithSpec(spec));
        }
    }

    private void Drop(IEnumerable<LogChunkFacts> chunks)
    {
        foreach (var chunk in chunks)
        {
            blobs.Delete(chunk.Blob);
        }
    }
}
