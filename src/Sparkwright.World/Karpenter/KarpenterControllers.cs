using Sparkwright.Kubernetes.Requests;
using Sparkwright.Simulation;
using Sparkwright.World.Ec2;
using Sparkwright.World.Karpenter.Cloud;
using Sparkwright.World.Karpenter.Disruption;
using Sparkwright.World.Karpenter.Interruption;
using Sparkwright.World.Karpenter.NodeClaims;
using Sparkwright.World.Karpenter.PoolControllers;
using Sparkwright.World.Karpenter.Provisioning;
using Sparkwright.World.Karpenter.Termination;

namespace Sparkwright.World.Karpenter;

/// <summary>Karpenter as it runs in a cluster: all of its controllers over one cloud.</summary>
public static class KarpenterControllers
{
    public static void Start(EventLoop loop, ApiServer api, KarpenterMemory memory, Ec2Cloud ec2, LiveSettings settings, PlanFeed plans, string region)
    {
        var events = new KarpenterEvents(api);
        var cloud = new AwsCloud(ec2, memory, settings);
        var pools = new Pools(api);
        var records = new LaunchRecords(api);
        var launcher = new Launcher(api, pools, new NodeLauncher(api, pools, cloud, records, region), records);
        var snapshot = new Snapshot(api, pools, cloud, settings);
        _ = new ProvisioningController(loop, api, snapshot, launcher, memory, events, plans);
        _ = new NodeClassController(loop, api, ec2, settings, events, region);
        _ = new NodePoolController(loop, api, pools, cloud, events);
        _ = new NodeController(loop, api, pools, memory, events);
        _ = new ClaimLifecycle(loop, api, new ClaimLaunch(api, pools, cloud, events, records), new RegistrationHealth(api, memory), events);
        _ = new ClaimActivity(loop, api, pools);
        _ = new ClaimTermination(loop, api, cloud, events);
        _ = new NodeTermination(loop, api, cloud, events);
        _ = new ClaimGarbageCollection(loop, api, cloud);
        _ = new ProvisionerStatus(loop, api, pools);
        _ = new ProvisionerDrift(loop, api, pools, cloud, settings);
        _ = new InterruptionController(loop, api, settings, memory, events);
        StartDisruption(loop, api, pools, cloud, snapshot, launcher, memory, events);
    }

    private static void StartDisruption(
        EventLoop loop, ApiServer api, Pools pools, ICloudProvider cloud, Snapshot snapshot, Launcher launcher, KarpenterMemory memory, KarpenterEvents events)
    {
        var records = new DisruptionRecords(api);
        var told = new DisruptionEvents(api, events);
        var queue = new DisruptionQueue(loop, api, records, new ReplacementNodes(api, pools, launcher), memory, told);
        _ = new DriftController(loop, api, pools, cloud);
        _ = new DisruptionController(loop, api, pools, new DisruptionSnapshots(api, pools, cloud, snapshot, memory, records), records, queue, told);
    }
}
