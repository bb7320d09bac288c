using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Http;
using Sparkwright.Kubernetes.Authentication;
using Sparkwright.Kubernetes.Authorization;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Server.Pacing;
using Sparkwright.World.Aws.Eks;

namespace Sparkwright.Server.KubernetesApi;

/// <summary>Somebody who may come with a token.</summary>
public sealed record KnownUser(string Token, string Name, ImmutableArray<string> Groups);

/// <summary>Those who may come with a token now: teams come and go with the blueprint.</summary>
public sealed class KnownUsers
{
    private volatile IReadOnlyList<KnownUser> all = [];

    public IReadOnlyList<KnownUser> All
    {
        get => all;
        set => all = value;
    }

    /// <summary>The user whose token this is; null for nobody's.</summary>
    public KnownUser? Find(string token)
    {
        var given = Encoding.UTF8.GetBytes(token);
        return all.FirstOrDefault(user => CryptographicOperations.FixedTimeEquals(given, Encoding.UTF8.GetBytes(user.Token)));
    }
}

/// <summary>
/// Finds out who asks: by bearer token (of a known user, of a service account, or of <c>aws eks get-token</c>), or by a client certificate of
/// our own authority (CN = user, O = groups). Tokens are read and signatures of RSA looked at outside the engine; the objects behind a token are
/// asked for in it.
/// </summary>
public sealed class Authentication(KnownUsers users, X509Certificate2 authority, ClusterTrust trust, Func<string> issuer, Engine engine, TimeProvider wall)
{
    private const string Bearer = "Bearer ";

    private static readonly ImmutableArray<string> ApiAudiences = [ClusterTrust.ApiAudience];

    /// <summary>Who asks; nobody in particular without any credentials, null with wrong ones.</summary>
    public async Task<Identity?> Identify(HttpContext http)
    {
        var header = http.Request.Headers.Authorization.ToString();
        if (header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
        {
            var token = header[Bearer.Length..].Trim();
            return ByName(token) ?? (Read(token, ApiAudiences) is { } read && await engine.Ask(read).ConfigureAwait(false) is TokenVerdict.Accepted accepted ? accepted.Who : null);
        }

        if (header.Length > 0)
        {
            return null;
        }

        return http.Connection.ClientCertificate is { } certificate ? ByCertificate(certificate) : Identity.Anonymous;
    }

    /// <summary>How the token of a TokenReview is answered, once the world is asked.</summary>
    /// <param name="spec">With the token and the audiences that it is meant for.</param>
    public Func<World.World, TokenVerdict> OfReview(Tree? spec)
    {
        var token = spec?["token"]?.Text ?? "";
        ImmutableArray<string> audiences = spec?["audiences"] is TreeList { Count: > 0 } asked ? [.. asked.Span.ToArray().Select(one => one.Text ?? "")] : ApiAudiences;
        return ByName(token) is { } known
            ? _ => audiences.Contains(ClusterTrust.ApiAudience) ? new TokenVerdict.Accepted(known, ApiAudiences) : TokenVerdict.Unknown
            : Read(token, audiences) ?? (static _ => TokenVerdict.Unknown);
    }

    /// <summary>Gives a service account a token.</summary>
    public async Task<(TreeMap? Answer, ApiStatus? Refusal, string? Warning)> Issue(ObjectKey account, TreeMap request) =>
        await engine.Ask(world => TokenRequests.Decide(world.Store, issuer(), account, request, wall.GetUtcNow(), Guid.NewGuid().ToString())).ConfigureAwait(false) switch
        {
            TokenGrant.Given given => (given.Signed(trust.Key), null, given.Warning),
            TokenGrant.Refused refused => (null, refused.Status, null),
            _ => throw new System.Diagnostics.UnreachableException(),
        };

    /// <summary>The keys by which others can check service accounts' tokens.</summary>
    public TreeMap KeySet => trust.Key.ToKeySet();

    /// <summary>The OIDC discovery document.</summary>
    /// <param name="host">Where the client has found us.</param>
    public TreeMap Discovery(string host) => TreeMap.Of(
        ("id_token_signing_alg_values_supported", TreeList.Of("RS256")),
        ("issuer", issuer()),
        ("jwks_uri", $"https://{host}/openid/v1/jwks"),
        ("response_types_supported", TreeList.Of("id_token")),
        ("subject_types_supported", TreeList.Of("public")));

    /// <summary>What is to be asked of the world about a token; null when it has none of the forms that we know.</summary>
    private Func<World.World, TokenVerdict>? Read(string token, ImmutableArray<string> audiences)
    {
        if (token.StartsWith(ClusterToken.Prefix, StringComparison.Ordinal))
        {
            var (signed, fault) = ClusterToken.Read(token);
            return signed is null ? _ => TokenVerdict.Invalid(fault!) : world => OfAws(world, signed, audiences);
        }

        return trust.Key.Verify(token) is { } claims
            ? world => ServiceAccountTokens.Check(claims, token, issuer(), audiences, world.Store, wall.GetUtcNow(), world.Clock.Now)
            : null;
    }

    private TokenVerdict OfAws(World.World world, ClusterToken token, ImmutableArray<string> audiences)
    {
        if (world.Iam.FindKey(token.Claim.AccessKeyId) is not { } key)
        {
            return TokenVerdict.Invalid("The security token included in the request is invalid");
        }

        if (token.Fault(key, world.Settings.ClusterName, wall.GetUtcNow().UtcDateTime) is { } fault)
        {
            return TokenVerdict.Invalid(fault);
        }

        return audiences.Contains(ClusterTrust.ApiAudience) && world.AwsAuth.Find(key, world.Store) is { } who
            ? new TokenVerdict.Accepted(who, ApiAudiences)
            : TokenVerdict.Invalid("ARN is not mapped");
    }

    /// <summary>The user whose token this is; null for nobody's.</summary>
    private Identity? ByName(string token) => users.Find(token) is { } user ? Identity.User(user.Name, user.Groups.AsSpan()) : null;

    private Identity? ByCertificate(X509Certificate2 certificate)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        if (!chain.Build(certificate))
        {
            return null;
        }

        var (name, groups) = ("", ImmutableArray.CreateBuilder<string>());
        foreach (var part in certificate.SubjectName.EnumerateRelativeDistinguishedNames())
        {
            switch (part.GetSingleElementType().Value)
            {
                case "2.5.4.3":
                    name = part.GetSingleElementValue() ?? "";
                    break;
                case "2.5.4.10":
                    groups.Add(part.GetSingleElementValue() ?? "");
                    break;
            }
        }

        return name.Length == 0 ? null : Identity.User(name, groups.ToArray());
    }
}
