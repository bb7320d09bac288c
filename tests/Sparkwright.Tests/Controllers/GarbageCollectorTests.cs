using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;

namespace Sparkwright.Tests.Controllers;

public sealed class GarbageCollectorTests
{
    [Fact]
    public void Dependents_of_dependents_go_with_the_owner()
    {
        var cluster = new TestCluster();
        var owner = Map(cluster, "owner");
        var child = Map(cluster, "child", owner.AsOwner());
        Map(cluster, "grandchild", child.AsOwner());
        Map(cluster, "stranger");
        cluster.Run(1);
        Assert.Equal("child grandchild owner stranger", Left(cluster));
        cluster.Delete(CoreTypes.ConfigMap, "owner");
        cluster.Run(1);
        Assert.Equal("stranger", Left(cluster));
    }

    [Fact]
    public void One_living_owner_is_enough()
    {
        var cluster = new TestCluster();
        var (first, second) = (Map(cluster, "first"), Map(cluster, "second"));
        Map(cluster, "child", first.AsOwner(), second.AsOwner(controller: false));
        cluster.Delete(CoreTypes.ConfigMap, "first");
        cluster.Run(1);
        Assert.Equal("child second", Left(cluster));
        Assert.Equal(["second"], cluster.Get(CoreTypes.ConfigMap, "child").Metadata.OwnerReferences.Select(owner => owner.Name));
        cluster.Delete(CoreTypes.ConfigMap, "second");
        cluster.Run(1);
        Assert.Equal("", Left(cluster));
    }

    [Fact]
    public void An_owner_of_another_uid_counts_as_gone_and_one_of_an_unknown_kind_as_alive()
    {
        var cluster = new TestCluster();
        var owner = Map(cluster, "owner");
        Map(cluster, "mistaken", owner.AsOwner() with { Uid = "another" });
        Map(cluster, "exotic", owner.AsOwner() with { Kind = "Whatever" });
        cluster.Run(1);
        Assert.Equal("exotic owner", Left(cluster));
    }

    [Fact]
    public void Orphans_lose_their_owner_and_stay()
    {
        var cluster = new TestCluster();
        Map(cluster, "child", Map(cluster, "owner").AsOwner());
        cluster.Delete(CoreTypes.ConfigMap, "owner", PropagationPolicy.Orphan);
        cluster.Run(1);
        Assert.Equal("child", Left(cluster));
        Assert.Empty(cluster.Get(CoreTypes.ConfigMap, "child").Metadata.OwnerReferences);
    }

    [Fact]
    public void In_the_foreground_the_owner_goes_last()
    {
        var cluster = new TestCluster();
        var child = Map(cluster, "child", Map(cluster, "owner").AsOwner());
        cluster.Api.Update(child.With(child.Metadata with { Finalizers = ["example.com/hold"] }));
        cluster.Delete(CoreTypes.ConfigMap, "owner", PropagationPolicy.Foreground);
        cluster.Run(1);
        Assert.Equal("child owner", Left(cluster));
        Assert.True(cluster.Get(CoreTypes.ConfigMap, "child").Metadata.IsBeingDeleted);
        cluster.Api.Modify(CoreTypes.ConfigMap, child.Key, known => known.With(known.Metadata with { Finalizers = [] }));
        cluster.Run(1);
        Assert.Equal("", Left(cluster));
    }

    [Theory]
    //          first        then        who is left
    [InlineData("Foreground", "", "child owner")]
    [InlineData("Foreground", "Background", "child")]
    [InlineData("Foreground", "Orphan", "child")]
    [InlineData("", "", "child")]
    public void A_second_request_may_decide_otherwise_about_the_dependents(string first, string then, string left)
    {
        var cluster = new TestCluster();
        var owner = Map(cluster, "owner");
        var child = Map(cluster, "child", owner.AsOwner());
        cluster.Api.Update(child.With(child.Metadata with { Finalizers = ["example.com/hold"] }));
        cluster.Run(1);
        foreach (var policy in new[] { first, then })
        {
            cluster.Api.Delete(
                CoreTypes.ConfigMap, owner.Key, new DeleteOptions { Propagation = policy.Length == 0 ? null : Enum.Parse<PropagationPolicy>(policy) });
            cluster.Run(1);
        }

        Assert.Equal(left, Left(cluster));
    }

    [Fact]
    public void What_lost_its_owner_while_nobody_looked_goes_when_the_world_is_rebuilt()
    {
        var cluster = new TestCluster();
        var owner = Map(cluster, "owner");
        Map(cluster, "child", owner.AsOwner());
        cluster.Run(1);
        cluster.Store.Remove(CoreTypes.ConfigMap, owner.Key);
        var rebuilt = cluster.Rebuilt();
        Assert.Equal("child", Left(rebuilt));
        rebuilt.Run(1);
        Assert.Equal("", Left(rebuilt));
    }

    private static ApiObject Map(TestCluster cluster, string name, params OwnerReference[] owners) => cluster.Api.Create(new ApiObject(
        CoreTypes.ConfigMap,
        new ObjectMeta { Name = name, Namespace = "default", OwnerReferences = [.. owners] },
        TreeMap.Empty)).Object!;

    private static string Left(TestCluster cluster) => string.Join(
        ' ',
        cluster.Store.List(CoreTypes.ConfigMap, "default").Select(known => known.Name).Where(name => name != "kube-root-ca.crt"));
}
