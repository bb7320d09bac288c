using System.Globalization;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Schedules;

namespace Sparkwright.Tests.Kubernetes.Schedules;

public sealed class CronScheduleTests
{
    [Theory]
    //          schedule               after                   the next three times
    [InlineData("* * * * *", "2026-01-01T00:00:00Z", "01-01 00:01, 01-01 00:02, 01-01 00:03")]
    [InlineData("* * * * *", "2026-01-01T00:00:59Z", "01-01 00:01, 01-01 00:02, 01-01 00:03")]
    [InlineData("0 * * * *", "2026-01-01T00:00:00Z", "01-01 01:00, 01-01 02:00, 01-01 03:00")]
    [InlineData("*/20 * * * *", "2026-01-01T00:30:00Z", "01-01 00:40, 01-01 01:00, 01-01 01:20")]
    [InlineData("5/25 * * * *", "2026-01-01T00:00:00Z", "01-01 00:05, 01-01 00:30, 01-01 00:55")]
    [InlineData("10-30/10,50 6 * * *", "2026-01-01T06:10:00Z", "01-01 06:20, 01-01 06:30, 01-01 06:50")]
    [InlineData("30 22 * * fri", "2026-01-01T00:00:00Z", "01-02 22:30, 01-09 22:30, 01-16 22:30")]
    [InlineData("0 9 * * Mon-Fri", "2026-01-01T10:00:00Z", "01-02 09:00, 01-05 09:00, 01-06 09:00")]
    [InlineData("0 0 31 * *", "2026-02-01T00:00:00Z", "03-31 00:00, 05-31 00:00, 07-31 00:00")]
    [InlineData("0 0 1 feb,jun ?", "2026-01-01T00:00:00Z", "02-01 00:00, 06-01 00:00, 02-01 00:00")]
    // Either day is enough when both are named, and a stepped star names days.
    [InlineData("0 0 13 * 5", "2026-01-01T00:00:00Z", "01-02 00:00, 01-09 00:00, 01-13 00:00")]
    [InlineData("0 0 */2 * 4", "2026-01-01T00:00:00Z", "01-03 00:00, 01-05 00:00, 01-07 00:00")]
    [InlineData("0 0 */1 * 4", "2026-01-01T00:00:00Z", "01-08 00:00, 01-15 00:00, 01-22 00:00")]
    [InlineData("0 0 29 2 *", "2026-01-01T00:00:00Z", "02-29 00:00, 02-29 00:00, 02-29 00:00")]
    [InlineData("0 0 30 2 *", "2026-01-01T00:00:00Z", "never")]
    [InlineData("@hourly", "2026-01-01T00:10:00Z", "01-01 01:00, 01-01 02:00, 01-01 03:00")]
    [InlineData("@daily", "2026-01-01T00:10:00Z", "01-02 00:00, 01-03 00:00, 01-04 00:00")]
    [InlineData("@midnight", "2026-01-01T00:10:00Z", "01-02 00:00, 01-03 00:00, 01-04 00:00")]
    [InlineData("@weekly", "2026-01-01T00:10:00Z", "01-04 00:00, 01-11 00:00, 01-18 00:00")]
    [InlineData("@monthly", "2026-01-01T00:10:00Z", "02-01 00:00, 03-01 00:00, 04-01 00:00")]
    [InlineData("@yearly", "2026-01-01T00:10:00Z", "01-01 00:00, 01-01 00:00, 01-01 00:00")]
    [InlineData("@every 1h30m", "2026-01-01T00:10:00Z", "01-01 01:40, 01-01 03:10, 01-01 04:40")]
    // 02:30 is left out on the day that summer begins, 01:30 comes twice on the day that it ends.
    [InlineData("TZ=America/New_York 30 2 * * *", "2026-03-07T08:00:00Z", "03-09 06:30, 03-10 06:30, 03-11 06:30")]
    [InlineData("CRON_TZ=America/New_York 30 1 * * *", "2026-11-01T00:00:00Z", "11-01 05:30, 11-01 06:30, 11-02 06:30")]
    [InlineData("TZ=Europe/Berlin 0 0 * * 0", "2026-03-28T00:00:00Z", "03-28 23:00, 04-04 22:00, 04-11 22:00")]
    // Havana leaves midnight out: the day begins at 01:00.
    [InlineData("TZ=America/Havana 0 * 8 3 *", "2026-03-08T00:00:00Z", "03-08 05:00, 03-08 06:00, 03-08 07:00")]
    public void The_next_times_are(string schedule, string after, string expected)
    {
        var parsed = Assert.IsType<CronParse.Parsed>(CronSchedule.Parse(schedule)).Schedule;
        Assert.True(Timestamps.TryParse(after, out var time));
        var times = new List<string>();
        for (var next = parsed.Next(time); next is { } at && times.Count < 3; next = parsed.Next(at))
        {
            times.Add(at.ToString("MM-dd HH:mm", CultureInfo.InvariantCulture));
        }

        Assert.Equal(expected, times.Count == 0 ? "never" : string.Join(", ", times));
    }

    [Theory]
    [InlineData("", "empty spec string")]
    [InlineData("* * * *", "expected exactly 5 fields, found 4: [* * * *]")]
    [InlineData("* *  * * * *", "expected exactly 5 fields, found 6: [* * * * * *]")]
    [InlineData("60 * * * *", "end of range (60) above maximum (59): 60")]
    [InlineData("* 24 * * *", "end of range (24) above maximum (23): 24")]
    [InlineData("* * 0 * *", "beginning of range (0) below minimum (1): 0")]
    [InlineData("* * * 13 *", "end of range (13) above maximum (12): 13")]
    [InlineData("* * * * 7", "end of range (7) above maximum (6): 7")]
    [InlineData("30-10 * * * *", "beginning of range (30) beyond end of range (10): 30-10")]
    [InlineData("1-2-3 * * * *", "too many hyphens: 1-2-3")]
    [InlineData("*/2/3 * * * *", "too many slashes: */2/3")]
    [InlineData("*/0 * * * *", "step of range should be a positive number: */0")]
    [InlineData("a * * * *", "failed to parse int from a: strconv.Atoi: parsing \"a\": invalid syntax")]
    [InlineData("-5 * * * *", "failed to parse int from : strconv.Atoi: parsing \"\": invalid syntax")]
    [InlineData("*/-5 * * * *", "negative number (-5) not allowed: -5")]
    [InlineData("@never", "unrecognized descriptor: @never")]
    [InlineData("@every soon", "failed to parse duration @every soon: time: invalid duration \"soon\"")]
    [InlineData("TZ=Nowhere/City 0 0 * * *", "provided bad location Nowhere/City: unknown time zone Nowhere/City")]
    public void What_is_wrong_is_said_as_the_server_says_it(string schedule, string message) =>
        Assert.Equal(message, Assert.IsType<CronParse.Refused>(CronSchedule.Parse(schedule)).Message);
}
