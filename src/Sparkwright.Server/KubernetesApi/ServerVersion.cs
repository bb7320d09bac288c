using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.Server.KubernetesApi;

/// <summary>What /version says.</summary>
internal static class ServerVersion
{
    /// <param name="minorVersion">Such as 1.33.</param>
    public static TreeMap Of(string minorVersion)
    {
        var parts = minorVersion.Split('.');
        return TreeMap.Of(
            ("buildDate", "2026-01-01T00:00:00Z"),
            ("compiler", "sparkwright"),
            ("gitCommit", ""),
            ("gitTreeState", "clean"),
            ("gitVersion", $"v{minorVersion}.0-eks-sparkwright"),
            ("goVersion", ""),
            ("major", parts[0]),
            ("minor", parts[1]),
            ("platform", "linux/amd64"));
    }
}
