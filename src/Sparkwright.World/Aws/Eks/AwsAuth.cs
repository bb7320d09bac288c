using System.Collections.Immutable;
using Sparkwright.Kubernetes.Authorization;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Store;

namespace Sparkwright.World.Aws.Eks;

/// <summary>
/// Which user of the cluster an AWS principal is: the one who created the cluster is its administrator, all others are looked up in the
/// ConfigMap kube-system/aws-auth.
/// </summary>
/// <param name="creator">ARN of the user who created the cluster.</param>
/// <param name="privateDnsName">The private DNS name of an EC2 instance; null when there is none.</param>
public sealed class AwsAuth(string creator, Func<string, string?> privateDnsName)
{
    private const string CreatorName = "kubernetes-admin";

    /// <summary>The user; null when nobody has mapped the principal.</summary>
    public Identity? Find(AccessKey key, ObjectStore store)
    {
        var canonical = Canonical(key.Arn);
        var session = key.Arn.Contains(":assumed-role/", StringComparison.Ordinal) ? key.Arn[(key.Arn.LastIndexOf('/') + 1)..] : "";
        var account = key.Arn.Split(':')[4];
        var (name, groups) = canonical == creator ? (CreatorName, [Identity.MastersGroup]) : Mapped();
        return name is null ? null : Identity.User(name, groups.AsSpan()) with
        {
            Uid = $"aws-iam-authenticator:{account}:{key.PrincipalId}",
            Extra = TreeMap.Of(
                ("accessKeyId", TreeList.Of(key.Id)),
                ("arn", TreeList.Of(key.Arn)),
                ("canonicalArn", TreeList.Of(canonical)),
                ("principalId", TreeList.Of(key.PrincipalId)),
                ("sessionName", TreeList.Of(session))),
        };

        (string? Name, ImmutableArray<string> Groups) Mapped()
        {
            var data = store.Get(CoreTypes.ConfigMap, "kube-system", "aws-auth")?.Body["data"];
            var entry = Entries(data?["mapRoles"]).FirstOrDefault(one => IsSame(one["rolearn"]?.Text))
                ?? Entries(data?["mapUsers"]).FirstOrDefault(one => IsSame(one["userarn"]?.Text));
            if (entry is not null)
            {
                return Filled(entry["username"]?.Text ?? "") is { } filled
                    ? (filled, [.. Tree.ItemsOf(entry["groups"]).ToArray().Select(one => Filled(one.Text ?? "")).OfType<string>()])
                    : (null, []);
            }

            return Entries(data?["mapAccounts"]).Any(one => (one.Text ?? one.ToString()) == account) ? (canonical, []) : (null, []);
        }

        bool IsSame(string? arn) => canonical.Equals(arn, StringComparison.OrdinalIgnoreCase);

        // A name that asks for an instance where there is none leads nowhere.
        string? Filled(string pattern)
        {
            if (pattern.Contains("{{EC2PrivateDNSName}}", StringComparison.Ordinal))
            {
                if (privateDnsName(session) is not { } dns)
                {
                    return null;
                }

                pattern = pattern.Replace("{{EC2PrivateDNSName}}", dns, StringComparison.Ordinal);
            }

            return pattern
                .Replace("{{AccountID}}", account, StringComparison.Ordinal)
                .Replace("{{AccessKeyID}}", key.Id, StringComparison.Ordinal)
                .Replace("{{SessionNameRaw}}", session, StringComparison.Ordinal)
                .Replace("{{SessionName}}", session.Replace('@', '-'), StringComparison.Ordinal);
        }
    }

    /// <summary>The ARN of the role behind a session; any other ARN is itself.</summary>
    public static string Canonical(string arn) =>
        arn.Split(':') is ["arn", var partition, "sts", _, var account, var resource] && resource.Split('/') is ["assumed-role", var role, _]
            ? $"arn:{partition}:iam::{account}:role/{role}"
            : arn;

    /// <summary>The list in a member of the map; what cannot be read counts as empty.</summary>
    private static Tree[] Entries(Tree? text) => text?.Text is { } yaml && YamlReader.Read(yaml) is { Error: null, Documents: [var only] } ? [.. Tree.ItemsOf(only.Root)] : [];
}
