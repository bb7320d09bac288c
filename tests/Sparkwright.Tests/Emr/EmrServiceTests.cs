using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Aws.Api;

namespace Sparkwright.Tests.Emr;

/// <summary>The API emr-containers as calls see it, without a wire.</summary>
public sealed class EmrServiceTests
{
    private readonly Platform platform = new();
    private readonly List<string> runs = [];

    public EmrServiceTests()
    {
        foreach (var name in new[] { "first", "second", "third" })
        {
            runs.Add(platform.Start(change: request => request.Replace("name: ny-taxi", $"name: {name}").Replace("clientToken: token", $"clientToken: {name}")));
            platform.Pass(TimeSpan.FromSeconds(2));
        }

        platform.World.Emr.CancelJobRun(platform.VirtualCluster, runs[1]);
        platform.Finish(runs[1]);
    }

    [Theory]
    //          filter                                    names, the youngest first
    [InlineData("{}", "third second first")]
    [InlineData("{name: second}", "second")]
    [InlineData("{states: CANCELLED}", "second")]
    [InlineData("{states: [CANCELLED, COMPLETED, RUNNING, SUBMITTED, PENDING]}", "third second first")]
    [InlineData("{states: [FAILED]}", "")]
    [InlineData("{createdBefore: '2026-01-01T00:00:01Z'}", "first")]
    [InlineData("{createdAfter: '2026-01-01T00:00:01Z'}", "third second")]
    [InlineData("{createdAfter: '2026-01-01T00:00:01Z', createdBefore: '2026-01-01T00:00:03Z'}", "second")]
    public void Job_runs_are_listed_by_what_the_call_asks(string filter, string names) => Assert.Equal(names, string.Join(' ', List(filter).Names));

    [Fact]
    public void Pages_together_are_the_whole_list()
    {
        var first = List("{maxResults: '2'}");
        Assert.Equal(["third", "second"], first.Names);
        var rest = List($"{{maxResults: '2', nextToken: '{first.Next}'}}");
        Assert.Equal(["first"], rest.Names);
        Assert.Null(rest.Next);
    }

    [Theory]
    //          operation             input                                  status  code                          message
    [InlineData("ListJobRuns", "{virtualClusterId: VC, states: [ASLEEP]}", 400, "ValidationException", "ASLEEP is none of them")]
    [InlineData("ListJobRuns", "{virtualClusterId: VC, nextToken: '?'}", 400, "ValidationException", "nextToken")]
    [InlineData("ListJobRuns", "{virtualClusterId: none}", 400, "ValidationException", "Virtual cluster none doesn't exist.")]
    [InlineData("DescribeJobRun", "{virtualClusterId: VC, id: none}", 400, "ResourceNotFoundException", "Job run none doesn't exist.")]
    [InlineData("DescribeJobRun", "{virtualClusterId: none, id: none}", 400, "ResourceNotFoundException", "Virtual cluster none doesn't exist.")]
    [InlineData("DescribeVirtualCluster", "{id: none}", 400, "ResourceNotFoundException", "Virtual cluster none doesn't exist.")]
    [InlineData("ListVirtualClusters", "{states: [ASLEEP]}", 400, "ValidationException", "ASLEEP is none of them")]
    [InlineData("CancelJobRun", "{virtualClusterId: VC, id: CANCELLED}", 400, "ValidationException", "is not in a cancellable state")]
    [InlineData("CreateVirtualCluster", "{clientToken: t, containerProvider: {type: EKS, id: sparkwright, info: {eksInfo: {namespace: team-a}}}}", 400, "ValidationException", "name")]
    [InlineData("CreateVirtualCluster", "{name: two, clientToken: t, containerProvider: {type: EKS, id: sparkwright, info: {eksInfo: {namespace: team-a}}}}", 400, "ValidationException", "A virtual cluster already exists in the given namespace")]
    [InlineData("DeleteVirtualCluster", "{id: VC}", 400, "ValidationException", "has job runs that have not ended")]
    public void What_cannot_be_is_refused_in_the_services_words(string operation, string input, int status, string code, string message)
    {
        var error = Assert.IsType<AwsAnswer.Refused>(platform.Call(operation, input.Replace("CANCELLED", runs[1]))).Error;
        Assert.Equal((status, code), (error.Status, error.Code));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_virtual_cluster_is_found_by_state_and_by_cluster()
    {
        Assert.Equal("vc-team-a", Clusters("{states: RUNNING, containerProviderId: sparkwright, containerProviderType: EKS}"));
        Assert.Equal("", Clusters("{states: TERMINATED}"));
        Assert.Equal("", Clusters("{containerProviderId: another}"));

        string Clusters(string filter) => string.Join(' ', Done("ListVirtualClusters", filter)["virtualClusters"]!.Items.ToArray().Select(one => one["name"]?.Text));
    }

    [Fact]
    public void A_described_job_run_says_what_was_asked_and_what_became_of_it()
    {
        var run = Done("DescribeJobRun", $"{{virtualClusterId: {platform.VirtualCluster}, id: {runs[1]}}}")["jobRun"]!;
        Assert.Equal(
            ("second", "second", "CANCELLED", "emr-6.7.0-latest", platform.RoleArn, platform.VirtualCluster),
            (run["name"]?.Text, run["clientToken"]?.Text, run["state"]?.Text, run["releaseLabel"]?.Text, run["executionRoleArn"]?.Text, run["virtualClusterId"]?.Text));
        Assert.Equal("s3://bucket/job/script.py", run.At("jobDriver", "sparkSubmitJobDriver", "entryPoint")?.Text);
        Assert.EndsWith($"/virtualclusters/{platform.VirtualCluster}/jobruns/{runs[1]}", run["arn"]?.Text, StringComparison.Ordinal);
        Assert.NotNull(run["finishedAt"]);
    }

    private (List<string?> Names, string? Next) List(string filter)
    {
        var output = Done("ListJobRuns", filter, ("virtualClusterId", platform.VirtualCluster));
        return ([.. output["jobRuns"]!.Items.ToArray().Select(run => run["name"]?.Text)], output["nextToken"]?.Text);
    }

    private TreeMap Done(string operation, string input, params ReadOnlySpan<(string, Tree?)> more) =>
        platform.Done(operation, ((TreeMap)Yaml.Read(input)).Merge(TreeMap.Of(more)).ToString());
}
