using Sparkwright.Kubernetes.Requests;
using Sparkwright.Simulation;
using Sparkwright.Simulation.Metrics;
using Sparkwright.World.Ec2;
using Sparkwright.World.Karpenter.Cloud;
using Sparkwright.World.Karpenter.Disruption;
using Sparkwright.World.Karpenter.Drift;
using Sparkwright.World.Karpenter.Interruption;
using Sparkwright.World.Karpenter.Metrics;
using Sparkwright.World.Karpenter.NodeClaims;
using Sparkwright.World.Karpenter.NodeClasses;
using Sparkwright.World.Karpenter.NodePools;
using Sparkwright.World.Karpenter.NodeRepair;
using Sparkwright.World.Karpenter.Provisioning;
using Sparkwright.World.Karpenter.Termination;

namespace Sparkwright.World.Karpenter;

/// <summary>Karpenter as it runs in a cluster: all of its controllers over one cloud.</summary>
public static class KarpenterControllers
{
    /// <summary>Starts them all; what they count is read from the registry that this returns.</summary>
    public static MetricRegistry Start(EventLoop loop, ApiServer api, KarpenterMemory memory, Ec2Cloud ec2, LiveSettings settings, PlanFeed plans, string region)
    {
        var events = new KarpenterEvents(api);
        var metrics = new KarpenterMetrics(api);
        var cloud = new AwsCloud(ec2, memory, settings, metrics);
        ICloudProvider CloudFor(string controller) => new MeteredCloud(cloud, metrics, controller);
        var pools = new Pools(api);
        var records = new LaunchRecords(api);
        var launcher = new Launcher(api, pools, new NodeLauncher(api, pools, CloudFor("provisioner"), records, region), records, metrics);
        var snapshot = new Snapshot(api, pools, CloudFor("provisioner"), settings);
        _ = new ProvisioningController(loop, api, snapshot, launcher, memory, events, plans);
        _ = new NodeClassController(loop, api, ec2, settings, events, region);
        _ = new NodePoolController(loop, api, pools, CloudFor("nodepool.readiness"), events);
        _ = new StaticPoolController(loop, api, pools, CloudFor("provisioning.static"), launcher, memory, metrics);
        _ = new NodeController(loop, api, pools, memory, events, metrics);
        _ = new ClaimLifecycle(
            loop, api, new ClaimLaunch(api, pools, CloudFor("nodeclaim.lifecycle"), events, records, metrics), new RegistrationHealth(api, memory), events, metrics);
        _ = new ClaimActivity(loop, api, pools);
        _ = new ClaimTermination(loop, api, CloudFor("nodeclaim.lifecycle"), events);
        _ = new NodeTermination(loop, api, CloudFor("node.termination"), events, metrics);
        _ = new ClaimGarbageCollection(loop, api, CloudFor("nodeclaim.garbagecollection"), metrics);
        _ = new NodeRepairController(loop, api, CloudFor("node.health"), settings, events, metrics);
        _ = new ProvisionerStatus(loop, api, pools);
        _ = new ProvisionerDrift(loop, api, pools, CloudFor("nodeclaim.disruption"), settings);
        _ = new InterruptionController(loop, api, settings, memory, events, metrics);
        StartDisruption(loop, api, pools, CloudFor, snapshot, launcher, memory, events, metrics);
        var observer = new MetricsObserver(api, plans, metrics);
        KarpenterGauges.Register(metrics.Registry, api, pools, observer);
        OfferingGauges.Register(metrics.Registry, pools, cloud);
        DisruptionGauges.Register(metrics.Registry, pools, new DisruptionSnapshots(api, pools, cloud, snapshot, memory, new DisruptionRecords(api)));
        return metrics.Registry;
    }

    private static void StartDisruption(
        EventLoop loop, ApiServer api, Pools pools, Func<string, ICloudProvider> cloudFor, Snapshot snapshot, Launcher launcher, KarpenterMemory memory, KarpenterEvents events,
        KarpenterMetrics metrics)
    {
        var records = new DisruptionRecords(api);
        var told = new DisruptionEvents(api, events);
        var queue = new DisruptionQueue(loop, api, records, new ReplacementNodes(api, pools, launcher), memory, told);
        _ = new DriftController(loop, api, pools, cloudFor("nodeclaim.disruption"));
        _ = new DisruptionController(loop, api, pools, new DisruptionSnapshots(api, pools, cloudFor("disruption"), snapshot, memory, records), records, queue, told, metrics);
    }
}
