using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Aws.Api;

namespace Sparkwright.World.Aws.Logs;

/// <summary>The API logs (Logs_20140328) over the world's groups: shapes, limits, pages and refusals.</summary>
public sealed partial class LogsService(LogGroups logs, string region, string account)
{
    /// <summary>Groups or streams of a page, at most and when the caller does not say.</summary>
    private const int PageSize = 50;

    /// <summary>Events of a page, at most and when the caller does not say.</summary>
    private const int MostEvents = 10_000;

    /// <summary>Bytes of a page of events or of one call that puts some.</summary>
    private const int MostBytes = 1 << 20;

    /// <summary>Bytes of one event.</summary>
    private const int LargestEvent = 1 << 20;

    private static readonly TimeSpan OldestEvent = TimeSpan.FromDays(14);
    private static readonly TimeSpan LatestEvent = TimeSpan.FromHours(2);
    private static readonly TimeSpan LongestBatch = TimeSpan.FromHours(24);

    /// <summary>The days for which a group may keep its events.</summary>
    private static readonly ImmutableArray<long> Retentions = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

    public AwsService Service() => new("logs", AwsProtocol.Json, "",
    [
        new("CreateLogGroup", CreateLogGroup),
        new("DeleteLogGroup", call => OfGroup(call, group =>
        {
            logs.Delete(group.Name);
            return AwsAnswer.Ok();
        })),
        new("DescribeLogGroups", DescribeLogGroups),
        new("PutRetentionPolicy", PutRetentionPolicy),
        new("DeleteRetentionPolicy", call => OfGroup(call, group =>
        {
            logs.SetRetention(group.Name, null);
            return AwsAnswer.Ok();
        })),
        new("CreateLogStream", CreateLogStream),
        new("DeleteLogStream", call => OfStream(call, stream =>
        {
            logs.Delete(stream);
            return AwsAnswer.Ok();
        })),
        new("DescribeLogStreams", call => OfGroup(call, group => DescribeLogStreams(call, group))),
        new("PutLogEvents", call => OfStream(call, stream => PutLogEvents(call, stream))),
        new("GetLogEvents", call => OfStream(call, stream => GetLogEvents(call, stream))),
        new("FilterLogEvents", call => OfGroup(call, group => FilterLogEvents(call, group))),
        new("TagLogGroup", call => OfGroup(call, group => Tag(group, call.Input["tags"]))),
        new("UntagLogGroup", call => OfGroup(call, group => Untag(group, call.Texts("tags")))),
        new("ListTagsLogGroup", call => OfGroup(call, group => AwsAnswer.Ok(("tags", LogGroups.Tags(group))))),
        new("TagResource", call => OfResource(call, group => Tag(group, call.Input["tags"]))),
        new("UntagResource", call => OfResource(call, group => Untag(group, call.Texts("tagKeys")))),
        new("ListTagsForResource", call => OfResource(call, group => AwsAnswer.Ok(("tags", LogGroups.Tags(group))))),
    ]);

    private static AwsAnswer Invalid(string message) => AwsAnswer.Refuse(400, "InvalidParameterException", message);

    /// <summary>A value that is not of the model's shape, in the words in which most services say it.</summary>
    private static AwsAnswer Unfit(string? value, string member, string constraint) => value is null
        ? Invalid($"1 validation error detected: Value at '{member}' failed to satisfy constraint: Member must not be null")
        : Invalid($"1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: Member must {constraint}");

    private static AwsAnswer NoGroup() => AwsAnswer.Refuse(400, "ResourceNotFoundException", "The specified log group does not exist.");

    private AwsAnswer CreateLogGroup(AwsCall call)
    {
        var name = call.Text("logGroupName");
        return name is null || name.Length > 512 || !GroupName().IsMatch(name) ? Unfit(name, "logGroupName", "satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+")
            : logs.Create(name, call.Input["tags"] as TreeMap ?? TreeMap.Empty) ? AwsAnswer.Ok()
            : AwsAnswer.Refuse(400, "ResourceAlreadyExistsException", "The specified log group already exists");
    }

    private AwsAnswer DescribeLogGroups(AwsCall call)
    {
        var (prefix, pattern) = (call.Text("logGroupNamePrefix"), call.Text("logGroupNamePattern"));
        if (prefix is not null && pattern is not null)
        {
            return Invalid("LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.");
        }

        var found = logs.Groups
            .Where(group => prefix is null || group.Name.StartsWith(prefix, StringComparison.Ordinal))
            .Where(group => pattern is null || group.Name.Contains(pattern, StringComparison.OrdinalIgnoreCase));
        return Page(call, "logGroups", [.. found], group => TreeMap.Of(
            ("arn", GroupArn(group.Name) + ":*"),
            ("creationTime", LogGroups.Milliseconds(group.Metadata.CreationTimestamp)),
            ("logGroupArn", GroupArn(group.Name)),
            ("logGroupClass", "STANDARD"),
            ("logGroupName", group.Name),
            ("metricFilterCount", 0),
            ("retentionInDays", LogGroups.RetentionDays(group)),
            ("storedBytes", logs.StoredBytes(group.Name))));
    }

    private AwsAnswer PutRetentionPolicy(AwsCall call) => OfGroup(call, group =>
    {
        var days = call.Number("retentionInDays");
        if (days is null || !Retentions.Contains(days.Value))
        {
            return Unfit(days?.ToString(CultureInfo.InvariantCulture), "retentionInDays", $"satisfy enum value set: [{string.Join(", ", Retentions)}]");
        }

        logs.SetRetention(group.Name, days);
        return AwsAnswer.Ok();
    });

    private AwsAnswer CreateLogStream(AwsCall call) => OfGroup(call, group =>
    {
        var name = call.Text("logStreamName");
        return name is null || name.Length > 512 || !StreamName().IsMatch(name) ? Unfit(name, "logStreamName", "satisfy regular expression pattern: [^:*]*")
            : logs.CreateStream(group.Name, name) ? AwsAnswer.Ok()
            : AwsAnswer.Refuse(400, "ResourceAlreadyExistsException", "The specified log stream already exists");
    });

    private AwsAnswer DescribeLogStreams(AwsCall call, ApiObject group)
    {
        var (prefix, order) = (call.Text("logStreamNamePrefix"), call.Text("orderBy") ?? "LogStreamName");
        if (order is not ("LogStreamName" or "LastEventTime"))
        {
            return Unfit(order, "orderBy", "satisfy enum value set: [LogStreamName, LastEventTime]");
        }

        if (order == "LastEventTime" && prefix is not null)
        {
            return Invalid("Cannot order by LastEventTime with a logStreamNamePrefix.");
        }

        var found = logs.Streams(group.Name, prefix ?? "");
        found = order == "LogStreamName" ? found
            : found.OrderBy(stream => stream.LastTimestamp ?? LogGroups.Milliseconds(stream.CreatedAt)).ThenBy(stream => stream.Name, StringComparer.Ordinal);
        return Page(call, "logStreams", [.. call.Input["descending"]?.Boolean == true ? found.Reverse() : found], stream => TreeMap.Of(
            ("arn", $"{GroupArn(group.Name)}:log-stream:{stream.Name}"),
            ("creationTime", LogGroups.Milliseconds(stream.CreatedAt)),
            ("firstEventTimestamp", stream.FirstTimestamp),
            ("lastEventTimestamp", stream.LastTimestamp),
            ("lastIngestionTime", stream.LastIngestion),
            ("logStreamName", stream.Name),
            // AWS says 0 of every stream since 2019; groups have the sum.
            ("storedBytes", 0),
            ("uploadSequenceToken", UploadToken(stream.Count))));
    }

    private AwsAnswer PutLogEvents(AwsCall call, LogStream stream)
    {
        var given = Tree.ItemsOf(call.Input["logEvents"]).ToArray();
        if (given.Length is 0 or > MostEvents)
        {
            return Unfit(given.Length == 0 ? "[]" : $"{given.Length} events", "logEvents", $"have length {(given.Length == 0 ? "greater than or equal to 1" : $"less than or equal to {MostEvents}")}");
        }

        var events = new List<(long Timestamp, string Message)>();
        var bytes = 0L;
        foreach (var one in given)
        {
            if (one["timestamp"]?.Integer is not { } time || one["message"]?.Text is not { Length: > 0 } message)
            {
                return Unfit(null, $"logEvents.{events.Count + 1}.member.{(one["timestamp"]?.Integer is null ? "timestamp" : "message")}", "");
            }

            var size = Encoding.UTF8.GetByteCount(message) + LogEvent.Overhead;
            if (size > LargestEvent)
            {
                return Invalid($"Log event too large: {size} bytes exceeds limit of {LargestEvent}");
            }

            if (events is [.., var before] && before.Timestamp > time)
            {
                return Invalid("Log events in a single PutLogEvents request must be in chronological order.");
            }

            bytes += size;
            events.Add((time, message));
        }

        if (bytes > MostBytes)
        {
            return Invalid($"Upload too large: {bytes} bytes exceeds limit of {MostBytes}");
        }

        if (events[^1].Timestamp - events[0].Timestamp > (long)LongestBatch.TotalMilliseconds)
        {
            return Invalid("The batch of log events in a single PutLogEvents request cannot span more than 24 hours.");
        }

        var (oldest, kept, latest) = (logs.Now - (long)OldestEvent.TotalMilliseconds, logs.KeptSince(stream.Group), logs.Now + (long)LatestEvent.TotalMilliseconds);
        var tooOld = events.Count(one => one.Timestamp < oldest);
        var expired = events.Count(one => one.Timestamp < kept);
        var tooNew = events.FindIndex(one => one.Timestamp > latest);
        var taken = events[Math.Max(tooOld, expired)..];
        taken.RemoveAll(one => one.Timestamp > latest);
        logs.Put(stream.Group, stream.Name, taken);
        return AwsAnswer.Ok(
            ("nextSequenceToken", UploadToken(stream.Count + taken.Count)),
            ("rejectedLogEventsInfo", taken.Count == events.Count ? null : TreeMap.Of(
                ("expiredLogEventEndIndex", expired > 0 ? expired : null),
                ("tooNewLogEventStartIndex", tooNew >= 0 ? tooNew : null),
                ("tooOldLogEventEndIndex", tooOld > 0 ? tooOld : null))));
    }

    /// <summary>
    /// A page of a stream: the newest events first unless asked from the head. A forward token goes on behind the page's last event, a backward
    /// token before its first; at either end the same token comes again.
    /// </summary>
    private AwsAnswer GetLogEvents(AwsCall call, LogStream stream)
    {
        // A stream's page ends before its end time.
        var all = logs.Events(stream, call.Number("startTime") ?? long.MinValue, (call.Number("endTime") ?? long.MaxValue) - (call.Number("endTime") is null ? 0 : 1));
        var most = (int)Math.Clamp(call.Number("limit") ?? MostEvents, 1, MostEvents);
        var isForward = call.Input["startFromHead"]?.Boolean == true;
        var (from, to) = (0, all.Count);
        LogPosition? place = null;
        if (call.Text("nextToken") is { } token)
        {
            if (token is not [('f' or 'b') and var direction, '/', .. var text] || !LogPosition.TryParse(text, out var position))
            {
                return Invalid("The specified nextToken is invalid.");
            }

            (isForward, place) = (direction == 'f', position);
            var index = FirstAfter(all, position, isInclusive: !isForward);
            (from, to) = isForward ? (index, to) : (from, index);
        }

        var (count, bytes) = (0, 0L);
        while (count < Math.Min(most, to - from) && (bytes += all[isForward ? from + count : to - 1 - count].Size) <= MostBytes)
        {
            count++;
        }

        var page = all.Skip(isForward ? from : to - count).Take(count).ToList();
        var (first, last) = page.Count > 0 ? (page[0].Position, page[^1].Position)
            : place is not { } stands ? (default, default)
            : isForward ? (stands with { Sequence = stands.Sequence + 1 }, stands)
            : (stands, stands with { Sequence = Math.Max(0, stands.Sequence - 1) });
        return AwsAnswer.Ok(
            ("events", TreeList.From(page.Select(one => TreeMap.Of(("ingestionTime", one.IngestedAt), ("message", one.Message), ("timestamp", one.Timestamp))))),
            ("nextBackwardToken", $"b/{first}"),
            ("nextForwardToken", $"f/{last}"));
    }

    private AwsAnswer FilterLogEvents(AwsCall call, ApiObject group)
    {
        var (names, prefix) = (call.Texts("logStreamNames"), call.Text("logStreamNamePrefix"));
        if (names.Count > 0 && prefix is not null)
        {
            return Invalid("logStreamNamePrefix and logStreamNames are mutually exclusive.");
        }

        if (FilterPattern.Read(call.Text("filterPattern") ?? "", out var problem) is not { } pattern)
        {
            return Invalid(problem!);
        }

        var streams = new List<LogStream>();
        foreach (var name in names)
        {
            if (logs.Find(group.Name, name) is not { } known)
            {
                return AwsAnswer.Refuse(400, "ResourceNotFoundException", "The specified log stream does not exist.");
            }

            streams.Add(known);
        }

        streams = names.Count > 0 ? streams : [.. logs.Streams(group.Name, prefix ?? "")];
        var start = (Timestamp: long.MinValue, Stream: "", Sequence: 0L);
        if (call.Text("nextToken") is { } token)
        {
            if (token.Split('/', 2) is not [var text, var stream] || !LogPosition.TryParse(text, out var position))
            {
                return Invalid("The specified nextToken is invalid.");
            }

            start = (position.Timestamp, stream, position.Sequence);
        }

        var from = Math.Max(call.Number("startTime") ?? long.MinValue, start.Timestamp);
        var found = streams
            .SelectMany(stream => logs.Events(stream, from, call.Number("endTime") ?? long.MaxValue).Select(one => (Event: one, Stream: stream.Name)))
            .OrderBy(one => one.Event.Timestamp).ThenBy(one => one.Stream, StringComparer.Ordinal).ThenBy(one => one.Event.Sequence)
            .SkipWhile(one => call.Text("nextToken") is not null && IsUntil(start, one.Event, one.Stream))
            .Where(one => pattern.Matches(one.Event.Message));
        var most = (int)Math.Clamp(call.Number("limit") ?? MostEvents, 1, MostEvents);
        var (page, bytes, isMore) = (new List<(LogEvent Event, string Stream)>(), 0L, false);
        foreach (var one in found)
        {
            if (page.Count == most || (bytes += one.Event.Size) > MostBytes)
            {
                isMore = true;
                break;
            }

            page.Add(one);
        }

        return AwsAnswer.Ok(
            ("events", TreeList.From(page.Select(one => TreeMap.Of(
                ("eventId", EventId(one.Event, one.Stream)),
                ("ingestionTime", one.Event.IngestedAt),
                ("logStreamName", one.Stream),
                ("message", one.Event.Message),
                ("timestamp", one.Event.Timestamp))))),
            ("nextToken", isMore ? $"{page[^1].Event.Position}/{page[^1].Stream}" : null),
            ("searchedLogStreams", TreeList.Empty));
    }

    /// <summary>Whether an event stands at a place of the interleaved streams or before it.</summary>
    private static bool IsUntil((long Timestamp, string Stream, long Sequence) place, LogEvent one, string stream) =>
        one.Timestamp != place.Timestamp ? one.Timestamp < place.Timestamp
        : string.CompareOrdinal(stream, place.Stream) is var order && order != 0 ? order < 0
        : one.Sequence <= place.Sequence;

    /// <summary>56 digits that no two events of a group share, and that rise with time.</summary>
    private static string EventId(LogEvent one, string stream)
    {
        var of = System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(stream)));
        return string.Create(CultureInfo.InvariantCulture, $"{one.Timestamp:D20}{of % 1_000_000_000_000_000_000:D18}{one.Sequence:D18}");
    }

    private static int FirstAfter(IReadOnlyList<LogEvent> sorted, LogPosition place, bool isInclusive)
    {
        var at = 0;
        while (at < sorted.Count && sorted[at].Position.CompareTo(place) is var order && (order < 0 || (order == 0 && !isInclusive)))
        {
            at++;
        }

        return at;
    }

    private AwsAnswer Tag(ApiObject group, Tree? tags)
    {
        logs.SetTags(group.Name, LogGroups.Tags(group).Merge(tags as TreeMap ?? TreeMap.Empty));
        return AwsAnswer.Ok();
    }

    private AwsAnswer Untag(ApiObject group, IReadOnlyList<string> keys)
    {
        logs.SetTags(group.Name, keys.Aggregate(LogGroups.Tags(group), static (tags, key) => tags.With(key, null)));
        return AwsAnswer.Ok();
    }

    /// <summary>The group that a call names, by name or by ARN.</summary>
    private AwsAnswer OfGroup(AwsCall call, Func<ApiObject, AwsAnswer> answer)
    {
        if ((call.Text("logGroupName") ?? call.Text("logGroupIdentifier")) is not { } name)
        {
            return Unfit(null, "logGroupName", "");
        }

        return logs.Find(NameOf(name)) is { } group ? answer(group) : NoGroup();
    }

    private AwsAnswer OfStream(AwsCall call, Func<LogStream, AwsAnswer> answer) => OfGroup(call, group =>
        call.Text("logStreamName") is not { } name ? Unfit(null, "logStreamName", "")
        : logs.Find(group.Name, name) is { } stream ? answer(stream)
        : AwsAnswer.Refuse(400, "ResourceNotFoundException", "The specified log stream does not exist."));

    private AwsAnswer OfResource(AwsCall call, Func<ApiObject, AwsAnswer> answer) =>
        call.Text("resourceArn") is not { } arn ? Unfit(null, "resourceArn", "")
        : logs.Find(NameOf(arn)) is { } group && arn != group.Name ? answer(group)
        : NoGroup();

    private string NameOf(string identifier)
    {
        var name = identifier.StartsWith(GroupArn(""), StringComparison.Ordinal) ? identifier[GroupArn("").Length..] : identifier;
        return name.EndsWith(":*", StringComparison.Ordinal) ? name[..^2] : name;
    }

    private string GroupArn(string group) => $"arn:aws:logs:{region}:{account}:log-group:{group}";

    /// <summary>Older clients pass it with the next events; nothing depends on it any more.</summary>
    private static string UploadToken(long count) => string.Create(CultureInfo.InvariantCulture, $"{49_000_000_000_000_000L + count}");

    private static AwsAnswer Page<T>(AwsCall call, string member, IReadOnlyList<T> all, Func<T, Tree> print) =>
        call.Number("limit") is { } limit and (< 1 or > PageSize) ? Unfit(limit.ToString(CultureInfo.InvariantCulture), "limit", $"have value {(limit < 1 ? "greater than or equal to 1" : $"less than or equal to {PageSize}")}")
        : AwsPages.Of(all, call, PageSize, size: "limit") is { } page ? AwsAnswer.Ok((member, AwsPages.Trees(page, print)), ("nextToken", page.Next))
        : Invalid("The specified nextToken is invalid.");

    [GeneratedRegex(@"\A[\.\-_/#A-Za-z0-9]+\z")]
    private static partial Regex GroupName();

    [GeneratedRegex(@"\A[^:*]+\z")]
    private static partial Regex StreamName();
}
