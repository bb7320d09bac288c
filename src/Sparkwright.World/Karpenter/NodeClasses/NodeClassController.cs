using System.Globalization;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Simulation;
using Sparkwright.World.Ec2;
using Sparkwright.World.Karpenter.Apis;
using Sparkwright.World.Karpenter.Cloud;
using Sparkwright.World.Karpenter.Drift;

namespace Sparkwright.World.Karpenter.NodeClasses;

/// <summary>
/// Keeps the status of EC2NodeClasses: what their selectors find, the instance profile made for their role, and whether nodes can be launched
/// from them. A class that is being deleted stays until the last NodeClaim of it is gone.
/// </summary>
public sealed class NodeClassController : Worker<string>
{
    public const string Finalizer = "karpenter.k8s.aws/termination";

    private readonly ApiServer api;
    private readonly ClassResources resources;
    private readonly Ec2Cloud ec2;
    private readonly LiveSettings settings;
    private readonly KarpenterEvents events;
    private readonly HashMigration migration;
    private readonly string region;

    public NodeClassController(EventLoop loop, ApiServer api, Ec2Cloud ec2, LiveSettings settings, KarpenterEvents events, string region)
        : base(loop)
    {
        this.api = api;
        this.ec2 = ec2;
        this.settings = settings;
        this.events = events;
        this.region = region;
        resources = new ClassResources(ec2);
        migration = new HashMigration(api, PoolHashes.NodeClassHash, PoolHashes.NodeClassHashVersion, PoolHashes.NodeClassVersion);
        WakeAll();
        api.Store.Watch(KarpenterTypes.Ec2NodeClass, change => Wake(change.Object.Name));
        api.Store.Watch(KarpenterTypes.NodeClaim, change =>
        {
            if (change.Kind == Kubernetes.Store.StoreEventKind.Deleted)
            {
                Wake(NodeClaim.Of(change.Object).NodeClassName);
            }
        });
        foreach (var type in new[] { Ec2Types.Subnet, Ec2Types.SecurityGroup, Ec2Types.Image })
        {
            api.Store.Watch(type, _ => WakeAll());
        }
    }

    protected override void Reconcile(string key)
    {
        if (api.Store.Get(KarpenterTypes.Ec2NodeClass, "", key) is not { } known)
        {
            return;
        }

        if (known.Metadata.IsBeingDeleted)
        {
            LetGo(known);
            return;
        }

        var nodeClass = NodeClass.OfEc2NodeClass(known);
        var hash = PoolHashes.Of(nodeClass);
        migration.Run(known, hash, claim => claim.NodeClassName == key);
        api.Modify(KarpenterTypes.Ec2NodeClass, known.Key, current => WithFinalizer(current)
            .WithAnnotation(PoolHashes.NodeClassHash, hash)
            .WithAnnotation(PoolHashes.NodeClassHashVersion, PoolHashes.NodeClassVersion));
        var profile = nodeClass.InstanceProfile ?? MakeProfile(nodeClass);
        api.ModifyStatus(KarpenterTypes.Ec2NodeClass, known.Key, status => NodeClassStatus.Of(
            status, resources.Subnets(nodeClass), resources.SecurityGroups(nodeClass), resources.Images(nodeClass), profile, Clock.Now));
    }

    private static ApiObject WithFinalizer(ApiObject known) => known.Metadata.Finalizers.Contains(Finalizer)
        ? known
        : known.With(known.Metadata with { Finalizers = [.. known.Metadata.Finalizers, Finalizer] });

    private void LetGo(ApiObject known)
    {
        if (!known.Metadata.Finalizers.Contains(Finalizer))
        {
            return;
        }

        var left = api.Store.List(KarpenterTypes.NodeClaim).Where(claim => NodeClaim.Of(claim).NodeClassName == known.Name).Select(claim => claim.Name).ToList();
        if (left.Count > 0)
        {
            events.Normal(known, "WaitingOnNodeClaimTermination", $"Waiting on NodeClaim termination for {string.Join(", ", left)}");
            return;
        }

        ec2.DeleteInstanceProfile(ProfileName(known.Name));
        api.Modify(KarpenterTypes.Ec2NodeClass, known.Key, current => current.With(current.Metadata with { Finalizers = current.Metadata.Finalizers.Remove(Finalizer) }));
    }

    private string MakeProfile(NodeClass nodeClass)
    {
        var name = ProfileName(nodeClass.Name);
        ec2.EnsureInstanceProfile(name, nodeClass.Role ?? "");
        return name;
    }

    /// <summary>As upstream: the cluster, and a hash of region and class.</summary>
    private string ProfileName(string nodeClass) =>
        $"{settings.Current.ClusterName}_{StableHash.Mix(StableHash.Of(region + nodeClass)).ToString(CultureInfo.InvariantCulture)}";

    private void WakeAll()
    {
        foreach (var known in api.Store.List(KarpenterTypes.Ec2NodeClass))
        {
            Wake(known.Name);
        }
    }
}
