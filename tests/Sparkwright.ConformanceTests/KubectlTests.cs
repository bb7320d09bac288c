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

    [Fact]
    public async Task A_static_NodePool_is_scaled_and_one_that_follows_its_pods_is_not()
    {
        static string Pool(string name, string replicas) => $"""
            apiVersion: karpenter.sh/v1
            kind: NodePool
            metadata: {"{"}name: {name}{"}"}
            spec:
              {replicas}
              template:
                spec:
                  nodeClassRef: {"{"}group: karpenter.k8s.aws, kind: EC2NodeClass, name: no-such-class{"}"}
                  requirements: []
            """;
        Assert.Equal(0, (await Run("create -f -", Pool("kept", "replicas: 0"))).Code);
        Assert.Equal(0, (await Run("create -f -", Pool("follows", ""))).Code);
        Assert.Equal((0, "nodepool.karpenter.sh/kept scaled\n"), await Run("scale nodepool kept --replicas=3"));
        Assert.Equal((0, "3"), await Run("get nodepool kept -o jsonpath={.spec.replicas}"));
        var (_, scale) = await Run("get --raw /apis/karpenter.sh/v1/nodepools/kept/scale");
        Assert.Contains("\"spec\":{\"replicas\":3},\"status\":{\"replicas\":0}", scale, StringComparison.Ordinal);
        Assert.Contains("(InternalError)", (await Run("get nodepool follows --subresource=scale")).Output, StringComparison.Ordinal);
        var (code, output) = await Run("scale nodepool follows --replicas=1");
        Assert.NotEqual(0, code);
        Assert.Contains("Cannot transition NodePool between static (replicas set) and dynamic (replicas unset) provisioning modes", output, StringComparison.Ordinal);
    }

    private async Task<(int Code, string Output)> Run(string arguments, string? input = null)
    {
        Assert.SkipWhen(Kubectl.Programs.Count == 0, "NOT TESTED: there is no kubectl in the PATH, and KUBECTL names none");
        return await Kubectl.Run(Kubectl.Programs[0], platform.KubeconfigFile, arguments.Split(' '), input);
    }
}
