using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Emr;

/// <summary>The objects that EMR on EKS itself puts into the namespace for a job run, before Spark makes its own.</summary>
public sealed class JobObjects(JobNames names, JobRunRequest request, string @namespace, JobIdentity identity, string region)
{
    public const string SubmitterContainer = "job-runner";

    // Submitter pods are started again this often.
    private const int BackoffLimit = 6;

    /// <summary>The Job whose pod runs spark-submit.</summary>
    public ApiObject SubmitterJob(JobSubmitterSettings settings)
    {
        var withSideCar = request.Monitoring.SendsLogs && settings.Logging;
        var fluentd = EmrPodTemplates.FluentdContainer(
            settings.LoggingImage ?? EmrImages.Fluentd(request.Release, region), settings.LoggingRequestCores, settings.LoggingRequestMemory, SideCarMounts());
        var runner = TreeMap.Of(
            ("env", TreeList.From(Variables())),
            ("image", settings.ContainerImage ?? EmrImages.Spark(request.Release, region)),
            ("imagePullPolicy", settings.PullPolicy),
            ("name", SubmitterContainer),
            ("resources", TreeMap.Of(
                ("limits", TreeMap.Of(("cpu", "1"), ("memory", "1Gi"))),
                ("requests", TreeMap.Of(("cpu", "800m"), ("memory", "512Mi"))))),
            ("volumeMounts", TreeList.Of(
                Mount("emr-container-communicate", "/var/log/fluentd"),
                Mount("emr-container-application-log-dir", "/var/log/spark/user"),
                Mount("temp-data-dir", "/tmp"),
                Mount("spark-defaults", "/usr/lib/spark/conf"),
                Mount("pod-templates", "/usr/lib/spark/pod-templates"))));
        var spec = TreeMap.Of(
            ("containers", withSideCar ? TreeList.Of(runner, fluentd) : TreeList.Of(runner)),
            ("nodeSelector", settings.NodeSelector.Count == 0 ? null : settings.NodeSelector),
            ("restartPolicy", "Never"),
            ("schedulerName", settings.SchedulerName),
            ("securityContext", TreeMap.Of(("fsGroup", 65534))),
            ("serviceAccountName", identity.SubmitterAccount),
            ("tolerations", settings.Tolerations.Count == 0 ? null : settings.Tolerations),
            ("volumes", TreeList.Of(
                Empty("emr-container-communicate"),
                Empty("emr-container-application-log-dir"),
                Empty("temp-data-dir"),
                FromMap("spark-defaults", names.SparkDefaultsMap),
                FromMap("pod-templates", names.TemplateMap),
                FromMap("config-volume", names.FluentdMap))));
        var labels = settings.Labels.Merge(names.Labels("job.submitter"));
        return new ApiObject(
            CoreTypes.Job,
            new ObjectMeta { Name = names.Job, Namespace = @namespace, Labels = names.Labels("job.submitter") },
            TreeMap.Of(("spec", TreeMap.Of(
                ("backoffLimit", BackoffLimit),
                ("template", TreeMap.Of(
                    ("metadata", TreeMap.Of(
                        ("annotations", settings.Annotations.Count == 0 ? null : settings.Annotations),
                        ("labels", labels))),
                    ("spec", spec)))))));
    }

    /// <summary>Config maps and the secret; each belongs to the Job and goes with it.</summary>
    public IEnumerable<ApiObject> Configuration(ApiObject job, TreeMap driverTemplate, TreeMap executorTemplate, string sparkDefaults)
    {
        yield return Map(job, names.SparkDefaultsMap, "spark-defaults", TreeMap.Of(("spark-defaults.conf", sparkDefaults)));
        yield return Map(job, names.TemplateMap, "pod-template", TreeMap.Of(("driver", driverTemplate.ToString()), ("executor", executorTemplate.ToString())));
        yield return Map(job, names.FluentdMap, "fluentd", TreeMap.Of(
            ("driver", FluentdText("driver")), ("executor", FluentdText("executor")), ("fluentd-pod-metadata.conf", "# pod metadata\n"), ("job", FluentdText("job"))));
        yield return new ApiObject(
            CoreTypes.Secret,
            new ObjectMeta { Name = names.S3Secret, Namespace = @namespace, Labels = names.Labels(), OwnerReferences = [job.AsOwner()] },
            TreeMap.Of(("data", TreeMap.Empty), ("type", "Opaque")));
    }

    /// <summary>Service accounts, roles and bindings of the job execution role; made once per namespace and role.</summary>
    public IEnumerable<ApiObject> Access()
    {
        // By the label they are found when the virtual cluster goes.
        var ofCluster = TreeMap.Of((JobNames.VirtualClusterLabel, names.VirtualClusterId));
        foreach (var component in new[] { "client", "driver", "executor" })
        {
            yield return new ApiObject(
                CoreTypes.ServiceAccount,
                new ObjectMeta
                {
                    Name = identity.ServiceAccount(component),
                    Namespace = @namespace,
                    Annotations = TreeMap.Of(("eks.amazonaws.com/role-arn", request.ExecutionRoleArn)),
                    Labels = ofCluster,
                },
                TreeMap.Empty);
        }

        foreach (var component in new[] { "client", "driver" })
        {
            yield return new ApiObject(
                CoreTypes.Role,
                new ObjectMeta { Name = JobIdentity.KubernetesRole(component), Namespace = @namespace, Labels = ofCluster },
                TreeMap.Of(("rules", TreeList.Of(TreeMap.Of(
                    ("apiGroups", TreeList.Of("")),
                    ("resources", TreeList.OfTexts(["pods", "pods/log", "services", "configmaps", "secrets", "persistentvolumeclaims"])),
                    ("verbs", TreeList.OfTexts(["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"])))))));
            yield return new ApiObject(
                CoreTypes.RoleBinding,
                new ObjectMeta { Name = identity.RoleBinding(component), Namespace = @namespace, Labels = ofCluster },
                TreeMap.Of(
                    ("roleRef", TreeMap.Of(("apiGroup", "rbac.authorization.k8s.io"), ("kind", "Role"), ("name", JobIdentity.KubernetesRole(component)))),
                    ("subjects", TreeList.Of(TreeMap.Of(("kind", "ServiceAccount"), ("name", identity.ServiceAccount(component)), ("namespace", @namespace))))));
        }
    }

    private static IEnumerable<TreeMap> SideCarMounts() =>
        [Mount("emr-container-communicate", "/var/log/fluentd"), Mount("emr-container-application-log-dir", "/var/log/spark/user"), Mount("config-volume", "/var/log/fluentd/config")];

    private static TreeMap Mount(string name, string path) => TreeMap.Of(("mountPath", path), ("name", name));

    private static TreeMap Empty(string name) => TreeMap.Of(("emptyDir", TreeMap.Empty), ("name", name));

    private static TreeMap FromMap(string name, string map) => TreeMap.Of(("configMap", TreeMap.Of(("defaultMode", 420), ("name", map))), ("name", name));

    private ApiObject Map(ApiObject job, string name, string configuration, TreeMap data) => new(
        CoreTypes.ConfigMap,
        new ObjectMeta { Name = name, Namespace = @namespace, Labels = names.Labels(null, configuration), OwnerReferences = [job.AsOwner()] },
        TreeMap.Of(("data", data)));

    private IEnumerable<TreeMap> Variables()
    {
        yield return Variable("AWS_REGION", region);
        yield return Variable("AWS_STS_REGIONAL_ENDPOINTS", "regional");
        yield return Variable("SIDECAR_SIGNAL_FILE", "/var/log/fluentd/main-container-terminated");
        yield return Variable("K8S_SPARK_LOG_URL_STDERR", "/var/log/spark/user/stderr");
        yield return Variable("K8S_SPARK_LOG_URL_STDOUT", "/var/log/spark/user/stdout");
        if (request.Monitoring.LogGroup is { } group)
        {
            yield return Variable("CLOUDWATCH_LOG_GROUP", group);
        }

        if (request.Monitoring.S3LogUri is { } uri)
        {
            yield return Variable("S3_LOG_URI", uri);
        }
    }

    private static TreeMap Variable(string name, string value) => TreeMap.Of(("name", name), ("value", value));

    /// <summary>Where fluentd of a kind of pod sends what it reads.</summary>
    private string FluentdText(string of) =>
        $"# logs of the {of} pods\n"
        + (request.Monitoring.LogGroup is { } group ? $"# to CloudWatch log group {group}, prefix {request.Monitoring.LogStreamPrefix}\n" : "")
        + (request.Monitoring.S3LogUri is { } uri ? $"# to {uri}\n" : "");
}
