using Sparkwright.World.Spark;

namespace Sparkwright.World.Emr;

/// <summary>
/// The Spark settings that a job run ends up with: what sparkSubmitParameters say, over the classification spark-defaults, over EMR's own
/// defaults.
/// </summary>
public static class JobConf
{
    /// <summary>Classifications that a job run may use.</summary>
    public static readonly string[] Classifications =
    [
        "spark-defaults", "spark-log4j", "spark-log4j2", "spark-metrics", "spark-env", "hive-site", "spark-hive-site", "core-site", "emrfs-site",
        ContainerDefaults.Classification, JobSubmitterSettings.Classification,
    ];

    /// <summary>The settings asked for: EMR's defaults below, what EMR forces on top.</summary>
    public static SparkConf Of(JobRunRequest request, SparkSubmitParameters parameters, string region)
    {
        var conf = Defaults(request.Release, region);
        foreach (var configuration in request.Configurations.Where(configuration => configuration.Classification == "spark-defaults"))
        {
            conf = conf.Over(SparkConf.From(configuration.Properties));
        }

        conf = conf.Over(parameters.Conf);
        return conf
            .WithDefault("spark.app.name", EntryPointName(request.Driver.EntryPoint))
            .With("spark.master", "k8s://https://kubernetes.default.svc:443")
            .With("spark.submit.deployMode", "cluster");
    }

    /// <summary>The first classification that EMR on EKS does not know; null when all are known.</summary>
    public static string? UnknownClassification(JobRunRequest request) =>
        request.Configurations.Select(configuration => configuration.Classification).FirstOrDefault(name => !Classifications.Contains(name));

    /// <summary>EMR's spark-defaults, as far as they bear on pods and their number.</summary>
    public static SparkConf Defaults(EmrRelease release, string region) => SparkConf.Of(
        ("spark.authenticate", "true"),
        ("spark.driver.cores", "1"),
        ("spark.driver.memory", "1G"),
        ("spark.dynamicAllocation.enabled", "false"),
        ("spark.eventLog.dir", "file:///var/log/spark/apps"),
        ("spark.eventLog.enabled", "true"),
        ("spark.eventLog.logBlockUpdates.enabled", "true"),
        ("spark.executor.cores", "1"),
        ("spark.executor.memory", "1G"),
        ("spark.kubernetes.container.image", EmrImages.Spark(release, region)),
        ("spark.kubernetes.container.image.pullPolicy", "Always"),
        ("spark.kubernetes.driver.podTemplateContainerName", SparkNames.DriverContainer),
        ("spark.kubernetes.executor.podTemplateContainerName", SparkNames.ExecutorContainer),
        ("spark.kubernetes.pyspark.pythonVersion", "3"));

    private static string EntryPointName(string entryPoint) => entryPoint[(entryPoint.LastIndexOf('/') + 1)..];
}

/// <summary>Images of EMR on EKS, in the registry of their region.</summary>
public static class EmrImages
{
    /// <summary>AWS accounts that hold the images, by region, as AWS documents them.</summary>
    private static readonly (string Region, string Account)[] Registries =
    [
        ("ap-northeast-1", "059004520145"), ("ap-northeast-2", "996579266876"), ("ap-south-1", "235914868574"), ("ap-southeast-1", "671219180197"),
        ("ap-southeast-2", "038297999601"), ("ca-central-1", "351826393999"), ("eu-central-1", "107292555468"), ("eu-north-1", "830386416364"),
        ("eu-west-1", "483788554619"), ("eu-west-2", "118780647275"), ("eu-west-3", "307523725174"), ("sa-east-1", "052806832358"),
        ("us-east-1", "755674844232"), ("us-east-2", "711395599931"), ("us-west-1", "608033475327"), ("us-west-2", "895885662937"),
    ];

    public static string Spark(EmrRelease release, string region) => $"{Registry(region)}/spark/{release.ImageName}:{release.ImageTag}";

    public static string Fluentd(EmrRelease release, string region) => $"{Registry(region)}/fluentd/{release.ImageName}:{release.ImageTag}";

    private static string Registry(string region)
    {
        var at = Array.FindIndex(Registries, registry => registry.Region == region);
        return $"{Registries[at < 0 ? Registries.Length - 1 : at].Account}.dkr.ecr.{region}.amazonaws.com";
    }
}
