namespace Sparkwright.ConformanceTests;

/// <summary>The tutorial from an empty account to an empty account, with the real aws and kubectl, in real time at a higher speed.</summary>
public sealed class TutorialTests
{
    /// <summary>What the page says before the platform runs, and what the script does in its own way: it follows each job run to its end.</summary>
    private static readonly string[] OwnWay = ["sparkwright up ", "eval "];

    [Fact]
    public async Task Every_command_of_the_page_is_in_the_script()
    {
        var script = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "Clients", "tutorial.sh"));
        var page = (await File.ReadAllTextAsync(Path.Combine(AwsShell.Root, "docs", "guides", "tutorial.md"))).Split("```");
        var commands = page.Where(static block => block.StartsWith("bash\n", StringComparison.Ordinal)).SelectMany(static block => block.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1))
            .Select(static line => line.Replace("./sparkwright", "sparkwright", StringComparison.Ordinal).Replace("examples/compute-optimized", "examples/$example", StringComparison.Ordinal).TrimEnd(')'))
            .Where(static line => !OwnWay.Any(start => line.StartsWith(start, StringComparison.Ordinal)))
            .ToList();
        Assert.True(commands.Count > 20, $"only {commands.Count} commands");
        Assert.DoesNotContain(commands, command => !script.Contains(command, StringComparison.Ordinal));
    }

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
            3 Ready
            emr-data-team-a Active
            emr-data-team-b Active
            4 Running
            3 Running
            2 Running
            1 Running
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
