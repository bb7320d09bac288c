using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Emr;

/// <summary>What EMR on EKS allows in a pod template, and the names that it keeps for itself.</summary>
public static class PodTemplateRules
{
    private static readonly string[] TopMembers = ["apiVersion", "kind", "metadata", "spec"];

    private static readonly string[] PodMembers =
    [
        "activeDeadlineSeconds", "affinity", "containers", "enableServiceLinks", "ephemeralContainers", "hostAliases", "hostname", "imagePullSecrets", "initContainers",
        "nodeName", "nodeSelector", "overhead", "preemptionPolicy", "priority", "priorityClassName", "readinessGates", "runtimeClassName", "schedulerName", "subdomain",
        "terminationGracePeriodSeconds", "tolerations", "topologySpreadConstraints", "volumes",
    ];

    private static readonly string[] MainContainerMembers =
    [
        "env", "envFrom", "name", "lifecycle", "livenessProbe", "readinessProbe", "startupProbe", "resources", "stdin", "stdinOnce", "tty", "terminationMessagePath",
        "terminationMessagePolicy", "volumeDevices", "volumeMounts", "workingDir",
    ];

    /// <summary>Volumes that EMR adds to every driver and executor, with the paths at which the main container has them.</summary>
    public static readonly (string Name, string MountPath)[] ReservedVolumes =
    [
        ("emr-container-communicate", "/var/log/fluentd"), ("config-volume", "/var/log/fluentd/config"), ("emr-container-application-log-dir", "/var/log/spark/user"),
        ("emr-container-event-log-dir", "/var/log/spark/apps"), ("temp-data-dir", "/tmp"), ("mnt-dir", "/mnt"), ("home-dir", "/home/hadoop"),
        ("emr-container-s3", "/var/aws/emr"),
    ];

    public static readonly string[] ReservedVariables = ["SPARK_CONTAINER_ID", "K8S_SPARK_LOG_URL_STDERR", "K8S_SPARK_LOG_URL_STDOUT", "SIDECAR_SIGNAL_FILE"];

    /// <summary>What is wrong with a template, or null: the field, its container, and what is allowed.</summary>
    /// <param name="role"><c>driver</c> or <c>executor</c>.</param>
    /// <param name="mainContainer">The name of the container that becomes Spark's.</param>
    public static string? Check(Tree template, string role, string mainContainer)
    {
        if (template is not TreeMap pod)
        {
            return $"the {role} pod template is not a map";
        }

        if (pod["kind"] is { } kind && kind.Text != "Pod")
        {
            return $"the {role} pod template is of kind '{kind.Text}'; only Pod is allowed";
        }

        if (FirstUnknown(pod, TopMembers) is { } top)
        {
            return $"field {top} is not allowed in the {role} pod template; allowed are {string.Join(", ", TopMembers)}";
        }

        var spec = pod["spec"] as TreeMap ?? TreeMap.Empty;
        if (FirstUnknown(spec, PodMembers) is { } member)
        {
            return $"field spec.{member} is not allowed in the {role} pod template; allowed are {string.Join(", ", PodMembers)}";
        }

        foreach (var volume in Tree.ItemsOf(spec["volumes"]))
        {
            if (volume["name"]?.Text is { } name && ReservedVolumes.Any(reserved => reserved.Name == name))
            {
                return $"spec.volumes: the name '{name}' in the {role} pod template is reserved by EMR on EKS";
            }
        }

        foreach (var item in Tree.ItemsOf(spec["containers"]))
        {
            if (item is TreeMap container && container["name"]?.Text == mainContainer && CheckMain(container, role, mainContainer) is { } problem)
            {
                return problem;
            }
        }

        return null;
    }

    private static string? CheckMain(TreeMap container, string role, string name)
    {
        var where = $"container {name} of the {role} pod template";
        if (FirstUnknown(container, MainContainerMembers) is { } member)
        {
            return $"field {member} is not allowed in {where}; allowed are {string.Join(", ", MainContainerMembers)}";
        }

        foreach (var mount in Tree.ItemsOf(container["volumeMounts"]))
        {
            var path = (mount["mountPath"]?.Text ?? "").TrimEnd('/');
            if (ReservedVolumes.Any(reserved => reserved.MountPath == path || reserved.Name == mount["name"]?.Text))
            {
                return $"volumeMounts: '{mount["name"]?.Text}' at '{mount["mountPath"]?.Text}' in {where} is reserved by EMR on EKS";
            }
        }

        foreach (var variable in Tree.ItemsOf(container["env"]))
        {
            if (variable["name"]?.Text is { } reserved && ReservedVariables.Contains(reserved))
            {
                return $"env: the name '{reserved}' in {where} is reserved by EMR on EKS";
            }
        }

        return null;
    }

    private static string? FirstUnknown(TreeMap map, string[] allowed)
    {
        foreach (var key in map.Keys)
        {
            if (!allowed.Contains(key))
            {
                return key;
            }
        }

        return null;
    }
}
