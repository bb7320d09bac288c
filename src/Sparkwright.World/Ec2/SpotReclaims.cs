using Sparkwright.Simulation;

namespace Sparkwright.World.Ec2;

/// <summary>
/// When EC2 takes a spot instance back of its own accord (modelled): of the instances of a type the share that its published frequency names is
/// taken back each month, evenly over the month.
/// </summary>
public static class SpotReclaims
{
    /// <summary>The frequencies are those of a trailing month.</summary>
    private static readonly TimeSpan Month = TimeSpan.FromDays(30);

    /// <summary>No instance is followed for longer.</summary>
    private const int MostMonths = 24;

    private const int Million = 1_000_000;

    /// <summary>The middle of each band of the Spot Advisor, instances in a thousand; the open one, over 20 %, is taken for 25 %.</summary>
    private static readonly int[] PerThousand = [25, 75, 125, 175, 250];

    /// <summary>How long after its launch an instance is warned; null when it is not, within two years.</summary>
    /// <param name="band">0 to 4, as <see cref="Ec2Catalogue.InterruptionBand"/> has it.</param>
    /// <param name="percent">Of the published frequency.</param>
    public static TimeSpan? After(int band, int percent, Draw draw)
    {
        var inMillion = PerThousand[band] * 10L * percent;
        for (var month = 0; month < MostMonths && inMillion > 0; month++, draw = draw.Next)
        {
            // More than all of them in a month means all of them in a part of it.
            var at = draw.Below(Million);
            if (at < inMillion)
            {
                return (month * Month) + TimeSpan.FromMilliseconds((long)Month.TotalMilliseconds * at / inMillion);
            }
        }

        return null;
    }
}
