using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.ConformanceTests;

/// <summary><c>plan</c>, <c>apply</c>, <c>verify</c> and <c>destroy</c> as programs that talk to a running platform.</summary>
public sealed class PlatformCommandTests(RunningPlatform shared)
{
    [Fact]
    public async Task What_was_applied_survives_kill_9_and_is_left_by_a_destroy()
    {
        await using var platform = new RunningPlatform { Options = ["--speed", "300", "--blueprint", "none"] };
        await platform.InitializeAsync();
        Assert.Equal(["admin"], platform.Users);
        var (code, output) = await Run(platform, "apply", "--auto-approve", "--output", "json");
        Assert.Equal(0, code);
        var answer = TreeJson.Parse(output.Split('\n')[0]);
        Assert.Equal((81L, 0L, "null", "emr-eks-karpenter"), (answer["add"]!.Integer, answer["destroy"]!.Integer, answer["failure"]!.ToString(), answer.At("outputs", "cluster_name")!.Text));

        await platform.Kill();
        await platform.Start();

        Assert.Equal(["admin", "emr-data-team-a", "emr-data-team-b"], platform.Users);
        Assert.Equal((0, "No changes. The platform is what the blueprint asks for.\n"), await Run(platform, "plan"));
        Assert.Equal("v1.24", (await RunningPlatform.Send(platform.As("admin"), "GET", "/version")).Body["gitVersion"]!.Text![..5]);
        Assert.Equal(200, (await RunningPlatform.Send(platform.As("admin"), "DELETE", "/apis/apps/v1/namespaces/kube-system/deployments/metrics-server")).Code);
        (code, output) = await Run(platform, "verify");
        Assert.Equal(1, code);
        Assert.Contains("FAIL metrics-server in kube-system: there is no Deployment\n     mend: sparkwright apply --only addons\n", output, StringComparison.Ordinal);
        Assert.EndsWith("\n28 of 29 checks hold.\n", output, StringComparison.Ordinal);
        (_, output) = await Run(platform, "plan");
        Assert.EndsWith("\nPlan: 1 to add, 0 to change, 0 to destroy.\n", output, StringComparison.Ordinal);

        (code, output) = await Run(platform, "destroy", "--auto-approve");
        Assert.Equal(0, code);
        Assert.Contains("module.network.aws_vpc[\"emr-eks-karpenter\"]: Destruction complete after 0s\n", output, StringComparison.Ordinal);
        Assert.Empty((await RunningPlatform.Send(platform.As("admin"), "GET", "/api/v1/nodes")).Body["items"]!.Items.ToArray());
        await platform.Stop();
        await platform.Start();
        Assert.Equal(["admin"], platform.Users);
        Assert.Equal((0, "No changes. There is nothing to destroy.\n\nDestroy complete! Resources: 0 destroyed.\n"), await Run(platform, "destroy", "--auto-approve"));
    }

    [Theory]
    //          exit code  said                                                                                                       command
    [InlineData(0, "No changes. The platform is what the blueprint asks for.\n", "plan")]
    [InlineData(0, "{\"add\":0,\"blueprint\":\"emr-eks-karpenter\",\"change\":0,\"changes\":[],\"destroy\":0}\n", "plan --only teams --only cluster --output json")]
    [InlineData(2, "sparkwright: apply asks for a yes on a terminal, and here is none; give --auto-approve to go ahead without\n", "apply")]
    [InlineData(2, "sparkwright: destroy asks for a yes on a terminal, and here is none; give --auto-approve to go ahead without\n", "destroy --output json")]
    [InlineData(2, "sparkwright: --target aws is not there yet; leave it out for the platform that sparkwright up serves\n", "plan --target aws")]
    [InlineData(2, "sparkwright: nowhere.yaml: there is no such blueprint\n", "apply --auto-approve --blueprint nowhere.yaml")]
    [InlineData(2, "sparkwright: Argument 'disks' not recognized. Must be one of:\n\t'network'\n\t'cluster'\n\t'teams'\n\t'observability'\n\t'addons'; see sparkwright plan --help\n", "plan --only disks")]
    public async Task Each_command_says_what_it_does_or_why_not(int code, string said, string command) => Assert.Equal((code, said), await Run(shared, command.Split(' ')));

    [Fact]
    public async Task Nobody_but_the_administrator_changes_a_platform()
    {
        using var client = new HttpClient { BaseAddress = shared.Dashboard };
        Assert.Equal(401, (await RunningPlatform.Send(client, "POST", "/platform/apply", "{}")).Code);
        client.DefaultRequestHeaders.Authorization = shared.As(shared.Team).DefaultRequestHeaders.Authorization;
        Assert.Equal(401, (await RunningPlatform.Send(client, "POST", "/platform/apply", "{}")).Code);
        client.DefaultRequestHeaders.Authorization = shared.As("admin").DefaultRequestHeaders.Authorization;
        Assert.Equal(400, (await RunningPlatform.Send(client, "POST", "/platform/plan", "{")).Code);
        Assert.Equal(400, (await RunningPlatform.Send(client, "POST", "/platform/plan", "{\"only\":[\"disks\"]}")).Code);
        Assert.Equal(404, (await RunningPlatform.Send(client, "GET", "/platform/plan")).Code);
        var (code, body) = await RunningPlatform.Send(client, "POST", "/platform/apply", "{\"expected\":\"another\"}");
        Assert.Equal((409, "the platform has changed since the plan was made; run the command again"), (code, body["message"]!.Text));
    }

    private static Task<(int Code, string Output)> Run(RunningPlatform platform, params string[] arguments) =>
        Client.Run("dotnet", [Path.Combine(AppContext.BaseDirectory, "sparkwright.dll"), .. arguments, "--data-dir", platform.DataDirectory], []);
}
