namespace Sparkwright.Kubernetes.Authentication;

/// <summary>By what a cluster that is served can be trusted, and by what it trusts its service accounts.</summary>
/// <param name="RootCertificate">The certificate authority of its API server in PEM form.</param>
/// <param name="Key">Signs tokens of service accounts.</param>
public sealed record ClusterTrust(string RootCertificate, SigningKey Key)
{
    /// <summary>Whom tokens are for when nobody else is named: the API server, as EKS sets it.</summary>
    public const string ApiAudience = "https://kubernetes.default.svc";
}
