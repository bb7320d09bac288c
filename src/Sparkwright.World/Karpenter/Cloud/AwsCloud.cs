using System.Collections.Immutable;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Aws;
using Sparkwright.World.Ec2;
using Sparkwright.World.Karpenter.Apis;
using Sparkwright.World.Karpenter.InstanceTypes;
using Sparkwright.World.Karpenter.Metrics;

namespace Sparkwright.World.Karpenter.Cloud;

/// <summary>Karpenter's view of AWS: which types a node template can run, and how a planned node is bought.</summary>
public sealed class AwsCloud(Ec2Cloud ec2, KarpenterMemory memory, LiveSettings settings, KarpenterMetrics metrics) : ICloudProvider
{
    /// <summary>The tag with the name of the NodeClaim that an instance was bought for.</summary>
    public const string ClaimTag = "karpenter.sh/nodeclaim";

    private readonly ClassResources resources = new(ec2);
    private readonly LaunchTemplates launchTemplates = new(ec2, new ClassResources(ec2), settings);

    public ImmutableArray<RepairPolicy> RepairPolicies => RepairPolicy.OfAws;

    public ShapeTable? ShapesFor(Pool pool, NodeClass nodeClass) => EverySold(pool, nodeClass)?.Without(memory.Unavailable());

    public string? DriftOf(NodeClaim claim, Pool pool, NodeClass nodeClass) =>
        claim.ProviderId is { } id && ec2.Find(InstanceIdOf(id)) is { IsAlive: true } machine && EverySold(pool, nodeClass) is { } shapes
            ? CloudDrift.Reason(claim, machine, nodeClass, shapes, resources)
            : null;

    public bool HasOldImage(ApiObject node, NodeClass nodeClass) =>
        nodeClass.LaunchTemplate is null
        && node.Spec["providerID"]?.Text is { Length: > 0 } id && ec2.Find(InstanceIdOf(id)) is { IsAlive: true } machine
        && resources.Images(nodeClass).Where(image => image.Arch == node.Metadata.Label(KarpenterLabels.Arch)).ToList() is { Count: > 0 } images
        && images.TrueForAll(image => image.Id != machine.ImageId);

    public LaunchOutcome Launch(LaunchRequest request)
    {
        if (ec2.Call("DescribeSubnets") is { } failed)
        {
            return new LaunchOutcome.Failed(failed.Code, failed.Message, IsCapacity: false);
        }

        // Of several subnets in a zone the one with the most free addresses is taken.
        var subnetOf = resources.Subnets(request.NodeClass).GroupBy(subnet => subnet.Zone, StringComparer.Ordinal).ToDictionary(
            zone => zone.Key,
            zone => zone.OrderByDescending(subnet => subnet.FreeAddresses).ThenBy(subnet => subnet.Id, StringComparer.Ordinal).First().Id,
            StringComparer.Ordinal);
        if (subnetOf.Count == 0)
        {
            return new LaunchOutcome.Failed("SubnetsNotFound", "no subnets matched the selector", IsCapacity: false);
        }

        var offers = FleetChoice.Of(request.Choices, request.KeepsVariety).RemoveAll(offer => !subnetOf.ContainsKey(offer.Offering.Zone));
        if (offers.IsEmpty)
        {
            return new LaunchOutcome.Failed("InsufficientInstanceCapacity", "all requested instance types were unavailable during launch", IsCapacity: true);
        }

        // Each architecture has an image, and so a launch template, of its own; one request names them all.
        LaunchOutcome.Failed? failure = null;
        var templates = new Dictionary<string, FleetTemplate>(StringComparer.Ordinal);
        foreach (var arch in offers.Select(offer => offer.Shape.Type.Arch).Distinct(StringComparer.Ordinal))
        {
            switch (launchTemplates.For(request, arch))
            {
                case LaunchTemplateAnswer.Wrong wrong:
                    failure ??= new LaunchOutcome.Failed(wrong.Code, wrong.Message, IsCapacity: false);
                    break;
                case LaunchTemplateAnswer.Found found:
                    templates.Add(arch, new FleetTemplate
                    {
                        Name = found.Name,
                        ImageId = found.ImageId,
                        UserData = found.UserData,
                        SecurityGroupIds = found.SecurityGroupIds,
                    });
                    break;
            }
        }

        return templates.Count == 0 ? failure! : Buy(request, offers.RemoveAll(offer => !templates.ContainsKey(offer.Shape.Type.Arch)), subnetOf, templates);
    }

    private LaunchOutcome Buy(LaunchRequest request, ImmutableArray<LaunchOffer> offers, Dictionary<string, string> subnetOf, Dictionary<string, FleetTemplate> templates)
    {
        var capacityType = offers[0].Offering.CapacityType;
        metrics.Asked("create_fleet");
        var answer = ec2.CreateFleet(new FleetRequest
        {
            CapacityType = capacityType,
            Overrides =
            [
                .. offers.Select(offer => new FleetOverride(offer.Shape.Type, offer.Offering.Zone, subnetOf[offer.Offering.Zone]) { Template = templates[offer.Shape.Type.Arch] }),
            ],
            Tags = launchTemplates.TagsFor(request),
        });
        foreach (var error in answer.Errors)
        {
            metrics.LaunchFailures.Increment(error.Override.Zone, ZoneIds.Of(error.Override.Zone), capacityType, error.Code);
        }

        memory.MarkUnavailable(answer.Errors.Where(error => FleetRefusal.IsCapacity(error.Code))
            .Select(error => new UnavailableOffering(capacityType, error.Override.Type.Name, error.Override.Zone)));
        if (answer.Errors.Any(error => error.Code == FleetRefusal.NoSpotRole))
        {
            memory.MarkUnavailable([UnavailableOffering.AllOf(FleetChoice.Spot)]);
        }

        if (answer.Launched is { } instance)
        {
            return new LaunchOutcome.Launched(instance, offers.First(offer => offer.Shape.Name == instance.TypeName).Shape, offers) { ImageId = instance.ImageId };
        }

        return answer.Failure is { } whole ? new LaunchOutcome.Failed(whole.Code, whole.Message, FleetRefusal.IsCapacity(whole.Code)) : Failure(answer);
    }

    public void WillRegister(string providerId, TreeMap node) => ec2.WillRegister(InstanceIdOf(providerId), node);

    public IEnumerable<(Instance Machine, string Claim)> Owned() => ec2.WithTag(ClaimTag);

    public bool Exists(string providerId)
    {
        metrics.Asked("describe_instances");
        return ec2.Find(InstanceIdOf(providerId)) is { Exists: true };
    }

    public AwsFailure? Terminate(string providerId)
    {
        metrics.Asked("terminate_instances");
        var failure = ec2.Terminate(InstanceIdOf(providerId));
        if (failure is not null)
        {
            var zone = ec2.Find(InstanceIdOf(providerId))?.Zone;
            metrics.TerminationFailures.Increment(zone ?? "", zone is null ? "" : ZoneIds.Of(zone));
        }

        return failure;
    }

    /// <summary>What a pool's nodes could be, whether or not there is capacity; null when the class finds no subnet.</summary>
    private ShapeTable? EverySold(Pool pool, NodeClass nodeClass)
    {
        var zones = resources.Subnets(nodeClass).Select(subnet => subnet.Zone).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        var kubelet = nodeClass.KubeletFor(pool) with
        {
            EniLimitedPodDensity = settings.Current.EniLimitedPodDensity,
            VmMemoryOverheadPermille = settings.Current.VmMemoryOverheadPermille,
        };
        return zones.Count == 0 ? null : ShapeTables.Of(ec2.Catalogue, zones, kubelet, pool.Generation);
    }

    private static string InstanceIdOf(string providerId) => providerId[(providerId.LastIndexOf('/') + 1)..];

    /// <summary>Each code is told once, with the text of the cheapest offer that met it.</summary>
    private static LaunchOutcome.Failed Failure(FleetAnswer answer)
    {
        var told = answer.Errors.DistinctBy(error => error.Code, StringComparer.Ordinal).ToList();
        return new LaunchOutcome.Failed(
            told.FirstOrDefault()?.Code ?? "InsufficientInstanceCapacity",
            $"with fleet error(s), {string.Join("; ", told.Select(error => $"{error.Code}: {error.Refusal.Message}"))}",
            told.TrueForAll(error => FleetRefusal.IsCapacity(error.Code) || error.Code == FleetRefusal.NoSpotRole));
    }
}
