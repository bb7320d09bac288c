namespace Sparkwright.ConformanceTests;

/// <summary>The SDKs against the platform: what a program does that was written for AWS, its exceptions included.</summary>
public class AwsSdkTests(RunningPlatform platform)
{
    private const string Cluster = "emr-eks-karpenter-emr-data-team-a";
    private const string Role = "arn:aws:iam::111122223333:role/emr-eks-karpenter-emr-eks-data-team-a";

    private static readonly string Scripts = Path.Combine(AppContext.BaseDirectory, "Clients");

    [Fact]
    public async Task Boto3_runs_jobs_and_keeps_objects()
    {
        var python = await Client.Python("boto3");
        Assert.SkipWhen(python is null, "NOT TESTED: no python3 of the PATH has the package boto3");
        await Runs($"'{python}' '{Path.Combine(Scripts, "aws_sdk.py")}' boto3-jobs {Cluster} {Role}");
    }

    [Fact]
    public async Task The_SDK_for_JavaScript_runs_jobs_and_keeps_objects()
    {
        string[] packages = ["client-emr-containers", "client-s3", "lib-storage", "s3-request-presigner"];
        var folder = Array.Find(Client.Folders("NODE_PATH"), folder => Array.TrueForAll(packages, package => Directory.Exists(Path.Combine(folder, "@aws-sdk", package))));
        Assert.SkipWhen(folder is null || Client.Find("node") is null, $"NOT TESTED: there is no node in the PATH, or no folder of NODE_PATH has all of @aws-sdk/{string.Join(", ", packages)}");
        await Runs($"node '{Path.Combine(Scripts, "aws_sdk.mjs")}' '{folder}' node-jobs {Cluster} {Role}");
    }

    private async Task Runs(string command)
    {
        var (code, output) = await AwsShell.Run(platform, command);
        Assert.True(code == 0 && output.Contains("done\n", StringComparison.Ordinal), $"{command}: exit code {code}\n{output}");
    }
}
