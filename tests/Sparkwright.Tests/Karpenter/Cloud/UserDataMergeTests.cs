using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Karpenter;
using Sparkwright.World.Karpenter.Cloud;

namespace Sparkwright.Tests.Karpenter.Cloud;

public sealed class UserDataMergeTests
{
    private static readonly NodeRegistration Registration = new(TreeMap.Of(("team", "a")), [new Taint("spark", "true", Taint.NoSchedule)]);

    [Fact]
    public void The_users_parts_come_first_and_karpenters_last()
    {
        const string given = "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=\"MINE\"\n\n--MINE\nContent-Type: text/x-shellscript\n\n#!/bin/bash\nmkdir /local1\n\n--MINE--\n";
        var merged = UserDataMerge.Of(Boot("AL2"), given);
        Assert.StartsWith("MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=\"//\"\n", merged, StringComparison.Ordinal);
        Assert.EndsWith("--//--\n", merged, StringComparison.Ordinal);
        var (theirs, ours) = (merged.IndexOf("mkdir /local1", StringComparison.Ordinal), merged.IndexOf("/etc/eks/bootstrap.sh 'prod'", StringComparison.Ordinal));
        Assert.InRange(theirs, 1, ours);
        Assert.DoesNotContain("MINE", merged, StringComparison.Ordinal);
        Assert.Contains("--node-labels=team=a --register-with-taints=spark=true:NoSchedule", merged, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("AL2", null, "bootstrap.sh")]
    [InlineData("Ubuntu", "#!/bin/bash\necho mine\n", "echo mine")]
    [InlineData("Bottlerocket", "[settings.motd]\n", "cluster-name = 'prod'")]
    public void Each_family_has_its_own_form(string family, string? given, string contains) =>
        Assert.Contains(contains, UserDataMerge.Of(Boot(family), given), StringComparison.Ordinal);

    [Fact]
    public void Custom_images_get_the_users_text_untouched() =>
        Assert.Equal("just this", UserDataMerge.Of(Boot("Custom"), "just this"));

    [Fact]
    public void Nodeadm_gets_a_node_config_with_kubelet_taints_and_disks()
    {
        var merged = UserDataMerge.Of(Boot("AL2023") with { UsesInstanceStore = true, Kubelet = (TreeMap)Yaml.Read("{maxPods: 20}") }, "#!/bin/bash\necho mine\n");
        Assert.Contains("Content-Type: application/node.eks.aws\n", merged, StringComparison.Ordinal);
        Assert.Contains("\"maxPods\":20", merged, StringComparison.Ordinal);
        Assert.Contains("\"strategy\":\"RAID0\"", merged, StringComparison.Ordinal);
        Assert.Contains("--node-labels=\\\"team=a\\\"", merged, StringComparison.Ordinal);
        Assert.Contains("\"registerWithTaints\":[{\"effect\":\"NoSchedule\",\"key\":\"spark\",\"value\":\"true\"}]", merged, StringComparison.Ordinal);
    }

    [Fact]
    public void Bottlerockets_settings_go_into_the_users_tables() => Assert.Equal(
        """
        [settings.kubernetes]
        static-pods = false
        cluster-name = 'prod'
        max-pods = 20
        [settings.motd]
        text = 'hi'
        [settings.kubernetes.kube-reserved]
        'cpu' = '100m'
        [settings.kubernetes.node-labels]
        'team' = 'a'
        [settings.kubernetes.node-taints]
        'spark' = ['true:NoSchedule']

        """,
        UserDataMerge.Of(
            Boot("Bottlerocket") with { Kubelet = (TreeMap)Yaml.Read("{maxPods: 20, kubeReserved: {cpu: 100m}}") },
            "[settings.kubernetes]\ncluster-name = 'mine'\nstatic-pods = false\n\n[settings.motd]\ntext = 'hi'\n"));

    [Fact]
    public void The_bootstrap_script_is_told_of_the_kubelet() => Assert.Contains(
        "--register-with-taints=spark=true:NoSchedule --max-pods=20 --eviction-hard=memory.available<5%'",
        UserDataMerge.Of(Boot("AL2") with { Kubelet = (TreeMap)Yaml.Read("{maxPods: 20, evictionHard: {memory.available: 5%}}") }, null),
        StringComparison.Ordinal);

    private static BootSettings Boot(string family) => new()
    {
        Family = family,
        Settings = new KarpenterSettings { ClusterName = "prod" },
        Registration = Registration,
        IsLegacy = true,
    };
}
