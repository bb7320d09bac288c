using System.Collections.Immutable;
using Sparkwright.World.Aws;
using Sparkwright.World.Ec2;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Karpenter.Apis;
using Sparkwright.World.Karpenter.Cloud;
using Sparkwright.World.Karpenter.InstanceTypes;

namespace Sparkwright.World.Karpenter.Metrics;

/// <summary>A cloud as one controller sees it, with every call counted under that controller's name.</summary>
public sealed class MeteredCloud(ICloudProvider cloud, KarpenterMetrics metrics, string controller) : ICloudProvider
{
    private const string Provider = "aws";

    public ImmutableArray<RepairPolicy> RepairPolicies => cloud.RepairPolicies;

    public ShapeTable? ShapesFor(Pool pool, NodeClass nodeClass) => Counted("GetInstanceTypes", cloud.ShapesFor(pool, nodeClass));

    public string? DriftOf(NodeClaim claim, Pool pool, NodeClass nodeClass) => Counted("IsDrifted", cloud.DriftOf(claim, pool, nodeClass));

    public bool HasOldImage(ApiObject node, NodeClass nodeClass) => Counted("IsDrifted", cloud.HasOldImage(node, nodeClass));

    public LaunchOutcome Launch(LaunchRequest request)
    {
        var outcome = Counted("Create", cloud.Launch(request));
        if (outcome is LaunchOutcome.Failed failed)
        {
            metrics.CloudErrors.Increment(controller, failed.IsCapacity ? "InsufficientCapacityError" : "", "Create", Provider);
        }

        return outcome;
    }

    public void WillRegister(string providerId, TreeMap node) => cloud.WillRegister(providerId, node);

    public IEnumerable<(Instance Machine, string Claim)> Owned() => Counted("List", cloud.Owned());

    public bool Exists(string providerId) => Counted("Get", cloud.Exists(providerId));

    public AwsFailure? Terminate(string providerId)
    {
        var failure = Counted("Delete", cloud.Terminate(providerId));
        if (failure is not null)
        {
            metrics.CloudErrors.Increment(controller, "", "Delete", Provider);
        }

        return failure;
    }

    private TAnswer Counted<TAnswer>(string method, TAnswer answer)
    {
        metrics.CloudDuration.Observe(0, controller, method, Provider);
        return answer;
    }
}
