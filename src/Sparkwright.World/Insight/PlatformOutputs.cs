using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Blueprint;

namespace Sparkwright.World.Insight;

/// <summary>What the commands of the tutorial ask of a platform: the names and ids with which jobs are started.</summary>
public static class PlatformOutputs
{
    /// <summary>By name, under the names of the published Terraform module; null for what the platform does not have now. Several ARNs are parted by commas.</summary>
    public static TreeMap Of(World world)
    {
        var settings = world.Settings;
        var hasCluster = settings.Blueprint is { ClusterName.Length: > 0 };
        var teams = settings.Blueprint?.Teams ?? [];
        var team = teams.FirstOrDefault(known => known.VirtualCluster is not null) ?? teams.FirstOrDefault();
        var role = team is null ? null : world.Iam.FindRole($"arn:aws:iam::{settings.Account}:role/{team.ExecutionRole}");
        var arns = teams.Select(known => world.Iam.FindRole($"arn:aws:iam::{settings.Account}:role/{known.ExecutionRole}")?.Spec["arn"]?.Text).OfType<string>();
        var id = team?.VirtualCluster is { } name ? world.Emr.FindVirtualCluster(name) : null;
        var bucket = PlatformResources.BucketOf(settings.ClusterName, settings.Account, settings.Region);
        var group = id is null ? null : PlatformResources.LogGroupOf(team!.VirtualCluster!);
        return TreeMap.Of(
            ("bucket", hasCluster && world.S3.HasBucket(bucket) ? bucket : TreeNull.Value),
            ("cluster_name", hasCluster ? settings.ClusterName : TreeNull.Value),
            ("configure_kubectl", hasCluster ? $"aws eks --region {settings.Region} update-kubeconfig --name {settings.ClusterName}" : TreeNull.Value),
            ("emr_on_eks_role_arn", role?.Spec["arn"] ?? TreeNull.Value),
            ("emr_on_eks_role_arns", string.Join(',', arns) is { Length: > 0 } all ? all : TreeNull.Value),
            ("emr_on_eks_role_id", (Tree?)role?.Name ?? TreeNull.Value),
            ("emrcontainers_virtual_cluster_id", (Tree?)id ?? TreeNull.Value),
            ("emrcontainers_virtual_cluster_name", id is null ? TreeNull.Value : team!.VirtualCluster),
            ("log_group", group is not null && world.Logs.Find(group) is not null ? group : TreeNull.Value),
            ("region", settings.Region));
    }
}
