using System.Collections.Immutable;
using System.Globalization;

namespace Sparkwright.World.YuniKorn.Applications;

/// <summary>
/// The annotation <c>schedulingPolicyParameters</c>: words separated by spaces, each <c>key=value</c>. As in YuniKorn only two keys are known and
/// all else is passed over; what was passed over is remembered, so that it can be told.
/// </summary>
/// <param name="PlaceholderTimeout">Null takes the default of 15 minutes.</param>
/// <param name="IsHard">Whether the application runs as a gang or not at all.</param>
/// <param name="Ignored">Words that mean nothing, as written.</param>
public sealed record SchedulingParameters(TimeSpan? PlaceholderTimeout, bool IsHard, ImmutableArray<string> Ignored)
{
    public const string TimeoutKey = "placeholderTimeoutInSeconds";
    public const string StyleKey = "gangSchedulingStyle";

    public static SchedulingParameters Read(string? annotation)
    {
        TimeSpan? timeout = null;
        var isHard = false;
        var ignored = ImmutableArray.CreateBuilder<string>();
        foreach (var word in (annotation ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            switch (word.Split('='))
            {
                case [TimeoutKey, var seconds] when long.TryParse(seconds, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var count):
                    timeout = count > 0 ? TimeSpan.FromSeconds(Math.Min(count, (long)TimeSpan.MaxValue.TotalSeconds)) : null;
                    break;
                case [StyleKey, var style] when style is "Hard" or "Soft":
                    isHard = style == "Hard";
                    break;
                default:
                    ignored.Add(word);
                    break;
            }
        }

        return new SchedulingParameters(timeout, isHard, ignored.ToImmutable());
    }
}
