using System.Collections.Frozen;

namespace Sparkwright.World.YuniKorn.Configuration;

/// <summary>Who may use a queue: <c>"users groups"</c>, two lists with commas, one space between; <c>*</c> is everybody, nothing is nobody.</summary>
public sealed class AccessList
{
    private readonly bool everybody;
    private readonly FrozenSet<string> users;
    private readonly FrozenSet<string> groups;

    private AccessList(string text)
    {
        everybody = text.Trim() == "*";
        var parts = text.Split(' ');
        users = Names(parts[0]);
        groups = Names(parts.Length > 1 ? parts[1] : "");
        everybody |= users.Contains("*") || groups.Contains("*");
    }

    public static AccessList Of(string text) => new(text);

    public bool Admits(UserInfo user) => everybody || users.Contains(user.Name) || user.Groups.Any(groups.Contains);

    private static FrozenSet<string> Names(string list) =>
        list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).ToFrozenSet(StringComparer.Ordinal);
}
