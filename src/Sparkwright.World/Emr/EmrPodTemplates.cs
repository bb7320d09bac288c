using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Spark;

namespace Sparkwright.World.Emr;

/// <summary>Makes the templates that Spark gets: the user's, with what EMR on EKS adds to every driver and executor pod.</summary>
public sealed class EmrPodTemplates(JobNames names, JobRunRequest request, ContainerDefaults defaults, JobIdentity identity, string region)
{
    public const string SideCar = "emr-container-fluentd";

    // Uid and groups that EMR's images run as.
    private const long User = 999;
    private const long Group = 1000;
    private const long FileGroup = 65534;

    /// <summary>Fluentd's limit; its request is a setting, and it asks for no cpu by itself.</summary>
    public const string SideCarMemoryLimit = "512Mi";

    public TreeMap Driver(TreeMap user) =>
        Build(user, "driver", SparkNames.DriverContainer, identity.DriverAccount, withSideCar: true);

    /// <summary>An executor has the side-car only where its logs go somewhere.</summary>
    public TreeMap Executor(TreeMap user) =>
        Build(user, "executor", SparkNames.ExecutorContainer, identity.ExecutorAccount, request.Monitoring.SendsLogs && defaults.ExecutorLogging);

    /// <summary>The container that ships logs, beside submitter, driver and executors.</summary>
    public static TreeMap FluentdContainer(string image, string? cpu, string memory, IEnumerable<TreeMap> mounts) => TreeMap.Of(
        ("env", TreeList.Of(Variable("SIDECAR_SIGNAL_FILE", "/var/log/fluentd/main-container-terminated"))),
        ("image", image),
        ("imagePullPolicy", "Always"),
        ("name", SideCar),
        ("resources", TreeMap.Of(
            ("limits", TreeMap.Of(("memory", SideCarMemoryLimit))),
            ("requests", TreeMap.Of(("cpu", cpu), ("memory", memory))))),
        ("securityContext", LockedDown()),
        ("volumeMounts", TreeList.From(mounts)));

    private TreeMap Build(TreeMap user, string role, string mainName, string account, bool withSideCar)
    {
        var spec = user["spec"] as TreeMap ?? TreeMap.Empty;
        var given = PodTemplate.MainContainer(user, mainName);
        var isNamed = given is not null;
        var mounts = Volumes(role).Select(volume => TreeMap.Of(("mountPath", volume.MountPath), ("name", volume.Name))).ToArray();
        var main = (given ?? TreeMap.Of(("name", mainName)))
            .With("env", PodTemplate.Merge(
                given?["env"],
                [
                    Variable("SPARK_CONTAINER_ID", names.JobId),
                    Variable("K8S_SPARK_LOG_URL_STDERR", "/var/log/spark/user/stderr"),
                    Variable("K8S_SPARK_LOG_URL_STDOUT", "/var/log/spark/user/stdout"),
                    Variable("SIDECAR_SIGNAL_FILE", "/var/log/fluentd/main-container-terminated"),
                ]))
            .With("securityContext", LockedDown())
            .With("terminationMessagePath", given?["terminationMessagePath"] ?? "/var/log/spark/error.log")
            .With("volumeMounts", PodTemplate.Merge(given?["volumeMounts"], mounts, "mountPath"));
        var others = isNamed ? PodTemplate.OtherContainers(user, given) : PodTemplate.OtherContainers(user, null);
        var sideCar = withSideCar
            ? [FluentdContainer(defaults.LoggingImage ?? EmrImages.Fluentd(request.Release, region), defaults.LoggingRequestCores, defaults.LoggingRequestMemory, SideCarMounts())]
            : Array.Empty<TreeMap>();
        var metadata = user["metadata"] as TreeMap ?? TreeMap.Empty;
        return TreeMap.Of(
            ("apiVersion", "v1"),
            ("kind", "Pod"),
            ("metadata", metadata.With("labels", (metadata["labels"] as TreeMap ?? TreeMap.Empty).Merge(names.Labels($"{role}")))),
            ("spec", spec
                .With("containers", TreeList.From([main, .. others, .. sideCar]))
                .With("securityContext", TreeMap.Of(("fsGroup", FileGroup)))
                .With("serviceAccountName", account)
                .With("volumes", PodTemplate.Merge(spec["volumes"], Volumes(role).Select(volume => Volume(volume.Name))))));
    }

    /// <summary>Executors do not get the secret by which the driver uploads its event log.</summary>
    private static IEnumerable<(string Name, string MountPath)> Volumes(string role) =>
        PodTemplateRules.ReservedVolumes.Where(volume => role == "driver" || volume.Name != "emr-container-s3");

    private static IEnumerable<TreeMap> SideCarMounts() => PodTemplateRules.ReservedVolumes
        .Where(volume => volume.MountPath.StartsWith("/var/log", StringComparison.Ordinal))
        .Select(volume => TreeMap.Of(("mountPath", volume.MountPath), ("name", volume.Name)));

    private static TreeMap LockedDown() => TreeMap.Of(
        ("allowPrivilegeEscalation", false),
        ("capabilities", TreeMap.Of(("drop", TreeList.Of("ALL")))),
        ("privileged", false),
        ("readOnlyRootFilesystem", true),
        ("runAsGroup", Group),
        ("runAsNonRoot", true),
        ("runAsUser", User));

    private static TreeMap Variable(string name, string value) => TreeMap.Of(("name", name), ("value", value));

    private TreeMap Volume(string name) => name switch
    {
        "config-volume" => TreeMap.Of(("configMap", TreeMap.Of(("defaultMode", 420), ("name", names.FluentdMap))), ("name", name)),
        "emr-container-s3" => TreeMap.Of(("name", name), ("secret", TreeMap.Of(("defaultMode", 420), ("secretName", names.S3Secret)))),
        _ => TreeMap.Of(("emptyDir", TreeMap.Empty), ("name", name)),
    };
}
