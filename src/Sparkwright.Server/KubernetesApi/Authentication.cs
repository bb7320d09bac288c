using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Http;
using Sparkwright.Kubernetes.Authorization;

namespace Sparkwright.Server.KubernetesApi;

/// <summary>Somebody who may come with a token.</summary>
public sealed record KnownUser(string Token, string Name, ImmutableArray<string> Groups);

/// <summary>Finds out who asks: by bearer token, or by a client certificate of our own authority (CN = user, O = groups).</summary>
public sealed class Authentication(IReadOnlyList<KnownUser> users, X509Certificate2 authority)
{
    private const string Bearer = "Bearer ";

    /// <summary>Who asks; nobody in particular without any credentials, null with wrong ones.</summary>
    public Identity? Identify(HttpContext http)
    {
        var header = http.Request.Headers.Authorization.ToString();
        if (header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
        {
            return ByToken(header[Bearer.Length..].Trim());
        }

        if (header.Length > 0)
        {
            return null;
        }

        return http.Connection.ClientCertificate is { } certificate ? ByCertificate(certificate) : Identity.Anonymous;
    }

    /// <summary>Whose token it is; null for nobody's.</summary>
    public Identity? ByToken(string token)
    {
        var given = Encoding.UTF8.GetBytes(token);
        foreach (var user in users)
        {
            if (CryptographicOperations.FixedTimeEquals(given, Encoding.UTF8.GetBytes(user.Token)))
            {
                return Identity.User(user.Name, user.Groups.AsSpan());
            }
        }

        return null;
    }

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
