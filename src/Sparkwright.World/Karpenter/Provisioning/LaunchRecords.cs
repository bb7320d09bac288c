using System.Collections.Immutable;
using System.Globalization;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.World.Ec2;
using Sparkwright.World.Karpenter.Apis;
using Sparkwright.World.Karpenter.Cloud;
using Sparkwright.World.Karpenter.Solver;

namespace Sparkwright.World.Karpenter.Provisioning;

/// <summary>Why nodes were bought, kept for reports and explanations as long as their instances are known. Before a NodeClaim is launched its record has its name.</summary>
public sealed class LaunchRecords(ApiServer api)
{
    /// <summary>How many of the offers that were considered are kept with a node.</summary>
    private const int OffersKept = 10;

    /// <summary>Keeps for whom a NodeClaim was made.</summary>
    public void Planned(ApiObject claim, PlannedClaim plan) => api.Create(new ApiObject(
        KarpenterTypes.LaunchRecord,
        new ObjectMeta { Name = claim.Name, OwnerReferences = [claim.AsOwner(controller: false)] },
        TreeMap.Of(("spec", SpecOf(plan)))));

    /// <summary>The pods for which a NodeClaim was made, those that are gone included; none for one that was made by hand.</summary>
    public ImmutableArray<ObjectKey> PodsOf(ApiObject claim) =>
        [.. Tree.ItemsOf(api.Store.Get(KarpenterTypes.LaunchRecord, "", claim.Name)?.Spec["pods"]).ToArray().Select(pod => KeyOf(pod.Text ?? ""))];

    public void Bought(PlannedClaim plan, LaunchOutcome.Launched launched) => Create(SpecOf(plan), launched);

    public void Bought(ApiObject claim, LaunchOutcome.Launched launched)
    {
        Create(api.Store.Get(KarpenterTypes.LaunchRecord, "", claim.Name)?.Spec ?? TreeMap.Of(("pool", claim.Name)), launched);
        api.Delete(KarpenterTypes.LaunchRecord, new ObjectKey("", claim.Name));
    }

    private static TreeMap SpecOf(PlannedClaim plan) => TreeMap.Of(
        ("pods", TreeList.OfTexts(plan.Pods.Select(pod => pod.Key.ToString()))),
        ("pool", plan.Pool.Name),
        ("refusedPools", plan.Refused.IsEmpty ? null : TreeList.OfTexts(plan.Refused.Select(rejection => rejection.Message))),
        ("requests", plan.Requests.ToTree()),
        ("requirements", plan.Requirements.ToString()),
        ("typesInPool", plan.Pool.Shapes.Matching(plan.Pool.Requirements).Count),
        ("typesLeft", plan.Shapes.Count));

    private void Create(TreeMap plan, LaunchOutcome.Launched launched)
    {
        var instance = launched.Instance;
        var offers = launched.Offers.Take(OffersKept).ToList();
        if (!offers.Exists(offer => IsBought(offer, instance)))
        {
            offers.Add(launched.Offers.First(offer => IsBought(offer, instance)));
        }

        api.Create(new ApiObject(
            KarpenterTypes.LaunchRecord,
            new ObjectMeta
            {
                Name = instance.Id,
                OwnerReferences = api.Store.Get(Ec2Types.Instance, "", instance.Id) is { } machine ? [machine.AsOwner(controller: false)] : [],
            },
            TreeMap.Of(("spec", plan
                .With("capacityType", instance.CapacityType)
                .With("instanceId", instance.Id)
                .With("instanceType", instance.TypeName)
                .With("node", instance.NodeName)
                .With("offers", TreeList.From(offers.Select(offer => TreeMap.Of(
                    ("instanceType", offer.Shape.Name),
                    ("usdPerHour", offer.Offering.UsdPerHour.ToString(CultureInfo.InvariantCulture)),
                    ("zone", offer.Offering.Zone)))))
                .With("offersLeft", launched.Offers.Length)
                .With("usdPerHour", instance.UsdPerHour.ToString(CultureInfo.InvariantCulture))
                .With("zone", instance.Zone)))));
    }

    private static bool IsBought(LaunchOffer offer, Instance instance) => offer.Shape.Name == instance.TypeName && offer.Offering.Zone == instance.Zone;

    private static ObjectKey KeyOf(string text) => text.Split('/') is [var home, var name] ? new ObjectKey(home, name) : new ObjectKey("", text);
}
