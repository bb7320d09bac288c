using System.Collections.Immutable;
using Sparkwright.Kubernetes.Authorization;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Store;

namespace Sparkwright.Kubernetes.Authentication;

/// <summary>
/// The claims of service accounts' tokens, and whether they hold: those that are bound to objects and end by themselves, and those that lie in
/// Secrets. Their times are wall time, as other programs check them too.
/// </summary>
public static class ServiceAccountTokens
{
    /// <summary>The type of Secrets that hold a token.</summary>
    public const string SecretType = "kubernetes.io/service-account-token";

    public const string NameAnnotation = "kubernetes.io/service-account.name";
    public const string UidAnnotation = "kubernetes.io/service-account.uid";

    /// <summary>The issuer of tokens in Secrets.</summary>
    private const string LegacyIssuer = "kubernetes/serviceaccount";

    private const string LegacyPrefix = LegacyIssuer + "/";
    private const string Gone = "service account token has been invalidated";
    private const string ExtraPrefix = "authentication.kubernetes.io/";

    /// <summary>Clocks may differ by so much.</summary>
    private static readonly TimeSpan Leeway = TimeSpan.FromMinutes(1);

    /// <summary>An object that is being deleted still vouches for its tokens for so long.</summary>
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(60);

    /// <summary>The claims of a token that ends by itself.</summary>
    /// <param name="bound">The object with whose end the token ends too; null for none.</param>
    /// <param name="node">The node of that object, when it is a pod that has one.</param>
    /// <param name="now">Wall time.</param>
    /// <param name="id">Names this one token.</param>
    public static TreeMap Claims(
        ApiObject account, string issuer, IEnumerable<string> audiences, ApiObject? bound, ApiObject? node, DateTimeOffset now, long seconds, string id)
    {
        var about = TreeMap.Of(
            ("namespace", account.Namespace),
            ("node", node is null ? null : Reference(node)),
            ("serviceaccount", Reference(account)));
        if (bound is not null)
        {
            about = about.With(KeyOf(bound.Type), Reference(bound));
        }

        var second = now.ToUnixTimeSeconds();
        return TreeMap.Of(
            ("aud", TreeList.OfTexts(audiences)),
            ("exp", second + seconds),
            ("iat", second),
            ("iss", issuer),
            ("jti", id),
            ("kubernetes.io", about),
            ("nbf", second),
            ("sub", Identity.OfServiceAccount(account.Namespace, account.Name).Name));
    }

    /// <summary>The claims of the token that a Secret holds; it ends with the Secret.</summary>
    public static TreeMap LegacyClaims(ApiObject account, string secret) => TreeMap.Of(
        ("iss", LegacyIssuer),
        (LegacyPrefix + "namespace", account.Namespace),
        (LegacyPrefix + "secret.name", secret),
        (LegacyPrefix + "service-account.name", account.Name),
        (LegacyPrefix + "service-account.uid", account.Metadata.Uid),
        ("sub", Identity.OfServiceAccount(account.Namespace, account.Name).Name));

    /// <summary>Whose token it is, by claims whose signature is proven.</summary>
    /// <param name="token">The token itself, which must be the one in its Secret.</param>
    /// <param name="audiences">Whoever asks; the token must name one of them.</param>
    /// <param name="world">World time, against which the deletion of objects counts.</param>
    public static TokenVerdict Check(
        TreeMap claims, string token, string issuer, ImmutableArray<string> audiences, ObjectStore store, DateTimeOffset wall, DateTime world)
    {
        if (claims["iss"]?.Text == LegacyIssuer)
        {
            return CheckLegacy(claims, token, audiences, store, world);
        }

        if (claims["iss"]?.Text != issuer)
        {
            return TokenVerdict.Unknown;
        }

        var second = wall.ToUnixTimeSeconds();
        if (claims["exp"]?.Integer is not { } end || second > end + Leeway.TotalSeconds)
        {
            return TokenVerdict.Invalid("service account token has expired");
        }

        if (claims["nbf"]?.Integer is { } start && second < start - Leeway.TotalSeconds)
        {
            return TokenVerdict.Invalid("service account token is not valid yet");
        }

        string[] named = [.. Tree.ItemsOf(claims["aud"]).ToArray().Select(one => one.Text ?? "")];
        ImmutableArray<string> shared = [.. audiences.Where(named.Contains)];
        if (shared.IsEmpty)
        {
            return TokenVerdict.Invalid($"token audiences {Quoted(named)} is invalid for the target audiences {Quoted(audiences)}");
        }

        var about = claims["kubernetes.io"];
        var home = about?["namespace"]?.Text ?? "";
        if (Living(CoreTypes.ServiceAccount, home, about?["serviceaccount"], store, world) is not { } account)
        {
            return TokenVerdict.Invalid(Gone);
        }

        foreach (var type in new[] { CoreTypes.Secret, CoreTypes.Pod })
        {
            if (about![KeyOf(type)] is { } bound && Living(type, home, bound, store, world) is null)
            {
                return TokenVerdict.Invalid(Gone);
            }
        }

        // A pod's token names its node only to tell it; one that is bound to the node alone ends with it.
        var (pod, node) = (about!["pod"], about["node"]);
        return node is not null && pod is null && Living(CoreTypes.Node, "", node, store, world) is null
            ? TokenVerdict.Invalid(Gone)
            : new TokenVerdict.Accepted(Who(account) with { Extra = Extra(claims["jti"]?.Text, pod, node) }, shared);
    }

    private static TokenVerdict CheckLegacy(TreeMap claims, string token, ImmutableArray<string> audiences, ObjectStore store, DateTime world)
    {
        if (!audiences.Contains(ClusterTrust.ApiAudience))
        {
            return TokenVerdict.Invalid($"token audiences [\"{ClusterTrust.ApiAudience}\"] is invalid for the target audiences {Quoted(audiences)}");
        }

        var home = Claim("namespace");
        var held = store.Get(CoreTypes.Secret, home, Claim("secret.name"));
        if (!IsThere(held, world) || held!.Body.At("data", "token")?.Text is not { } kept
            || kept != Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes(token)))
        {
            return TokenVerdict.Invalid(Gone);
        }

        var reference = TreeMap.Of(("name", Claim("service-account.name")), ("uid", Claim("service-account.uid")));
        return Living(CoreTypes.ServiceAccount, home, reference, store, world) is { } account
            ? new TokenVerdict.Accepted(Who(account), [ClusterTrust.ApiAudience])
            : TokenVerdict.Invalid(Gone);

        string Claim(string name) => claims[LegacyPrefix + name]?.Text ?? "";
    }

    private static Identity Who(ApiObject account) => Identity.OfServiceAccount(account.Namespace, account.Name) with { Uid = account.Metadata.Uid };

    private static TreeMap Extra(string? id, Tree? pod, Tree? node) => TreeMap.Of(
        (ExtraPrefix + "credential-id", id is null ? null : TreeList.Of($"JTI={id}")),
        (ExtraPrefix + "node-name", One(node, "name")),
        (ExtraPrefix + "node-uid", One(node, "uid")),
        (ExtraPrefix + "pod-name", One(pod, "name")),
        (ExtraPrefix + "pod-uid", One(pod, "uid")));

    private static TreeList? One(Tree? reference, string key) => reference?[key] is { } value ? TreeList.Of(value) : null;

    /// <summary>The object that is meant, if it is still that one and not gone.</summary>
    private static ApiObject? Living(ResourceType type, string home, Tree? reference, ObjectStore store, DateTime world) =>
        store.Get(type, home, reference?["name"]?.Text ?? "") is { } known && known.Metadata.Uid == reference?["uid"]?.Text && IsThere(known, world) ? known : null;

    private static bool IsThere(ApiObject? known, DateTime world) => known is not null && !(known.Metadata.DeletionTimestamp + Farewell < world);

    private static TreeMap Reference(ApiObject to) => TreeMap.Of(("name", to.Name), ("uid", to.Metadata.Uid));

    private static string KeyOf(ResourceType type) => type == CoreTypes.Pod ? "pod" : type == CoreTypes.Secret ? "secret" : "node";

    private static string Quoted(IEnumerable<string> texts) => $"[{string.Join(' ', texts.Select(Schema.GoSyntax.Quote))}]";
}
