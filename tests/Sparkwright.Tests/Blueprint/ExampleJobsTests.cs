using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Sparkwright.Tests.Blueprint;

public sealed partial class ExampleJobsTests
{
    [Theory]
    [InlineData("compute-optimized")]
    [InlineData("memory-optimized")]
    [InlineData("graviton")]
    [InlineData("gang-scheduling")]
    [InlineData("../../as-published/examples/gang-scheduling")]
    public void The_JSON_job_run_says_what_the_YAML_one_says(string example) =>
        Assert.Equal(Yaml.Read(TextOf(example, "job-run.yaml")), Yaml.Read(TextOf(example, "job-run.json")));

    [Theory]
    [InlineData("compute-optimized", 6)]
    [InlineData("memory-optimized", 10)]
    [InlineData("graviton", 6)]
    [InlineData("gang-scheduling", 20)]
    public void A_driver_and_its_executors_have_one_core_and_10g_each(string example, int executors)
    {
        var job = Yaml.Read(TextOf(example, "job-run.yaml"));
        var conf = job["configurationOverrides"]!["applicationConfiguration"]!.Items[0]["properties"]!;

        Assert.Equal("emr-6.7.0-latest", job["releaseLabel"]?.Text);
        Assert.Contains($"spark.executor.instances={executors}", job.At("jobDriver", "sparkSubmitJobDriver", "sparkSubmitParameters")!.Text!.Split(' '));
        Assert.Equal(
            ("1", "10g", "1", "10g"),
            (conf["spark.driver.cores"]?.Text, conf["spark.driver.memory"]?.Text, conf["spark.executor.cores"]?.Text, conf["spark.executor.memory"]?.Text));
    }

    [Theory]
    [InlineData("compute-optimized")]
    [InlineData("memory-optimized")]
    [InlineData("graviton")]
    [InlineData("gang-scheduling")]
    public void Every_program_and_template_that_a_job_names_lies_in_its_folder(string example)
    {
        var named = InBucket().Matches(TextOf(example, "job-run.yaml")).Select(match => match.Groups[1].Value).ToArray();

        Assert.Equal(3, named.Length);
        Assert.All(named, path => Assert.True(path.StartsWith(example + "/", StringComparison.Ordinal) && File.Exists(Path.Combine(Examples(), path)), path));
    }

    [Theory]
    [InlineData("compute-optimized", "spark-compute-optimized", "SparkComputeOptimized", "us-west-2a", "/local1:/data1")]
    [InlineData("memory-optimized", "spark-memory-optimized", "SparkMemoryOptimized", "us-west-2b", "/local1:/data1 /local2:/data2")]
    [InlineData("gang-scheduling", "spark-memory-optimized", "SparkMemoryOptimized", "us-west-2b", "/local1:/data1 /local2:/data2")]
    [InlineData("graviton", "spark-graviton-memory-optimized", "SparkGravitonMemoryOptimized", "us-west-2b", "/local1:/data1")]
    public void The_templates_send_pods_to_the_pool_and_its_disks(string example, string taint, string group, string zone, string disks)
    {
        foreach (var role in new[] { "driver", "executor" })
        {
            var spec = Yaml.Read(TextOf(example, $"pod-templates/{role}-pod-template.yaml"))["spec"]!;
            var container = Assert.Single(spec["containers"]!.Items.ToArray());
            var mounts = container["volumeMounts"]!.Items.ToArray().ToDictionary(mount => mount["name"]!.Text!, mount => mount["mountPath"]!.Text!);

            Assert.Equal($"spark-kubernetes-{role}", container["name"]?.Text);
            Assert.Equal(group, spec.At("nodeSelector", "NodeGroupType")?.Text);
            Assert.Equal(zone, spec.At("nodeSelector", "topology.kubernetes.io/zone")?.Text);
            Assert.Equal(taint, Assert.Single(spec["tolerations"]!.Items.ToArray())["key"]?.Text);
            Assert.All(spec["volumes"]!.Items.ToArray(), volume => Assert.Equal("Directory", volume.At("hostPath", "type")?.Text));
            Assert.Equal(disks, string.Join(' ', spec["volumes"]!.Items.ToArray().Select(volume => $"{volume.At("hostPath", "path")?.Text}:{mounts[volume["name"]!.Text!]}")));
        }
    }

    [GeneratedRegex(@"\$\{S3_BUCKET\}/(\S+\.(?:py|yaml))")]
    private static partial Regex InBucket();

    private static string TextOf(string example, string path) => File.ReadAllText(Path.Combine(Examples(), example, path));

    private static string Examples([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../../blueprints/emr-eks-karpenter/examples"));
}
