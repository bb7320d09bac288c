using System.Text;
using Sparkwright.Kubernetes.Requests;

namespace Sparkwright.Tests.Kubernetes.Requests;

public class LogExtractTests
{
    private static readonly DateTime Start = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    private static readonly LogLine[] Log = [new(Start, "one\n"), new(Start.AddSeconds(10), "two\n"), new(Start.AddMilliseconds(20_500), "three\n")];

    [Theory]
    //          tail  since limit times  what is given at first; then a line "four" comes at 30 s
    [InlineData(null, null, null, false, "one two three + four")]
    [InlineData(2, null, null, false, "two three + four")]
    [InlineData(0, null, null, false, "+ four")]
    [InlineData(9, null, null, false, "one two three + four")]
    [InlineData(null, 10, null, false, "two three + four")]
    [InlineData(2, 15, null, false, "three + four")]
    [InlineData(1, 99, null, false, "+")]
    [InlineData(null, null, 6, false, "one tw +")]
    [InlineData(null, null, 16, false, "one two three + fo")]
    [InlineData(1, null, null, true, "2026-01-01T00:00:20.500000000Z three + 2026-01-01T00:00:30.000000000Z four")]
    public void A_client_gets_the_part_that_it_wants(int? tail, int? since, int? limit, bool timestamps, string given)
    {
        var extract = new LogExtract(new LogOptions { TailLines = tail, Since = since is { } seconds ? Start.AddSeconds(seconds) : null, LimitBytes = limit, Timestamps = timestamps });
        var first = Encoding.UTF8.GetString(extract.Begin(Log));
        var next = Encoding.UTF8.GetString(extract.Next(new LogLine(Start.AddSeconds(30), "four\n")));
        Assert.Equal(given, $"{first.Replace('\n', ' ').Trim()} + {next.Trim()}".Trim());
        Assert.Equal(limit is not null, extract.IsFull);
    }
}
