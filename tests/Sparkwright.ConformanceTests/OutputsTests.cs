using System.Diagnostics;

namespace Sparkwright.ConformanceTests;

/// <summary><c>sparkwright outputs</c> of a platform that runs.</summary>
public sealed class OutputsTests(RunningPlatform platform)
{
    [Fact]
    public async Task Outputs_are_what_the_tutorial_asks_for()
    {
        var (code, text, _) = await Outputs("--data-dir", platform.DataDirectory);
        Assert.Equal(0, code);
        var id = (await Outputs("emrcontainers_virtual_cluster_id", "--data-dir", platform.DataDirectory)).Output.Trim();
        Assert.Matches("^[0-9a-z]{25}$", id);
        Assert.Equal(
            $"""
            bucket = "emr-eks-karpenter-111122223333-us-west-2"
            cluster_name = "emr-eks-karpenter"
            configure_kubectl = "aws eks --region us-west-2 update-kubeconfig --name emr-eks-karpenter"
            emr_on_eks_role_arn = "arn:aws:iam::111122223333:role/emr-eks-karpenter-emr-eks-data-team-a"
            emr_on_eks_role_arns = "arn:aws:iam::111122223333:role/emr-eks-karpenter-emr-eks-data-team-a,arn:aws:iam::111122223333:role/emr-eks-karpenter-emr-eks-data-team-b"
            emr_on_eks_role_id = "emr-eks-karpenter-emr-eks-data-team-a"
            emrcontainers_virtual_cluster_id = "{id}"
            emrcontainers_virtual_cluster_name = "emr-eks-karpenter-emr-data-team-a"
            log_group = "/emr-on-eks-logs/emr-eks-karpenter-emr-data-team-a"
            region = "us-west-2"

            """,
            text);
        var json = (await Outputs("--data-dir", platform.DataDirectory, "--output", "json")).Output;
        Assert.StartsWith("{\"bucket\":\"emr-eks-karpenter-111122223333-us-west-2\",\"cluster_name\":\"emr-eks-karpenter\",", json, StringComparison.Ordinal);
        Assert.Contains($"\"emrcontainers_virtual_cluster_id\":\"{id}\"", json, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_told_is_said_in_one_line()
    {
        var (code, _, error) = await Outputs("--data-dir", "no-such-directory");
        Assert.Equal((1, "sparkwright: no platform serves no-such-directory; start one with sparkwright up, or name its directory with --data-dir\n"), (code, error));
        (code, _, error) = await Outputs("vpc", "--data-dir", platform.DataDirectory);
        Assert.Equal(2, code);
        Assert.StartsWith("sparkwright: there is no output vpc; there are bucket, cluster_name, configure_kubectl, ", error, StringComparison.Ordinal);
    }

    private static async Task<(int Code, string Output, string Error)> Outputs(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "sparkwright.dll"), "outputs", .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await error);
    }
}
