using Sparkwright.World.YuniKorn.Applications;

namespace Sparkwright.Tests.YuniKorn;

public sealed class ApplicationLifecycleTests
{
    /// <summary>The whole table: what is not in it leads nowhere.</summary>
    private const string Table = """
        New        Reject   Rejected
        New        Run      Accepted
        New        Fail     Failing
        New        Resume   Resuming
        Accepted   Run      Running
        Accepted   Complete Completing
        Accepted   Fail     Failing
        Accepted   Resume   Resuming
        Running    Run      Running
        Running    Complete Completing
        Running    Fail     Failing
        Completing Run      Running
        Completing Complete Completed
        Failing    Fail     Failed
        Resuming   Run      Accepted
        Completed  Expire   Expired
        Failed     Expire   Expired
        Rejected   Expire   Expired
        """;

    [Fact]
    public void Each_event_leads_where_the_table_says()
    {
        var actual = from state in Enum.GetValues<ApplicationState>()
                     from happened in Enum.GetValues<ApplicationEvent>()
                     let next = ApplicationLifecycle.Next(state, happened)
                     where next is not null
                     select $"{state} {happened} {next}";
        var expected = Table.Split('\n').Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries)));
        Assert.Equal(expected.Order(StringComparer.Ordinal), actual.Order(StringComparer.Ordinal));
    }
}
