using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Emr;

namespace Sparkwright.Tests.Emr;

public sealed class SubmitterSettingsTests
{
    [Fact]
    public void The_classification_shapes_the_submitters_pod()
    {
        var request = With(
            "emr-job-submitter",
            """
            jobsubmitter.node.selector.NodeGroupType: core,
            jobsubmitter.label.team: a,
            jobsubmitter.annotation.karpenter.sh/do-not-disrupt: "true",
            jobsubmitter.node.toleration.core: "",
            jobsubmitter.node.toleration.core.effect: NoSchedule,
            jobsubmitter.node.toleration.gpu: "yes",
            jobsubmitter.scheduler.name: yunikorn
            """);
        var settings = JobSubmitterSettings.Of(request, out var problem);
        Assert.Null(problem);
        var job = Job(request, settings);
        var template = job.Spec["template"]!;
        Assert.Equal("core", template.At("spec", "nodeSelector", "NodeGroupType")?.Text);
        Assert.Equal("a", template.At("metadata", "labels", "team")?.Text);
        Assert.Equal("true", template.At("metadata", "annotations", "karpenter.sh/do-not-disrupt")?.Text);
        Assert.Equal("yunikorn", template.At("spec", "schedulerName")?.Text);
        Assert.Equal(
            """[{"effect":"NoSchedule","key":"core","operator":"Exists"},{"key":"gpu","operator":"Equal","value":"yes"}]""",
            template.At("spec", "tolerations")?.ToString());
        Assert.Equal(6, job.Spec["backoffLimit"]?.Integer);
    }

    [Theory]
    [InlineData("", 712)]
    [InlineData("jobsubmitter.logging: DISABLED", 512)]
    public void The_submitter_asks_for_little_and_its_side_car_can_be_turned_off(string properties, long memoryMi)
    {
        var request = With("emr-job-submitter", properties);
        var job = Job(request, JobSubmitterSettings.Of(request, out _));
        var requests = PodSpecView.Of((TreeMap)job.Spec["template"]!["spec"]!).Requests;
        Assert.Equal((800, memoryMi), (requests.CpuMillis, requests.MemoryMi));
    }

    [Theory]
    [InlineData("emr-containers-defaults", "job-start-timeout: \"1800\"", 1800, null)]
    [InlineData("emr-containers-defaults", "", 900, null)]
    [InlineData("emr-containers-defaults", "job-start-timeout: soon", 900, "emr-containers-defaults: property job-start-timeout with value 'soon' is not allowed")]
    [InlineData("emr-containers-defaults", "job-start: \"1\"", 900, "emr-containers-defaults: property job-start with value '1' is not allowed")]
    public void The_start_timeout_is_a_setting(string classification, string properties, int seconds, string? problem)
    {
        var defaults = ContainerDefaults.Of(With(classification, properties), out var said);
        Assert.Equal((TimeSpan.FromSeconds(seconds), problem), (defaults.JobStartTimeout, said));
    }

    private static ApiObject Job(JobRunRequest request, JobSubmitterSettings settings) =>
        new JobObjects(new JobNames("j", "v"), request, "team", JobIdentity.OfRoleArn(request.ExecutionRoleArn)!, "us-west-2").SubmitterJob(settings);

    private static JobRunRequest With(string classification, string properties) => StartJobRunReaderTests.Read(StartJobRunReaderTests.Good, out _)! with
    {
        Configurations = [new Configuration(classification, (TreeMap)Yaml.Read($"{{{properties}}}"), [])],
    };
}
