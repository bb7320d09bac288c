using Sparkwright.World.YuniKorn.Applications;

namespace Sparkwright.World.Insight;

/// <summary>What applications said to YuniKorn that means nothing there; each word once an application.</summary>
public static class YuniKornFindings
{
    public static IEnumerable<Finding> Of(World world) =>
        from application in world.YuniKorn is { } scheduler ? scheduler.Applications.Concat(scheduler.Finished) : []
        from word in application.Parameters.Ignored.Distinct(StringComparer.Ordinal)
        select Finding.Warning(
            "yunikorn-unknown-parameter",
            $"application {application.Id}: schedulingPolicyParameters `{word}` means nothing to YuniKorn and has no effect; known are {SchedulingParameters.TimeoutKey} and {SchedulingParameters.StyleKey}.");
}
