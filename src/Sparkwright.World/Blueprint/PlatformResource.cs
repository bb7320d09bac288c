using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Blueprint;

/// <summary>One thing that a blueprint asks for, or that the platform has: a subnet, a role, an object of the cluster.</summary>
/// <param name="Type">In Terraform's words, one of <see cref="ResourceKinds"/>.</param>
/// <param name="Key">Its name among those of its type; an object of the cluster has its kind, namespace and name.</param>
/// <param name="Attributes">What was asked for; of an object of the cluster, its manifest.</param>
public sealed record PlatformResource(PlatformModule Module, string Type, string Key, TreeMap Attributes)
{
    /// <summary>The manifest of an object of the cluster as its author wrote it, where <see cref="Attributes"/> has it as the server reads it; null for all else.</summary>
    public TreeMap? Document { get; init; }

    /// <summary>Such as <c>module.network.aws_subnet["private-us-west-2a"]</c>.</summary>
    public string Address => $"module.{PlatformModules.NameOf(Module)}.{Type}[\"{Key}\"]";
}

/// <summary>The types of resources, and what of them cannot be changed in place.</summary>
public static class ResourceKinds
{
    public const string Bucket = "aws_s3_bucket";
    public const string Cluster = "aws_eks_cluster";
    public const string Figures = "sparkwright_figures";
    public const string InstanceProfile = "aws_iam_instance_profile";
    public const string LaunchTemplate = "aws_launch_template";
    public const string LogGroup = "aws_cloudwatch_log_group";
    public const string Manifest = "kubernetes_manifest";
    public const string NodeGroup = "aws_eks_node_group";
    public const string OidcProvider = "aws_iam_openid_connect_provider";
    public const string Policy = "aws_iam_policy";
    public const string PrometheusWorkspace = "aws_prometheus_workspace";
    public const string Quotas = "aws_servicequotas_service_quota";
    public const string Queue = "aws_sqs_queue";
    public const string Role = "aws_iam_role";
    public const string SecurityGroup = "aws_security_group";
    public const string Subnet = "aws_subnet";
    public const string VirtualCluster = "aws_emrcontainers_virtual_cluster";
    public const string Vpc = "aws_vpc";

    /// <summary>
    /// In which of the two halves of its module a resource is made: first what others stand on, then what stands on it and takes its time. They go
    /// in the opposite order.
    /// </summary>
    public static int HalfOf(PlatformResource resource) => resource.Type switch
    {
        NodeGroup or VirtualCluster => 1,
        Manifest when resource.Module == PlatformModule.Cluster || resource.Attributes["kind"]?.Text is "Provisioner" or "NodePool" => 1,
        _ => 0,
    };

    /// <summary>Whether parts of the program follow a resource, as the scheduler YuniKorn its Deployment: they are built anew when it comes or goes.</summary>
    public static bool IsFollowed(PlatformResource resource) =>
        resource.Type is Cluster or Figures or PrometheusWorkspace or Quotas or Role or VirtualCluster || (resource.Type == Manifest && resource.Key == PlatformBlueprint.YuniKornKey);

    /// <summary>Whether a change of an attribute takes a new resource in the old one's place.</summary>
    /// <param name="path">Such as <c>cidr</c> or <c>labels.type</c>.</param>
    public static bool ForcesReplacement(string type, string path) => (type, path) switch
    {
        (NodeGroup, "instanceType") or (SecurityGroup, "groupName") or (Subnet, "cidr" or "zone") or (VirtualCluster, "namespace") or (Vpc, "cidr") => true,
        _ => false,
    };
}
