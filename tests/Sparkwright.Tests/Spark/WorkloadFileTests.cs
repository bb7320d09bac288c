using Sparkwright.World.Spark.Workloads;

namespace Sparkwright.Tests.Spark;

public sealed class WorkloadFileTests
{
    [Theory]
    [InlineData("{input: {files: 3, fileSize: 38MB}}", 3, 38_000_000)]
    [InlineData("{input: {files: 3, fileSize: 38Mi}}", 3, 39_845_888)]
    [InlineData("{input: {fileSize: 1.5G}}", 21, 1_500_000_000)]
    [InlineData("{}", 21, 38_000_000)]
    public void The_input_has_files_of_one_size(string yaml, int files, long bytes)
    {
        var workload = WorkloadFile.Read(Yaml.Read(yaml), out var problem);
        Assert.Null(problem);
        Assert.Equal(new WorkloadInput(files, bytes), workload!.Input);
    }

    [Theory]
    [InlineData("[]", "workload: give a map")]
    [InlineData("{inputs: {}}", "workload.inputs: is not a member")]
    [InlineData("{input: {files: 0}}", "input.files: '0'")]
    [InlineData("{input: {fileSize: 38m}}", "input.fileSize: '38m'")]
    [InlineData("{stages: []}", "stages: give a list")]
    [InlineData("{stages: [{tasks: 1}]}", "stages[0].name: ''")]
    [InlineData("{stages: [{name: a, tasks: 1}, {name: a, tasks: 1}]}", "stages[1].name: 'a'")]
    [InlineData("{stages: [{name: a, tasks: none}]}", "stages[0].tasks: 'none'")]
    [InlineData("{stages: [{name: a, tasks: 1, taskTime: 3 minutes}]}", "stages[0].taskTime: '3 minutes'")]
    [InlineData("{stages: [{name: a, tasks: 1, dependsOn: [b]}]}", "stages[0].dependsOn: 'b'")]
    [InlineData("{stages: [{name: a, tasks: 1, retries: 3}]}", "stages[0].retries: is not a member")]
    public void What_is_wrong_is_named_with_what_is_allowed(string yaml, string problem)
    {
        Assert.Null(WorkloadFile.Read(Yaml.Read(yaml), out var said));
        Assert.StartsWith(problem, said);
    }
}
