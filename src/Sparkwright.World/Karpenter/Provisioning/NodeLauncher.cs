using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.World.Karpenter.Apis;
using Sparkwright.World.Karpenter.Cloud;
using Sparkwright.World.Karpenter.Solver;
using Sparkwright.World.Karpenter.Termination;

namespace Sparkwright.World.Karpenter.Provisioning;

/// <summary>Buys a planned node and makes its Node object, not ready yet, right after the launch.</summary>
public sealed class NodeLauncher(ApiServer api, Pools pools, ICloudProvider cloud, LaunchRecords records, string region)
{
    private static readonly Taint NotReady = new("node.kubernetes.io/not-ready", "", Taint.NoSchedule);

    /// <summary>The name of the new node, or why there is none.</summary>
    public (string? Node, string? Failure) Launch(PlannedClaim claim, LaunchSource source)
    {
        var pool = source.Pool;
        if (PoolLimits.Exceeded(pool, pools.UsageOf(pool.Key)) is { } limit)
        {
            return (null, $"launching node, {limit}");
        }

        var labels = CustomLabels(claim, pool);
        var request = new LaunchRequest
        {
            Pool = pool,
            NodeClass = source.NodeClass,
            Choices = LaunchChoice.Of(claim),
            Registration = new NodeRegistration(labels, [.. pool.Taints, .. pool.StartupTaints]),
        };
        switch (cloud.Launch(request))
        {
            case LaunchOutcome.Launched launched:
                api.Create(NodeOf(pool, launched, labels));
                records.Bought(claim, launched);
                return (launched.Instance.NodeName, null);
            case LaunchOutcome.Failed failed:
                return (null, $"launching node, creating cloud provider instance, {failed}");
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    private TreeMap CustomLabels(PlannedClaim claim, Pool pool)
    {
        var labels = pool.Labels.With(KarpenterLabels.ProvisionerName, pool.Name);
        var wellKnown = GenerationRules.Of(claim.Pool.Generation).WellKnownLabels;
        foreach (var requirement in claim.Requirements.All.Where(requirement => !wellKnown.Contains(requirement.Key)))
        {
            // A custom label with several values gets one of them, and the node shows which.
            if (!requirement.IsComplement && !requirement.Values.IsEmpty)
            {
                var draw = api.Chance.For("karpenter/label", $"{claim.Pods[0].Uid}/{requirement.Key}");
                labels = labels.With(requirement.Key, requirement.Values[(int)draw.Below(requirement.Values.Count)]);
            }
        }

        return labels;
    }

    private ApiObject NodeOf(Pool pool, LaunchOutcome.Launched launched, TreeMap labels)
    {
        var (instance, shape) = (launched.Instance, launched.Shape);
        foreach (var label in shape.Labels.All)
        {
            labels = label.Single is { } value ? labels.With(label.Key, value) : labels;
        }

        labels = labels
            .With(KarpenterLabels.Zone, instance.Zone)
            .With(KarpenterLabels.Region, region)
            .With(KarpenterLabels.CapacityType, instance.CapacityType)
            .With(KarpenterLabels.Hostname, instance.NodeName);
        return new ApiObject(
            CoreTypes.Node,
            new ObjectMeta
            {
                Name = instance.NodeName,
                Labels = labels,
                Annotations = pool.Annotations,
                Finalizers = [NodeTermination.Finalizer],
                OwnerReferences = [pool.Object.AsOwner(controller: false) with { BlocksDeletion = true }],
            },
            TreeMap.Of(
                ("spec", TreeMap.Of(
                    ("providerID", instance.ProviderId),
                    ("taints", TreeList.From(pool.Taints.Concat(pool.StartupTaints).Append(NotReady).Select(taint => taint.ToTree()))))),
                ("status", TreeMap.Of(
                    ("addresses", TreeList.Of(
                        TreeMap.Of(("address", instance.PrivateIp), ("type", "InternalIP")),
                        TreeMap.Of(("address", instance.NodeName), ("type", "InternalDNS")),
                        TreeMap.Of(("address", instance.NodeName), ("type", "Hostname")))),
                    ("allocatable", shape.Allocatable.ToTree()),
                    ("capacity", shape.Capacity.ToTree())))));
    }
}
