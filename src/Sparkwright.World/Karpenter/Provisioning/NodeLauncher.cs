using System.Globalization;
using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.World.Ec2;
using Sparkwright.World.Karpenter.Apis;
using Sparkwright.World.Karpenter.Cloud;
using Sparkwright.World.Karpenter.Solver;
using Sparkwright.World.Karpenter.Termination;

namespace Sparkwright.World.Karpenter.Provisioning;

/// <summary>Buys a planned node and makes its Node object, not ready yet, right after the launch.</summary>
public sealed class NodeLauncher(ApiServer api, Pools pools, ICloudProvider cloud, string region)
{
    /// <summary>How many of the offers that were considered are kept with a node.</summary>
    private const int OffersKept = 10;

    private static readonly Taint NotReady = new("node.kubernetes.io/not-ready", "", Taint.NoSchedule);

    /// <summary>The name of the new node, or why there is none.</summary>
    public (string? Node, string? Failure) Launch(PlannedClaim claim, LaunchSource source)
    {
        var pool = source.Pool;
        if (ExceededLimit(pool) is { } limit)
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
                api.Create(RecordOf(claim, launched));
                return (launched.Instance.NodeName, null);
            case LaunchOutcome.Failed failed:
                return (null, $"launching node, creating cloud provider instance, {failed}");
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    private string? ExceededLimit(Pool pool)
    {
        var usage = pools.UsageOf(pool.Key);
        foreach (var (resource, limit) in pool.Limits)
        {
            if (usage.Of(resource) > limit)
            {
                return $"limits exceeded, {resource} resource usage of {Show(resource, usage.Of(resource))} exceeds limit of {Show(resource, limit)}";
            }
        }

        return null;
    }

    private static string Show(string resource, long amount) => resource switch
    {
        ResourceList.Cpu => Kubernetes.Quantities.Quantity.FromMilli(amount).ToString(),
        ResourceList.Memory or ResourceList.EphemeralStorage => Kubernetes.Quantities.Quantity.FromBytes(amount).ToString(),
        _ => amount.ToString(CultureInfo.InvariantCulture),
    };

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

    /// <summary>Why this node was bought, kept for reports and explanations as long as the instance is known.</summary>
    private ApiObject RecordOf(PlannedClaim claim, LaunchOutcome.Launched launched)
    {
        var instance = launched.Instance;
        var offers = launched.Offers.Take(OffersKept).ToList();
        if (!offers.Exists(offer => IsBought(offer, instance)))
        {
            offers.Add(launched.Offers.First(offer => IsBought(offer, instance)));
        }

        return new ApiObject(
            KarpenterTypes.LaunchRecord,
            new ObjectMeta
            {
                Name = instance.Id,
                OwnerReferences = api.Store.Get(Ec2Types.Instance, "", instance.Id) is { } machine ? [machine.AsOwner(controller: false)] : [],
            },
            TreeMap.Of(("spec", TreeMap.Of(
                ("capacityType", instance.CapacityType),
                ("instanceId", instance.Id),
                ("instanceType", instance.TypeName),
                ("node", instance.NodeName),
                ("offers", TreeList.From(offers.Select(offer => TreeMap.Of(
                    ("instanceType", offer.Shape.Name),
                    ("usdPerHour", offer.Offering.UsdPerHour.ToString(CultureInfo.InvariantCulture)),
                    ("zone", offer.Offering.Zone))))),
                ("offersLeft", launched.Offers.Length),
                ("pods", TreeList.OfTexts(claim.Pods.Select(pod => pod.Key.ToString()))),
                ("pool", claim.Pool.Name),
                ("refusedPools", claim.Refused.IsEmpty ? null : TreeList.OfTexts(claim.Refused.Select(rejection => rejection.Message))),
                ("requests", claim.Requests.ToTree()),
                ("requirements", claim.Requirements.ToString()),
                ("typesInPool", claim.Pool.Shapes.Matching(claim.Pool.Requirements).Count),
                ("typesLeft", claim.Shapes.Count),
                ("usdPerHour", instance.UsdPerHour.ToString(CultureInfo.InvariantCulture)),
                ("zone", instance.Zone)))));
    }

    private static bool IsBought(LaunchOffer offer, Instance instance) => offer.Shape.Name == instance.TypeName && offer.Offering.Zone == instance.Zone;
}
