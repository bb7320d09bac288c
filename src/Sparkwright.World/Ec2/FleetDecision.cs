using System.Collections.Immutable;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Aws;

namespace Sparkwright.World.Ec2;

/// <summary>
/// Which of the ways to meet a fleet request is taken. Both allocation strategies that Karpenter asks for take the lowest price here: without
/// limits every pool has the same depth, so that price alone decides.
/// </summary>
public static class FleetDecision
{
    /// <summary>The cheapest override that can be had, ties by type name and then zone; those tried before it, each with EC2's reason.</summary>
    public static FleetPlan Decide(FleetRequest request, Ec2Catalogue catalogue, Func<string, SubnetInfo?> subnets, CapacityLimits capacity)
    {
        var refused = ImmutableArray.CreateBuilder<FleetError>();
        var ordered = request.Overrides
            .Select(wanted => (Wanted: wanted, Usd: catalogue.Find(wanted.Type.Name) is null ? null : catalogue.Usd(wanted.Type, request.CapacityType)))
            .OrderBy(offer => offer.Usd ?? decimal.MaxValue)
            .ThenBy(offer => offer.Wanted.Type.Name, StringComparer.Ordinal)
            .ThenBy(offer => offer.Wanted.Zone, StringComparer.Ordinal)
            .ThenBy(offer => offer.Wanted.SubnetId, StringComparer.Ordinal);
        foreach (var (wanted, usd) in ordered)
        {
            if (usd is not { } price)
            {
                refused.Add(new FleetError(wanted, new FleetRefusal.NotSold(wanted.Type.Name, request.CapacityType, catalogue.Region)));
            }
            else if (Refusal(wanted, request.CapacityType, catalogue, subnets(wanted.SubnetId), capacity) is { } refusal)
            {
                refused.Add(new FleetError(wanted, refusal));
            }
            else
            {
                return new FleetPlan(new FleetChoice(wanted, price), refused.ToImmutable());
            }
        }

        return new FleetPlan(null, refused.ToImmutable());
    }

    private static FleetRefusal? Refusal(FleetOverride wanted, string capacityType, Ec2Catalogue catalogue, SubnetInfo? subnet, CapacityLimits capacity)
    {
        if (subnet is null)
        {
            return new FleetRefusal.NoSuchSubnet(wanted.SubnetId);
        }

        if (!catalogue.IsOffered(wanted.Type, wanted.Zone))
        {
            return new FleetRefusal.NotOfferedInZone(wanted.Type.Name, wanted.Zone);
        }

        if (capacity.Left(wanted.Type.Name, wanted.Zone, capacityType) == 0)
        {
            return new FleetRefusal.NoCapacity(wanted.Type.Name, wanted.Zone, capacityType);
        }

        return subnet.FreeAddresses > 0 ? null : new FleetRefusal.NoFreeAddresses(wanted.SubnetId);
    }
}

/// <summary>A subnet as DescribeSubnets shows it.</summary>
public sealed record SubnetInfo(string Id, string Zone, Cidr Cidr, long FreeAddresses);

/// <summary>One way in which a fleet request may be met.</summary>
public sealed record FleetOverride(InstanceType Type, string Zone, string SubnetId)
{
    /// <summary>What an instance is launched with, which differs by architecture.</summary>
    public FleetTemplate Template { get; init; } = FleetTemplate.Bare;
}

/// <summary>A launch template as a fleet request names it.</summary>
public sealed record FleetTemplate
{
    /// <summary>Nothing is said of the instance.</summary>
    public static FleetTemplate Bare { get; } = new();

    public string? Name { get; init; }

    public string? ImageId { get; init; }

    public string? UserData { get; init; }

    public ImmutableArray<string> SecurityGroupIds { get; init; } = [];
}

/// <summary>A CreateFleet call of type instant for one instance.</summary>
public sealed record FleetRequest
{
    /// <summary>spot or on-demand.</summary>
    public required string CapacityType { get; init; }

    public required ImmutableArray<FleetOverride> Overrides { get; init; }

    public TreeMap Tags { get; init; } = TreeMap.Empty;

    /// <summary>What the instance's kubelet registers with, where no one creates the Node beforehand.</summary>
    public TreeMap? NodeTemplate { get; init; }
}

/// <param name="Choice">Null when nothing can be had.</param>
/// <param name="Refused">The overrides that were tried before.</param>
public sealed record FleetPlan(FleetChoice? Choice, ImmutableArray<FleetError> Refused);

public sealed record FleetChoice(FleetOverride Override, decimal UsdPerHour);

/// <param name="Launched">Null when nothing could be had.</param>
/// <param name="Errors">The overrides that were tried before, with EC2's codes.</param>
public sealed record FleetAnswer(Instance? Launched, ImmutableArray<FleetError> Errors)
{
    /// <summary>Why the call failed as a whole; null when it did not.</summary>
    public AwsFailure? Failure { get; init; }
}

/// <summary>An override that could not be had.</summary>
public sealed record FleetError(FleetOverride Override, FleetRefusal Refusal)
{
    /// <summary>EC2's error code: InsufficientInstanceCapacity, InsufficientFreeAddressesInSubnet …</summary>
    public string Code => Refusal.Code;
}

/// <summary>Why EC2 does not launch something, with its error code.</summary>
public abstract record FleetRefusal
{
    private FleetRefusal()
    {
    }

    private static readonly ImmutableHashSet<string> CapacityCodes =
    [
        "InsufficientInstanceCapacity", "MaxSpotInstanceCountExceeded", "VcpuLimitExceeded", "UnfulfillableCapacity", "Unsupported", "InsufficientFreeAddressesInSubnet",
        "MaxFleetCountExceeded", "ReservationCapacityExceeded",
    ];

    public abstract string Code { get; }

    /// <summary>EC2's code for a spot launch in an account that may not have the role which all spot instances need.</summary>
    public const string NoSpotRole = "AuthFailure.ServiceLinkedRoleCreationNotPermitted";

    /// <summary>Whether a code means that EC2 has none of what was asked for, rather than that the request is wrong.</summary>
    public static bool IsCapacity(string code) => CapacityCodes.Contains(code);

    public abstract string Message { get; }

    public sealed record NoCapacity(string Type, string Zone, string CapacityType) : FleetRefusal
    {
        public override string Code => "InsufficientInstanceCapacity";

        public override string Message => CapacityType == "spot"
            ? $"There is no Spot capacity available that matches your request ({Type} in {Zone})."
            : $"We currently do not have sufficient {Type} capacity in the Availability Zone you requested ({Zone}).";
    }

    public sealed record NoFreeAddresses(string SubnetId) : FleetRefusal
    {
        public override string Code => "InsufficientFreeAddressesInSubnet";

        public override string Message => $"There are not enough free addresses in subnet '{SubnetId}' to satisfy the requested number of instances.";
    }

    public sealed record NotOfferedInZone(string Type, string Zone) : FleetRefusal
    {
        public override string Code => "Unsupported";

        public override string Message => $"{Type} is not offered in {Zone}";
    }

    /// <summary>There is no price, so it cannot be bought.</summary>
    public sealed record NotSold(string Type, string CapacityType, string Region) : FleetRefusal
    {
        public override string Code => "Unsupported";

        public override string Message => $"{Type} has no {CapacityType} price in {Region}";
    }

    /// <summary>What a scenario or the settings of EC2 let fail.</summary>
    public sealed record Other(AwsFailure Failure) : FleetRefusal
    {
        public override string Code => Failure.Code;

        public override string Message => Failure.Message;
    }

    public sealed record NoSuchSubnet(string SubnetId) : FleetRefusal
    {
        public override string Code => "InvalidSubnetID.NotFound";

        public override string Message => $"subnet {SubnetId} does not exist";
    }
}
