using System.Text.RegularExpressions;
using Sparkwright.World.Spark;

namespace Sparkwright.World.Emr;

/// <summary>A release of EMR on EKS by its label, and the Spark in it.</summary>
/// <param name="Label">The label as given: <c>emr-6.7.0-latest</c>, <c>emr-6.7.0-20220601</c>, <c>emr-spark-8.0.0</c>.</param>
/// <param name="Version">EMR's own version.</param>
public sealed partial record EmrRelease(string Label, SparkVersion Version, SparkVersion Spark)
{
    /// <summary>Spark in each EMR release; the release notes are the source.</summary>
    private static readonly (string Emr, string Spark)[] Known =
    [
        ("5.32.0", "2.4.7"), ("5.33.0", "2.4.7"), ("5.34.0", "2.4.8"), ("5.35.0", "2.4.8"), ("5.36.0", "2.4.8"),
        ("6.2.0", "3.0.1"), ("6.3.0", "3.1.1"), ("6.4.0", "3.1.2"), ("6.5.0", "3.1.2"), ("6.6.0", "3.2.0"), ("6.7.0", "3.2.1"), ("6.8.0", "3.3.0"),
        ("6.9.0", "3.3.0"), ("6.10.0", "3.3.1"), ("6.11.0", "3.3.2"), ("6.12.0", "3.4.0"), ("6.13.0", "3.4.1"), ("6.14.0", "3.4.1"), ("6.15.0", "3.4.1"),
        ("7.0.0", "3.5.0"), ("7.1.0", "3.5.0"), ("7.2.0", "3.5.1"), ("7.3.0", "3.5.1"), ("7.4.0", "3.5.2"), ("7.5.0", "3.5.2"), ("7.6.0", "3.5.3"),
        ("7.7.0", "3.5.3"), ("7.8.0", "3.5.4"), ("7.9.0", "3.5.5"), ("7.10.0", "3.5.5"), ("7.11.0", "3.5.6"), ("7.12.0", "3.5.6"), ("7.13.0", "3.5.6"),
        ("8.0.0", "4.0.2"),
    ];

    /// <summary>What a label looks like, for error texts.</summary>
    public static string Allowed => "emr-X.Y.Z-latest or emr-X.Y.Z-YYYYMMDD of 5.32.0 to 7.13.0, or emr-spark-8.0.0";

    /// <summary>The version as it stands in image names: <c>emr-6.7.0</c> or <c>emr-spark-8.0.0</c>.</summary>
    public string ImageName => (IsSparkLine ? "emr-spark-" : "emr-") + Version;

    /// <summary>The tag of the image: <c>latest</c>, a date, or a variant of them.</summary>
    public string ImageTag => Label.Length > ImageName.Length ? Label[(ImageName.Length + 1)..] : "latest";

    /// <summary>Rotation of container logs came with 6.11.0.</summary>
    public bool IsLogRotationKnown => Version.Since(6, 11);

    /// <summary>Retry policies came with 6.9.0.</summary>
    public bool IsRetryKnown => Version.Since(6, 9);

    private bool IsSparkLine => Label.StartsWith("emr-spark-", StringComparison.Ordinal);

    /// <summary>What a request with a label that no release has is told.</summary>
    public static EmrRefusal Unknown(string label) => EmrRefusal.NotFound($"Release {label} doesn't exist. releaseLabel: '{label}' is not allowed; give {Allowed}");

    /// <summary>The release of a label; null when there is none of that label.</summary>
    public static EmrRelease? Find(string label)
    {
        var match = LabelPattern().Match(label);
        if (!match.Success)
        {
            return null;
        }

        var sparkLine = match.Groups["spark"].Success;
        var version = match.Groups["version"].Value;
        var known = Array.FindIndex(Known, release => release.Emr == version);

        // From 8 on labels begin with emr-spark, and may stand without a suffix.
        if (known < 0 || sparkLine != version.StartsWith('8') || (!sparkLine && !match.Groups["suffix"].Success))
        {
            return null;
        }

        return new EmrRelease(label, SparkVersion.Parse(version), SparkVersion.Parse(Known[known].Spark));
    }

    [GeneratedRegex(@"^emr-(?<spark>spark-)?(?<version>\d+\.\d+\.\d+)(?<suffix>(-(java\d+|al2023|spark-rapids|flink|notebook-spark|notebook-python))*-(latest|\d{8}))?$", RegexOptions.CultureInvariant)]
    private static partial Regex LabelPattern();
}
