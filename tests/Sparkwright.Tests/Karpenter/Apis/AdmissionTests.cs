using Sparkwright.Kubernetes.Patching;
using Sparkwright.World;

namespace Sparkwright.Tests.Karpenter.Apis;

/// <summary>What the API server answers to objects of Karpenter's kinds, in every version: a valid object with a change, and the rule that refuses it.</summary>
public sealed class AdmissionTests
{
    private const string Accepted = "";
    private const string Restricted = "is restricted; specify a well known label: [karpenter.k8s.aws/instance-category";

    [Theory]
    [InlineData("{metadata: {namespace: karpenter}}", Accepted)]
    [InlineData("{spec: {limits: {resources: {cpu: 1000}}}}", Accepted)]
    [InlineData("{spec: {limits: {resources: {cpu: '1000', memory: 4000Gi}}}}", Accepted)]
    [InlineData("{spec: {requirements: [{key: node.kubernetes.io/instance-type, operator: In, values: [r5d.4xlarge, r5d.8xlarge, r5d.8xlarge]}]}}", Accepted)]
    [InlineData("{spec: {kubeletConfiguration: {containerRuntime: containerd, maxPods: 20}}}", Accepted)]
    [InlineData("{spec: {labels: {node.kubernetes.io/mine: a, topology.kubernetes.io/zone: us-west-2a}}}", Accepted)]
    [InlineData("{spec: {ttlSecondsAfterEmpty: 30, consolidation: {enabled: false}}}", Accepted)]
    [InlineData("{spec: {providerRef: null, provider: {subnetSelector: {a: b}, securityGroupSelector: {a: b}}}}", Accepted)]
    [InlineData("{spec: {ttlSecondsAfterEmpty: -1}}", "invalid value: cannot be negative: spec.ttlSecondsAfterEmpty")]
    [InlineData("{spec: {ttlSecondsUntilExpired: -5}}", "invalid value: cannot be negative: spec.ttlSecondsUntilExpired")]
    [InlineData("{spec: {ttlSecondsAfterEmpty: 30, consolidation: {enabled: true}}}", "expected exactly one, got both: spec.consolidation.enabled, spec.ttlSecondsAfterEmpty")]
    [InlineData("{spec: {provider: {subnetSelector: {a: b}, securityGroupSelector: {a: b}}}}", "expected exactly one, got both: spec.provider, spec.providerRef")]
    [InlineData("{spec: {providerRef: null}}", "expected exactly one, got neither: spec.provider, spec.providerRef")]
    [InlineData("{spec: {weight: 0}}", "spec.weight")]
    [InlineData("{spec: {weight: 101}}", "spec.weight")]
    [InlineData("{spec: {labels: {karpenter.sh/provisioner-name: a}}}", "invalid key name \"karpenter.sh/provisioner-name\": spec.labels\nrestricted")]
    [InlineData("{spec: {labels: {kubernetes.io/hostname: a}}}", "label kubernetes.io/hostname " + Restricted)]
    [InlineData("{spec: {labels: {my.kubernetes.io/a: a}}}", "label my.kubernetes.io/a " + Restricted)]
    [InlineData("{spec: {requirements: [{key: karpenter.sh/initialized, operator: Exists}]}}", "label karpenter.sh/initialized " + Restricted)]
    [InlineData("{spec: {requirements: [{key: team, operator: Like, values: [a]}]}}", "key team has an unsupported operator Like not in [In NotIn Exists DoesNotExist Gt Lt]")]
    [InlineData("{spec: {requirements: [{key: team, operator: In}]}}", "key team with operator In must have a value defined")]
    [InlineData("{spec: {requirements: [{key: team, operator: Gt, values: ['1', '2']}]}}", "key team with operator Gt must have a single positive integer value")]
    [InlineData("{spec: {requirements: [{key: team, operator: Lt, values: ['-1']}]}}", "key team with operator Lt must have a single positive integer value")]
    [InlineData("{spec: {taints: [{key: a, effect: NoSchedule}, {key: a, value: b, effect: NoSchedule}]}}", "duplicate taint Key/Effect pair a=NoSchedule")]
    [InlineData("{spec: {taints: [{key: a, effect: Never}]}}", "invalid value: Never: spec.effect[0]")]
    [InlineData("{spec: {kubeletConfiguration: {kubeReserved: {gpu: '1'}}}}", "spec.kubeletConfiguration.kubeReserved")]
    [InlineData("{spec: {kubeletConfiguration: {evictionHard: {memory.available: 110%}}}}", "spec.kubeletConfiguration.evictionHard[\"memory.available\"]")]
    [InlineData("{spec: {kubeletConfiguration: {evictionSoft: {memory.available: 5%}}}}", "Key does not have a matching evictionSoftGracePeriod")]
    public void Provisioner(string change, string answer) => Check(
        "{apiVersion: karpenter.sh/v1alpha5, kind: Provisioner, metadata: {name: a}, spec: {providerRef: {name: a}}}", change, answer);

    [Theory]
    [InlineData("{metadata: {namespace: karpenter}}", Accepted)]
    [InlineData("{spec: {subnetSelector: {Name: 'a-private*'}}}", Accepted)]
    [InlineData("{spec: {subnetSelector: {aws-ids: 'subnet-0123456789abcdef0,subnet-1123456789abcdef0'}}}", Accepted)]
    [InlineData("{spec: {securityGroupSelector: null, launchTemplate: a}}", Accepted)]
    [InlineData("{spec: {blockDeviceMappings: [{deviceName: /dev/xvda, ebs: {volumeSize: 100Gi, volumeType: gp3, encrypted: true, deleteOnTermination: true}}]}}", Accepted)]
    [InlineData("{spec: {amiFamily: Custom, amiSelector: {Name: mine}}}", Accepted)]
    [InlineData("{spec: {metadataOptions: {httpEndpoint: enabled, httpProtocolIPv6: disabled, httpPutResponseHopLimit: 64, httpTokens: required}}}", Accepted)]
    [InlineData("{spec: {subnetSelector: null}}", "missing field(s): spec.provider.subnetSelector")]
    [InlineData("{spec: {securityGroupSelector: null}}", "missing field(s): spec.provider.securityGroupSelector")]
    [InlineData("{spec: {launchTemplate: a}}", "expected exactly one, got both: spec.provider.launchTemplate, spec.provider.securityGroupSelector")]
    [InlineData("{spec: {securityGroupSelector: null, launchTemplate: a, userData: b}}", "expected exactly one, got both: spec.launchTemplate, spec.userData")]
    [InlineData("{spec: {securityGroupSelector: null, launchTemplate: a, amiFamily: AL2}}", "expected exactly one, got both: spec.provider.amiFamily, spec.provider.launchTemplate")]
    [InlineData("{spec: {securityGroupSelector: null, launchTemplate: a, instanceProfile: b}}", "expected exactly one, got both: spec.provider.instanceProfile, spec.provider.launchTemplate")]
    [InlineData("{spec: {subnetSelector: {a: ''}}}", "spec.provider.subnetSelector['a']")]
    [InlineData("{spec: {subnetSelector: {aws-ids: sg-0123}}}", "spec.provider.subnetSelector['aws-ids']")]
    [InlineData("{spec: {securityGroupSelector: {'aws-ids': sg-xyz}}}", "spec.provider.securityGroupSelector['aws-ids']")]
    [InlineData("{spec: {amiFamily: AL3}}", "invalid value: AL3 not in Bottlerocket, AL2, Ubuntu, Custom: spec.provider.amiFamily")]
    [InlineData("{spec: {amiFamily: Custom}}", "missing field(s): spec.amiSelector")]
    [InlineData("{spec: {metadataOptions: {httpEndpoint: on}}}", "spec.metadataOptions.httpEndpoint")]
    [InlineData("{spec: {metadataOptions: {httpTokens: never}}}", "spec.provider.metadataOptions.httpTokens")]
    [InlineData("{spec: {metadataOptions: {httpPutResponseHopLimit: 65}}}", "spec.provider.metadataOptions.httpPutResponseHopLimit")]
    [InlineData("{spec: {blockDeviceMappings: [{ebs: {volumeSize: 1Gi}}]}}", "missing field(s): spec.provider.blockDeviceMappings[0].deviceName")]
    [InlineData("{spec: {blockDeviceMappings: [{deviceName: a}]}}", "missing field(s): spec.provider.blockDeviceMappings[0].ebs")]
    [InlineData("{spec: {blockDeviceMappings: [{deviceName: a, ebs: {volumeType: gp3}}]}}", "missing field(s): spec.provider.blockDeviceMappings[0].ebs.volumeSize")]
    [InlineData("{spec: {blockDeviceMappings: [{deviceName: a, ebs: {volumeSize: 65Ti}}]}}", "spec.provider.blockDeviceMappings[0].ebs.volumeSize")]
    [InlineData("{spec: {blockDeviceMappings: [{deviceName: a, ebs: {volumeSize: 20Gi, volumeType: gp9}}]}}", "spec.provider.blockDeviceMappings[0].ebs.volumeType")]
    public void AwsNodeTemplate(string change, string answer) => Check(
        "{apiVersion: karpenter.k8s.aws/v1alpha1, kind: AWSNodeTemplate, metadata: {name: a}, spec: {subnetSelector: {a: b}, securityGroupSelector: {a: b}}}", change, answer);

    [Theory]
    [InlineData("{metadata: {namespace: karpenter}}", Accepted)]
    [InlineData("{spec: {limits: {cpu: 1000}}}", Accepted)]
    [InlineData("{spec: {limits: {cpu: '1000', nodes: 10}}}", Accepted)]
    [InlineData("{spec: {disruption: {consolidateAfter: Never}}}", Accepted)]
    [InlineData("{spec: {disruption: {consolidateAfter: 1h30m, budgets: [{nodes: 0%}, {nodes: '5', reasons: [Empty], schedule: '0 9 * * 1-5', duration: 8h}]}}}", Accepted)]
    [InlineData("{spec: {template: {spec: {requirements: [{key: karpenter.k8s.aws/instance-generation, operator: Gt, values: ['2']}]}}}}", Accepted)]
    [InlineData("{spec: {template: {spec: {requirements: [{key: karpenter.k8s.aws/instance-family, operator: Exists, minValues: 50}]}}}}", Accepted)]
    [InlineData("{spec: {template: {spec: {requirements: [{key: karpenter.k8s.aws/instance-cpu, operator: Gte, values: ['4']}, {key: karpenter.k8s.aws/instance-cpu, operator: Lte, values: ['8']}]}}}}", Accepted)]
    [InlineData("{spec: {template: {metadata: {labels: {kubernetes.io/mine: a}}}}}", Accepted)]
    [InlineData("{spec: {weight: 0}}", "spec.weight: Invalid value: 0: spec.weight in body should be greater than or equal to 1")]
    [InlineData("{spec: {weight: 101}}", "spec.weight in body should be less than or equal to 100")]
    [InlineData("{spec: {disruption: {consolidationPolicy: WhenUnderutilized}}}", "spec.disruption.consolidationPolicy: Unsupported value: \"WhenUnderutilized\"")]
    [InlineData("{spec: {disruption: {consolidateAfter: soon}}}", "spec.disruption.consolidateAfter")]
    [InlineData("{spec: {disruption: {consolidateAfter: 1m, budgets: [{nodes: '1', schedule: '0 9 * * *'}]}}}", "'schedule' must be set with 'duration'")]
    [InlineData("{spec: {disruption: {consolidateAfter: 1m, budgets: [{nodes: '1', reasons: [Bored]}]}}}", "Unsupported value: \"Bored\"")]
    [InlineData("{spec: {disruption: {consolidateAfter: 1m, budgets: [{nodes: 110%}]}}}", "spec.disruption.budgets[0].nodes")]
    [InlineData("{spec: {template: {spec: {nodeClassRef: null}}}}", "spec.template.spec.nodeClassRef: Required value")]
    [InlineData("{spec: {template: {spec: {nodeClassRef: {group: null}}}}}", "spec.template.spec.nodeClassRef.group: Required value")]
    [InlineData("{spec: {template: {spec: {requirements: null}}}}", "spec.template.spec.requirements: Required value")]
    [InlineData("{spec: {template: {spec: {expireAfter: 30 days}}}}", "spec.template.spec.expireAfter")]
    [InlineData("{spec: {template: {spec: {requirements: [{key: a, operator: In}]}}}}", "requirements with operator 'In' must have a value defined")]
    [InlineData("{spec: {template: {spec: {requirements: [{key: a, operator: Gt, values: [x]}]}}}}", "requirements operator 'Gt', 'Lt', 'Gte', or 'Lte' must have a single positive integer value")]
    [InlineData("{spec: {template: {spec: {requirements: [{key: a, operator: In, values: [x], minValues: 2}]}}}}", "requirements with 'minValues' must have at least that many values specified in the 'values' field")]
    [InlineData("{spec: {template: {spec: {requirements: [{key: karpenter.sh/nodepool, operator: Exists}]}}}}", "label \"karpenter.sh/nodepool\" is restricted")]
    [InlineData("{spec: {template: {spec: {requirements: [{key: karpenter.sh/registered, operator: Exists}]}}}}", "label domain \"karpenter.sh\" is restricted")]
    [InlineData("{spec: {template: {spec: {requirements: [{key: karpenter.k8s.aws/instance-familie, operator: Exists}]}}}}", "label domain \"karpenter.k8s.aws\" is restricted")]
    [InlineData("{spec: {template: {metadata: {labels: {kubernetes.io/hostname: a}}}}}", "label \"kubernetes.io/hostname\" is restricted")]
    [InlineData("{spec: {replicas: 2, weight: 10}}", "'weight' is not supported on static NodePools")]
    [InlineData("{spec: {replicas: 2, limits: {cpu: 10}}}", "only 'limits.nodes' is supported on static NodePools")]
    public void NodePool(string change, string answer) => Check(
        """
        {apiVersion: karpenter.sh/v1, kind: NodePool, metadata: {name: a}, spec: {template: {spec: {
        nodeClassRef: {group: karpenter.k8s.aws, kind: EC2NodeClass, name: a}, requirements: [{key: kubernetes.io/arch, operator: In, values: [amd64]}]}}}}
        """,
        change,
        answer);

    [Theory]
    [InlineData("{metadata: {namespace: karpenter}}", Accepted)]
    [InlineData("{spec: {role: null, instanceProfile: p}}", Accepted)]
    [InlineData("{spec: {amiFamily: AL2023, amiSelectorTerms: [{id: ami-0123456789abcdef0}]}}", Accepted)]
    [InlineData("{spec: {subnetSelectorTerms: [{id: subnet-0123456789abcdef0}, {tags: {Name: 'a-private*'}}]}}", Accepted)]
    [InlineData("{spec: {securityGroupSelectorTerms: [{name: default}]}}", Accepted)]
    [InlineData("{spec: {instanceStorePolicy: RAID0, userData: anything, metadataOptions: {httpPutResponseHopLimit: 2}}}", Accepted)]
    [InlineData("{spec: {kubelet: {maxPods: 20, systemReserved: {cpu: 100m}}}}", Accepted)]
    [InlineData("{spec: {instanceProfile: p}}", "must specify exactly one of ['role', 'instanceProfile']")]
    [InlineData("{spec: {role: null}}", "must specify exactly one of ['role', 'instanceProfile']")]
    [InlineData("{spec: {role: ''}}", "role cannot be empty")]
    [InlineData("{spec: {subnetSelectorTerms: null}}", "spec.subnetSelectorTerms: Required value")]
    [InlineData("{spec: {subnetSelectorTerms: []}}", "subnetSelectorTerms cannot be empty")]
    [InlineData("{spec: {subnetSelectorTerms: [{}]}}", "expected at least one, got none, ['tags', 'id']")]
    [InlineData("{spec: {subnetSelectorTerms: [{tags: {a: b}, id: subnet-0123456789abcdef0}]}}", "'id' is mutually exclusive, cannot be set with a combination of other fields in subnetSelectorTerms")]
    [InlineData("{spec: {subnetSelectorTerms: [{tags: {a: ''}}]}}", "empty tag keys or values aren't supported")]
    [InlineData("{spec: {securityGroupSelectorTerms: [{name: a, id: sg-0123456789abcdef0}]}}", "cannot be set with a combination of other fields in securityGroupSelectorTerms")]
    [InlineData("{spec: {securityGroupSelectorTerms: [{}]}}", "expected at least one, got none, ['tags', 'id', 'name']")]
    [InlineData("{spec: {amiSelectorTerms: null}}", "spec.amiSelectorTerms: Required value")]
    [InlineData("{spec: {amiSelectorTerms: [{id: ami-0123456789abcdef0}]}}", "must specify amiFamily if amiSelectorTerms does not contain an alias")]
    [InlineData("{spec: {amiSelectorTerms: [{alias: al2023@latest}, {alias: al2@latest}]}}", "'alias' is mutually exclusive, cannot be set with a combination of other amiSelectorTerms")]
    [InlineData("{spec: {amiSelectorTerms: [{alias: al2023@latest, tags: {a: b}}]}}", "'alias' is mutually exclusive, cannot be set with a combination of other fields in amiSelectorTerms")]
    [InlineData("{spec: {amiSelectorTerms: [{alias: al2023}]}}", "'alias' is improperly formatted, must match the format 'family@version'")]
    [InlineData("{spec: {amiSelectorTerms: [{alias: ubuntu@latest}]}}", "family is not supported, must be one of the following")]
    [InlineData("{spec: {amiFamily: AL2}}", "if set, amiFamily must be 'AL2023' or 'Custom' when using an AL2023 alias")]
    [InlineData("{spec: {blockDeviceMappings: [{deviceName: a, rootVolume: true, ebs: {volumeSize: 20Gi}}, {deviceName: b, rootVolume: true, ebs: {volumeSize: 20Gi}}]}}", "must have only one blockDeviceMappings with rootVolume")]
    [InlineData("{spec: {blockDeviceMappings: [{deviceName: a, ebs: {volumeType: gp3}}]}}", "snapshotID or volumeSize must be defined")]
    [InlineData("{spec: {blockDeviceMappings: [{deviceName: a, ebs: {volumeSize: 65Ti}}]}}", "spec.blockDeviceMappings[0].ebs.volumeSize")]
    [InlineData("{spec: {tags: {kubernetes.io/cluster/a: owned}}}", "tag contains a restricted tag matching kubernetes.io/cluster/")]
    [InlineData("{spec: {tags: {karpenter.sh/nodepool: a}}}", "tag contains a restricted tag matching karpenter.sh/nodepool")]
    [InlineData("{spec: {tags: {'eks:eks-cluster-name': a}}}", "tag contains a restricted tag matching eks:eks-cluster-name")]
    [InlineData("{spec: {instanceStorePolicy: RAID1}}", "Unsupported value: \"RAID1\"")]
    [InlineData("{spec: {kubelet: {evictionSoft: {memory.available: 5%}}}}", "evictionSoft OwnerKey does not have a matching evictionSoftGracePeriod")]
    [InlineData("{spec: {kubelet: {kubeReserved: {gpu: '1'}}}}", "valid keys for kubeReserved are ['cpu','memory','ephemeral-storage','pid']")]
    public void Ec2NodeClass(string change, string answer) => Check(
        """
        {apiVersion: karpenter.k8s.aws/v1, kind: EC2NodeClass, metadata: {name: a}, spec: {role: r, amiSelectorTerms: [{alias: al2023@latest}],
        subnetSelectorTerms: [{tags: {a: b}}], securityGroupSelectorTerms: [{tags: {a: b}}]}}
        """,
        change,
        answer);

    [Theory]
    [InlineData("{}", Accepted)]
    [InlineData("{metadata: {namespace: karpenter}}", Accepted)]
    [InlineData("{spec: {disruption: {consolidationPolicy: WhenEmpty, consolidateAfter: 30s, expireAfter: 720h}, limits: {cpu: 1000}}}", Accepted)]
    [InlineData("{spec: {disruption: {consolidationPolicy: WhenUnderutilized, expireAfter: Never}}}", Accepted)]
    [InlineData("{spec: {template: {spec: {kubelet: {maxPods: 20}}}}}", Accepted)]
    [InlineData("{spec: {template: {spec: {nodeClassRef: {apiVersion: karpenter.k8s.aws/v1beta1, kind: EC2NodeClass}}}}}", Accepted)]
    [InlineData("{spec: {disruption: {consolidationPolicy: WhenUnderutilized, consolidateAfter: 30s}}}", "consolidateAfter cannot be combined with consolidationPolicy=WhenUnderutilized")]
    [InlineData("{spec: {disruption: {consolidationPolicy: WhenEmpty}}}", "consolidateAfter must be specified with consolidationPolicy=WhenEmpty")]
    [InlineData("{spec: {disruption: {consolidationPolicy: WhenEmptyOrUnderutilized, consolidateAfter: 1m}}}", "Unsupported value: \"WhenEmptyOrUnderutilized\"")]
    [InlineData("{spec: {weight: 101}}", "spec.weight")]
    [InlineData("{spec: {template: {spec: {kubelet: {evictionHard: {disk.available: 5%}}}}}}", "valid keys for evictionHard are")]
    public void NodePoolOfV1Beta1(string change, string answer) => Check(
        """
        {apiVersion: karpenter.sh/v1beta1, kind: NodePool, metadata: {name: a}, spec: {template: {spec: {
        nodeClassRef: {name: a}, requirements: [{key: karpenter.k8s.aws/instance-family, operator: In, values: [c5d]}]}}}}
        """,
        change,
        answer);

    private static void Check(string valid, string change, string answer)
    {
        var applied = WorldBuilder.Build(new WorldSettings()).Apply(MergePatch.Apply(Yaml.Read(valid), Yaml.Read(change)));
        if (answer == Accepted)
        {
            Assert.True(applied.IsAccepted, applied.Message);
        }
        else
        {
            Assert.False(applied.IsAccepted);
            Assert.Contains(answer, applied.Message, StringComparison.Ordinal);
        }
    }
}
