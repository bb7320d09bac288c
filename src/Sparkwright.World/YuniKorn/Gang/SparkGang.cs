using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Store;
using Sparkwright.World.Spark;

namespace Sparkwright.World.YuniKorn.Gang;

/// <summary>The gang of a Spark application as its own configuration describes it: the driver, and the executors that it will ask for.</summary>
public static class SparkGang
{
    public const string DriverGroup = "spark-driver";
    public const string ExecutorGroup = "spark-executor";

    private const string Properties = "spark.properties";
    private const string ExecutorTemplate = "pod-spec-template.yml";

    /// <summary>What Spark's properties are for, in the order in which a driver's command names its runner.</summary>
    private static readonly (string Runner, ApplicationLanguage Language)[] Runners =
        [("org.apache.spark.deploy.PythonRunner", ApplicationLanguage.Python), ("org.apache.spark.deploy.RRunner", ApplicationLanguage.R)];

    /// <summary>Releases before this one set no label with their version.</summary>
    private static readonly SparkVersion Unlabelled = new(3, 2, 0);

    /// <summary>The settings of a driver's ConfigMap; null when it mounts none, or one that Spark could not read.</summary>
    public static SparkSettings? SettingsOf(ApiObject driver, ObjectStore store)
    {
        var text = Tree.ItemsOf(driver.Spec["volumes"]).ToArray()
            .Select(volume => volume.At("configMap", "name")?.Text is { } name ? store.Get(CoreTypes.ConfigMap, driver.Namespace, name)?.Body.At("data", Properties)?.Text : null)
            .FirstOrDefault(found => found is not null);
        if (text is null)
        {
            return null;
        }

        var version = driver.Metadata.Label(SparkNames.VersionLabel) is { } known ? SparkVersion.Parse(known) : Unlabelled;
        var words = Tree.ItemsOf(driver.Spec["containers"]).ToArray().SelectMany(container => Tree.ItemsOf(container["args"]).ToArray()).Select(word => word.Text).ToList();
        var language = Runners.FirstOrDefault(runner => words.Contains(runner.Runner)).Language;
        var settings = SparkSettings.Read(SparkConf.FromProperties(text), version, language, out var problem);
        return problem is null ? settings : null;
    }

    /// <summary>How many executors an application may come to have at most, as its configuration stands.</summary>
    public static int MostExecutors(SparkSettings settings) => settings.Dynamic?.Max ?? settings.Instances;

    /// <summary>
    /// Task groups for the driver and for the executors that it asks for first, each the size of the pod that Spark makes, side-cars of the template
    /// included; null without a configuration.
    /// </summary>
    public static TreeList? TaskGroupsOf(ApiObject driver, ObjectStore store)
    {
        if (SettingsOf(driver, store) is not { } settings)
        {
            return null;
        }

        var groups = new List<Tree> { Group(DriverGroup, 1, driver) };
        if (settings.InitialExecutors > 0)
        {
            var identity = new SparkIdentity
            {
                ApplicationId = driver.Metadata.Label(SparkNames.ApplicationLabel) ?? "",
                Namespace = driver.Namespace,
                ResourcePrefix = "",
                DriverPod = driver.Name,
                DriverService = "",
                ExecutorPrefix = driver.Name,
                DriverConfigMap = "",
                ExecutorConfigMap = "",
            };
            groups.Add(Group(ExecutorGroup, settings.InitialExecutors, SparkPods.Executor(settings, identity, TemplateOf(driver, store), 1, driver)));
        }

        return TreeList.From(groups);
    }

    private static TreeMap Group(string name, int members, ApiObject member) => TreeMap.Of(
        ("affinity", member.Spec["affinity"]),
        ("minMember", members),
        ("minResource", PodSpecView.Of(member).Requests.With(pods: 0).ToTree()),
        ("name", name),
        ("nodeSelector", member.Spec["nodeSelector"]),
        ("tolerations", member.Spec["tolerations"]));

    /// <summary>The template of executors that spark-submit left beside the driver; empty when there is none.</summary>
    private static TreeMap TemplateOf(ApiObject driver, ObjectStore store) => store.List(CoreTypes.ConfigMap, driver.Namespace)
        .Where(map => map.Metadata.Label(SparkNames.ApplicationLabel) is { } id && id == driver.Metadata.Label(SparkNames.ApplicationLabel))
        .Select(map => map.Body.At("data", ExecutorTemplate)?.Text)
        .OfType<string>()
        .Select(text => YamlReader.Read(text).Documents is [var document, ..] ? document.Root as TreeMap : null)
        .FirstOrDefault() ?? TreeMap.Empty;
}
