using System.Collections.Immutable;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.YuniKorn;

/// <summary>Who a pod belongs to, as the annotation <c>yunikorn.apache.org/user.info</c> says it.</summary>
public sealed record UserInfo(string Name, ImmutableArray<string> Groups)
{
    /// <summary>A pod that nobody claims.</summary>
    public static UserInfo Nobody { get; } = new("nobody", []);

    /// <summary>Reads the annotation; null when it is no such JSON.</summary>
    public static UserInfo? Read(string json)
    {
        try
        {
            return TreeJson.Parse(json) is TreeMap map && map["user"]?.Text is { } user
                ? new UserInfo(user, [.. Tree.ItemsOf(map["groups"]).ToArray().Select(group => group.Text).OfType<string>()])
                : null;
        }
        catch (Exception broken) when (broken is System.Text.Json.JsonException or FormatException)
        {
            return null;
        }
    }

    public string ToJson() => $"{{\"user\":{(Tree)Name},\"groups\":{TreeList.OfTexts(Groups)}}}";

    public bool Equals(UserInfo? other) => other is not null && Name == other.Name && Groups.AsSpan().SequenceEqual(other.Groups.AsSpan());

    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(Name);
}
