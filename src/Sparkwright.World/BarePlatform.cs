using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.World.Aws;
using Sparkwright.World.Ec2;

namespace Sparkwright.World;

/// <summary>The platform without anything on it: a network with three private subnets, one security group, a role's instance profile, images.</summary>
internal static class BarePlatform
{
    public static TreeMap Gp2 { get; } = TreeMap.Of(
        ("parameters", TreeMap.Of(("fsType", "ext4"), ("type", "gp2"))),
        ("provisioner", "kubernetes.io/aws-ebs"),
        ("reclaimPolicy", "Delete"),
        ("volumeBindingMode", "WaitForFirstConsumer"));

    private static readonly string[] Families = ["AL2", "AL2023", "Bottlerocket", "Ubuntu"];
    private static readonly string[] Cidrs = ["10.1.0.0/18", "10.1.64.0/18", "10.1.128.0/18"];

    public static void Furnish(ApiServer api, WorldSettings settings)
    {
        var cluster = settings.ClusterName;
        var discovery = TreeMap.Of(("karpenter.sh/discovery", cluster));
        foreach (var (letter, at) in "abc".Select((letter, at) => (letter, at)))
        {
            var zone = settings.Region + letter;
            Create(api, Ec2Types.Subnet, IdOf(api, "subnet", zone), TreeMap.Of(("cidr", Cidrs[at]), ("zone", zone)), discovery.With("Name", $"{cluster}-private-{zone}"));
        }

        var group = IdOf(api, "sg", "node");
        Create(api, Ec2Types.SecurityGroup, group, TreeMap.Of(("groupName", $"{cluster}-node")), discovery.With("Name", $"{cluster}-node"));
        Images(api, settings);
        Create(api, Ec2Types.InstanceProfile, $"KarpenterNodeInstanceProfile-{cluster}", TreeMap.Of(("role", $"KarpenterNodeRole-{cluster}")), TreeMap.Empty);
        Create(api, Ec2Types.LaunchTemplate, $"{cluster}-spark-compute", TreeMap.Of(
            ("imageId", IdOf(api, "ami", "AL2amd64")),
            ("instanceProfile", $"KarpenterNodeInstanceProfile-{cluster}"),
            ("securityGroupIds", TreeList.Of(group)),
            ("userData", ComputeUserData(cluster))), TreeMap.Of(("Name", $"{cluster}-spark-compute")));
        api.Create(new ApiObject(CoreTypes.Namespace, new ObjectMeta { Name = "karpenter" }, TreeMap.Empty));
        if (settings.Components.Contains("yunikorn"))
        {
            api.Create(new ApiObject(CoreTypes.Namespace, new ObjectMeta { Name = "yunikorn" }, TreeMap.Empty));
        }

        new MessageQueues(api).EnsureQueue(cluster);
        StandardStorageClass(api);
        SystemPriorityClasses(api);
    }

    /// <summary>What is there before anybody has made anything: Amazon's images, and what an API server has by itself.</summary>
    public static void FurnishAccount(ApiServer api, WorldSettings settings)
    {
        Images(api, settings);
        StandardStorageClass(api);
        SystemPriorityClasses(api);
    }

    /// <summary>One image for each family and architecture, so that every alias resolves.</summary>
    private static void Images(ApiServer api, WorldSettings settings)
    {
        foreach (var family in Families)
        {
            foreach (var arch in new[] { "amd64", "arm64" })
            {
                Create(api, Ec2Types.Image, IdOf(api, "ami", family + arch), TreeMap.Of(("arch", arch), ("family", family)), TreeMap.Of(("Name", $"{family}-{arch}-{settings.KubernetesVersion}")));
            }
        }
    }

    private static void StandardStorageClass(ApiServer api) => api.Create(new ApiObject(
        CoreTypes.StorageClass,
        new ObjectMeta { Name = "gp2", Annotations = TreeMap.Of(("storageclass.kubernetes.io/is-default-class", "true")) },
        Gp2));

    /// <summary>The two classes that every cluster has.</summary>
    private static void SystemPriorityClasses(ApiServer api)
    {
        foreach (var (name, value, use) in new[]
        {
            ("system-cluster-critical", 2_000_000_000, "Used for system critical pods that must run in the cluster, but can be moved to another node if necessary."),
            ("system-node-critical", 2_000_001_000, "Used for system critical pods that must not be moved from their current node."),
        })
        {
            api.Create(new ApiObject(CoreTypes.PriorityClass, new ObjectMeta { Name = name, Generation = 1 }, TreeMap.Of(("description", use), ("value", value))));
        }
    }

    public static void Create(ApiServer api, ResourceType type, string name, TreeMap spec, TreeMap tags) => api.Create(Ec2Types.Make(type, name, spec, tags));

    public static string IdOf(ApiServer api, string prefix, string key) => $"{prefix}-{api.Chance.For("ec2/" + prefix, key).Hex(17)}";

    /// <summary>The launch template's own script: it puts the NVMe disk under /local1 and joins the cluster.</summary>
    internal static string ComputeUserData(string cluster) =>
        "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=\"//\"\n\n--//\nContent-Type: text/x-shellscript; charset=\"us-ascii\"\n\n"
        + "#!/bin/bash\nset -ex\nIDX=1\nDEVICES=$(lsblk -o NAME,TYPE -dsn | awk '/disk/ {print $1}')\nfor DEV in $DEVICES\ndo\n"
        + "  mkfs.xfs /dev/${DEV}\n  mkdir -p /local${IDX}\n  echo /dev/${DEV} /local${IDX} xfs defaults,noatime 1 2 >> /etc/fstab\n  IDX=$((${IDX} + 1))\ndone\n"
        + "mount -a\nchown -hR +999:+1000 /local*\n\n--//\nContent-Type: text/x-shellscript; charset=\"us-ascii\"\n\n#!/bin/bash -xe\n"
        + $"/etc/eks/bootstrap.sh '{cluster}' --container-runtime containerd\n\n--//--\n";
}
