using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Store;
using Sparkwright.Simulation;
using Sparkwright.World.Aws;

namespace Sparkwright.Tests.Aws;

public sealed class CallFailuresTests
{
    private readonly ApiServer api = new(new ObjectStore(), new Clock(new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc)), new Chance(1));

    [Theory]
    //          asked for                            calls made                               answers
    [InlineData("", "CreateFleet", "-")]
    [InlineData("CreateFleet/A/1", "CreateFleet CreateFleet", "A -")]
    [InlineData("CreateFleet/A/3", "CreateFleet CreateFleet CreateFleet CreateFleet", "A A A -")]
    [InlineData("CreateFleet/A/1", "RunInstances CreateFleet", "- A")]
    [InlineData("CreateFleet/A/2 CreateFleet/B/1", "CreateFleet CreateFleet CreateFleet CreateFleet", "A A B -")]
    [InlineData("CreateFleet/A/1 RunInstances/B/1", "RunInstances RunInstances CreateFleet", "B - A")]
    public void Failures_are_used_up_in_the_order_in_which_they_were_asked_for(string asked, string calls, string answers)
    {
        foreach (var failure in asked.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(word => word.Split('/')))
        {
            new CallFailures(api).Add(failure[0], failure[1], null, long.Parse(failure[2], System.Globalization.CultureInfo.InvariantCulture));
        }

        // Each call asks anew, as a process that was restarted in between does: the store alone counts.
        Assert.Equal(answers, string.Join(' ', calls.Split(' ').Select(call => new CallFailures(api).Next(call)?.Code ?? "-")));
    }

    [Theory]
    [InlineData("UnauthorizedOperation", null, "UnauthorizedOperation: You are not authorized to perform this operation.")]
    [InlineData("RequestLimitExceeded", null, "RequestLimitExceeded: Request limit exceeded.")]
    [InlineData("UnauthorizedOperation", "No.", "UnauthorizedOperation: No.")]
    [InlineData("SomethingElse", null, "SomethingElse: the call fails as the scenario asks")]
    public void A_failure_has_AWSs_usual_text_unless_it_was_given_another(string code, string? message, string says)
    {
        var failures = new CallFailures(api);
        failures.Add("CreateFleet", code, message, 1);
        Assert.Equal(says, failures.Next("CreateFleet")?.ToString());
    }
}
