using System.Globalization;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Spark;

/// <summary>Times of our own records: to the tick, so that what is read back is what was written.</summary>
public static class Instants
{
    private const string Format = "yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'";

    public static string Print(DateTime time) => time.ToString(Format, CultureInfo.InvariantCulture);

    public static DateTime? Read(Tree? tree) => tree?.Text is { } text ? Read(text) : null;

    public static DateTime? Read(string text) =>
        DateTime.TryParseExact(text, Format, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) ? time : null;
}
