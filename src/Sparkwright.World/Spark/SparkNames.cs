using System.Text;

namespace Sparkwright.World.Spark;

/// <summary>The names that Spark on Kubernetes gives to its pods, service and config maps.</summary>
public static class SparkNames
{
    public const string ApplicationLabel = "spark-app-selector";
    public const string RoleLabel = "spark-role";
    public const string ExecutorIdLabel = "spark-exec-id";
    public const string ProfileLabel = "spark-exec-resourceprofile-id";
    public const string NameLabel = "spark-app-name";
    public const string VersionLabel = "spark-version";

    /// <summary>Labels that users cannot set.</summary>
    public static readonly string[] ReservedLabels = [ApplicationLabel, RoleLabel, ExecutorIdLabel, ProfileLabel];

    public const string DriverContainer = "spark-kubernetes-driver";
    public const string ExecutorContainer = "spark-kubernetes-executor";
    public const string LocalDirVolumePrefix = "spark-local-dir-";

    private const int LongestName = 63;

    // Longest prefix of executors that Spark makes itself.
    private const int LongestGeneratedPrefix = 38;

    /// <summary>The prefix of an application's resources: its cleaned name and 16 hexadecimal digits.</summary>
    public static string ResourcePrefix(string applicationName, string hex16, SparkVersion version)
    {
        var prefix = Clean($"{applicationName}-{hex16}");
        if (version.Since(3, 3))
        {
            prefix = prefix.StartsWith('-') ? prefix[1..] : prefix;
            prefix = char.IsAsciiDigit(prefix[0]) ? "x" + prefix[1..] : prefix;
        }

        return prefix;
    }

    public static string DriverPod(SparkConf conf, string resourcePrefix) => conf.Get("spark.kubernetes.driver.pod.name") ?? $"{resourcePrefix}-driver";

    /// <summary>The headless service of the driver; Spark falls back to a short name where the long one is no DNS label.</summary>
    public static string DriverService(string resourcePrefix, string hex) =>
        resourcePrefix.Length + "-driver-svc".Length <= LongestName ? $"{resourcePrefix}-driver-svc" : $"spark-{hex}-driver-svc";

    /// <summary>The prefix of executor pods: the one that is set, or the resource prefix, cut at its front part.</summary>
    public static string ExecutorPrefix(SparkConf conf, string resourcePrefix)
    {
        if (conf.Get("spark.kubernetes.executor.podNamePrefix") is { } given)
        {
            return given;
        }

        if (resourcePrefix.Length <= LongestGeneratedPrefix)
        {
            return resourcePrefix;
        }

        var id = resourcePrefix[^17..];
        return resourcePrefix[..(LongestGeneratedPrefix - id.Length)].TrimEnd('-') + id;
    }

    public static string ExecutorPod(string prefix, long number) => $"{prefix}-exec-{number}";

    /// <summary>An executor's hostname: the last 63 characters of its name that begin with a letter or digit.</summary>
    public static string ExecutorHostname(string podName) =>
        podName[Math.Max(0, podName.Length - LongestName)..].TrimStart('-', '.');

    /// <summary>Whether the configured prefix of executor pods, if there is one, leaves room for the largest number.</summary>
    public static bool IsExecutorPrefix(SparkConf conf, int longest) =>
        conf.Get("spark.kubernetes.executor.podNamePrefix") is not { } prefix
        || (prefix.Length is > 0 && prefix.Length <= longest && prefix.Split('.').All(IsLabel));

    /// <summary>The application's name as a label value (Spark 3.3 and later).</summary>
    public static string NameLabelValue(string applicationName)
    {
        var cleaned = Clean(applicationName).Trim('-');
        return cleaned.Length > LongestName ? cleaned[..LongestName].TrimEnd('-') : cleaned;
    }

    /// <summary>Lower case; what is neither letter nor digit becomes one hyphen.</summary>
    private static string Clean(string text)
    {
        var cleaned = new StringBuilder();
        foreach (var character in text.Trim().ToLowerInvariant())
        {
            var kept = char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character) ? character : '-';
            if (kept != '-' || cleaned.Length == 0 || cleaned[^1] != '-')
            {
                cleaned.Append(kept);
            }
        }

        return cleaned.ToString();
    }

    private static bool IsLabel(string text) =>
        text.Length > 0 && text[0] != '-' && text[^1] != '-' && text.All(character => char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character) || character == '-');
}
