using Sparkwright.World.YuniKorn.Configuration;
using Sparkwright.World.YuniKorn.Queues;

namespace Sparkwright.Tests.YuniKorn;

public sealed class ConfigReaderTests
{
    [Theory]
    [InlineData("queues: []", "yaml: unmarshal errors:\n  line 1: field queues not found in type configs.SchedulerConfig")]
    [InlineData("partitions:\n- name: default\n  queues:\n  - name: a\n    maxapplications: many", "yaml: unmarshal errors:\n  line 5: cannot unmarshal !!str `many` into uint64")]
    [InlineData("partitions:\n- name: default\n  queues: a", "yaml: unmarshal errors:\n  line 3: cannot unmarshal !!str `a` into []")]
    [InlineData("partitions:\n- name: default\n  queues:\n  - name: a\n    parent: maybe", "yaml: unmarshal errors:\n  line 5: cannot unmarshal !!str `maybe` into bool")]
    [InlineData("partitions:\n- name: default", "queue config is not set")]
    [InlineData("partitions:\n- name: default\n  queues:\n  - name: a\n- name: DEFAULT\n  queues:\n  - name: b", "duplicate partition name found with name default")]
    [InlineData("partitions:\n- name: default\n  placementrules:\n  - name: moon\n  queues:\n  - name: a", "unknown rule name specified moon, failing placement rule config")]
    [InlineData("partitions:\n- name: default\n  placementrules:\n  - name: 1a\n  queues:\n  - name: a", "invalid rule name 1a, a name must be a valid identifier")]
    [InlineData("partitions:\n- name: default\n  placementrules:\n  - {name: user, filter: {type: some}}\n  queues:\n  - name: a", "invalid rule filter type some, filter type  must be either '', allow or deny")]
    [InlineData("partitions:\n- name: default\n  placementrules:\n  - {name: fixed, value: a, create: true, parent: {name: fixed, value: b}}\n  queues:\n  - name: b", "placement rule no. #0 (fixed->fixed) references non-existing queues (root.b.a) which cannot be created because the last queue (b) in the hierarchy is a leaf")]
    [InlineData("partitions:\n- name: default\n  nodesortpolicy: {type: fair, resourceweights: {vcore: -1}}\n  queues:\n  - name: a", "negative resource weight for vcore is not allowed")]
    [InlineData("partitions:\n- name: default\n  queues:\n  - name: a\n    limits:\n    - {limit: bob, users: [bob], maxresources: {vcore: 1}}\n    queues:\n    - name: b\n      limits:\n      - {limit: bob, users: [bob], maxresources: {vcore: 2}}", "user bob max resource map[vcore:2000] of queue b is greater than immediate or ancestor parent maximum resource map[vcore:1000]")]
    [InlineData("partitions:\n- name: default\n  queues:\n  - name: a\n    limits:\n    - {limit: dev, groups: [dev], maxapplications: 1}\n    queues:\n    - name: b\n      limits:\n      - {limit: dev, groups: [dev], maxapplications: 2}", "group dev max applications 2 of queue b is greater than immediate or ancestor parent max applications 1")]
    [InlineData("partitions:\n- name: default\n  queues:\n  - name: a\n    limits:\n    - {limit: bob, users: [bob, bob], maxapplications: 1}", "duplicated user name bob , already existed")]
    [InlineData("partitions:\n- name: default\n  queues:\n  - name: a\n    properties: {application.sort.policy: lifo}", "undefined policy: lifo")]
    public void The_first_error_is_told(string text, string error) =>
        Assert.Equal(error, Assert.IsType<ConfigResult.Invalid>(ConfigReader.Read(text)).Message);

    [Fact]
    public void Without_a_root_one_is_put_above()
    {
        var partition = Assert.IsType<ConfigResult.Valid>(ConfigReader.Read("partitions:\n- name: default\n  queues:\n  - name: A\n  - name: b")).Partition;
        Assert.Equal(["a", "b"], partition.Root.Queues.Select(queue => queue.Name));
        Assert.False(partition.NodeSort.IsBinPacking);
        Assert.True(partition is { PreemptionEnabled: true, QuotaPreemptionEnabled: false });
    }

    [Fact]
    public void A_new_configuration_adds_changes_and_drains()
    {
        var tree = new QueueTree(Read("  - name: a\n    resources: {max: {vcore: 1}}\n  - name: b"));
        tree.Update(Read("  - name: a\n    resources: {max: {vcore: 2}}\n  - name: c"), default);
        Assert.Equal("map[vcore:2000]", tree.Find("root.a")!.Max!.ToString());
        Assert.True(tree.Find("root.b")!.IsDraining);
        Assert.True(tree.Find("root.c") is { IsLeaf: true, IsManaged: true });
        Assert.NotEmpty(tree.Clean());
        Assert.Null(tree.Find("root.b"));
        tree.Update(Read("  - name: b"), default);
        Assert.True(tree.Find("root.a")!.IsDraining);
        Assert.False(tree.Find("root.b")!.IsDraining);
    }

    [Fact]
    public void A_made_queue_takes_the_template_of_its_nearest_ancestor()
    {
        var tree = new QueueTree(Read("  - name: a\n    parent: true\n    childtemplate: {maxapplications: 2, resources: {max: {memory: 1G}}}"));
        var made = tree.Create("root.a.x.y");
        Assert.True(made is { IsLeaf: true, IsManaged: false, MaxApplications: 2 });
        Assert.Equal("map[memory:1000000000]", made.Max!.ToString());
        Assert.True(made.Parent is { Path: "root.a.x", IsLeaf: false, Max: null });
    }

    private static PartitionSettings Read(string queues) =>
        Assert.IsType<ConfigResult.Valid>(ConfigReader.Read("partitions:\n- name: default\n  queues:\n" + queues)).Partition;
}
