using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Karpenter.Apis;

namespace Sparkwright.Tests.Karpenter.Apis;

public sealed class AwsNodeTemplateRulesTests
{
    [Theory]
    [InlineData("{}", "")]
    [InlineData("{amiFamily: Bottlerocket}", "")]
    [InlineData("{amiFamily: Custom, amiSelector: {Name: mine}}", "")]
    [InlineData("{subnetSelector: {aws-ids: 'subnet-0123456789abcdef0,subnet-12345678'}}", "")]
    [InlineData("{subnetSelector: {Name: 'cluster-private*', Tier: '*'}}", "")]
    [InlineData("{metadataOptions: {httpEndpoint: enabled, httpTokens: optional, httpPutResponseHopLimit: 64, httpProtocolIPv6: disabled}}", "")]
    [InlineData("{blockDeviceMappings: [{deviceName: /dev/xvda, ebs: {volumeSize: 1Gi, volumeType: gp3}}, {deviceName: /dev/b, ebs: {snapshotID: snap-1}}]}", "")]
    [InlineData("{launchTemplate: mine, securityGroupSelector: null}", "")]
    [InlineData("{subnetSelector: null}", "spec.subnetSelector")]
    [InlineData("{subnetSelector: {}}", "spec.subnetSelector")]
    [InlineData("{securityGroupSelector: null}", "spec.securityGroupSelector")]
    [InlineData("{launchTemplate: mine}", "spec.securityGroupSelector")]
    [InlineData("{launchTemplate: mine, securityGroupSelector: null, metadataOptions: {httpTokens: optional}}", "spec.metadataOptions")]
    [InlineData("{launchTemplate: mine, securityGroupSelector: null, amiFamily: AL2}", "spec.amiFamily")]
    [InlineData("{launchTemplate: mine, securityGroupSelector: null, instanceProfile: p}", "spec.instanceProfile")]
    [InlineData("{launchTemplate: mine, securityGroupSelector: null, userData: x}", "spec.userData")]
    [InlineData("{launchTemplate: mine, securityGroupSelector: null, amiSelector: {Name: x}}", "spec.amiSelector")]
    [InlineData("{launchTemplate: mine, securityGroupSelector: null, blockDeviceMappings: [{deviceName: /dev/a, ebs: {volumeSize: 1Gi}}]}", "spec.blockDeviceMappings")]
    [InlineData("{subnetSelector: {Name: ''}}", "spec.subnetSelector['Name']")]
    [InlineData("{securityGroupSelector: {'': x}}", "spec.securityGroupSelector['']")]
    [InlineData("{subnetSelector: {aws-ids: sg-12345678}}", "spec.subnetSelector['aws-ids']")]
    [InlineData("{securityGroupSelector: {aws-ids: 'sg-12345678,sg-xyz'}}", "spec.securityGroupSelector['aws-ids']")]
    [InlineData("{amiSelector: {aws-ids: ami_1}}", "spec.amiSelector['aws-ids']")]
    [InlineData("{amiFamily: Windows}", "spec.amiFamily")]
    [InlineData("{amiFamily: Custom}", "spec.amiSelector")]
    [InlineData("{metadataOptions: {httpEndpoint: 'on'}}", "spec.metadataOptions.httpEndpoint")]
    [InlineData("{metadataOptions: {httpTokens: maybe}}", "spec.metadataOptions.httpTokens")]
    [InlineData("{metadataOptions: {httpProtocolIPv6: x}}", "spec.metadataOptions.httpProtocolIPv6")]
    [InlineData("{metadataOptions: {httpPutResponseHopLimit: 0}}", "spec.metadataOptions.httpPutResponseHopLimit")]
    [InlineData("{metadataOptions: {httpPutResponseHopLimit: 65}}", "spec.metadataOptions.httpPutResponseHopLimit")]
    [InlineData("{blockDeviceMappings: [{ebs: {volumeSize: 1Gi}}]}", "spec.blockDeviceMappings[0].deviceName")]
    [InlineData("{blockDeviceMappings: [{deviceName: /dev/a}]}", "spec.blockDeviceMappings[0].ebs")]
    [InlineData("{blockDeviceMappings: [{deviceName: /dev/a, ebs: {}}]}", "spec.blockDeviceMappings[0].ebs.volumeSize")]
    [InlineData("{blockDeviceMappings: [{deviceName: /dev/a, ebs: {volumeSize: 1Mi}}]}", "spec.blockDeviceMappings[0].ebs.volumeSize")]
    [InlineData("{blockDeviceMappings: [{deviceName: /dev/a, ebs: {volumeSize: 65Ti}}]}", "spec.blockDeviceMappings[0].ebs.volumeSize")]
    [InlineData("{blockDeviceMappings: [{deviceName: /dev/a, ebs: {volumeSize: 1Gi, volumeType: gp9}}]}", "spec.blockDeviceMappings[0].ebs.volumeType")]
    public void A_mistake_is_refused_at_its_field(string spec, string field)
    {
        var good = (TreeMap)Yaml.Read("{subnetSelector: {Name: a}, securityGroupSelector: {Name: b}}");
        var given = (TreeMap)Yaml.Read(spec);
        var whole = good;
        foreach (var (key, value) in given.Members())
        {
            whole = whole.With(key, value is TreeNull ? null : value);
        }

        Assert.Equal(field, string.Join(" ", AwsNodeTemplateRules.ValidateSpec(whole, "spec").Select(error => error.Path)));
    }
}
