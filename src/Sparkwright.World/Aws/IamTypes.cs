using System.Collections.Immutable;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Aws;

/// <summary>The kinds in which IAM's resources lie in the store.</summary>
public static class IamTypes
{
    public static ResourceType Role { get; } = Of("Role", "roles");

    public static ResourceType User { get; } = Of("User", "users");

    public static ResourceType AccessKey { get; } = Of("AccessKey", "accesskeys");

    public static ResourceType Policy { get; } = Of("Policy", "policies");

    public static ResourceType OidcProvider { get; } = Of("OidcProvider", "oidcproviders");

    public static ImmutableArray<ResourceType> All { get; } = [Role, User, AccessKey, Policy, OidcProvider];

    private static ResourceType Of(string kind, string plural) => new("iam.sparkwright.dev", "v1", kind, plural, false, true);
}
