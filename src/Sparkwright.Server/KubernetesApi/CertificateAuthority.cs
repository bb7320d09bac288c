using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Sparkwright.Server.KubernetesApi;

/// <summary>An authority of our own, kept in the data directory, and the certificate of the server that it signs anew at each start.</summary>
public static class CertificateAuthority
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(3650);

    /// <summary>Makes an authority. Certificates use wall time, as the programs that check them do.</summary>
    public static X509Certificate2 Create(DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=sparkwright", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign | X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        return request.CreateSelfSigned(now.AddHours(-1), now + Lifetime);
    }

    /// <summary>A certificate for the server at the loopback addresses and under the names that a cluster has inside.</summary>
    public static X509Certificate2 ForServer(X509Certificate2 authority, DateTimeOffset now)
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        names.AddIpAddress(IPAddress.IPv6Loopback);
        foreach (var name in new[] { "localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local" })
        {
            names.AddDnsName(name);
        }

        return Signed(authority, "CN=kube-apiserver", now, "1.3.6.1.5.5.7.3.1", names.Build());
    }

    /// <summary>A certificate with which a client shows who it is.</summary>
    /// <param name="subject">CN is the user, each O a group.</param>
    public static X509Certificate2 ForClient(X509Certificate2 authority, string subject, DateTimeOffset now) =>
        Signed(authority, subject, now, "1.3.6.1.5.5.7.3.2", null);

    private static X509Certificate2 Signed(X509Certificate2 authority, string subject, DateTimeOffset now, string usage, X509Extension? names)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority, true, false));
        if (names is not null)
        {
            request.CertificateExtensions.Add(names);
        }

        var end = now.AddDays(365) < authority.NotAfter ? now.AddDays(365) : authority.NotAfter;
        using var signed = request.Create(authority, now.AddHours(-1), end, RandomNumberGenerator.GetBytes(16));

        // Kestrel needs a key that is not ephemeral on some platforms: through PKCS#12 it is the same everywhere.
        using var whole = signed.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(whole.Export(X509ContentType.Pkcs12), null);
    }
}
