using System.Globalization;

namespace Sparkwright.Cli.Output;

/// <summary>Numbers as the screens show them.</summary>
public static class Numbers
{
    /// <summary>Seconds with one decimal; a dash for what did not happen.</summary>
    public static string Seconds(TimeSpan? time) => time is { } known
        ? Math.Round((decimal)known.Ticks / TimeSpan.TicksPerSecond, 1, MidpointRounding.AwayFromZero).ToString("0.0", CultureInfo.InvariantCulture)
        : "-";

    public static string Usd(decimal usd) => Math.Round(usd, 4, MidpointRounding.AwayFromZero).ToString("0.0000", CultureInfo.InvariantCulture);

    public static string Percent(decimal part, decimal whole) => whole == 0
        ? "-"
        : Math.Round(part * 100 / whole, 0, MidpointRounding.AwayFromZero).ToString(CultureInfo.InvariantCulture) + " %";
}
