namespace Sparkwright.ConformanceTests;

/// <summary>What only some users may, and what a simulated cluster cannot, as the real kubectl tells it.</summary>
public class KubectlTests(RunningPlatform platform)
{
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
        Assert.SkipWhen(Kubectl.Programs.Count == 0, "NOT TESTED: there is no kubectl in the PATH, and KUBECTL names none");
        return await Kubectl.Run(Kubectl.Programs[0], platform.KubeconfigFile, arguments.Split(' '));
    }
}
