using System.Collections.Immutable;
using System.Globalization;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Aws.Access;
using Sparkwright.World.Aws.Api;
using Sparkwright.World.Aws.Eks;

namespace Sparkwright.World.Aws;

/// <summary>The API sts: who one is, and the sessions of roles.</summary>
/// <param name="issuer">The cluster's OIDC provider, whose tokens the API server signs.</param>
public sealed class SecurityTokens(Iam iam, string account, string issuer)
{
    private const int ShortestSession = 900;
    private const int UsualSession = 3600;
    private const int LongestSession = 43_200;

    /// <summary>A session that was opened by another one is not longer than an hour.</summary>
    private const int LongestChained = 3600;

    private const int LongestOfUser = 129_600;
    private const string SessionNameCharacters = "_+=,.@-";
    private const string AssumeRoleAction = "sts:AssumeRole";

    public AwsService Service() => new("sts", AwsProtocol.Query, "https://sts.amazonaws.com/doc/2011-06-15/",
    [
        new AwsOperation("GetCallerIdentity", call => AwsAnswer.Ok(("Account", account), ("Arn", call.Caller.Arn), ("UserId", call.Caller.PrincipalId))),
        IamRefusal.Guard("AssumeRole", AssumeRole),
        IamRefusal.Guard("AssumeRoleWithWebIdentity", AssumeRoleWithWebIdentity),
        IamRefusal.Guard("GetSessionToken", GetSessionToken),
        IamRefusal.Guard("GetAccessKeyInfo", call => iam.FindKey(IamRefusal.Need(call, "AccessKeyId", 128)) is null
            ? throw IamRefusal.Invalid("The access key ID is not valid.")
            : AwsAnswer.Ok(("Account", account))),
    ]);

    private AwsAnswer AssumeRole(AwsCall call)
    {
        var (arn, session) = (NeedRole(call), NeedSession(call));
        var caller = call.Caller;
        var who = AwsAuth.Canonical(caller.Arn);
        var request = new AccessRequest(AssumeRoleAction, arn)
            .With("sts:RoleSessionName", session)
            .With("aws:PrincipalArn", who)
            .With("aws:PrincipalAccount", account);
        request = call.Text("ExternalId") is { } external ? request.With("sts:ExternalId", external) : request;
        var own = iam.Decide(caller, request);
        if (iam.FindRole(arn) is not { } role || own.Effect is AccessEffect.Denied || !IsTrusted(role, request, who, caller.Arn, own.IsAllowed))
        {
            throw IamRefusal.Denied($"User: {caller.Arn} is not authorized to perform: {AssumeRoleAction} on resource: {arn}");
        }

        return Session(call, role, session, Duration(call, role, caller.Arn.Contains(":assumed-role/", StringComparison.Ordinal)));
    }

    /// <summary>A trust policy that names the caller is enough; one that names the account leaves it to the caller's own policies.</summary>
    private bool IsTrusted(ApiObject role, AccessRequest request, string who, string session, bool isAllowed)
    {
        AccessVerdict By(params ImmutableArray<string> names) => Iam.Trusts(role, request with { Principal = new AccessPrincipal("AWS", names) });
        return By(who, session).IsAllowed || (isAllowed && By(who, session, account, $"arn:aws:iam::{account}:root").IsAllowed);
    }

    /// <summary>The token is the proof; its signature was checked before the call got here.</summary>
    private AwsAnswer AssumeRoleWithWebIdentity(AwsCall call)
    {
        var (arn, session) = (NeedRole(call), NeedSession(call));
        IamRefusal.Need(call, "WebIdentityToken", 20_000);
        if (call.Arrival.TokenClaims is not { } claims)
        {
            throw Identity("InvalidIdentityToken", "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements");
        }

        if (claims["iss"]?.Text != issuer)
        {
            throw Identity("InvalidIdentityToken", $"No OpenIDConnect provider found in your account for {claims["iss"]?.Text}");
        }

        var end = DateTime.UnixEpoch.AddSeconds(claims["exp"]?.Integer ?? 0);
        if (end <= call.Arrival.Time)
        {
            throw Identity("ExpiredTokenException", string.Create(CultureInfo.InvariantCulture, $"Token expired: current date/time {Seconds(call.Arrival.Time)} must be before the expiration date/time {Seconds(end)}"));
        }

        var audience = (claims["aud"] is TreeList list ? list.Span.ToArray().Select(one => one.Text ?? "") : [claims["aud"]?.Text ?? ""]).FirstOrDefault(one => one == Iam.StsAudience)
            ?? throw Identity("InvalidIdentityToken", "Incorrect token audience");
        var subject = claims["sub"]?.Text ?? "";
        if (iam.FindRole(arn) is not { } role || !iam.TrustsToken(account, arn, issuer, subject, audience))
        {
            throw IamRefusal.Denied("Not authorized to perform sts:AssumeRoleWithWebIdentity");
        }

        return Session(call, role, session, Duration(call, role, isChained: false), ("Audience", audience), ("Provider", OidcProvider.ArnOf(account, issuer)), ("SubjectFromWebIdentityToken", subject));
    }

    private AwsAnswer GetSessionToken(AwsCall call)
    {
        if (call.Caller.AccessKeyId.StartsWith("ASIA", StringComparison.Ordinal))
        {
            throw IamRefusal.Denied("Cannot call GetSessionToken with session credentials");
        }

        var seconds = Within(call, LongestSession, LongestOfUser);
        return AwsAnswer.Ok(("Credentials", Credentials(iam.OpenSession(
            call.Caller.Arn, call.Caller.PrincipalId, call.Arrival.Secret, call.Arrival.Time, TimeSpan.FromSeconds(seconds), null))));
    }

    private AwsAnswer Session(AwsCall call, ApiObject role, string session, TimeSpan lasts, params ReadOnlySpan<(string Key, Tree? Value)> more)
    {
        var policy = call.Text("Policy");
        if (policy is not null && PolicyDocument.Read(policy, PolicyKind.Identity).Problem is { } problem)
        {
            throw IamRefusal.Malformed(problem);
        }

        var (arn, id) = ($"arn:aws:sts::{account}:assumed-role/{role.Name}/{session}", $"{role.Spec["roleId"]?.Text}:{session}");
        var key = iam.OpenSession(arn, id, call.Arrival.Secret, call.Arrival.Time, lasts, policy);
        return new AwsAnswer.Done(TreeMap.Of(
            ("AssumedRoleUser", TreeMap.Of(("Arn", arn), ("AssumedRoleId", id))),
            ("Credentials", Credentials(key))).Merge(TreeMap.Of(more)));
    }

    private static TreeMap Credentials(AccessKey key) => TreeMap.Of(
        ("AccessKeyId", key.Id), ("Expiration", Seconds(key.Expires!.Value)), ("SecretAccessKey", key.Secret), ("SessionToken", key.SessionToken));

    private static string NeedRole(AwsCall call)
    {
        var arn = IamRefusal.Need(call, "RoleArn", 2048, least: 20);
        return arn.StartsWith("arn:", StringComparison.Ordinal) && arn.Contains(":role/", StringComparison.Ordinal) ? arn : throw IamRefusal.Invalid($"{arn} is invalid");
    }

    private static string NeedSession(AwsCall call) => IamRefusal.Need(call, "RoleSessionName", 64, SessionNameCharacters, least: 2);

    private static TimeSpan Duration(AwsCall call, ApiObject role, bool isChained)
    {
        var seconds = Within(call, UsualSession, LongestSession);
        return isChained && seconds > LongestChained ? throw IamRefusal.Invalid("The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining")
            : seconds > (role.Spec["maxSessionDuration"]?.Integer ?? UsualSession) ? throw IamRefusal.Invalid("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
            : TimeSpan.FromSeconds(seconds);
    }

    private static long Within(AwsCall call, long usual, long most) => call.Text("DurationSeconds") is not { } text ? usual
        : call.Number("DurationSeconds") is { } seconds && seconds >= ShortestSession && seconds <= most ? seconds
        : throw IamRefusal.Invalid($"1 validation error detected: Value '{text}' at 'durationSeconds' failed to satisfy constraint: Member must have value between {ShortestSession} and {most}");

    private static IamRefusal Identity(string code, string message) => new(new AwsError(400, code, message));

    private static string Seconds(DateTime time) => time.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
