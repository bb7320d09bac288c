namespace Sparkwright.ConformanceTests;

/// <summary>Clients that we did not write, each through what its users do first.</summary>
public class ClientTests(RunningPlatform platform)
{
    private static readonly string Scripts = Path.Combine(AppContext.BaseDirectory, "Clients");

    [Fact]
    public async Task Pythons_client_finds_a_cluster()
    {
        var python = await Client.Python("kubernetes");
        Assert.SkipWhen(python is null, "NOT TESTED: no python3 of the PATH has the package kubernetes (Debian: python3-kubernetes)");
        await Runs(python!, Path.Combine(Scripts, "client.py"), "python");
    }

    [Fact]
    public async Task Nodes_client_finds_a_cluster()
    {
        var package = Client.Folders("NODE_PATH").Select(folder => Path.Combine(folder, "@kubernetes", "client-node")).FirstOrDefault(Directory.Exists);
        Assert.SkipWhen(package is null || Client.Find("node") is null, "NOT TESTED: there is no node in the PATH, or NODE_PATH has no @kubernetes/client-node");
        await Runs(Client.Find("node")!, Path.Combine(Scripts, "client.mjs"), package!, "node");
    }

    [Fact]
    public async Task Helm_installs_upgrades_rolls_back_and_uninstalls_a_chart()
    {
        var helm = Client.Find("helm");
        Assert.SkipWhen(helm is null, "NOT TESTED: there is no helm in the PATH");
        var home = Directory.CreateTempSubdirectory("sparkwright-helm-").FullName;
        string[] wait = ["--wait", "--timeout", "120s"];
        foreach (var (arguments, said) in ((string[], string)[])
        [
            (["install", "tried", Path.Combine(Scripts, "chart"), "--create-namespace", .. wait], "Install complete"),
            (["upgrade", "tried", Path.Combine(Scripts, "chart"), "--set", "replicas=2,message=bye", .. wait], "has been upgraded"),
            (["rollback", "tried", "1", .. wait], "Rollback was a success"),
            (["history", "tried"], "Rollback to 1"),
            (["get", "manifest", "tried"], "PodDisruptionBudget"),
            (["uninstall", "tried", .. wait], "uninstalled"),
        ])
        {
            var (code, output) = await Client.Run(
                helm!, [.. arguments, "-n", "helm"], new() { ["KUBECONFIG"] = platform.KubeconfigFile, ["HELM_CACHE_HOME"] = home, ["HELM_CONFIG_HOME"] = home, ["HELM_DATA_HOME"] = home });
            Assert.True(code == 0 && output.Contains(said, StringComparison.Ordinal), $"helm {string.Join(' ', arguments)}: exit code {code}, wanted \"{said}\":\n{output}");
        }

        Assert.Equal(404, (await RunningPlatform.Send(platform.As("admin"), "GET", "/apis/apps/v1/namespaces/helm/deployments/tried")).Code);
        Directory.Delete(home, recursive: true);
    }

    private async Task Runs(string program, params string[] arguments)
    {
        var (code, output) = await Client.Run(program, arguments, new() { ["KUBECONFIG"] = platform.KubeconfigFile });
        Assert.True(code == 0 && output.Contains("done", StringComparison.Ordinal), $"{string.Join(' ', arguments)}: exit code {code}\n{output}");
    }
}
