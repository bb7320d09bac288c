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
    [InlineData("{subnetSelector: null}", "missing field(s): spec.provider.subnetSelector")]
    [InlineData("{subnetSelector: {}}", "missing field(s): spec.provider.subnetSelector")]
    [InlineData("{securityGroupSelector: null}", "missing field(s): spec.provider.securityGroupSelector")]
    [InlineData("{launchTemplate: mine}", "expected exactly one, got both: spec.provider.launchTemplate, spec.provider.securityGroupSelector")]
    [InlineData("{launchTemplate: mine, securityGroupSelector: null, metadataOptions: {httpTokens: optional}}", "expected exactly one, got both: spec.provider.launchTemplate, spec.provider.metadataOptions")]
    [InlineData("{launchTemplate: mine, securityGroupSelector: null, amiFamily: AL2}", "expected exactly one, got both: spec.provider.amiFamily, spec.provider.launchTemplate")]
    [InlineData("{launchTemplate: mine, securityGroupSelector: null, instanceProfile: p}", "expected exactly one, got both: spec.provider.instanceProfile, spec.provider.launchTemplate")]
    [InlineData("{launchTemplate: mine, securityGroupSelector: null, userData: x}", "expected exactly one, got both: spec.launchTemplate, spec.userData")]
    [InlineData("{launchTemplate: mine, securityGroupSelector: null, amiSelector: {Name: x}}", "expected exactly one, got both: spec.amiSelector, spec.launchTemplate")]
    [InlineData("{launchTemplate: mine, securityGroupSelector: null, blockDeviceMappings: [{deviceName: /dev/a, ebs: {volumeSize: 1Gi}}]}", "expected exactly one, got both: spec.provider.blockDeviceMappings, spec.provider.launchTemplate")]
    [InlineData("{subnetSelector: {Name: ''}}", "invalid value: \"\": spec.provider.subnetSelector['Name']")]
    [InlineData("{securityGroupSelector: {'': x}}", "invalid value: \"\": spec.provider.securityGroupSelector['']")]
    [InlineData("{subnetSelector: {aws-ids: sg-12345678}}", "invalid value: \"sg-12345678\": spec.provider.subnetSelector['aws-ids'] must be a valid subnet-id (regex: subnet-[0-9a-z]+)")]
    [InlineData("{securityGroupSelector: {aws-ids: 'sg-12345678,sg-xyz'}}", "invalid value: \"sg-xyz\": spec.provider.securityGroupSelector['aws-ids'] must be a valid group-id (regex: sg-[0-9a-z]+)")]
    [InlineData("{amiSelector: {aws-ids: ami_1}}", "invalid value: \"ami_1\": spec.amiSelector['aws-ids'] must be a valid ami-id (regex: ami-[0-9a-z]+)")]
    [InlineData("{amiFamily: Windows}", "invalid value: Windows not in Bottlerocket, AL2, Ubuntu, Custom: spec.provider.amiFamily")]
    [InlineData("{amiFamily: Custom}", "missing field(s): spec.amiSelector")]
    [InlineData("{metadataOptions: {httpEndpoint: 'on'}}", "invalid value: on not in disabled, enabled: spec.provider.metadataOptions.httpEndpoint")]
    [InlineData("{metadataOptions: {httpTokens: maybe}}", "invalid value: maybe not in optional, required: spec.provider.metadataOptions.httpTokens")]
    [InlineData("{metadataOptions: {httpProtocolIPv6: x}}", "invalid value: x not in disabled, enabled: spec.provider.metadataOptions.httpProtocolIPv6")]
    [InlineData("{metadataOptions: {httpPutResponseHopLimit: 0}}", "expected 1 <= 0 <= 64: spec.provider.metadataOptions.httpPutResponseHopLimit")]
    [InlineData("{metadataOptions: {httpPutResponseHopLimit: 65}}", "expected 1 <= 65 <= 64: spec.provider.metadataOptions.httpPutResponseHopLimit")]
    [InlineData("{blockDeviceMappings: [{ebs: {volumeSize: 1Gi}}]}", "missing field(s): spec.provider.blockDeviceMappings[0].deviceName")]
    [InlineData("{blockDeviceMappings: [{deviceName: /dev/a}]}", "missing field(s): spec.provider.blockDeviceMappings[0].ebs")]
    [InlineData("{blockDeviceMappings: [{deviceName: /dev/a, ebs: {}}]}", "missing field(s): spec.provider.blockDeviceMappings[0].ebs.volumeSize")]
    [InlineData("{blockDeviceMappings: [{deviceName: /dev/a, ebs: {volumeSize: 1Mi}}]}", "expected 1Gi <= 1Mi <= 64Ti: spec.provider.blockDeviceMappings[0].ebs.volumeSize")]
    [InlineData("{blockDeviceMappings: [{deviceName: /dev/a, ebs: {volumeSize: 65Ti}}]}", "expected 1Gi <= 65Ti <= 64Ti: spec.provider.blockDeviceMappings[0].ebs.volumeSize")]
    [InlineData("{blockDeviceMappings: [{deviceName: /dev/a, ebs: {volumeSize: 1Gi, volumeType: gp9}}]}", "invalid value: gp9 not in standard, io1, io2, gp2, sc1, st1, gp3: spec.provider.blockDeviceMappings[0].ebs.volumeType")]
    public void A_mistake_is_refused_at_its_field(string spec, string field)
    {
        var good = (TreeMap)Yaml.Read("{subnetSelector: {Name: a}, securityGroupSelector: {Name: b}}");
        var given = (TreeMap)Yaml.Read(spec);
        var whole = good;
        foreach (var (key, value) in given.Members())
        {
            whole = whole.With(key, value is TreeNull ? null : value);
        }

        Assert.Equal(field, string.Join(" | ", AwsNodeTemplateRules.Errors(whole)));
    }
}
