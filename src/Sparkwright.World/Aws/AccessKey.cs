using System.Security.Cryptography;
using System.Text;

namespace Sparkwright.World.Aws;

/// <summary>A pair of keys, and who comes with it.</summary>
/// <param name="Id">Such as AKIAIOSFODNN7EXAMPLE; of a session it begins with ASIA.</param>
/// <param name="Arn">Of the user, or of the session of a role.</param>
/// <param name="PrincipalId">The user's unique id; of a session the role's, a colon and the session's name.</param>
public sealed record AccessKey(string Id, string Secret, string Arn, string PrincipalId)
{
    /// <summary>What has to come with each request of a session; null for a user's own key.</summary>
    public string? SessionToken { get; init; }

    /// <summary>When the session ends, in wall time: clients look at their own clocks.</summary>
    public DateTime? Expires { get; init; }

    /// <summary>A policy document beyond which the session may do nothing; null for none.</summary>
    public string? SessionPolicy { get; init; }

    /// <summary>Whether a request's token is the key's; a user's own key has none.</summary>
    public bool Takes(string? token) => SessionToken is null
        ? string.IsNullOrEmpty(token)
        : CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(SessionToken), Encoding.UTF8.GetBytes(token ?? ""));
}
