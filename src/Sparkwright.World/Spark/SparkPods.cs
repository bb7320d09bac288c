using System.Collections.Immutable;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Spark;

/// <summary>What an application is called, and where it runs.</summary>
public sealed record SparkIdentity
{
    /// <summary><c>spark-</c> and 32 hexadecimal digits.</summary>
    public required string ApplicationId { get; init; }

    public required string Namespace { get; init; }

    public required string ResourcePrefix { get; init; }

    public required string DriverPod { get; init; }

    public required string DriverService { get; init; }

    public required string ExecutorPrefix { get; init; }

    public required string DriverConfigMap { get; init; }

    public required string ExecutorConfigMap { get; init; }

    /// <summary>What follows on the driver's command line: main class, resource, and the program's own arguments.</summary>
    public ImmutableArray<string> Arguments { get; init; } = [];

    public string TemplateConfigMap => $"{ResourcePrefix}-driver-podspec-conf-map";
}

/// <summary>
/// Builds the pods of an application in Spark's order: the template first, then what Spark overwrites (name, restart policy, image, cpu and
/// memory) and what it adds (labels, annotations, node selectors, environment, volumes).
/// </summary>
public static class SparkPods
{
    private const string DriverPort = "driver-rpc-port";
    private const string ConfVolumePath = "/opt/spark/conf";
    private const string DefaultLocalDirs = "/var/data/spark-local";

    public static ApiObject Driver(SparkSettings settings, SparkIdentity identity, TreeMap template, IEnumerable<OwnerReference> owners)
    {
        var container = PodTemplate.MainContainer(template, settings.Conf.Get("spark.kubernetes.driver.podTemplateContainerName"))
            ?? TreeMap.Of(("name", SparkNames.DriverContainer));
        var others = PodTemplate.OtherContainers(template, container);
        var main = Main(container, settings, settings.Driver)
            .With("args", TreeList.OfTexts(["driver", "--properties-file", ConfVolumePath + "/spark.properties", .. identity.Arguments]))
            .With("ports", TreeList.Of(Port(DriverPort, 7078), Port("blockmanager", 7079), Port("spark-ui", 4040)));
        main = WithEnvironment(
            main,
            [
                .. EnvironmentOf(settings.Conf, "spark.kubernetes.driverEnv."),
                Variable("SPARK_APPLICATION_ID", identity.ApplicationId),
                FieldVariable("SPARK_DRIVER_BIND_ADDRESS", "status.podIP"),
                Variable("SPARK_CONF_DIR", ConfVolumePath),
            ]);
        main = WithMounts(main, [TreeMap.Of(("mountPath", ConfVolumePath), ("name", "spark-conf-volume-driver"))]);
        var spec = Common(template, settings, settings.Driver, main, others)
            .With("serviceAccountName", settings.Conf.Get("spark.kubernetes.authenticate.driver.serviceAccountName") ?? template.At("spec", "serviceAccountName"));
        spec = WithVolumes(spec, [TreeMap.Of(("configMap", TreeMap.Of(("defaultMode", 420), ("name", identity.DriverConfigMap))), ("name", "spark-conf-volume-driver"))]);
        return Pod(template, settings, settings.Driver, identity, identity.DriverPod, spec, owners, TreeMap.Empty);
    }

    public static ApiObject Executor(SparkSettings settings, SparkIdentity identity, TreeMap template, long number, ApiObject driver)
    {
        var name = SparkNames.ExecutorPod(identity.ExecutorPrefix, number);
        var container = PodTemplate.MainContainer(template, settings.Conf.Get("spark.kubernetes.executor.podTemplateContainerName"))
            ?? TreeMap.Of(("name", SparkNames.ExecutorContainer));
        var others = PodTemplate.OtherContainers(template, container);
        var main = Main(container, settings, settings.Executor)
            .With("args", TreeList.Of("executor"))
            .With("ports", TreeList.Of(Port("blockmanager", 7079)));
        main = WithEnvironment(
            main,
            [
                .. EnvironmentOf(settings.Conf, "spark.executorEnv."),
                Variable("SPARK_DRIVER_URL", $"spark://CoarseGrainedScheduler@{identity.DriverService}.{identity.Namespace}.svc:7078"),
                Variable("SPARK_EXECUTOR_CORES", $"{settings.Executor.Cores}"),
                Variable("SPARK_EXECUTOR_MEMORY", $"{settings.Executor.Memory.HeapMiB}m"),
                Variable("SPARK_APPLICATION_ID", identity.ApplicationId),
                Variable("SPARK_CONF_DIR", ConfVolumePath),
                Variable("SPARK_EXECUTOR_ID", $"{number}"),
                Variable("SPARK_RESOURCE_PROFILE_ID", "0"),
                FieldVariable("SPARK_EXECUTOR_POD_IP", "status.podIP"),
                FieldVariable("SPARK_EXECUTOR_POD_NAME", "metadata.name"),
            ]);
        main = WithMounts(main, [TreeMap.Of(("mountPath", ConfVolumePath), ("name", "spark-conf-volume-exec"))]);
        var spec = Common(template, settings, settings.Executor, main, others)
            .With("hostname", SparkNames.ExecutorHostname(name))
            .With(
                "serviceAccountName",
                settings.Conf.Get("spark.kubernetes.authenticate.executor.serviceAccountName") ?? template.At("spec", "serviceAccountName"));
        spec = WithVolumes(spec, [TreeMap.Of(("configMap", TreeMap.Of(("defaultMode", 420), ("name", identity.ExecutorConfigMap))), ("name", "spark-conf-volume-exec"))]);
        var labels = TreeMap.Of((SparkNames.ExecutorIdLabel, $"{number}"), (SparkNames.ProfileLabel, "0"));
        return Pod(template, settings, settings.Executor, identity, name, spec, [driver.AsOwner()], labels);
    }

    /// <summary>The headless service by which executors find their driver.</summary>
    public static ApiObject DriverService(SparkSettings settings, SparkIdentity identity, ApiObject driver) => new(
        CoreTypes.Service,
        new ObjectMeta
        {
            Name = identity.DriverService,
            Namespace = identity.Namespace,
            Labels = SparkLabels(settings, identity, "driver").With(SparkNames.RoleLabel, null),
            Annotations = TreeMap.OfTexts(settings.Conf.Below("spark.kubernetes.driver.service.annotation.")),
            OwnerReferences = [driver.AsOwner()],
        },
        TreeMap.Of(("spec", TreeMap.Of(
            ("clusterIP", "None"),
            ("ports", TreeList.Of(ServicePort(DriverPort, 7078), ServicePort("blockmanager", 7079), ServicePort("spark-ui", 4040))),
            ("selector", SparkLabels(settings, identity, "driver")),
            ("type", "ClusterIP")))));

    /// <summary>A config map with the application's properties, as driver and executors mount it.</summary>
    public static ApiObject PropertiesMap(SparkSettings settings, SparkIdentity identity, string name, ApiObject driver) => new(
        CoreTypes.ConfigMap,
        new ObjectMeta
        {
            Name = name,
            Namespace = identity.Namespace,
            Labels = TreeMap.Of((SparkNames.ApplicationLabel, identity.ApplicationId), (SparkNames.RoleLabel, name == identity.ExecutorConfigMap ? "executor" : "driver")),
            OwnerReferences = [driver.AsOwner()],
        },
        TreeMap.Of(("data", TreeMap.Of(("spark.properties", settings.Conf.ToProperties()))), ("immutable", true)));

    /// <summary>The labels that Spark sets on a pod by itself.</summary>
    public static TreeMap SparkLabels(SparkSettings settings, SparkIdentity identity, string role) => TreeMap.Of(
        (SparkNames.ApplicationLabel, identity.ApplicationId),
        (SparkNames.RoleLabel, role),
        (SparkNames.NameLabel, settings.Version.Since(3, 3) ? SparkNames.NameLabelValue(settings.ApplicationName) : null),
        (SparkNames.VersionLabel, settings.Version.Since(3, 3) ? settings.Version.ToString() : null));

    private static ApiObject Pod(
        TreeMap template,
        SparkSettings settings,
        RoleSettings role,
        SparkIdentity identity,
        string name,
        TreeMap spec,
        IEnumerable<OwnerReference> owners,
        TreeMap extraLabels)
    {
        var given = ObjectMeta.From(template["metadata"]);
        return new ApiObject(
            CoreTypes.Pod,
            new ObjectMeta
            {
                Name = name,
                Namespace = identity.Namespace,
                Labels = given.Labels
                    .Merge(TreeMap.OfTexts(settings.Conf.Below($"spark.kubernetes.{role.Role}.label.")))
                    .Merge(SparkLabels(settings, identity, role.Role))
                    .Merge(extraLabels),
                Annotations = given.Annotations.Merge(TreeMap.OfTexts(settings.Conf.Below($"spark.kubernetes.{role.Role}.annotation."))),
                OwnerReferences = [.. owners],
            },
            TreeMap.Of(("spec", spec)));
    }

    private static TreeMap Common(TreeMap template, SparkSettings settings, RoleSettings role, TreeMap main, IEnumerable<TreeMap> others)
    {
        var conf = settings.Conf;
        var spec = template["spec"] as TreeMap ?? TreeMap.Empty;
        var selector = (spec["nodeSelector"] as TreeMap ?? TreeMap.Empty).Merge(TreeMap.OfTexts(conf.Below("spark.kubernetes.node.selector.")));
        var scheduler = spec["schedulerName"]?.Text;
        if (settings.Version.Since(3, 3))
        {
            selector = selector.Merge(TreeMap.OfTexts(conf.Below($"spark.kubernetes.{role.Role}.node.selector.")));
            scheduler = conf.Get($"spark.kubernetes.{role.Role}.scheduler.name") ?? conf.Get("spark.kubernetes.scheduler.name") ?? scheduler;
        }

        var (volumes, mounts) = ConfiguredVolumes(conf, role.Role);
        main = WithMounts(main, mounts);
        spec = WithVolumes(spec, volumes);
        (spec, main) = WithLocalDirs(spec, main, conf);
        return spec
            .With("containers", TreeList.From([main, .. others]))
            .With("nodeSelector", selector.Count == 0 ? null : selector)
            .With("schedulerName", scheduler)
            .With("restartPolicy", "Never");
    }

    private static TreeMap Main(TreeMap container, SparkSettings settings, RoleSettings role)
    {
        var conf = settings.Conf;
        var image = conf.Get($"spark.kubernetes.{role.Role}.container.image") ?? conf.Get("spark.kubernetes.container.image") ?? container["image"]?.Text;
        var main = container
            .With("name", container["name"] ?? (role.Role == "driver" ? SparkNames.DriverContainer : SparkNames.ExecutorContainer))
            .With("image", image)
            .With("imagePullPolicy", conf.Get("spark.kubernetes.container.image.pullPolicy") ?? "IfNotPresent")
            .Set(["resources", "requests", "cpu"], role.CpuRequest)
            .Set(["resources", "requests", "memory"], role.Memory.Quantity)
            .Set(["resources", "limits", "memory"], role.Memory.Quantity);
        return role.LimitCores is { } limit ? main.Set(["resources", "limits", "cpu"], limit) : main;
    }

    /// <summary>
    /// Scratch space: mounts of volumes whose names begin with <c>spark-local-dir-</c> are used, and <c>spark.local.dir</c> is then not looked
    /// at; otherwise each of its entries becomes an emptyDir.
    /// </summary>
    private static (TreeMap Spec, TreeMap Main) WithLocalDirs(TreeMap spec, TreeMap main, SparkConf conf)
    {
        var mounted = Tree.ItemsOf(main["volumeMounts"]).ToArray()
            .Where(mount => mount["name"]?.Text?.StartsWith(SparkNames.LocalDirVolumePrefix, StringComparison.Ordinal) == true)
            .Select(mount => mount["mountPath"]?.Text ?? "")
            .ToArray();
        if (mounted.Length > 0)
        {
            return (spec, WithEnvironment(main, [Variable("SPARK_LOCAL_DIRS", string.Join(',', mounted))]));
        }

        var directories = conf.Get("spark.local.dir", DefaultLocalDirs).Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var medium = string.Equals(conf.Get("spark.kubernetes.local.dirs.tmpfs"), "true", StringComparison.OrdinalIgnoreCase) ? TreeMap.Of(("medium", "Memory")) : TreeMap.Empty;
        var names = directories.Select((directory, at) => (Name: $"{SparkNames.LocalDirVolumePrefix}{at + 1}", directory)).ToArray();
        spec = WithVolumes(spec, names.Select(volume => TreeMap.Of(("emptyDir", medium), ("name", volume.Name))));
        main = WithMounts(main, names.Select(volume => TreeMap.Of(("mountPath", volume.directory), ("name", volume.Name))));
        return (spec, WithEnvironment(main, [Variable("SPARK_LOCAL_DIRS", string.Join(',', directories))]));
    }

    /// <summary>Volumes of <c>spark.kubernetes.ROLE.volumes.TYPE.NAME.{mount,options}.…</c>.</summary>
    private static (TreeMap[] Volumes, TreeMap[] Mounts) ConfiguredVolumes(SparkConf conf, string role)
    {
        var volumes = new SortedDictionary<string, (TreeMap Volume, TreeMap Mount)>(StringComparer.Ordinal);
        foreach (var (key, value) in conf.Below($"spark.kubernetes.{role}.volumes."))
        {
            if (key.Split('.', 4) is not [var type, var name, var part, var member])
            {
                continue;
            }

            var (volume, mount) = volumes.TryGetValue(name, out var known) ? known : (TreeMap.Of(("name", name)), TreeMap.Of(("name", name)));
            switch (part, member)
            {
                case ("mount", "path"):
                    mount = mount.With("mountPath", value);
                    break;
                case ("mount", "readOnly"):
                    mount = mount.With("readOnly", value == "true");
                    break;
                case ("mount", "subPath"):
                    mount = mount.With("subPath", value);
                    break;
                case ("options", _):
                    volume = volume.Set([type, member], value);
                    break;
            }

            volume = volume.ContainsKey(type) ? volume : volume.With(type, TreeMap.Empty);
            volumes[name] = (volume, mount);
        }

        return ([.. volumes.Values.Select(pair => pair.Volume)], [.. volumes.Values.Select(pair => pair.Mount)]);
    }

    private static IEnumerable<TreeMap> EnvironmentOf(SparkConf conf, string prefix) => conf.Below(prefix).Select(setting => Variable(setting.Key, setting.Value));

    private static TreeMap Variable(string name, string value) => TreeMap.Of(("name", name), ("value", value));

    private static TreeMap FieldVariable(string name, string path) =>
        TreeMap.Of(("name", name), ("valueFrom", TreeMap.Of(("fieldRef", TreeMap.Of(("apiVersion", "v1"), ("fieldPath", path))))));

    private static TreeMap Port(string name, int number) => TreeMap.Of(("containerPort", number), ("name", name), ("protocol", "TCP"));

    private static TreeMap ServicePort(string name, int number) => TreeMap.Of(("name", name), ("port", number), ("protocol", "TCP"), ("targetPort", number));

    private static TreeMap WithEnvironment(TreeMap container, IEnumerable<TreeMap> more) => container.With("env", NullIfEmpty(PodTemplate.Merge(container["env"], more)));

    private static TreeMap WithMounts(TreeMap container, IEnumerable<TreeMap> more) =>
        container.With("volumeMounts", NullIfEmpty(PodTemplate.Merge(container["volumeMounts"], more, "mountPath")));

    private static TreeMap WithVolumes(TreeMap spec, IEnumerable<TreeMap> more) => spec.With("volumes", NullIfEmpty(PodTemplate.Merge(spec["volumes"], more)));

    private static TreeList? NullIfEmpty(TreeList list) => list.Count == 0 ? null : list;
}
