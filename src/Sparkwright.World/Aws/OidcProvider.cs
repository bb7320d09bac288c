using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Aws.Access;

namespace Sparkwright.World.Aws;

/// <summary>An issuer of tokens whom IAM trusts: the cluster's own, so that service accounts can take on roles.</summary>
internal static class OidcProvider
{
    private const string Scheme = "https://";

    /// <summary>The issuer's URL without its scheme, by which policies name it.</summary>
    public static string UrlOf(string issuer) => issuer.StartsWith(Scheme, StringComparison.Ordinal) ? issuer[Scheme.Length..] : issuer;

    public static string ArnOf(string account, string issuer) => $"arn:aws:iam::{account}:oidc-provider/{UrlOf(issuer)}";

    /// <summary>The object's name: a slash may not stand in one.</summary>
    public static string NameOf(string issuer) => UrlOf(issuer).Replace('/', '|');

    public static ApiObject Make(string arn, string issuer, IEnumerable<string> audiences, IEnumerable<string> thumbprints) => new(
        IamTypes.OidcProvider,
        new ObjectMeta { Name = NameOf(issuer) },
        TreeMap.Of(("spec", TreeMap.Of(
            ("arn", arn),
            ("clientIds", TreeList.OfTexts(audiences)),
            ("thumbprints", TreeList.OfTexts(thumbprints)),
            ("url", UrlOf(issuer))))));

    /// <summary>What the bearer of a token asks of a role.</summary>
    public static AccessRequest Request(string account, string role, string issuer, string subject, string audience)
    {
        var url = UrlOf(issuer);
        return (new AccessRequest(Iam.AssumeByToken, role) { Principal = new AccessPrincipal("Federated", [ArnOf(account, issuer)]) })
            .With(url + ":sub", subject)
            .With(url + ":aud", audience);
    }
}
