using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Emr;

/// <summary>The names and labels of everything that a job run creates in its namespace.</summary>
public sealed record JobNames(string JobId, string VirtualClusterId)
{
    public const string JobLabel = "emr-containers.amazonaws.com/job.id";
    public const string VirtualClusterLabel = "emr-containers.amazonaws.com/virtual-cluster-id";
    public const string TypeLabel = "emr-containers.amazonaws.com/resource.type";
    public const string ComponentLabel = "emr-containers.amazonaws.com/component";
    public const string ConfigurationLabel = "emr-containers.amazonaws.com/job.configuration";
    public const string SubscriptionLabel = "eks-subscription.amazonaws.com/emr.internal.id";

    public string Job => JobId;

    public string SparkDefaultsMap => $"{JobId}-spark-defaults";

    public string TemplateMap => $"podtemplate-{JobId}";

    public string FluentdMap => $"fluentd-{VirtualClusterId}-{JobId}";

    public string S3Secret => $"emr-containers-s3-{VirtualClusterId}-{JobId}";

    public string DriverPod => $"spark-{JobId}-driver";

    /// <param name="component"><c>job.submitter</c>, <c>driver</c> or <c>executor</c>; null for what is no pod.</param>
    /// <param name="configuration"><c>spark-defaults</c>, <c>pod-template</c> or <c>fluentd</c>, for config maps.</param>
    public TreeMap Labels(string? component = null, string? configuration = null) => TreeMap.Of(
        (JobLabel, JobId),
        (VirtualClusterLabel, VirtualClusterId),
        (TypeLabel, "job.run"),
        (ComponentLabel, component),
        (ConfigurationLabel, configuration),
        (SubscriptionLabel, $"eks-{VirtualClusterId}"));
}
