using System.Collections.Immutable;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Simulation;
using Sparkwright.World.Ec2;
using Sparkwright.World.Karpenter.InstanceTypes;
using Sparkwright.World.Karpenter.Solver;

namespace Sparkwright.World.Karpenter.Provisioning;

/// <summary>Karpenter's view of AWS: which types a node template can run, and how a planned node is bought.</summary>
public sealed class AwsCloud(Ec2Cloud ec2, Clock clock, string clusterName, string? defaultInstanceProfile)
{
    /// <summary>How long an offering that had no capacity is left alone.</summary>
    private static readonly TimeSpan UnavailableFor = TimeSpan.FromMinutes(3);

    /// <summary>AWS passes at most this many types to CreateFleet.</summary>
    private const int MostTypes = 60;

    private static readonly ImmutableHashSet<string> CapacityCodes =
    [
        "InsufficientInstanceCapacity", "MaxSpotInstanceCountExceeded", "VcpuLimitExceeded", "UnfulfillableCapacity", "Unsupported", "InsufficientFreeAddressesInSubnet",
    ];

    private readonly Dictionary<(string CapacityType, string Type, string Zone), DateTime> unavailable = [];
    private readonly Dictionary<(string Zones, KubeletSettings Kubelet, Generation Generation), ImmutableArray<SolverType>> types = [];
    private DateTime typesGoodUntil = DateTime.MaxValue;

    /// <summary>The types that a node template's subnets can hold, with their offerings as they are now.</summary>
    public ImmutableArray<SolverType> Types(TreeMap template, KubeletSettings kubelet, Generation generation)
    {
        var zones = ec2.DescribeSubnets(template["subnetSelector"] as TreeMap ?? TreeMap.Empty).Select(subnet => subnet.Zone).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        if (clock.Now >= typesGoodUntil)
        {
            // An offering has come back.
            types.Clear();
            typesGoodUntil = unavailable.Values.Where(until => until > clock.Now).DefaultIfEmpty(DateTime.MaxValue).Min();
        }

        var key = (string.Join(',', zones), kubelet, generation);
        if (!types.TryGetValue(key, out var known))
        {
            types.Add(key, known = Build(zones, kubelet, generation));
        }

        return known;
    }

    private ImmutableArray<SolverType> Build(List<string> zones, KubeletSettings kubelet, Generation generation)
    {
        var built = ImmutableArray.CreateBuilder<SolverType>();
        foreach (var type in ec2.Catalogue.Types)
        {
            var capacity = NodeResources.Capacity(type, kubelet, generation);
            var offerings = ImmutableArray.CreateBuilder<Offering>();
            foreach (var zone in zones.Where(zone => ec2.Catalogue.IsOffered(type, zone)))
            {
                foreach (var capacityType in new[] { "on-demand", "spot" })
                {
                    if (ec2.Catalogue.Usd(type, capacityType) is { } usd)
                    {
                        offerings.Add(new Offering(zone, capacityType, usd, !IsUnavailable(capacityType, type.Name, zone)));
                    }
                }
            }

            built.Add(new SolverType(type, TypeLabels.Of(type, capacity.Pods, generation), capacity, NodeResources.Allocatable(type, kubelet, generation), offerings.ToImmutable()));
        }

        return built.ToImmutable();
    }

    /// <summary>Buys the planned node.</summary>
    public LaunchOutcome Launch(PlannedClaim claim, TreeMap template, string poolName, TreeMap bootstrap)
    {
        var capacityType = CapacityTypeOf(claim);
        if (capacityType is null)
        {
            return new LaunchOutcome.Failed("InsufficientInstanceCapacity", "all requested instance types were unavailable during launch");
        }

        var candidates = Candidates(claim, capacityType);
        var subnets = ec2.DescribeSubnets(template["subnetSelector"] as TreeMap ?? TreeMap.Empty);
        if (subnets.IsEmpty)
        {
            return new LaunchOutcome.Failed("SubnetsNotFound", "no subnets matched the selector");
        }

        // Of several subnets in a zone the one with the most free addresses is taken.
        var subnetOf = subnets.GroupBy(subnet => subnet.Zone, StringComparer.Ordinal)
            .ToDictionary(zone => zone.Key, zone => zone.OrderByDescending(subnet => subnet.FreeAddresses).ThenBy(subnet => subnet.Id, StringComparer.Ordinal).First().Id, StringComparer.Ordinal);
        if (LaunchTemplateFor(template, candidates[0].Type.Type, poolName, bootstrap) is not { Error: null } launch)
        {
            return new LaunchOutcome.Failed("LaunchTemplateError", LaunchTemplateFor(template, candidates[0].Type.Type, poolName, bootstrap).Error!);
        }

        var answer = ec2.CreateFleet(new FleetRequest
        {
            CapacityType = capacityType,
            Overrides = [.. candidates.Where(candidate => subnetOf.ContainsKey(candidate.Offering.Zone)).Select(candidate => new FleetOverride(candidate.Type.Type, candidate.Offering.Zone, subnetOf[candidate.Offering.Zone]))],
            SecurityGroupIds = launch.SecurityGroupIds,
            ImageId = launch.ImageId,
            LaunchTemplate = launch.Name,
            UserData = launch.UserData,
            Tags = TagsFor(template, poolName),
        });
        foreach (var error in answer.Errors.Where(error => CapacityCodes.Contains(error.Code)))
        {
            unavailable[(capacityType, error.Override.Type.Name, error.Override.Zone)] = clock.Now + UnavailableFor;
            typesGoodUntil = clock.Now;
        }

        if (answer.Launched is not { } instance)
        {
            var code = answer.Errors.IsEmpty ? "InsufficientInstanceCapacity" : answer.Errors[0].Code;
            return new LaunchOutcome.Failed(code, $"with fleet error(s), {string.Join(", ", answer.Errors.Select(error => error.Code).Distinct(StringComparer.Ordinal))}");
        }

        return new LaunchOutcome.Launched(instance, [.. candidates.Take(10)], claim.Types.Length);
    }

    /// <summary>Ends the instance of a node that is going.</summary>
    public void Terminate(string instanceId) => ec2.Terminate(instanceId);

    private bool IsUnavailable(string capacityType, string type, string zone) =>
        unavailable.TryGetValue((capacityType, type, zone), out var until) && until > clock.Now;

    /// <summary>Spot before on-demand, as far as the requirements allow and an offering is there.</summary>
    private static string? CapacityTypeOf(PlannedClaim claim)
    {
        foreach (var capacityType in new[] { "spot", "on-demand" })
        {
            if (claim.Types.Any(type => type.OfferingsFor(claim.Requirements).Any(offering => offering.CapacityType == capacityType)))
            {
                return capacityType;
            }
        }

        return null;
    }

    /// <summary>The offers that go into the fleet request, cheapest first.</summary>
    private static ImmutableArray<LaunchOffer> Candidates(PlannedClaim claim, string capacityType)
    {
        var offers = claim.Types
            .SelectMany(type => type.OfferingsFor(claim.Requirements).Where(offering => offering.CapacityType == capacityType).Select(offering => new LaunchOffer(type, offering)))
            .ToList();

        // Unusual machines only when nothing else is left.
        if (offers.Exists(offer => !IsExotic(offer.Type.Type)))
        {
            offers.RemoveAll(offer => IsExotic(offer.Type.Type));
        }

        // Spot that costs more than the cheapest on-demand machine is no bargain.
        if (capacityType == "spot")
        {
            var onDemand = claim.Types.SelectMany(type => type.OfferingsFor(claim.Requirements)).Where(offering => offering.CapacityType == "on-demand").Select(offering => offering.UsdPerHour).DefaultIfEmpty(decimal.MaxValue).Min();
            if (offers.Exists(offer => offer.Offering.UsdPerHour <= onDemand))
            {
                offers.RemoveAll(offer => offer.Offering.UsdPerHour > onDemand);
            }
        }

        var cheapest = offers.GroupBy(offer => offer.Type.Type.Name, StringComparer.Ordinal)
            .OrderBy(type => type.Min(offer => offer.Offering.UsdPerHour))
            .ThenBy(type => type.Key, StringComparer.Ordinal)
            .Take(MostTypes)
            .Select(type => type.Key)
            .ToHashSet(StringComparer.Ordinal);
        return
        [
            .. offers.Where(offer => cheapest.Contains(offer.Type.Type.Name))
                .OrderBy(offer => offer.Offering.UsdPerHour)
                .ThenBy(offer => offer.Type.Type.Name, StringComparer.Ordinal)
                .ThenBy(offer => offer.Offering.Zone, StringComparer.Ordinal),
        ];
    }

    private static bool IsExotic(InstanceType type) => type.BareMetal || type.GpuCount > 0 || type.AcceleratorCount > 0;

    private LaunchTemplateChoice LaunchTemplateFor(TreeMap template, InstanceType type, string poolName, TreeMap bootstrap)
    {
        if (template["launchTemplate"]?.Text is { } name)
        {
            return ec2.LaunchTemplate(name) is { } given
                ? new LaunchTemplateChoice(name, given.Spec["imageId"]?.Text, given.Spec["userData"]?.Text, [.. Tree.ItemsOf(given.Spec["securityGroupIds"]).ToArray().Select(id => id.Text ?? "")], null)
                : LaunchTemplateChoice.Wrong($"launch template {name} not found");
        }

        var groups = ec2.DescribeSecurityGroups(template["securityGroupSelector"] as TreeMap ?? TreeMap.Empty);
        if (groups.IsEmpty)
        {
            return LaunchTemplateChoice.Wrong("no security groups exist given constraints");
        }

        var profile = template["instanceProfile"]?.Text ?? defaultInstanceProfile;
        if (profile is null)
        {
            return LaunchTemplateChoice.Wrong("neither spec.instanceProfile nor the setting aws.defaultInstanceProfile is given");
        }

        if (!ec2.HasInstanceProfile(profile))
        {
            return LaunchTemplateChoice.Wrong($"instance profile {profile} not found");
        }

        var family = template["amiFamily"]?.Text ?? "AL2";
        var image = template["amiSelector"] is TreeMap selector
            ? ec2.DescribeImages(selector).FirstOrDefault(candidate => candidate.Spec["arch"]?.Text == type.Arch)?.Name
            : ec2.ImageOf(family, type.Arch);
        if (image is null)
        {
            return LaunchTemplateChoice.Wrong($"no image of family {family} for {type.Arch}");
        }

        var userData = UserDataMerge.Of(family, template["userData"]?.Text, clusterName, bootstrap);
        var content = TreeMap.Of(
            ("blockDeviceMappings", template["blockDeviceMappings"]),
            ("imageId", image),
            ("instanceProfile", profile),
            ("metadataOptions", Metadata(template["metadataOptions"] as TreeMap ?? TreeMap.Empty)),
            ("securityGroupIds", TreeList.OfTexts(groups)),
            ("userData", userData));
        var hash = StableHash.Mix(StableHash.Of(content.ToString()));
        var launchTemplate = $"Karpenter-{clusterName}-{hash % 10_000_000_000_000_000_000UL}";
        ec2.EnsureLaunchTemplate(launchTemplate, content, TagsFor(template, poolName));
        return new LaunchTemplateChoice(launchTemplate, image, userData, groups, null);
    }

    private static TreeMap Metadata(TreeMap given) => TreeMap.Of(
        ("httpEndpoint", "enabled"), ("httpProtocolIPv6", "disabled"), ("httpPutResponseHopLimit", 2), ("httpTokens", "required")).Merge(given);

    private TreeMap TagsFor(TreeMap template, string poolName) => TreeMap.Of(
        ("Name", $"{KarpenterLabels.ProvisionerName}/{poolName}"),
        (KarpenterLabels.ProvisionerName, poolName),
        ($"kubernetes.io/cluster/{clusterName}", "owned")).Merge(template["tags"] as TreeMap ?? TreeMap.Empty);

    private sealed record LaunchTemplateChoice(string Name, string? ImageId, string? UserData, ImmutableArray<string> SecurityGroupIds, string? Error)
    {
        public static LaunchTemplateChoice Wrong(string error) => new("", null, null, [], error);
    }
}

/// <summary>One offer that a launch considered.</summary>
public sealed record LaunchOffer(SolverType Type, Offering Offering);

/// <summary>What came of a launch.</summary>
public abstract record LaunchOutcome
{
    private LaunchOutcome()
    {
    }

    /// <param name="Offers">The cheapest offers, the one bought among the first.</param>
    /// <param name="TypesLeft">How many types could have carried the pods.</param>
    public sealed record Launched(Instance Instance, ImmutableArray<LaunchOffer> Offers, int TypesLeft) : LaunchOutcome;

    /// <param name="Code">The AWS error code.</param>
    public sealed record Failed(string Code, string Message) : LaunchOutcome;
}
