using System.Security.Cryptography.X509Certificates;
using System.Text;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Server.KubernetesApi;

namespace Sparkwright.Server;

/// <summary>The file that tells kubectl where the API is and who one is: a context for each user.</summary>
internal static class Kubeconfig
{
    /// <param name="homes">The namespace of each user's context; none for the administrator.</param>
    public static TreeMap Of(string cluster, Uri address, X509Certificate2 authority, IReadOnlyList<(KnownUser User, string? Namespace)> homes) => TreeMap.Of(
        ("apiVersion", "v1"),
        ("clusters", TreeList.Of(TreeMap.Of(
            ("cluster", TreeMap.Of(
                ("certificate-authority-data", Convert.ToBase64String(Encoding.ASCII.GetBytes(authority.ExportCertificatePem()))),
                ("server", address.GetLeftPart(UriPartial.Authority)))),
            ("name", cluster)))),
        ("contexts", TreeList.From(homes.Select(home => TreeMap.Of(
            ("context", TreeMap.Of(("cluster", cluster), ("namespace", home.Namespace), ("user", home.User.Name))),
            ("name", home.User.Name))))),
        ("current-context", homes[0].User.Name),
        ("kind", "Config"),
        ("users", TreeList.From(homes.Select(home => TreeMap.Of(("name", home.User.Name), ("user", TreeMap.Of(("token", home.User.Token))))))));
}
