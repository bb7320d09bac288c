using System.Collections.Immutable;
using Sparkwright.Kubernetes.Authorization;

namespace Sparkwright.Kubernetes.Authentication;

/// <summary>Whose a token is.</summary>
public abstract record TokenVerdict
{
    private TokenVerdict()
    {
    }

    /// <summary>What the server says of a token that none of its ways to read tokens knows.</summary>
    public static TokenVerdict Unknown { get; } = new Refused("invalid bearer token");

    /// <summary>A token of a known form that does not hold.</summary>
    public static TokenVerdict Invalid(string why) => new Refused($"[invalid bearer token, {why}]");

    /// <param name="Audiences">Those asked for that the token is good for.</param>
    public sealed record Accepted(Identity Who, ImmutableArray<string> Audiences) : TokenVerdict;

    public sealed record Refused(string Why) : TokenVerdict;
}
