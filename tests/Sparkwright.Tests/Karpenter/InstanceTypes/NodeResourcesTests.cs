using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Ec2;
using Sparkwright.World.Karpenter;
using Sparkwright.World.Karpenter.InstanceTypes;

namespace Sparkwright.Tests.Karpenter.InstanceTypes;

public sealed class NodeResourcesTests
{
    /// <summary>What Karpenter 0.20 reckons with, worked out by hand.</summary>
    [Theory]
    //          type            cpu    memory  pods
    [InlineData("c5d.large", 1830, 3014, 29)]
    [InlineData("c5d.xlarge", 3820, 6484, 58)]
    [InlineData("c5d.2xlarge", 7810, 14062, 58)]
    [InlineData("c5d.4xlarge", 15790, 27281, 234)]
    [InlineData("c5d.9xlarge", 35740, 65169, 234)]
    [InlineData("r5d.4xlarge", 15790, 118212, 234)]
    [InlineData("r6gd.4xlarge", 15790, 118212, 234)]
    [InlineData("r5d.8xlarge", 31750, 239454, 234)]
    [InlineData("r6gd.8xlarge", 31750, 239454, 234)]
    public void A_provisioners_nodes_have_what_karpenter_0_20_estimates(string type, long cpuMillis, long memoryMi, long pods) =>
        Assert.Equal((cpuMillis, memoryMi, pods), Say(Allocatable(type, new KubeletSettings(), Generation.V1Alpha5)));

    /// <summary>Cpu and memory of Karpenter's own reference page of instance types (AL2023, no block device mapping).</summary>
    [Theory]
    //          type           cpu   memory
    [InlineData("c5.large", 1930, 3114)]
    [InlineData("c5.xlarge", 3920, 6584)]
    [InlineData("c5.2xlarge", 7910, 14162)]
    [InlineData("c5.4xlarge", 15890, 27381)]
    [InlineData("c5.9xlarge", 35840, 65269)]
    [InlineData("c5.18xlarge", 71750, 127934)]
    [InlineData("c5d.large", 1930, 3114)]
    [InlineData("c5d.4xlarge", 15890, 27381)]
    [InlineData("c5n.large", 1930, 4298)]
    [InlineData("c6g.medium", 940, 1392)]
    [InlineData("c6g.large", 1930, 3055)]
    [InlineData("c6gd.xlarge", 3920, 6525)]
    [InlineData("c7g.2xlarge", 7910, 14103)]
    [InlineData("c6i.32xlarge", 127610, 234021)]
    [InlineData("m5.large", 1930, 6903)]
    [InlineData("m5.xlarge", 3920, 14162)]
    [InlineData("m5.24xlarge", 95690, 355262)]
    [InlineData("m6g.large", 1930, 6844)]
    [InlineData("m6gd.16xlarge", 63770, 233962)]
    [InlineData("m7i-flex.large", 1930, 6903)]
    [InlineData("r5.large", 1930, 14481)]
    [InlineData("r5d.xlarge", 3920, 29317)]
    [InlineData("r5d.2xlarge", 7910, 59627)]
    [InlineData("r5d.4xlarge", 15890, 118312)]
    [InlineData("r5d.8xlarge", 31850, 239554)]
    [InlineData("r6gd.xlarge", 3920, 29258)]
    [InlineData("r6gd.4xlarge", 15890, 118253)]
    [InlineData("r6gd.8xlarge", 31850, 239495)]
    [InlineData("x2gd.medium", 940, 14653)]
    [InlineData("t3.nano", 1930, 74)]
    [InlineData("t3.micro", 1930, 548)]
    [InlineData("t3.medium", 1930, 3246)]
    [InlineData("t4g.small", 1930, 1359)]
    [InlineData("g4dn.xlarge", 3920, 14481)]
    [InlineData("g4dn.12xlarge", 47810, 178933)]
    [InlineData("inf1.xlarge", 3920, 6804)]
    [InlineData("i3.large", 1930, 13770)]
    [InlineData("i3en.24xlarge", 95690, 718987)]
    [InlineData("d3.xlarge", 3920, 29845)]
    [InlineData("m5.metal", 95690, 355262)]
    [InlineData("a1.medium", 940, 1392)]
    [InlineData("z1d.large", 1930, 14481)]
    public void A_node_pools_nodes_have_what_the_reference_page_says(string type, long cpuMillis, long memoryMi)
    {
        var allocatable = Allocatable(type, new KubeletSettings(), Generation.V1);
        Assert.Equal((cpuMillis, memoryMi), (allocatable.CpuMillis, allocatable.MemoryMi));
    }

    [Theory]
    [InlineData("c5.large", 29)]
    [InlineData("c5.4xlarge", 234)]
    [InlineData("t3.medium", 17)]
    [InlineData("m5.xlarge", 58)]
    public void Network_interfaces_limit_the_pods(string type, long pods) =>
        Assert.Equal(pods, Allocatable(type, new KubeletSettings(), Generation.V1).Pods);

    /// <summary>c5.xlarge as a Provisioner runs it has 3820m, 6484Mi, 58 pods.</summary>
    [Theory]
    //          kubelet                                                      cpu   memory pods
    [InlineData("{}", 3820, 6484, 58)]
    [InlineData("{maxPods: 20}", 3820, 6484, 20)]
    [InlineData("{podsPerCore: 5}", 3820, 6484, 20)]
    [InlineData("{podsPerCore: 50}", 3820, 6484, 58)]
    [InlineData("{maxPods: 100, podsPerCore: 10}", 3820, 6484, 40)]
    [InlineData("{kubeReserved: {cpu: 200m, memory: 1Gi}}", 3700, 6353, 58)]
    [InlineData("{systemReserved: {cpu: '0'}}", 3920, 6484, 58)]
    [InlineData("{systemReserved: {memory: 0Mi}}", 3820, 6584, 58)]
    [InlineData("{evictionHard: {memory.available: 500Mi}}", 3820, 6084, 58)]
    [InlineData("{evictionHard: {memory.available: '5%'}}", 3820, 6205, 58)]
    [InlineData("{evictionHard: {memory.available: '100%'}}", 3820, 6584, 58)]
    [InlineData("{evictionSoft: {memory.available: 50Mi}}", 3820, 6534, 58)]
    [InlineData("{evictionHard: {memory.available: 200Mi}, evictionSoft: {memory.available: 300Mi}}", 3820, 6284, 58)]
    public void A_provisioners_kubelet_settings_change_what_is_left(string kubelet, long cpuMillis, long memoryMi, long pods) =>
        Assert.Equal((cpuMillis, memoryMi, pods), Say(Allocatable("c5.xlarge", Kubelet(kubelet), Generation.V1Alpha5)));

    [Fact]
    public void Soft_eviction_does_not_count_for_a_node_pool() => Assert.Equal(
        6584,
        Allocatable("c5.xlarge", Kubelet("{evictionSoft: {memory.available: 1Gi}}"), Generation.V1).MemoryMi);

    [Fact]
    public void Bottlerocket_reserves_by_the_pods_it_may_have_and_knows_no_pods_per_core()
    {
        // 58 pods by interfaces: 11 Mi × 48 less are kept when only ten may come.
        var settings = Kubelet("{maxPods: 10, podsPerCore: 1}") with { IsBottlerocket = true };
        Assert.Equal((3820, 6484 + (11 * 48), 10), Say(Allocatable("c5.xlarge", settings, Generation.V1Alpha5)));
    }

    [Fact]
    public void Without_interface_limits_a_node_takes_110_pods() =>
        Assert.Equal(110, Allocatable("c5.xlarge", new KubeletSettings { EniLimitedPodDensity = false }, Generation.V1).Pods);

    [Theory]
    //          type          generation           root  raid   capacity         allocatable
    [InlineData("c5.large", Generation.V1, 20, false, 20L << 30, 17L << 30)]
    [InlineData("c5.large", Generation.V1Alpha5, 20, false, 20L << 30, 18L << 30)]
    [InlineData("r5d.xlarge", Generation.V1Alpha5, 200, false, 200L << 30, 198L << 30)]
    [InlineData("r5d.xlarge", Generation.V1, 20, true, 150_000_000_000, 150_000_000_000 - (1L << 30) - 15_000_000_000)]
    public void The_disk_is_the_root_volume_or_the_instance_store(string type, Generation generation, long rootGi, bool raid, long capacity, long allocatable)
    {
        var kubelet = new KubeletSettings { RootVolumeBytes = rootGi << 30, UsesInstanceStore = raid };
        Assert.Equal(
            (capacity, allocatable),
            (NodeResources.Capacity(Type(type), kubelet, generation).EphemeralStorageBytes, Allocatable(type, kubelet, generation).EphemeralStorageBytes));
    }

    [Theory]
    [InlineData("g4dn.xlarge", "nvidia.com/gpu", 1)]
    [InlineData("g4dn.12xlarge", "nvidia.com/gpu", 4)]
    [InlineData("inf1.xlarge", "aws.amazon.com/neuron", 1)]
    [InlineData("c5.large", "nvidia.com/gpu", 0)]
    public void Accelerators_are_resources(string type, string resource, long count) =>
        Assert.Equal(count, Allocatable(type, new KubeletSettings(), Generation.V1).Of(resource));

    [Fact]
    public void Labels_carry_the_raw_figures()
    {
        var labels = TypeLabels.Of(Type("r6gd.xlarge"), 58, "us-west-2", Generation.V1Alpha5);
        string? Of(string name) => labels.Get(KarpenterLabels.InstancePrefix + name)?.Single;
        Assert.Equal(
            ("r", "r6gd", "6", "xlarge", "4", "32768", "237", "nitro", "58"),
            (Of("category"), Of("family"), Of("generation"), Of("size"), Of("cpu"), Of("memory"), Of("local-nvme"), Of("hypervisor"), Of("pods")));
        Assert.Equal(("arm64", "us-west-2", "linux"), (labels.Get(KarpenterLabels.Arch)?.Single, labels.Get(KarpenterLabels.Region)?.Single, labels.Get(KarpenterLabels.Os)?.Single));
        Assert.True(labels.Get(KarpenterLabels.InstancePrefix + "gpu-name")?.IsEmpty);
    }

    private static InstanceType Type(string name) =>
        new[] { "us-west-2", "us-east-1" }.Select(region => Ec2Catalogue.ForRegion(region).Find(name)).OfType<InstanceType>().First();

    private static ResourceList Allocatable(string type, KubeletSettings kubelet, Generation generation) => NodeResources.Allocatable(Type(type), kubelet, generation);

    private static (long CpuMillis, long MemoryMi, long Pods) Say(ResourceList list) => (list.CpuMillis, list.MemoryMi, list.Pods);

    private static KubeletSettings Kubelet(string yaml)
    {
        var tree = Yaml.Read(yaml);
        TreeMap Map(string key) => tree[key] as TreeMap ?? TreeMap.Empty;
        return new KubeletSettings
        {
            MaxPods = tree["maxPods"]?.Integer,
            PodsPerCore = tree["podsPerCore"]?.Integer,
            KubeReserved = Map("kubeReserved"),
            SystemReserved = Map("systemReserved"),
            EvictionHard = Map("evictionHard"),
            EvictionSoft = Map("evictionSoft"),
        };
    }
}
