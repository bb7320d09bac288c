using System.Globalization;

namespace Sparkwright.World.Spark;

/// <summary>A release of Apache Spark; many rules changed with one.</summary>
public readonly record struct SparkVersion(int Major, int Minor, int Patch) : IComparable<SparkVersion>
{
    public static SparkVersion Parse(string text)
    {
        var parts = text.Split('.');
        return new(Part(parts, 0), Part(parts, 1), Part(parts, 2));
    }

    /// <summary>Whether this release is that one or newer.</summary>
    public bool Since(int major, int minor) => Major > major || (Major == major && Minor >= minor);

    public int CompareTo(SparkVersion other) => (Major, Minor, Patch).CompareTo((other.Major, other.Minor, other.Patch));

    public override string ToString() => $"{Major}.{Minor}.{Patch}";

    private static int Part(string[] parts, int at) =>
        at < parts.Length && int.TryParse(parts[at], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
}

/// <summary>What the application is written in; it decides the default memory overhead.</summary>
public enum ApplicationLanguage
{
    Java,
    Python,
    R,
}
