using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Simulation;
using Sparkwright.World.Ec2;
using Sparkwright.World.Karpenter.Apis;
using Sparkwright.World.Karpenter.Cloud;

namespace Sparkwright.World.Karpenter.Drift;

/// <summary>
/// Marks Provisioners' nodes whose image is not one that their AWSNodeTemplate selects any more, where <c>featureGates.driftEnabled</c> is on.
/// 0.21 knows no other drift, and does not take the mark off again.
/// </summary>
public sealed class ProvisionerDrift : Worker<ObjectKey>
{
    public const string VoluntaryDisruption = "karpenter.sh/voluntary-disruption";
    public const string Drifted = "drifted";

    private readonly ApiServer api;
    private readonly Pools pools;
    private readonly ICloudProvider cloud;
    private readonly LiveSettings settings;

    public ProvisionerDrift(EventLoop loop, ApiServer api, Pools pools, ICloudProvider cloud, LiveSettings settings)
        : base(loop)
    {
        this.api = api;
        this.pools = pools;
        this.cloud = cloud;
        this.settings = settings;
        WakeAll();
        api.Store.Watch(CoreTypes.Node, change => Wake(change.Object.Key));
        foreach (var type in new[] { KarpenterTypes.AwsNodeTemplate, KarpenterTypes.Provisioner, CoreTypes.ConfigMap, Ec2Types.Image })
        {
            api.Store.Watch(type, _ => WakeAll());
        }
    }

    public static bool IsMarked(ApiObject node) => node.Metadata.Annotation(VoluntaryDisruption) == Drifted;

    protected override void Reconcile(ObjectKey key)
    {
        if (settings.Current.DriftEnabled
            && api.Store.Get(CoreTypes.Node, key) is { Metadata.IsBeingDeleted: false } node && !IsMarked(node)
            && pools.PoolOf(node) is { Generation: Generation.V1Alpha5 } pool && pools.NodeClassOf(pool) is { } nodeClass
            && cloud.HasOldImage(node, nodeClass))
        {
            api.Modify(CoreTypes.Node, key, known => known.WithAnnotation(VoluntaryDisruption, Drifted));
        }
    }

    private void WakeAll()
    {
        if (settings.Current.DriftEnabled)
        {
            foreach (var node in api.Store.List(CoreTypes.Node))
            {
                Wake(node.Key);
            }
        }
    }
}
