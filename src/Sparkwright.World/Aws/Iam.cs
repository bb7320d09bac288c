using System.Collections.Immutable;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;

namespace Sparkwright.World.Aws;

/// <summary>The kinds in which IAM's resources lie in the store.</summary>
public static class IamTypes
{
    public static ResourceType Role { get; } = new("iam.sparkwright.dev", "v1", "Role", "roles", false, true);

    public static ImmutableArray<ResourceType> All { get; } = [Role];
}

/// <summary>Roles of the one simulated account.</summary>
public sealed class Iam(ApiServer api)
{
    /// <summary>Makes sure that a role is there, and answers its ARN.</summary>
    /// <param name="trustPolicy">The assume-role policy document; null for none.</param>
    public string EnsureRole(string account, string name, TreeMap? trustPolicy = null)
    {
        var arn = $"arn:aws:iam::{account}:role/{name}";
        if (FindRole(arn) is null)
        {
            api.Create(new ApiObject(
                IamTypes.Role,
                new ObjectMeta { Name = name },
                TreeMap.Of(("spec", TreeMap.Of(("arn", arn), ("assumeRolePolicyDocument", trustPolicy))))));
        }

        return arn;
    }

    public ApiObject? FindRole(string arn) =>
        api.Store.Get(IamTypes.Role, "", arn[(arn.LastIndexOf('/') + 1)..]) is { } role && role.Spec["arn"]?.Text == arn ? role : null;
}
