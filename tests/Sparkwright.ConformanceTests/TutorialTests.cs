namespace Sparkwright.ConformanceTests;

/// <summary>The tutorial from an empty account to an empty account, with the real aws and kubectl, in real time at a higher speed.</summary>
public sealed class TutorialTests
{
    [Fact]
    public async Task The_tutorial_runs_line_by_line()
    {
        AwsShell.SkipWithoutAws();
        Assert.SkipWhen(Kubectl.Programs.Count == 0, "NOT TESTED: there is no kubectl in the PATH");
        await using var platform = new RunningPlatform { Options = ["--speed", "120", "--blueprint", "none"] };
        await platform.InitializeAsync();
        var folder = Directory.CreateDirectory(Path.Combine(platform.DataDirectory, "tutorial")).FullName;
        var (code, output) = await AwsShell.Run(
            platform,
            $"bash '{AppContext.BaseDirectory}/Clients/tutorial.sh' '{AppContext.BaseDirectory}/sparkwright.dll' '{platform.DataDirectory}' '{folder}'",
            programs: Path.GetDirectoryName(Kubectl.Programs.FirstOrDefault()));
        const string Told = """
            == plan
            Plan: 79 to add, 0 to change, 0 to destroy.
            == apply
            Apply complete! Resources: 79 added, 0 changed, 0 destroyed.
            == verify the cluster and the workspace
            ACTIVE
            ACTIVE
            == verify what runs
            Ready
            Ready
            Ready
            emr-data-team-a Active
            emr-data-team-b Active
            prometheus-server Running
            prometheus-node-exporter Running Running Running
            vpa-recommender Running
            metrics-server Running Running
            cluster-autoscaler Running
            29 of 29 checks hold.
            == a second apply
            No changes. The platform is what the blueprint asks for.
            == jobs
            compute-optimized COMPLETED executors 6 placeholders 0
            memory-optimized COMPLETED executors 10 placeholders 0
            graviton COMPLETED executors 6 placeholders 0
            gang-scheduling COMPLETED executors 20 placeholders 21
            == clean up
            Destroy complete! Resources: 51 destroyed.
            Destroy complete! Resources: 20 destroyed.
            Destroy complete! Resources: 7 destroyed.
            Destroy complete! Resources: 1 destroyed.
            0
            0
            Plan: 79 to add, 0 to change, 0 to destroy.

            """;
        Assert.True(code == 0 && output == Told, $"exit code {code}:\n{output}");
    }
}
