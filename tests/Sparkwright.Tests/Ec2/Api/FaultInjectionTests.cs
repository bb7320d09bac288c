using Sparkwright.Kubernetes.Objects;
using Sparkwright.Tests.Aws;
using Sparkwright.World;
using Sparkwright.World.Aws.Api;

namespace Sparkwright.Tests.Ec2.Api;

/// <summary>Spot interruptions by the API fis, without a wire.</summary>
public sealed class FaultInjectionTests
{
    private const string Good = """
        clientToken: token
        description: two minutes
        roleArn: arn:aws:iam::111122223333:role/fis
        stopConditions: [{source: none}]
        targets: {spot: {resourceType: 'aws:ec2:spot-instance', resourceTags: {karpenter.sh/provisioner-name: default}, filters: [{path: State.Name, values: [running]}], selectionMode: COUNT(1)}}
        actions: {interrupt: {actionId: 'aws:ec2:send-spot-instance-interruptions', parameters: {durationBeforeInterruption: PT5M}, targets: {SpotInstances: spot}}}
        """;

    private readonly global::Sparkwright.World.World world = WorldBuilder.Build(new WorldSettings());

    [Theory]
    //          replace                 by                              message
    [InlineData("PT5M", "PT1M", "actions.interrupt: durationBeforeInterruption must be between PT2M and PT15M")]
    [InlineData("PT5M", "soon", "actions.interrupt: durationBeforeInterruption must be between PT2M and PT15M")]
    [InlineData("COUNT(1)", "SOME", "targets.spot.selectionMode: give ALL, COUNT(n) or PERCENT(n)")]
    [InlineData("State.Name", "ImageId", "targets.spot.filters: ImageId is not simulated; there are InstanceType,")]
    [InlineData("aws:ec2:spot-instance", "aws:ec2:instance", "targets.spot.resourceType: aws:ec2:instance is not simulated")]
    [InlineData("send-spot-instance-interruptions", "stop-instances", "actions.interrupt: aws:ec2:stop-instances is not simulated")]
    [InlineData("SpotInstances: spot", "SpotInstances: other", "must name one of the template's targets")]
    [InlineData("clientToken: token", "tags: {}", "clientToken: must not be null")]
    public void A_template_that_cannot_be_simulated_is_refused(string replaced, string by, string message)
    {
        var error = Assert.IsType<AwsAnswer.Refused>(Call("CreateExperimentTemplate", Good.Replace(replaced, by))).Error;
        Assert.Equal((400, "ValidationException"), (error.Status, error.Code));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_instance_is_recommended_for_replacement_warned_and_taken_back()
    {
        var instance = SpotInstance();
        var experiment = Start(Good);
        Assert.Equal("running", State(experiment));
        Assert.NotNull(instance().Status["recommendedTicks"]);
        world.RebuildFromJournal();
        world.Loop.RunUntil(world.Clock.Now.AddSeconds(179));
        Assert.Null(instance().Status["reclaimTicks"]);
        world.Loop.RunUntil(world.Clock.Now.AddSeconds(1));
        Assert.Equal(world.Clock.Now.AddMinutes(2).Ticks, instance().Status["reclaimTicks"]!.Integer);
        world.Loop.RunUntil(world.Clock.Now.AddMinutes(2));
        Assert.Equal(("terminated", "completed"), (instance().Status["state"]!.Text, State(experiment)));
    }

    [Fact]
    public void A_stopped_experiment_warns_nobody_any_more()
    {
        var instance = SpotInstance();
        var experiment = Start(Good);
        Assert.IsType<AwsAnswer.Done>(Call("StopExperiment", $"{{id: {experiment}}}"));
        world.Loop.RunUntil(world.Clock.Now.AddMinutes(4));
        Assert.Equal((null, "stopped"), (instance().Status["reclaimTicks"], State(experiment)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Without_a_spot_instance_an_experiment_fails(bool hasAnother)
    {
        if (hasAnother)
        {
            BoughtInstance("on-demand");
        }

        var experiment = Start(Good);
        Assert.Equal("failed", State(experiment));
        Assert.Equal("ResourceNotFoundException", Assert.IsType<AwsAnswer.Refused>(Call("StartExperiment", "{experimentTemplateId: EXTnone, clientToken: t}")).Error.Code);
    }

    private Func<ApiObject> SpotInstance() => BoughtInstance("spot");

    /// <summary>Lets Karpenter buy an instance; answers how it is read.</summary>
    private Func<ApiObject> BoughtInstance(string capacityType)
    {
        foreach (var yaml in new[]
        {
            $"{{apiVersion: karpenter.sh/v1alpha5, kind: Provisioner, metadata: {{name: default}}, spec: {{providerRef: {{name: default}}, requirements: [{{key: karpenter.sh/capacity-type, operator: In, values: [{capacityType}]}}]}}}}",
            "{apiVersion: karpenter.k8s.aws/v1alpha1, kind: AWSNodeTemplate, metadata: {name: default}, spec: {subnetSelector: {karpenter.sh/discovery: sparkwright}, securityGroupSelector: {karpenter.sh/discovery: sparkwright}}}",
            "{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{name: a, image: a, resources: {requests: {cpu: 3}}}]}}",
        })
        {
            Assert.True(world.Apply(Yaml.Read(yaml)).IsAccepted);
        }

        world.Loop.RunUntil(world.Clock.Now.AddMinutes(5));
        var type = world.Types.Find("ec2.sparkwright.dev/v1", "Instance")!;
        var name = Assert.Single(world.Store.List(type)).Name;
        return () => world.Store.Get(type, "", name)!;
    }

    private string Start(string template)
    {
        var id = Assert.IsType<AwsAnswer.Done>(Call("CreateExperimentTemplate", template)).Output["experimentTemplate"]!["id"]!.Text;
        return Assert.IsType<AwsAnswer.Done>(Call("StartExperiment", $"{{experimentTemplateId: {id}, clientToken: start}}")).Output["experiment"]!["id"]!.Text!;
    }

    private string State(string experiment) => Assert.IsType<AwsAnswer.Done>(Call("GetExperiment", $"{{id: {experiment}}}")).Output["experiment"]!.At("state", "status")!.Text!;

    private AwsAnswer Call(string operation, string input) => AwsCalls.Call(world, "fis", operation, input);
}
