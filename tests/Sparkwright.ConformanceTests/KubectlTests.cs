using System.Diagnostics;

namespace Sparkwright.ConformanceTests;

/// <summary>The real kubectl, where there is one: the one named by KUBECTL, else the first of the PATH.</summary>
public class KubectlTests(RunningPlatform platform)
{
    [Theory]
    [InlineData("get nodes", "STATUS")]
    [InlineData("get nodes -o wide", "CONTAINER-RUNTIME")]
    [InlineData("get pods -A", "RESTARTS")]
    [InlineData("get pods -A -o wide", "READINESS GATES")]
    [InlineData("get deployments -n kube-system", "UP-TO-DATE")]
    [InlineData("get pods -A --sort-by=.metadata.name", "RESTARTS")]
    [InlineData("get nodes -o name", "node/ip-")]
    [InlineData("describe deployment coredns -n kube-system", "Replicas:")]
    [InlineData("scale deployment coredns -n kube-system --replicas 2", "deployment.apps/coredns scaled")]
    [InlineData("rollout status deployment coredns -n kube-system --timeout=60s", "successfully rolled out")]
    public async Task A_command_prints_what_it_prints_of_a_real_cluster(string command, string wanted)
    {
        var (code, output) = await Run(command);
        Assert.True(code == 0, output);
        Assert.Contains(wanted, output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_team_sees_its_own_pods_and_no_others()
    {
        Assert.Equal(0, (await Run($"get pods --context {platform.Team}")).Code);
        var (code, output) = await Run($"get pods -n kube-system --context {platform.Team}");
        Assert.Equal(1, code);
        Assert.Contains("(Forbidden)", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_container_has_no_process_to_run_a_command_in()
    {
        var (code, output) = await Run("exec -n kube-system deployment/coredns -- ls");
        Assert.NotEqual(0, code);
        Assert.Contains("containers are simulated", output, StringComparison.Ordinal);
    }

    private async Task<(int Code, string Output)> Run(string arguments)
    {
        var names = Environment.GetEnvironmentVariable("KUBECTL") is { Length: > 0 } named
            ? [named]
            : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(folder => Path.Combine(folder, "kubectl"));
        var kubectl = names.FirstOrDefault(File.Exists);
        Assert.SkipWhen(kubectl is null, "NOT TESTED: there is no kubectl in the PATH, and KUBECTL names none");
        var start = new ProcessStartInfo(kubectl, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["KUBECONFIG"] = platform.KubeconfigFile;
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, await output + await errors);
    }
}
