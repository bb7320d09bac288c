using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Karpenter.Cloud;

namespace Sparkwright.Tests.Karpenter.Cloud;

public sealed class UserDataMergeTests
{
    private static readonly NodeRegistration Registration = new(TreeMap.Of(("team", "a")), [new Taint("spark", "true", Taint.NoSchedule)]);

    [Fact]
    public void The_users_parts_come_first_and_karpenters_last()
    {
        const string given = "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=\"MINE\"\n\n--MINE\nContent-Type: text/x-shellscript\n\n#!/bin/bash\nmkdir /local1\n\n--MINE--\n";
        var merged = UserDataMerge.Of("AL2", given, "prod", Registration);
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
        Assert.Contains(contains, UserDataMerge.Of(family, given, "prod", Registration), StringComparison.Ordinal);

    [Fact]
    public void Custom_images_get_the_users_text_untouched() =>
        Assert.Equal("just this", UserDataMerge.Of("Custom", "just this", "prod", Registration));
}
