namespace Sparkwright.Kubernetes.Schedules;

/// <summary>Time zones by their IANA names. Their rules are those of the machine's time zone database; everything in UTC needs none.</summary>
public static class TimeZones
{
    /// <summary>The zone of a name, or null when there is none; an empty name is UTC, as in Go.</summary>
    public static TimeZoneInfo? Find(string name)
    {
        if (name is "" or "UTC")
        {
            return TimeZoneInfo.Utc;
        }

        // A name is a relative path of the database's directory: no step out of it, no other system's names (they have spaces).
        var isName = !name.AsSpan().ContainsAny(' ', '\\') && name[0] != '/' && !name.Contains("..", StringComparison.Ordinal);
        return isName && TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone) ? zone : null;
    }
}
