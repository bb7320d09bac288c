using Sparkwright.Simulation;
using Sparkwright.World.Emr;

namespace Sparkwright.Tests.Emr;

public sealed class NamesTests
{
    [Theory]
    [InlineData("ts-eks-emr-eks-emr-cli", "j3uv6jk0kk3sogu231qj91fmo3mvwfl561")]
    [InlineData("emr-eks-karpenter-emr-eks-data-team-a", "zgwey3darzlz9a0duh4nux4x0xmxu6e6kkyro7l71pd7wucx6rwz5gns1")]
    public void Role_names_are_written_in_base_36(string name, string encoded) => Assert.Equal(encoded, JobIdentity.Base36(name));

    [Fact]
    public void Service_accounts_carry_account_and_role()
    {
        var identity = JobIdentity.OfRoleArn("arn:aws:iam::111122223333:role/teams/ts-eks-emr-eks-emr-cli")!;
        Assert.Equal("emr-containers-sa-spark-driver-111122223333-j3uv6jk0kk3sogu231qj91fmo3mvwfl561", identity.DriverAccount);
        Assert.Equal("emr-containers-rb-spark-client-111122223333-j3uv6jk0kk3sogu231qj91fmo3mvwfl561", identity.RoleBinding("client"));
        Assert.Null(JobIdentity.OfRoleArn("arn:aws:s3:::bucket"));
    }

    [Fact]
    public void Job_run_ids_sort_by_time()
    {
        var chance = new Chance(1);
        var now = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        var ids = Enumerable.Range(0, 50).Select(at => EmrIds.TimeOrdered(now.AddMilliseconds(at * 37), chance.For("id", at))).ToArray();
        Assert.Equal(ids.Order(StringComparer.Ordinal), ids);
        Assert.All(ids, id => Assert.Matches("^0[0-9a-z]{18}$", id));
        Assert.Matches("^[0-9a-z]{25}$", EmrIds.VirtualCluster(chance.For("vc", 1)));
        Assert.Equal("arn:aws:emr-containers:us-west-2:111122223333:/virtualclusters/v/jobruns/j", EmrIds.Arn(new EmrSettings("us-west-2", "111122223333", "c"), EmrIds.JobRunPath("v", "j")));
    }

    [Theory]
    [InlineData("emr-6.7.0-latest", "3.2.1", "emr-6.7.0", "latest")]
    [InlineData("emr-6.8.0-latest", "3.3.0", "emr-6.8.0", "latest")]
    [InlineData("emr-6.9.0-20230624", "3.3.0", "emr-6.9.0", "20230624")]
    [InlineData("emr-7.13.0-java17-latest", "3.5.6", "emr-7.13.0", "java17-latest")]
    [InlineData("emr-spark-8.0.0", "4.0.2", "emr-spark-8.0.0", "latest")]
    [InlineData("emr-spark-8.0.0-20260401", "4.0.2", "emr-spark-8.0.0", "20260401")]
    [InlineData("emr-spark-8.0.0-latest", "4.0.2", "emr-spark-8.0.0", "latest")]
    [InlineData("emr-6.7.0", null, null, null)]
    [InlineData("emr-6.99.0-latest", null, null, null)]
    [InlineData("emr-spark-6.7.0-latest", null, null, null)]
    [InlineData("emr-8.0.0-latest", null, null, null)]
    [InlineData("spark-6.7.0-latest", null, null, null)]
    public void Releases_are_known_by_label(string label, string? spark, string? image, string? tag)
    {
        var release = EmrRelease.Find(label);
        Assert.Equal((spark, image, tag), (release?.Spark.ToString(), release?.ImageName, release?.ImageTag));
    }

    [Theory]
    [InlineData(1, 10)]
    [InlineData(2, 20)]
    [InlineData(3, 40)]
    [InlineData(6, 320)]
    [InlineData(7, 360)]
    [InlineData(1000, 360)]
    public void Attempts_wait_longer_each_time_up_to_six_minutes(int failed, int seconds) => Assert.Equal(TimeSpan.FromSeconds(seconds), RetryDelay.After(failed));
}
