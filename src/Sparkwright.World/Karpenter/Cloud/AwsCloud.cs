using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Aws;
using Sparkwright.World.Ec2;
using Sparkwright.World.Karpenter.Apis;
using Sparkwright.World.Karpenter.InstanceTypes;

namespace Sparkwright.World.Karpenter.Cloud;

/// <summary>Karpenter's view of AWS: which types a node template can run, and how a planned node is bought.</summary>
public sealed class AwsCloud(Ec2Cloud ec2, KarpenterMemory memory, LiveSettings settings) : ICloudProvider
{
    /// <summary>The tag with the name of the NodeClaim that an instance was bought for.</summary>
    public const string ClaimTag = "karpenter.sh/nodeclaim";

    private readonly ShapeTables tables = new(ec2.Catalogue);
    private readonly ClassResources resources = new(ec2);
    private readonly LaunchTemplates launchTemplates = new(ec2, new ClassResources(ec2), settings);

    public ShapeTable? ShapesFor(Pool pool, NodeClass nodeClass)
    {
        var zones = resources.Subnets(nodeClass).Select(subnet => subnet.Zone).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        var kubelet = nodeClass.KubeletFor(pool) with
        {
            EniLimitedPodDensity = settings.Current.EniLimitedPodDensity,
            VmMemoryOverheadPermille = settings.Current.VmMemoryOverheadPermille,
        };
        return zones.Count == 0 ? null : tables.Of(zones, kubelet, pool.Generation).Without(memory.Unavailable());
    }

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

        // Each architecture has an image, and so a launch template, of its own; the cheapest offer's goes first.
        LaunchOutcome.Failed? failure = null;
        foreach (var group in offers.GroupBy(offer => offer.Shape.Type.Arch, StringComparer.Ordinal))
        {
            switch (launchTemplates.For(request, group.Key))
            {
                case LaunchTemplateAnswer.Wrong wrong:
                    failure ??= new LaunchOutcome.Failed(wrong.Code, wrong.Message, IsCapacity: false);
                    break;
                case LaunchTemplateAnswer.Found template:
                    var answer = ec2.CreateFleet(new FleetRequest
                    {
                        CapacityType = group.First().Offering.CapacityType,
                        Overrides = [.. group.Select(offer => new FleetOverride(offer.Shape.Type, offer.Offering.Zone, subnetOf[offer.Offering.Zone]))],
                        SecurityGroupIds = template.SecurityGroupIds,
                        ImageId = template.ImageId,
                        LaunchTemplate = template.Name,
                        UserData = template.UserData,
                        Tags = launchTemplates.TagsFor(request),
                    });
                    memory.MarkUnavailable(answer.Errors.Where(error => FleetRefusal.IsCapacity(error.Code))
                        .Select(error => new UnavailableOffering(group.First().Offering.CapacityType, error.Override.Type.Name, error.Override.Zone)));
                    if (answer.Launched is { } instance)
                    {
                        return new LaunchOutcome.Launched(instance, offers.First(offer => offer.Shape.Name == instance.TypeName).Shape, offers) { ImageId = template.ImageId };
                    }

                    failure ??= answer.Failure is { } whole ? new LaunchOutcome.Failed(whole.Code, whole.Message, FleetRefusal.IsCapacity(whole.Code)) : Failure(answer);
                    break;
            }
        }

        return failure!;
    }

    public void WillRegister(string providerId, TreeMap node) => ec2.WillRegister(InstanceIdOf(providerId), node);

    public IEnumerable<(Instance Machine, string Claim)> Owned() => ec2.WithTag(ClaimTag);

    public bool Exists(string providerId) => ec2.Find(InstanceIdOf(providerId)) is { Exists: true };

    public AwsFailure? Terminate(string providerId) => ec2.Terminate(InstanceIdOf(providerId));

    private static string InstanceIdOf(string providerId) => providerId[(providerId.LastIndexOf('/') + 1)..];

    private static LaunchOutcome.Failed Failure(FleetAnswer answer)
    {
        var codes = answer.Errors.Select(error => error.Code).Distinct(StringComparer.Ordinal).ToList();
        return new LaunchOutcome.Failed(codes.FirstOrDefault() ?? "InsufficientInstanceCapacity", $"with fleet error(s), {string.Join(", ", codes)}", codes.TrueForAll(FleetRefusal.IsCapacity));
    }
}
