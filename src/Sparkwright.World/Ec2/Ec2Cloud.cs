using System.Collections.Immutable;
using System.Globalization;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Store;

namespace Sparkwright.World.Ec2;

/// <summary>The calls of EC2 that Karpenter and managed node groups make; every resource is an object in the store.</summary>
public sealed class Ec2Cloud
{
    private readonly ApiServer api;
    private readonly ModelFigures figures;
    private readonly StoreIndex aliveBySubnet;

    public Ec2Cloud(ApiServer api, Ec2Catalogue catalogue, ModelFigures figures)
    {
        this.api = api;
        this.figures = figures;
        Catalogue = catalogue;
        aliveBySubnet = api.Store.Index(Ec2Types.Instance, "alive-by-subnet", known => Instance.Of(known) is { IsAlive: true } alive ? alive.SubnetId : null);
    }

    public Ec2Catalogue Catalogue { get; }

    /// <summary>Subnets whose tags match, by id.</summary>
    public ImmutableArray<SubnetInfo> DescribeSubnets(TreeMap selector) =>
    [
        .. Matching(Ec2Types.Subnet, selector).Select(subnet => new SubnetInfo(subnet.Name, subnet.Spec["zone"]!.Text!, CidrOf(subnet), FreeAddresses(subnet))),
    ];

    public ImmutableArray<string> DescribeSecurityGroups(TreeMap selector) => [.. Matching(Ec2Types.SecurityGroup, selector).Select(group => group.Name)];

    public ImmutableArray<ApiObject> DescribeImages(TreeMap selector) => [.. Matching(Ec2Types.Image, selector)];

    /// <summary>The newest image of a family (AL2, AL2023, Bottlerocket, Ubuntu) for an architecture.</summary>
    public string? ImageOf(string family, string arch) =>
        api.Store.List(Ec2Types.Image).FirstOrDefault(image => image.Spec["family"]?.Text == family && image.Spec["arch"]?.Text == arch)?.Name;

    public ApiObject? LaunchTemplate(string name) => api.Store.Get(Ec2Types.LaunchTemplate, "", name);

    public bool HasInstanceProfile(string name) => api.Store.Get(Ec2Types.InstanceProfile, "", name) is not null;

    /// <summary>Makes sure that a launch template of this name and content is there.</summary>
    public void EnsureLaunchTemplate(string name, TreeMap content, TreeMap tags)
    {
        if (LaunchTemplate(name) is null)
        {
            api.Create(Ec2Types.Make(Ec2Types.LaunchTemplate, name, content, tags));
        }
    }

    /// <summary>
    /// Launches one instance: the cheapest of the overrides that can be had, ties by type name and then zone. What could not be had is
    /// answered with EC2's error codes.
    /// </summary>
    public FleetAnswer CreateFleet(FleetRequest request)
    {
        var errors = ImmutableArray.CreateBuilder<FleetError>();
        var ordered = request.Overrides
            .Select(wanted => (wanted, usd: Catalogue.Usd(wanted.Type, request.CapacityType)))
            .Where(offer => offer.usd is not null)
            .OrderBy(offer => offer.usd)
            .ThenBy(offer => offer.wanted.Type.Name, StringComparer.Ordinal)
            .ThenBy(offer => offer.wanted.Zone, StringComparer.Ordinal);
        foreach (var (wanted, usd) in ordered)
        {
            if (Refusal(wanted) is { } code)
            {
                errors.Add(new FleetError(wanted, code));
                continue;
            }

            return new FleetAnswer(Instance.Of(Launch(request, wanted, usd!.Value)), errors.ToImmutable());
        }

        return new FleetAnswer(null, errors.ToImmutable());
    }

    /// <summary>Ends an instance; billing stops at once, and so, modelled, does the machine.</summary>
    public void Terminate(string instanceId) => api.ModifyStatus(Ec2Types.Instance, new ObjectKey("", instanceId), status =>
        status["state"]?.Text == "terminated"
            ? status
            : status.With("state", "terminated").With("terminatedTicks", api.Clock.Now.Ticks));

    public Instance? Find(string instanceId) => api.Store.Get(Ec2Types.Instance, "", instanceId) is { } known ? Instance.Of(known) : null;

    private string? Refusal(FleetOverride wanted)
    {
        if (api.Store.Get(Ec2Types.Subnet, "", wanted.SubnetId) is not { } subnet)
        {
            return "InvalidSubnetID.NotFound";
        }

        if (!Catalogue.IsOffered(wanted.Type, wanted.Zone))
        {
            return "Unsupported";
        }

        return FreeAddresses(subnet) == 0 ? "InsufficientFreeAddressesInSubnet" : null;
    }

    private ApiObject Launch(FleetRequest request, FleetOverride wanted, decimal usd)
    {
        var ordinal = api.Store.Count(Ec2Types.Instance);
        var id = "i-" + api.Chance.For("ec2/instance", ordinal).Hex(17);
        var subnet = api.Store.Get(Ec2Types.Subnet, "", wanted.SubnetId)!;
        var address = FirstFree(subnet);
        var ready = figures.NodeReady.Draw(api.Chance, "ec2/boot", id, ordinal);
        var spec = TreeMap.Of(
            ("instanceType", wanted.Type.Name),
            ("zone", wanted.Zone),
            ("capacityType", request.CapacityType),
            ("subnetId", wanted.SubnetId),
            ("securityGroupIds", TreeList.OfTexts(request.SecurityGroupIds)),
            ("imageId", request.ImageId),
            ("launchTemplate", request.LaunchTemplate),
            ("userData", request.UserData),
            ("nodeTemplate", request.NodeTemplate),
            ("privateIp", Cidr.Print(address)),
            ("privateDnsName", $"ip-{Cidr.Print(address).Replace('.', '-')}.{Catalogue.Region}.compute.internal"),
            ("usdPerHour", usd.ToString(CultureInfo.InvariantCulture)),
            ("launchedTicks", api.Clock.Now.Ticks),
            ("readyTicks", (api.Clock.Now + ready).Ticks));
        return api.Create(Ec2Types.Make(Ec2Types.Instance, id, spec, request.Tags).WithStatus(TreeMap.Of(("state", "pending")))).Object!;
    }

    private IEnumerable<ApiObject> Matching(ResourceType type, TreeMap selector) =>
        api.Store.List(type).Where(known => Ec2Types.Matches(known.Spec["tags"] as TreeMap ?? TreeMap.Empty, selector, known.Name));

    private static Cidr CidrOf(ApiObject subnet) => Cidr.TryParse(subnet.Spec["cidr"]?.Text ?? "", out var cidr) ? cidr : default;

    /// <summary>An instance takes one address here (modelled: the VPC CNI of a real one takes more, for its pods).</summary>
    private long FreeAddresses(ApiObject subnet) => CidrOf(subnet).Size - Cidr.ReservedBySubnet - aliveBySubnet.CountOf(subnet.Name);

    private uint FirstFree(ApiObject subnet)
    {
        var taken = aliveBySubnet.Of(subnet.Name).Select(known => Instance.Of(known).PrivateIp).ToHashSet(StringComparer.Ordinal);
        var offset = 4L;
        while (taken.Contains(Cidr.Print(CidrOf(subnet).At(offset))))
        {
            offset++;
        }

        return CidrOf(subnet).At(offset);
    }
}

/// <summary>A subnet as DescribeSubnets shows it.</summary>
public sealed record SubnetInfo(string Id, string Zone, Cidr Cidr, long FreeAddresses);

/// <summary>One way in which a fleet request may be met.</summary>
public sealed record FleetOverride(InstanceType Type, string Zone, string SubnetId);

/// <summary>A CreateFleet call of type instant for one instance.</summary>
public sealed record FleetRequest
{
    /// <summary>spot or on-demand.</summary>
    public required string CapacityType { get; init; }

    public required ImmutableArray<FleetOverride> Overrides { get; init; }

    public ImmutableArray<string> SecurityGroupIds { get; init; } = [];

    public string? ImageId { get; init; }

    public string? LaunchTemplate { get; init; }

    public string? UserData { get; init; }

    public TreeMap Tags { get; init; } = TreeMap.Empty;

    /// <summary>What the instance's kubelet registers with, where no one creates the Node beforehand.</summary>
    public TreeMap? NodeTemplate { get; init; }
}

/// <param name="Launched">Null when nothing could be had.</param>
/// <param name="Errors">The overrides that were tried before, with EC2's codes.</param>
public sealed record FleetAnswer(Instance? Launched, ImmutableArray<FleetError> Errors);

/// <param name="Code">EC2's error code: InsufficientInstanceCapacity, InsufficientFreeAddressesInSubnet …</param>
public sealed record FleetError(FleetOverride Override, string Code);
