using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Emr;
using Sparkwright.World.Spark;

namespace Sparkwright.Tests.Emr;

public sealed class PodTemplateTests
{
    private const string Template = """
        apiVersion: v1
        kind: Pod
        spec:
          nodeSelector: {NodeGroupType: SparkComputeOptimized}
          tolerations: [{key: spark-compute-optimized, operator: Exists, effect: NoSchedule}]
          volumes: [{name: spark-local-dir-1, hostPath: {path: /local1, type: Directory}}]
          containers:
          - name: spark-kubernetes-ROLE
            env: [{name: RANDOM, value: x}]
            volumeMounts: [{name: spark-local-dir-1, mountPath: /data1}]
        """;

    [Theory]
    [InlineData("kind: Pod", "kind: Job", "the driver pod template is of kind 'Job'; only Pod is allowed")]
    [InlineData("kind: Pod", "kind: Pod\nstatus: {}", "field status is not allowed in the driver pod template; allowed are apiVersion")]
    [InlineData("  nodeSelector:", "  restartPolicy: Always\n  nodeSelector:", "field spec.restartPolicy is not allowed in the driver pod template; allowed are")]
    [InlineData("    env:", "    image: other\n    env:", "field image is not allowed in container spark-kubernetes-driver of the driver pod template")]
    [InlineData("    env:", "    securityContext: {}\n    env:", "field securityContext is not allowed in container spark-kubernetes-driver")]
    [InlineData("    env:", "    command: [sh]\n    env:", "field command is not allowed in container spark-kubernetes-driver")]
    [InlineData("name: RANDOM", "name: SIDECAR_SIGNAL_FILE", "env: the name 'SIDECAR_SIGNAL_FILE' in container spark-kubernetes-driver of the driver pod template is reserved")]
    [InlineData("mountPath: /data1", "mountPath: /tmp/", "volumeMounts: 'spark-local-dir-1' at '/tmp/' in container spark-kubernetes-driver of the driver pod template is reserved")]
    [InlineData("volumes: [{name: spark-local-dir-1,", "volumes: [{name: mnt-dir,", "spec.volumes: the name 'mnt-dir' in the driver pod template is reserved")]
    [InlineData("kind: Pod", "kind: Pod", null)]
    public void What_EMR_does_not_allow_is_named_with_its_container(string replace, string by, string? problem)
    {
        var said = PodTemplateRules.Check(Yaml.Read(TemplateOf("driver").Replace(replace, by)), "driver", SparkNames.DriverContainer);
        Assert.Equal(problem is null, said is null);
        Assert.StartsWith(problem ?? "", said ?? "");
    }

    [Fact]
    public void A_side_car_may_have_what_the_main_container_may_not() =>
        Assert.Null(PodTemplateRules.Check(
            Yaml.Read(TemplateOf("driver") + "\n  - {name: side, image: x, command: [sh], securityContext: {}}\n"), "driver", SparkNames.DriverContainer));

    [Theory]
    //          monitoring  executor logging  driver containers                                executor containers
    [InlineData(true, true, "spark-kubernetes-driver emr-container-fluentd", "spark-kubernetes-executor emr-container-fluentd")]
    [InlineData(true, false, "spark-kubernetes-driver emr-container-fluentd", "spark-kubernetes-executor")]
    [InlineData(false, true, "spark-kubernetes-driver emr-container-fluentd", "spark-kubernetes-executor")]
    public void Fluentd_runs_beside_every_driver_and_beside_executors_whose_logs_go_somewhere(bool monitoring, bool logging, string driver, string executor)
    {
        var (driverPod, executorPod) = Pods(monitoring, logging);
        Assert.Equal((driver, executor), (Containers(driverPod), Containers(executorPod)));
        Assert.Equal((1000, 14536), (PodSpecView.Of(driverPod).Requests.CpuMillis, PodSpecView.Of(driverPod).Requests.MemoryMi));
    }

    [Fact]
    public void Pods_have_what_Spark_overwrites_adds_and_keeps()
    {
        var (driver, executor) = Pods(monitoring: true, logging: true);
        var main = Tree.ItemsOf(executor.Spec["containers"])[0];
        Assert.Equal("taxidata-exec-3", executor.Name);
        Assert.Equal("taxidata-exec-3", executor.Spec["hostname"]?.Text);
        Assert.Equal("Never", executor.Spec["restartPolicy"]?.Text);
        Assert.Equal("SparkComputeOptimized", executor.Spec.At("nodeSelector", "NodeGroupType")?.Text);
        Assert.Equal("spark-compute-optimized", Tree.ItemsOf(executor.Spec["tolerations"])[0]["key"]?.Text);
        Assert.Equal("""{"limits":{"memory":"14336Mi"},"requests":{"cpu":"1","memory":"14336Mi"}}""", main["resources"]!.ToString());
        Assert.Equal("Always", main["imagePullPolicy"]?.Text);
        Assert.Equal("3", executor.Metadata.Label(SparkNames.ExecutorIdLabel));
        Assert.Equal("executor", executor.Metadata.Label(SparkNames.RoleLabel));
        Assert.Equal("executor", executor.Metadata.Label(JobNames.ComponentLabel));
        Assert.Equal("job.run", executor.Metadata.Label(JobNames.TypeLabel));
        Assert.Equal("4040", driver.Metadata.Annotation("prometheus.io/port"));
        Assert.Equal([driver.AsOwner()], executor.Metadata.OwnerReferences);

        // Two entries of spark.local.dir do not matter once a volume is named spark-local-dir-…
        Assert.Equal("/data1", Variable(main, "SPARK_LOCAL_DIRS"));
        Assert.Equal("10240m", Variable(main, "SPARK_EXECUTOR_MEMORY"));
        Assert.Equal("x", Variable(main, "RANDOM"));
        Assert.Contains("configMap", executor.Spec["volumes"]!.ToString());
        Assert.DoesNotContain("emr-container-s3", executor.Spec["volumes"]!.ToString());
        Assert.Contains("emr-container-s3", driver.Spec["volumes"]!.ToString());
    }

    [Fact]
    public void Without_such_a_volume_each_local_directory_is_an_empty_one()
    {
        var settings = Settings();
        var pod = SparkPods.Executor(settings, Identity, TreeMap.Empty, 1, new ApiObject(CoreTypes.Pod, new ObjectMeta { Name = "d" }, TreeMap.Empty));
        Assert.Equal("/data1,/data2", Variable(Tree.ItemsOf(pod.Spec["containers"])[0], "SPARK_LOCAL_DIRS"));
        Assert.Equal(2, Tree.ItemsOf(pod.Spec["volumes"]).ToArray().Count(volume => volume["emptyDir"] is not null));
    }

    [Fact]
    public void A_reduced_driver_container_is_made_when_the_template_has_only_others()
    {
        var (driver, _) = Pods(monitoring: true, logging: true, template: "spec: {containers: [{name: side, image: x}]}");
        Assert.Equal("spark-kubernetes-driver side emr-container-fluentd", Containers(driver));
    }

    private static SparkIdentity Identity { get; } = new()
    {
        ApplicationId = "spark-0",
        Namespace = "team",
        ResourcePrefix = "job-0",
        DriverPod = "spark-j-driver",
        DriverService = "spark-0-driver-svc",
        ExecutorPrefix = "taxidata",
        DriverConfigMap = "spark-drv-0-conf-map",
        ExecutorConfigMap = "spark-exec-0-conf-map",
    };

    private static (ApiObject Driver, ApiObject Executor) Pods(bool monitoring, bool logging, string? template = null)
    {
        var request = StartJobRunReaderTests.Read(StartJobRunReaderTests.Good, out _)!;
        request = monitoring ? request : request with { Monitoring = new Monitoring() };
        var templates = new EmrPodTemplates(
            new JobNames("j", "v"), request, new ContainerDefaults { ExecutorLogging = logging }, JobIdentity.OfRoleArn(request.ExecutionRoleArn)!, "us-west-2");
        var settings = Settings();
        var driver = SparkPods.Driver(settings, Identity, templates.Driver((TreeMap)Yaml.Read(template ?? TemplateOf("driver"))), []);
        return (driver, SparkPods.Executor(settings, Identity, templates.Executor((TreeMap)Yaml.Read(template ?? TemplateOf("executor"))), 3, driver));
    }

    private static SparkSettings Settings() => SparkSettings.Read(
        SparkConf.Of(
            ("spark.driver.memory", "10g"),
            ("spark.executor.memory", "10g"),
            ("spark.local.dir", "/data1,/data2"),
            ("spark.kubernetes.container.image.pullPolicy", "Always"),
            ("spark.kubernetes.driver.podTemplateContainerName", SparkNames.DriverContainer),
            ("spark.kubernetes.executor.podTemplateContainerName", SparkNames.ExecutorContainer),
            ("spark.kubernetes.driver.annotation.prometheus.io/port", "4040")),
        SparkVersion.Parse("3.2.1"),
        ApplicationLanguage.Python,
        out _);

    private static string TemplateOf(string role) => Template.Replace("ROLE", role);

    private static string Containers(ApiObject pod) =>
        string.Join(' ', Tree.ItemsOf(pod.Spec["containers"]).ToArray().Select(container => container["name"]?.Text));

    private static string? Variable(Tree container, string name) =>
        Tree.ItemsOf(container["env"]).ToArray().FirstOrDefault(variable => variable["name"]?.Text == name)?["value"]?.Text;
}
