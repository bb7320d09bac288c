using System.Globalization;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.World.Aws.Access;
using Sparkwright.World.Aws.Api;
using Sparkwright.World.Aws.Eks;

namespace Sparkwright.World.Aws;

/// <summary>Roles, users, policies and access keys of the one simulated account, and what they may do.</summary>
public sealed class Iam(ApiServer api)
{
    /// <summary>The user who has created the account's cluster.</summary>
    public const string AdminUser = "admin";

    /// <summary>The audience of tokens that are meant for STS.</summary>
    public const string StsAudience = "sts.amazonaws.com";

    public const string AssumeByToken = "sts:AssumeRoleWithWebIdentity";

    /// <summary>Keys of sessions that have ended are kept for so long, so that their owners are told why they no longer count.</summary>
    private static readonly TimeSpan KeptAfterEnd = TimeSpan.FromHours(1);

    /// <summary>Makes sure that a role is there, and answers its ARN.</summary>
    /// <param name="trustPolicy">The assume-role policy document; null for a role that nobody may take on.</param>
    /// <param name="attached">ARNs of its policies.</param>
    public string EnsureRole(string account, string name, string? trustPolicy = null, params IEnumerable<string> attached)
    {
        var arn = $"arn:aws:iam::{account}:role/{name}";
        if (FindRole(arn) is null)
        {
            api.Create(new ApiObject(
                IamTypes.Role,
                new ObjectMeta { Name = name },
                TreeMap.Of(("spec", TreeMap.Of(
                    ("arn", arn),
                    (IamPrincipal.TrustMember, trustPolicy),
                    (IamPrincipal.AttachedMember, TreeList.OfTexts(attached)),
                    ("path", "/"),
                    ("roleId", "AROA" + UniqueId("role", name)))))));
        }

        return arn;
    }

    /// <summary>Makes sure that a customer's policy is there, and answers its ARN.</summary>
    public string EnsurePolicy(string account, string name, string description, string document)
    {
        var arn = $"arn:aws:iam::{account}:policy/{name}";
        if (api.Store.Get(IamTypes.Policy, "", name) is null)
        {
            api.Create(IamPolicy.Make(arn, name, "/", "ANPA" + UniqueId("policy", name), description, document, api.Clock.Now));
        }

        return arn;
    }

    /// <summary>Makes sure that IAM trusts tokens of an issuer, and answers the provider's ARN.</summary>
    /// <param name="issuer">An https URL.</param>
    public string EnsureOidcProvider(string account, string issuer)
    {
        var (name, arn) = (OidcProvider.NameOf(issuer), OidcProvider.ArnOf(account, issuer));
        if (api.Store.Get(IamTypes.OidcProvider, "", name) is null)
        {
            api.Create(OidcProvider.Make(arn, issuer, [StsAudience], []));
        }

        return arn;
    }

    public ApiObject? FindRole(string arn) =>
        api.Store.Get(IamTypes.Role, "", arn[(arn.LastIndexOf('/') + 1)..]) is { } role && role.Spec["arn"]?.Text == arn ? role : null;

    /// <summary>A policy's document by ARN: a customer's in its default version, or one of AWS's own.</summary>
    public PolicyDocument? FindPolicy(string arn) =>
        ManagedPolicies.Find(arn) ?? (api.Store.Get(IamTypes.Policy, "", arn[(arn.LastIndexOf('/') + 1)..]) is { } policy && policy.Spec["arn"]?.Text == arn ? IamPolicy.Of(policy).Document : null);

    /// <summary>Makes sure that a user with an access key is there, and answers the key.</summary>
    /// <param name="secret">The key's secret, should a new one be needed: 40 characters.</param>
    /// <param name="attached">ARNs of the user's policies.</param>
    public AccessKey EnsureUser(string account, string name, string secret, params IEnumerable<string> attached)
    {
        var arn = $"arn:aws:iam::{account}:user/{name}";
        if (api.Store.Get(IamTypes.User, "", name) is null)
        {
            api.Create(new ApiObject(
                IamTypes.User,
                new ObjectMeta { Name = name },
                TreeMap.Of(("spec", TreeMap.Of(
                    ("arn", arn), (IamPrincipal.AttachedMember, TreeList.OfTexts(attached)), ("path", "/"), ("userId", "AIDA" + UniqueId("user", name)))))));
        }

        var id = "AKIA" + UniqueId("access-key", name);
        if (FindKey(id) is { } known)
        {
            return known;
        }

        AddKey(new AccessKey(id, secret, arn, api.Store.Get(IamTypes.User, "", name)!.Spec["userId"]!.Text!));
        return FindKey(id)!;
    }

    /// <summary>Opens a session, and forgets those that have ended a while ago.</summary>
    /// <param name="secret">At least 80 characters of chance, of which key and token are made.</param>
    /// <param name="now">Wall time.</param>
    public AccessKey OpenSession(string arn, string principalId, string secret, DateTime now, TimeSpan lasts, string? policy)
    {
        foreach (var ended in api.Store.List(IamTypes.AccessKey).Where(key => Read(key) is { Expires: { } end } && end + KeptAfterEnd < now).ToList())
        {
            api.Delete(IamTypes.AccessKey, ended.Key);
        }

        var key = new AccessKey("ASIA" + NewId("session"), secret[..40], arn, principalId)
        {
            SessionToken = secret[40..],
            Expires = now + lasts,
            SessionPolicy = policy,
        };
        AddKey(key);
        return key;
    }

    public AccessKey? FindKey(string id) => api.Store.Get(IamTypes.AccessKey, "", ObjectName(id)) is { } known && Read(known) is { } key && key.Id == id ? key : null;

    /// <summary>The rest of an id behind its four letters, for what is made only once: sixteen of A-Z and 2-7.</summary>
    private string UniqueId(string kind, string name) => IamIds.Of(api.Chance.For("iam/" + kind, name));

    /// <summary>The same for what may be made again under the same name.</summary>
    public string NewId(string kind) => UniqueId(kind, api.Store.ResourceVersion.ToString(CultureInfo.InvariantCulture));

    /// <summary>What a user's or a role's policies say of a request. A session's own policy may only take away.</summary>
    /// <param name="arn">Of a user, a role or a role's session.</param>
    public AccessVerdict Decide(string arn, AccessRequest request, string? sessionPolicy = null)
    {
        if (Find(arn) is not { } principal)
        {
            return AccessVerdict.Silent;
        }

        var known = About(arn, principal, request);
        var attached = principal.Attached.Select(one => FindPolicy(one) is { } document ? new NamedPolicy(one[(one.LastIndexOf('/') + 1)..], document) : null).OfType<NamedPolicy>();
        var verdict = PolicyEvaluator.Decide([.. principal.Inline, .. attached], known);
        return verdict.IsAllowed && sessionPolicy is not null && PolicyDocument.Read(sessionPolicy, PolicyKind.Identity).Document is { } limit
            ? PolicyEvaluator.Decide([new NamedPolicy("session policy", limit)], known)
            : verdict;
    }

    /// <summary>What somebody who calls may do.</summary>
    public AccessVerdict Decide(AwsCaller caller, AccessRequest request) => Decide(caller.Arn, request, FindKey(caller.AccessKeyId)?.SessionPolicy);

    /// <summary>Whether a role's trust policy lets somebody take it on.</summary>
    /// <param name="request">With the principal.</param>
    public static AccessVerdict Trusts(ApiObject role, AccessRequest request) => IamPrincipal.Of(role).Trust is { } trust
        ? PolicyEvaluator.Decide([new NamedPolicy("trust policy", trust)], request)
        : AccessVerdict.Silent;

    /// <summary>Whether the bearer of a token of the cluster's OIDC provider may take on a role.</summary>
    /// <param name="role">An ARN.</param>
    /// <param name="issuer">The token's issuer, an https URL that must be known to IAM.</param>
    /// <param name="subject">Such as system:serviceaccount:NAMESPACE:NAME.</param>
    public bool TrustsToken(string account, string role, string issuer, string subject, string audience = StsAudience) =>
        FindRole(role) is { } known && api.Store.Get(IamTypes.OidcProvider, "", OidcProvider.NameOf(issuer)) is not null
        && Trusts(known, OidcProvider.Request(account, role, issuer, subject, audience)).IsAllowed;

    private void AddKey(AccessKey key) => api.Create(new ApiObject(
        IamTypes.AccessKey,
        new ObjectMeta { Name = ObjectName(key.Id) },
        TreeMap.Of(("spec", TreeMap.Of(
            ("accessKeyId", key.Id),
            ("arn", key.Arn),
            ("expires", key.Expires is { } end ? end.Ticks : null),
            ("principalId", key.PrincipalId),
            ("secretAccessKey", key.Secret),
            ("sessionPolicy", key.SessionPolicy),
            ("sessionToken", key.SessionToken))))));

    private static AccessKey Read(ApiObject key) => key.Spec.View(static spec =>
        new AccessKey(spec["accessKeyId"]!.Text!, spec["secretAccessKey"]!.Text!, spec["arn"]!.Text!, spec["principalId"]!.Text!)
        {
            Expires = spec["expires"]?.Integer is { } ticks ? new DateTime(ticks, DateTimeKind.Utc) : null,
            SessionPolicy = spec["sessionPolicy"]?.Text,
            SessionToken = spec["sessionToken"]?.Text,
        });

    private IamPrincipal? Find(string arn)
    {
        var canonical = AwsAuth.Canonical(arn);
        var name = canonical[(canonical.LastIndexOf('/') + 1)..];
        var known = canonical.Contains(":role/", StringComparison.Ordinal) ? api.Store.Get(IamTypes.Role, "", name)
            : canonical.Contains(":user/", StringComparison.Ordinal) ? api.Store.Get(IamTypes.User, "", name)
            : null;
        return known is null ? null : IamPrincipal.Of(known);
    }

    /// <summary>The request with what IAM knows of everybody.</summary>
    private AccessRequest About(string arn, IamPrincipal principal, AccessRequest request)
    {
        var isUser = principal.Arn.Contains(":user/", StringComparison.Ordinal);
        var now = api.Clock.Now;
        var known = request
            .With("aws:PrincipalArn", principal.Arn)
            .With("aws:PrincipalAccount", principal.Arn.Split(':')[4])
            .With("aws:PrincipalType", isUser ? "User" : "AssumedRole")
            .With("aws:userid", isUser ? principal.Id : $"{principal.Id}:{arn[(arn.LastIndexOf('/') + 1)..]}")
            .With("aws:CurrentTime", now.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture))
            .With("aws:EpochTime", ((now - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerSecond).ToString(CultureInfo.InvariantCulture))
            .With("aws:SecureTransport", "true");
        return isUser ? known.With("aws:username", principal.Arn[(principal.Arn.LastIndexOf('/') + 1)..]) : known;
    }

#pragma warning disable CA1308 // Names of objects are lower case.
    private static string ObjectName(string keyId) => keyId.ToLowerInvariant();
#pragma warning restore CA1308
}
