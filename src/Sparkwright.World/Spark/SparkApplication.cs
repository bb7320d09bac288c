using System.Collections.Immutable;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Spark.Workloads;

namespace Sparkwright.World.Spark;

/// <summary>The kind in which Spark applications lie in the store; no user sees it.</summary>
public static class SparkTypes
{
    public static ResourceType Application { get; } = new("spark.sparkwright.dev", "v1", "Application", "applications", false, true);

    public static ImmutableArray<ResourceType> All { get; } = [Application];
}

/// <summary>Where an application stands, by the text in <c>status.phase</c>.</summary>
public static class ApplicationStatus
{
    /// <summary>The driver pod is not running, or its SparkContext does not ask for executors yet.</summary>
    public const string Starting = "Starting";

    public const string Running = "Running";

    /// <summary>The program has ended; executors and the driver's objects are being removed.</summary>
    public const string Stopping = "Stopping";

    public const string Succeeded = "Succeeded";
    public const string Failed = "Failed";

    public static bool IsFinal(string? phase) => phase is Succeeded or Failed;
}

/// <summary>What was submitted: everything that the driver needs to know, read from the application's spec.</summary>
public sealed class SparkApplication
{
    private SparkApplication(TreeMap spec)
    {
        DriverUid = spec["driverUid"]?.Text ?? "";
        ExecutorTemplate = spec["executorTemplate"] as TreeMap ?? TreeMap.Empty;
        var resources = spec["identity"] as TreeMap ?? TreeMap.Empty;
        Identity = new SparkIdentity
        {
            ApplicationId = Text(resources, "applicationId"),
            Namespace = Text(resources, "namespace"),
            ResourcePrefix = Text(resources, "resourcePrefix"),
            DriverPod = Text(resources, "driverPod"),
            DriverService = Text(resources, "driverService"),
            ExecutorPrefix = Text(resources, "executorPrefix"),
            DriverConfigMap = Text(resources, "driverConfigMap"),
            ExecutorConfigMap = Text(resources, "executorConfigMap"),
        };
        Settings = SparkSettings.Read(
            SparkConf.From(spec["conf"] as TreeMap ?? TreeMap.Empty),
            SparkVersion.Parse(Text(spec, "sparkVersion")),
            Enum.Parse<ApplicationLanguage>(Text(spec, "language")),
            out _);
        Workload = WorkloadFile.Read(spec["workload"] ?? TreeMap.Empty, out _) ?? Workload.Default(WorkloadInput.Default);
    }

    public string DriverUid { get; }

    public SparkIdentity Identity { get; }

    public SparkSettings Settings { get; }

    public Workload Workload { get; }

    public TreeMap ExecutorTemplate { get; }

    public static SparkApplication Of(ApiObject known) => known.Spec.View(static spec => new SparkApplication(spec));

    internal static TreeMap SpecOf(SparkSubmission submission, string driverUid) => TreeMap.Of(
        ("conf", submission.Settings.Conf.ToTree()),
        ("driverUid", driverUid),
        ("executorTemplate", submission.ExecutorTemplate),
        ("identity", TreeMap.Of(
            ("applicationId", submission.Identity.ApplicationId),
            ("driverConfigMap", submission.Identity.DriverConfigMap),
            ("driverPod", submission.Identity.DriverPod),
            ("driverService", submission.Identity.DriverService),
            ("executorConfigMap", submission.Identity.ExecutorConfigMap),
            ("executorPrefix", submission.Identity.ExecutorPrefix),
            ("namespace", submission.Identity.Namespace),
            ("resourcePrefix", submission.Identity.ResourcePrefix))),
        ("language", submission.Settings.Language.ToString()),
        ("sparkVersion", submission.Settings.Version.ToString()),
        ("workload", submission.Workload));

    private static string Text(TreeMap map, string key) => map[key]?.Text ?? "";
}

/// <summary>What spark-submit is given.</summary>
public sealed record SparkSubmission
{
    public required SparkIdentity Identity { get; init; }

    public required SparkSettings Settings { get; init; }

    public required TreeMap DriverTemplate { get; init; }

    public required TreeMap ExecutorTemplate { get; init; }

    /// <summary>The content of <c>workload.yaml</c>; null for the default.</summary>
    public TreeMap? Workload { get; init; }

    /// <summary>What the driver pod belongs to.</summary>
    public ImmutableArray<OwnerReference> Owners { get; init; } = [];

    /// <summary>Labels of the application's record.</summary>
    public TreeMap Labels { get; init; } = TreeMap.Empty;
}
