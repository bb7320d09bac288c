using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Controllers;

namespace Sparkwright.Tests.Controllers;

public sealed class JobPolicyTests
{
    private const string Rules = """
        {podFailurePolicy: {rules: [
          {action: FailJob, onExitCodes: {containerName: main, operator: In, values: [42]}},
          {action: Ignore, onPodConditions: [{type: DisruptionTarget}]},
          {action: Count, onExitCodes: {operator: NotIn, values: [1, 2]}}]}}
        """;

    [Theory]
    //          container  exit code  condition           rule
    [InlineData("main", 42, "", "Container main for pod default/p failed with exit code 42 matching FailJob rule at index 0")]
    [InlineData("side", 42, "", "Container side for pod default/p failed with exit code 42 matching Count rule at index 2")]
    [InlineData("main", 1, "DisruptionTarget", "Pod default/p has condition DisruptionTarget matching Ignore rule at index 1")]
    [InlineData("main", 1, "Other", null)]
    [InlineData("main", 0, "", null)]
    public void The_first_rule_that_matches_decides(string container, int exitCode, string condition, string? rule) => Assert.Equal(
        rule,
        JobFailurePolicy.Match(
            Read(CoreTypes.Job, $"spec: {Rules}"),
            Read(CoreTypes.Pod, $"status: {{containerStatuses: [{{name: {container}, state: {{terminated: {{exitCode: {exitCode}}}}}}}], conditions: [{{type: \"{condition}\", status: \"True\"}}]}}"))?.Message);

    [Theory]
    //          rules                                                     succeeded  met
    [InlineData("[{succeededIndexes: '0,2-3'}]", "0,2", null)]
    [InlineData("[{succeededIndexes: '0,2-3'}]", "0,2,3", "Matched rules at index 0")]
    [InlineData("[{succeededIndexes: '0,2-3', succeededCount: 1}]", "1,3", "Matched rules at index 0")]
    [InlineData("[{succeededIndexes: '9'}, {succeededCount: 2}]", "4,5", "Matched rules at index 1")]
    public void A_job_has_succeeded_when_a_rule_is_met(string rules, string succeeded, string? met) =>
        Assert.Equal(met, JobSuccessPolicy.Met(Read(CoreTypes.Job, $"spec: {{successPolicy: {{rules: {rules}}}}}"), JobStatus.ReadIndexes(succeeded)));

    private static ApiObject Read(ResourceType type, string body) =>
        new(type, new ObjectMeta { Name = "p", Namespace = "default" }, (TreeMap)YamlReader.Read(body).Documents[0].Root);
}
