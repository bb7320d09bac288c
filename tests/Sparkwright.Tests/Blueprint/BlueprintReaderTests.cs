using Sparkwright.World.Blueprint;

namespace Sparkwright.Tests.Blueprint;

public sealed class BlueprintReaderTests
{
    [Fact]
    public void The_built_in_blueprint_is_valid_and_names_what_the_tutorial_names()
    {
        var (blueprint, error) = Read(BuiltInText);

        Assert.Null(error);
        Assert.Equal("10.1.0.0/16", blueprint!.Network.Cidr);
        Assert.Equal(["us-west-2a", "us-west-2b", "us-west-2c"], blueprint.Network.Zones);
        Assert.All(blueprint.Network.PrivateSubnets, subnet => Assert.EndsWith("/18", subnet, StringComparison.Ordinal));
        Assert.All(blueprint.Network.PublicSubnets, subnet => Assert.EndsWith("/20", subnet, StringComparison.Ordinal));
        Assert.Equal(1, blueprint.Network.NatGateways);
        Assert.Equal("1.24", blueprint.KubernetesVersion);
        var core = Assert.Single(blueprint.NodeGroups);
        Assert.Equal(("core-node-group", "m5.xlarge", 3L, 3L, 9L), (core.Name, core.InstanceType, core.MinSize, core.DesiredSize, core.MaxSize));
        Assert.Equal(["emr-data-team-a", "emr-data-team-b"], blueprint.Teams.Select(team => team.Name));
        Assert.Equal("emr-eks-karpenter-emr-data-team-a", blueprint.Teams[0].VirtualCluster);
        Assert.Equal("emr-eks-karpenter-emr-eks-data-team-a", blueprint.Teams[0].ExecutionRole);
        Assert.Equal("amp-ws-emr-eks-karpenter", blueprint.PrometheusWorkspace);
    }

    [Theory]
    [InlineData("  region: us-west-2", "  regoin: us-west-2", "spec.regoin", "did you mean 'region'?")]
    [InlineData("  region: us-west-2", "  region: mars-1", "spec.region", "us-west-2")]
    [InlineData("zones: [a, b, c]", "zones: [a, b, q]", "spec.network.zones[2]", "allowed: a, b, c")]
    [InlineData("cidr: 10.1.0.0/16", "cidr: 10.1.0.1/16", "spec.network.cidr", "bits behind the prefix zero")]
    [InlineData("10.1.64.0/18", "10.1.0.0/18", "spec.network.privateSubnets[1]", "overlaps 10.1.0.0/18 of spec.network.privateSubnets[0]")]
    [InlineData("10.1.192.0/20", "10.2.0.0/20", "spec.network.publicSubnets[0]", "is not inside 10.1.0.0/16")]
    [InlineData("natGateways: 1 ", "natGateways: 4 ", "spec.network.natGateways", "0 to one for each of the 3 zones")]
    [InlineData("natGateways: 1 ", "natGateways: one ", "spec.network.natGateways", "whole number")]
    [InlineData("version: \"1.24\"", "version: 1.24", "spec.cluster.version", "in quotes")]
    [InlineData("publicEndpoint: true", "publicEndpoint: open", "spec.cluster.publicEndpoint", "true or false")]
    [InlineData("instanceType: m5.xlarge", "instanceType: m5.hugest", "spec.nodeGroups[0].instanceType", "cannot be launched in us-west-2")]
    [InlineData("desiredSize: 3", "desiredSize: 10", "spec.nodeGroups[0].desiredSize", "must hold")]
    [InlineData("- name: emr-data-team-b", "- name: emr-data-team-a", "spec.teams[1].name", "there twice")]
    [InlineData("prometheusWorkspace:", "prometheusWorkspaces:", "spec.observability.prometheusWorkspaces", "did you mean 'prometheusWorkspace'?")]
    [InlineData("- queues.yaml", "- queue.yaml", "spec.manifests[3]", "no file 'queue.yaml'")]
    [InlineData("kind: DaemonSet, namespace: logging", "kind: StatefulSet, namespace: logging", "spec.addons[16].kind", "Deployment, DaemonSet")]
    [InlineData("  teams:", "  quotas: {emrContainers: {burst: 0}}\n  teams:", "spec.quotas.emrContainers.burst", "a whole number from 1 to 1000000")]
    [InlineData("  teams:", "  quotas: {emrContainers: {reads: 1}}\n  teams:", "spec.quotas.emrContainers.reads", "burst, startJobRun, describeJobRun, read, write")]
    [InlineData("cpu: 25m", "cpu: lots", "spec.addons[0].cpu", "not a quantity")]
    public void A_mistake_is_told_with_its_line_its_field_and_what_is_allowed(string good, string bad, string field, string allowed)
    {
        var text = BuiltInText;
        Assert.Contains(good, text, StringComparison.Ordinal);
        var at = text.IndexOf(good, StringComparison.Ordinal);

        var (blueprint, error) = Read(text.Remove(at, good.Length).Insert(at, bad));

        Assert.Null(blueprint);
        Assert.Equal("blueprint.yaml", error!.File);
        Assert.Equal(text[..at].Count(character => character == '\n') + 1, error.Line);
        Assert.Equal(field, error.Field);
        Assert.Contains(allowed, error.What, StringComparison.Ordinal);
    }

    [Theory]
    //          the block                                        burst, starts, describes, reads, writes
    [InlineData("{emrContainers: {}}", "25 20 20 5 1")]
    [InlineData("{emrContainers: {burst: 100, write: 10}}", "100 20 20 5 10")]
    public void Quotas_hold_where_they_are_asked_for(string block, string quotas)
    {
        Assert.Null(Read(BuiltInText).Blueprint!.EmrQuotas);
        var read = Read(BuiltInText.Replace("  teams:", $"  quotas: {block}\n  teams:", StringComparison.Ordinal)).Blueprint!.EmrQuotas!;
        Assert.Equal(quotas, $"{read.Burst} {read.StartJobRun} {read.DescribeJobRun} {read.Read} {read.Write}");
    }

    [Fact]
    public void An_unknown_variable_is_told_with_its_manifest_and_line()
    {
        var (_, error) = BlueprintReader.Read("blueprint.yaml", BuiltInText, path =>
            path == "queues.yaml" ? "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${nobody}\n" : BuiltInBlueprint.ReadFile(path));

        Assert.Equal(("queues.yaml", 4), (error!.File, error.Line));
        Assert.Contains("${azs}, ${eks_cluster_id}, ${instance_profile}, ${launch_template_name}", error.What, StringComparison.Ordinal);
    }

    [Fact]
    public void A_manifest_that_is_no_object_is_refused()
    {
        var (_, error) = BlueprintReader.Read("blueprint.yaml", BuiltInText, path => path == "queues.yaml" ? "\n- one\n" : BuiltInBlueprint.ReadFile(path));

        Assert.Equal(("queues.yaml", 2), (error!.File, error.Line));
    }

    [Theory]
    [InlineData("${azs}a", "us-west-2a")]
    [InlineData("$${azs}", "${azs}")]
    [InlineData("$(($${IDX} + 1)) $1 ${azs", "$((${IDX} + 1)) $1 ${azs")]
    public void Variables_are_replaced_and_doubled_dollars_are_literal(string text, string expected)
    {
        var (replaced, unknown, _) = BlueprintVariables.Replace(text, new Dictionary<string, string> { ["azs"] = "us-west-2" });

        Assert.Null(unknown);
        Assert.Equal(expected, replaced);
    }

    internal static string BuiltInText => BuiltInBlueprint.ReadFile(BuiltInBlueprint.FileName)!;

    internal static (PlatformBlueprint? Blueprint, BlueprintError? Error) Read(string text) =>
        BlueprintReader.Read(BuiltInBlueprint.FileName, text, BuiltInBlueprint.ReadFile);
}
