using Sparkwright.Kubernetes.Objects;
using Sparkwright.World;
using Sparkwright.World.Aws;
using Sparkwright.World.Aws.Api;

namespace Sparkwright.Tests.Aws.Logs;

/// <summary>CloudWatch Logs as calls see it, without a wire.</summary>
public sealed class LogsServiceTests
{
    private readonly MemoryBlobs blobs = new();
    private readonly global::Sparkwright.World.World world;

    public LogsServiceTests()
    {
        world = WorldBuilder.Build(new WorldSettings { Components = [] }, blobs);
        foreach (var group in new[] { "/a/one", "/a/two", "b" })
        {
            Done("CreateLogGroup", $"{{logGroupName: {group}}}");
        }

        foreach (var stream in new[] { "s/1", "s/2", "t" })
        {
            Done("CreateLogStream", $"{{logGroupName: b, logStreamName: {stream}}}");
        }
    }

    private long Now => world.Logs.Now;

    [Theory]
    //          operation            input                                                code                              message
    [InlineData("CreateLogGroup", "{logGroupName: b}", "ResourceAlreadyExistsException", "The specified log group already exists")]
    [InlineData("CreateLogGroup", "{logGroupName: 'a b'}", "InvalidParameterException", "regular expression pattern")]
    [InlineData("DeleteLogGroup", "{logGroupName: none}", "ResourceNotFoundException", "The specified log group does not exist.")]
    [InlineData("DescribeLogStreams", "{}", "InvalidParameterException", "Member must not be null")]
    [InlineData("CreateLogStream", "{logGroupName: b, logStreamName: t}", "ResourceAlreadyExistsException", "The specified log stream already exists")]
    [InlineData("CreateLogStream", "{logGroupName: b, logStreamName: 't:'}", "InvalidParameterException", "[^:*]*")]
    [InlineData("GetLogEvents", "{logGroupName: b, logStreamName: none}", "ResourceNotFoundException", "The specified log stream does not exist.")]
    [InlineData("GetLogEvents", "{logGroupName: b, logStreamName: t, nextToken: x}", "InvalidParameterException", "The specified nextToken is invalid.")]
    [InlineData("PutRetentionPolicy", "{logGroupName: b, retentionInDays: 2}", "InvalidParameterException", "enum value set: [1, 3, 5")]
    [InlineData("DescribeLogStreams", "{logGroupName: b, logStreamNamePrefix: s, orderBy: LastEventTime}", "InvalidParameterException", "Cannot order by LastEventTime with a logStreamNamePrefix.")]
    [InlineData("FilterLogEvents", "{logGroupName: b, logStreamNamePrefix: s, logStreamNames: [t]}", "InvalidParameterException", "mutually exclusive")]
    [InlineData("FilterLogEvents", "{logGroupName: b, filterPattern: 'a-b'}", "InvalidParameterException", "Invalid character(s) in term 'a-b'")]
    [InlineData("PutLogEvents", "{logGroupName: b, logStreamName: t, logEvents: []}", "InvalidParameterException", "logEvents")]
    [InlineData("PutLogEvents", "{logGroupName: b, logStreamName: t, logEvents: [{timestamp: 2, message: a}, {timestamp: 1, message: b}]}", "InvalidParameterException", "chronological order")]
    [InlineData("DescribeLogGroups", "{limit: 51}", "InvalidParameterException", "less than or equal to 50")]
    public void What_cannot_be_is_refused_in_the_services_words(string operation, string input, string code, string message)
    {
        var error = Assert.IsType<AwsAnswer.Refused>(Call(operation, input)).Error;
        Assert.Equal((400, code), (error.Status, error.Code));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    //          input                         names
    [InlineData("{}", "/a/one /a/two b")]
    [InlineData("{logGroupNamePrefix: /a/t}", "/a/two")]
    [InlineData("{logGroupNamePattern: O}", "/a/one /a/two")]
    [InlineData("{limit: 2}", "/a/one /a/two")]
    public void Groups_are_found_by_name(string input, string names) => Assert.Equal(names, Names(Done("DescribeLogGroups", input), "logGroups", "logGroupName"));

    [Theory]
    //          input                                                             names
    [InlineData("{logGroupName: b}", "s/1 s/2 t")]
    [InlineData("{logGroupIdentifier: 'arn:aws:logs:us-west-2:111122223333:log-group:b', logStreamNamePrefix: s/}", "s/1 s/2")]
    [InlineData("{logGroupName: b, descending: true}", "t s/2 s/1")]
    [InlineData("{logGroupName: b, orderBy: LastEventTime, descending: true}", "s/1 t s/2")]
    [InlineData("{logGroupName: /a/one}", "")]
    public void Streams_are_found_by_name_or_by_time(string input, string names)
    {
        Put("s/1", (5_000, "last"));
        Assert.Equal(names, Names(Done("DescribeLogStreams", input), "logStreams", "logStreamName"));
    }

    [Fact]
    public void Pages_of_a_stream_go_both_ways_and_end_in_the_same_token()
    {
        Put("t", [.. Enumerable.Range(1, 5).Select(at => ((long)at, $"m{at}"))]);
        var newest = Done("GetLogEvents", "{logGroupName: b, logStreamName: t, limit: 2}");
        Assert.Equal("m4 m5", Messages(newest));
        var older = Next(newest, "nextBackwardToken");
        Assert.Equal("m2 m3", Messages(older));
        var oldest = Next(older, "nextBackwardToken");
        Assert.Equal("m1", Messages(oldest));
        var nothing = Next(oldest, "nextBackwardToken");
        Assert.Equal("", Messages(nothing));
        Assert.Equal(oldest["nextBackwardToken"], nothing["nextBackwardToken"]);
        Assert.Equal("m1 m2", Messages(Next(nothing, "nextForwardToken")));

        var end = Next(newest, "nextForwardToken");
        Assert.Equal(("", newest["nextForwardToken"]), (Messages(end), end["nextForwardToken"]));
        Put("t", (9, "m9"));
        Assert.Equal("m9", Messages(Next(end, "nextForwardToken")));
        Assert.Equal("m1 m2", Messages(Done("GetLogEvents", "{logGroupName: b, logStreamName: t, limit: 2, startFromHead: true}")));
        Assert.Equal("m2 m3", Messages(Done("GetLogEvents", $"{{logGroupName: b, logStreamName: t, startTime: {Now + 2}, endTime: {Now + 4}}}")));

        TreeMap Next(TreeMap page, string token) => Done("GetLogEvents", $"{{logGroupName: b, logStreamName: t, limit: 2, nextToken: '{page[token]!.Text}'}}");
    }

    [Fact]
    public void A_search_goes_through_all_streams_by_time_and_in_pages()
    {
        Put("s/1", (1, "a 1"), (4, "b 4"));
        Put("s/2", (2, "a 2"), (3, "a 3"));
        Put("t", (3, "a of t"));
        Assert.Equal("a 1|a 2|a 3|a of t", Found("{logGroupName: b, filterPattern: a}"));
        Assert.Equal("a 1|a 2|a 3", Found("{logGroupName: b, filterPattern: a, logStreamNamePrefix: s/}"));
        Assert.Equal("a 2|a 3|b 4", Found($"{{logGroupName: b, startTime: {Now + 2}, endTime: {Now + 4}, logStreamNames: [s/1, s/2]}}"));
        var (pages, token) = ("", "");
        do
        {
            var page = Done("FilterLogEvents", $"{{logGroupName: b, limit: 2{(token.Length == 0 ? "" : $", nextToken: '{token}'")}}}");
            pages += string.Join('|', page["events"]!.Items.ToArray().Select(one => one["message"]!.Text)) + "/";
            token = page["nextToken"]?.Text ?? "";
        }
        while (token.Length > 0);
        Assert.Equal("a 1|a 2/a 3|a of t/b 4/", pages);

        string Found(string input) => string.Join('|', Done("FilterLogEvents", input)["events"]!.Items.ToArray().Select(one => one["message"]!.Text));
    }

    [Fact]
    public void Events_that_are_too_old_or_too_new_are_left_out_and_named()
    {
        Done("PutRetentionPolicy", "{logGroupName: b, retentionInDays: 7}");
        const long Day = 24 * 3_600_000L;
        var answer = Put("t", (-15 * Day, "too old"), (-(14 * Day) - 3_600_000, "too old too"));
        Assert.Equal("{\"expiredLogEventEndIndex\":2,\"tooOldLogEventEndIndex\":2}", answer["rejectedLogEventsInfo"]!.ToString());
        Assert.Equal("{\"expiredLogEventEndIndex\":1}", Put("t", (-(7 * Day) - 1, "expired"), (-(7 * Day) + 3_600_000, "kept"))["rejectedLogEventsInfo"]!.ToString());
        Assert.Equal("{\"tooNewLogEventStartIndex\":1}", Put("t", (0, "now"), (2 * 3_600_000 + 1, "too new"))["rejectedLogEventsInfo"]!.ToString());
        Assert.Null(Put("t", (1, "fine"))["rejectedLogEventsInfo"]);
        Assert.Equal("kept now fine", Messages(Done("GetLogEvents", "{logGroupName: b, logStreamName: t}")));
    }

    [Fact]
    public void What_is_older_than_its_group_keeps_it_goes_with_its_blob()
    {
        Done("PutRetentionPolicy", "{logGroupName: b, retentionInDays: 1}");
        Put("t", (0, "old"));
        world.Loop.RunUntil(world.Clock.Now.AddHours(23));
        Assert.Equal("old", Messages(Done("GetLogEvents", "{logGroupName: b, logStreamName: t}")));
        var blob = Assert.Single(world.Logs.Blobs);
        world.Loop.RunUntil(world.Clock.Now.AddHours(2));
        Assert.Equal("", Messages(Done("GetLogEvents", "{logGroupName: b, logStreamName: t}")));
        Assert.Empty(world.Logs.Blobs);
        Assert.Null(blobs.Get(blob));
    }

    [Fact]
    public void An_old_event_goes_though_its_blob_stays_for_a_younger_one()
    {
        Done("PutRetentionPolicy", "{logGroupName: b, retentionInDays: 1}");
        Put("t", (-20 * 3_600_000L, "old"), (0, "young"));
        Assert.Equal("old young", Messages(Done("GetLogEvents", "{logGroupName: b, logStreamName: t}")));
        world.Loop.RunUntil(world.Clock.Now.AddHours(10));
        Assert.Equal("young", Messages(Done("GetLogEvents", "{logGroupName: b, logStreamName: t}")));
    }

    [Fact]
    public void Many_small_writes_make_few_blobs_and_survive_a_restart()
    {
        for (var at = 0; at < 200; at++)
        {
            Put("t", (at, new string('x', 1000) + at));
        }

        Assert.InRange(world.Logs.Blobs.Count(), 3, 4);
        Assert.All(world.Logs.Blobs, blob => Assert.NotNull(blobs.Get(blob)));
        world.RebuildFromJournal();
        var all = Done("GetLogEvents", "{logGroupName: b, logStreamName: t}")["events"]!.Items.ToArray();
        Assert.Equal(Enumerable.Range(0, 200).Select(at => $"{at}"), all.Select(one => one["message"]!.Text![1000..]));
        Done("DeleteLogGroup", "{logGroupName: b}");
        Assert.Empty(world.Logs.Blobs);
    }

    [Fact]
    public void Tags_are_those_of_the_group_by_name_and_by_arn()
    {
        const string Arn = "arn:aws:logs:us-west-2:111122223333:log-group:b";
        Done("TagResource", $"{{resourceArn: '{Arn}', tags: {{a: '1', b: '2'}}}}");
        Done("UntagLogGroup", "{logGroupName: b, tags: [a]}");
        Assert.Equal("{\"b\":\"2\"}", Done("ListTagsForResource", $"{{resourceArn: '{Arn}'}}")["tags"]!.ToString());
        Assert.Equal("{\"b\":\"2\"}", Done("ListTagsLogGroup", "{logGroupName: b}")["tags"]!.ToString());
    }

    private static string Messages(TreeMap page) => string.Join(' ', page["events"]!.Items.ToArray().Select(one => one["message"]!.Text));

    private static string Names(TreeMap answer, string list, string member) => string.Join(' ', answer[list]!.Items.ToArray().Select(one => one[member]!.Text));

    /// <param name="events">Times are milliseconds from now.</param>
    private TreeMap Put(string stream, params (long After, string Message)[] events) => Done("PutLogEvents", TreeMap.Of(
        ("logEvents", TreeList.From(events.Select(one => TreeMap.Of(("message", one.Message), ("timestamp", Now + one.After))))),
        ("logGroupName", "b"),
        ("logStreamName", stream)).ToString());

    private TreeMap Done(string operation, string input) => AwsCalls.Done(world, "logs", operation, input);

    private AwsAnswer Call(string operation, string input) => AwsCalls.Call(world, "logs", operation, input);
}
