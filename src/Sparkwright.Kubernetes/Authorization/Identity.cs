using System.Collections.Immutable;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.Kubernetes.Authorization;

/// <summary>Who asks.</summary>
/// <param name="Groups">All groups, those that every user is in included.</param>
public sealed record Identity(string Name, ImmutableArray<string> Groups)
{
    public const string AuthenticatedGroup = "system:authenticated";
    public const string MastersGroup = "system:masters";
    private const string ServiceAccountPrefix = "system:serviceaccount:";

    public static Identity Anonymous { get; } = new("system:anonymous", ["system:unauthenticated"]);

    public string Uid { get; init; } = "";

    /// <summary>Lists of texts by key, which only who impersonates can give.</summary>
    public TreeMap Extra { get; init; } = TreeMap.Empty;

    /// <summary>Namespace and name of the service account that this is, or null.</summary>
    public (string Namespace, string Name)? ServiceAccount =>
        Name.StartsWith(ServiceAccountPrefix, StringComparison.Ordinal) && Name[ServiceAccountPrefix.Length..].Split(':') is [var home, var name] ? (home, name) : null;

    /// <summary>A user that has proven who he is.</summary>
    public static Identity User(string name, params ReadOnlySpan<string> groups) => new(name, [.. groups, AuthenticatedGroup]);

    public static Identity OfServiceAccount(string @namespace, string name) =>
        User($"{ServiceAccountPrefix}{@namespace}:{name}", "system:serviceaccounts", $"system:serviceaccounts:{@namespace}");
}
