namespace Sparkwright.ConformanceTests;

/// <summary>What people type: the real aws CLI against the platform, set up by <c>sparkwright env</c> alone.</summary>
public sealed class AwsCliTests(RunningPlatform platform) : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("sparkwright-aws-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task Buckets_and_objects_go_there_and_back()
    {
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "a.txt"), "hello\n");
        var large = new byte[(9 << 20) + 17];
        new Random(1).NextBytes(large);
        await File.WriteAllBytesAsync(Path.Combine(folder.FullName, "large.bin"), large);
        var tree = folder.CreateSubdirectory("tree");
        foreach (var name in new[] { "one.csv", "two words & more.csv", "ü.csv" })
        {
            await File.WriteAllTextAsync(Path.Combine(tree.FullName, name), name);
        }

        Assert.Equal("make_bucket: books\n", await Aws("s3 mb s3://books"));
        Assert.Contains("upload: ./a.txt to s3://books/dir/a.txt", await Aws("s3 cp a.txt s3://books/dir/a.txt"), StringComparison.Ordinal);
        await Aws("s3 cp large.bin s3://books/large.bin --only-show-errors");
        Assert.EndsWith("-2\"\n", await Aws("s3api head-object --bucket books --key large.bin --query ETag --output text"), StringComparison.Ordinal);
        await Aws("s3 cp s3://books/large.bin back.bin --only-show-errors");
        var back = await File.ReadAllBytesAsync(Path.Combine(folder.FullName, "back.bin"));
        Assert.True(large.AsSpan().SequenceEqual(back));

        await Aws("s3 sync tree s3://books/tree --only-show-errors");
        Assert.Equal("", await Aws("s3 sync tree s3://books/tree"));
        await Aws("s3 sync s3://books/tree again --only-show-errors");
        foreach (var file in tree.GetFiles())
        {
            Assert.Equal(file.Name, await File.ReadAllTextAsync(Path.Combine(folder.FullName, "again", file.Name)));
        }

        var listed = await Aws("s3 ls s3://books/");
        Assert.Contains("PRE dir/\n", listed, StringComparison.Ordinal);
        Assert.Contains($"{large.Length} large.bin\n", listed, StringComparison.Ordinal);

        using var client = new HttpClient();
        var url = (await Aws("s3 presign s3://books/dir/a.txt")).Trim();
        Assert.Equal("hello\n", await client.GetStringAsync(url));
        Assert.Equal(403, (int)(await client.GetAsync(url.Replace("dir/a.txt", "large.bin", StringComparison.Ordinal))).StatusCode);

        Assert.Contains("BucketNotEmpty", (await Try("s3 rb s3://books")).Output, StringComparison.Ordinal);
        Assert.Equal(5, (await Aws("s3 rm s3://books --recursive")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Equal("remove_bucket: books\n", await Aws("s3 rb s3://books"));
        Assert.Contains("(NoSuchBucket)", (await Try("s3 ls s3://books")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_tutorials_checks_of_the_platform_hold()
    {
        Assert.SkipWhen(Kubectl.Programs.Count == 0, "NOT TESTED: there is no kubectl in the PATH, and KUBECTL names none");
        Assert.Equal("ACTIVE\t1.24\n", await Aws("eks describe-cluster --name emr-eks-karpenter --query 'cluster.[status, version]' --output text"));
        Assert.Equal(
            "amp-ws-emr-eks-karpenter\tACTIVE\n",
            await Aws("amp list-workspaces --alias amp-ws-emr-eks-karpenter --query 'workspaces[].[alias, status.statusCode]' --output text"));
        Assert.Equal(
            "core-node-group\tACTIVE\t3\n",
            await Aws("eks describe-nodegroup --cluster-name emr-eks-karpenter --nodegroup-name core-node-group --query 'nodegroup.[nodegroupName, status, scalingConfig.desiredSize]' --output text"));
        Assert.Contains("No cluster found for name: none.", (await Try("eks describe-cluster --name none")).Output, StringComparison.Ordinal);

        // The kubeconfig calls aws for its token, which knows the endpoint from the environment alone.
        Assert.StartsWith("Added new context arn:aws:eks:us-west-2:111122223333:cluster/emr-eks-karpenter", await Aws("eks update-kubeconfig --name emr-eks-karpenter --kubeconfig config"), StringComparison.Ordinal);
        var (code, output) = await AwsShell.Run(platform, $"'{Kubectl.Programs[0]}' --kubeconfig config get nodes -l eks.amazonaws.com/nodegroup=core-node-group --no-headers", folder.FullName);
        Assert.True(code == 0, output);
        Assert.Equal(3, output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Count(line => line.Contains(" Ready ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task An_aws_that_looks_at_no_variable_is_led_by_the_shim()
    {
        // Versions before 2.13 know the option alone.
        var blind = folder.CreateSubdirectory("blind");
        Write(blind, $"exec env -u AWS_ENDPOINT_URL '{AwsShell.Program}' \"$@\"");
        Assert.Equal("arn:aws:iam::111122223333:user/admin\n", await Aws("sts get-caller-identity --query Arn --output text", blind));
    }

    [Theory]
    [InlineData("s3 ls", "--endpoint-url ENDPOINT s3 ls")]
    [InlineData("eks list-clusters --query 'clusters[0]'", "--endpoint-url ENDPOINT eks list-clusters --query clusters[0]")]
    [InlineData("emr-containers update-role-trust-policy --role-name r", "--endpoint-url ENDPOINT emr-containers update-role-trust-policy --role-name r --iam-endpoint ENDPOINT")]
    public async Task The_shim_adds_the_endpoint_to_the_next_aws(string arguments, string seen)
    {
        var echo = folder.CreateSubdirectory("echo");
        Write(echo, "echo \"$@\"");
        Assert.Equal((0, seen.Replace("ENDPOINT", platform.Aws.GetLeftPart(UriPartial.Authority), StringComparison.Ordinal) + "\n"), await AwsShell.Run(platform, $"aws {arguments}", programs: echo.FullName));
    }

    private static void Write(DirectoryInfo program, string script)
    {
        var file = Path.Combine(program.FullName, "aws");
        File.WriteAllText(file, $"#!/bin/sh\n{script}\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private async Task<string> Aws(string arguments, DirectoryInfo? program = null)
    {
        var (code, output) = await Try(arguments, program);
        Assert.True(code == 0, $"aws {arguments}: {output}");
        return output;
    }

    private async Task<(int Code, string Output)> Try(string arguments, DirectoryInfo? program = null)
    {
        AwsShell.SkipWithoutAws();
        return await AwsShell.Run(platform, $"aws {arguments}", folder.FullName, program?.FullName);
    }
}
