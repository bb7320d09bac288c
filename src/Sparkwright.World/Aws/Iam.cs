using System.Collections.Immutable;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;

namespace Sparkwright.World.Aws;

/// <summary>The kinds in which IAM's resources lie in the store.</summary>
public static class IamTypes
{
    public static ResourceType Role { get; } = new("iam.sparkwright.dev", "v1", "Role", "roles", false, true);

    public static ResourceType User { get; } = new("iam.sparkwright.dev", "v1", "User", "users", false, true);

    public static ResourceType AccessKey { get; } = new("iam.sparkwright.dev", "v1", "AccessKey", "accesskeys", false, true);

    public static ImmutableArray<ResourceType> All { get; } = [Role, User, AccessKey];
}

/// <summary>A pair of keys, and who comes with it.</summary>
/// <param name="Id">Such as AKIAIOSFODNN7EXAMPLE.</param>
/// <param name="Arn">Of the user, or of the session of a role.</param>
/// <param name="PrincipalId">The user's unique id; of a session the role's, a colon and the session's name.</param>
public sealed record AccessKey(string Id, string Secret, string Arn, string PrincipalId);

/// <summary>Roles, users and access keys of the one simulated account.</summary>
public sealed class Iam(ApiServer api)
{
    /// <summary>The user who has created the account's cluster.</summary>
    public const string AdminUser = "admin";

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

    /// <summary>Makes sure that a user with an access key is there, and answers the key.</summary>
    /// <param name="secret">The key's secret, should a new one be needed: 40 characters.</param>
    public AccessKey EnsureUser(string account, string name, string secret)
    {
        var arn = $"arn:aws:iam::{account}:user/{name}";
        if (api.Store.Get(IamTypes.User, "", name) is null)
        {
            api.Create(new ApiObject(
                IamTypes.User,
                new ObjectMeta { Name = name },
                TreeMap.Of(("spec", TreeMap.Of(("arn", arn), ("userId", "AIDA" + UniqueId("user", name)))))));
        }

        var id = "AKIA" + UniqueId("access-key", name);
        if (FindKey(id) is { } known)
        {
            return known;
        }

        AddKey(new AccessKey(id, secret, arn, api.Store.Get(IamTypes.User, "", name)!.Spec["userId"]!.Text!));
        return FindKey(id)!;
    }

    /// <summary>Puts a key into the store.</summary>
    public void AddKey(AccessKey key) => api.Create(new ApiObject(
        IamTypes.AccessKey,
        new ObjectMeta { Name = ObjectName(key.Id) },
        TreeMap.Of(("spec", TreeMap.Of(("accessKeyId", key.Id), ("arn", key.Arn), ("principalId", key.PrincipalId), ("secretAccessKey", key.Secret))))));

    public AccessKey? FindKey(string id) => api.Store.Get(IamTypes.AccessKey, "", ObjectName(id))?.Spec is { } spec && spec["accessKeyId"]?.Text == id
        ? new AccessKey(id, spec["secretAccessKey"]!.Text!, spec["arn"]!.Text!, spec["principalId"]!.Text!)
        : null;

    /// <summary>The rest of an id behind its four letters: sixteen of A-Z and 2-7.</summary>
    private string UniqueId(string kind, string name)
    {
        const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        var draw = api.Chance.For("iam/" + kind, name);
        return string.Create(16, draw, static (text, first) =>
        {
            var next = first;
            for (var at = 0; at < text.Length; at++)
            {
                text[at] = Alphabet[(int)next.Below(Alphabet.Length)];
                next = next.Next;
            }
        });
    }

#pragma warning disable CA1308 // Names of objects are lower case.
    private static string ObjectName(string keyId) => keyId.ToLowerInvariant();
#pragma warning restore CA1308
}
