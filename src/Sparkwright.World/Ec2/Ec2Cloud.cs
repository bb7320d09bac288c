using System.Collections.Immutable;
using System.Globalization;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.World.Aws;

namespace Sparkwright.World.Ec2;

/// <summary>The calls of EC2 that Karpenter and managed node groups make; every resource is an object in the store.</summary>
public sealed class Ec2Cloud
{
    private const string LaunchCallsName = "made";

    private readonly ApiServer api;
    private readonly ModelFigures figures;
    private readonly SubnetAddresses addresses;
    private readonly CallFailures failures;
    private readonly ScarcePools pools;

    public Ec2Cloud(ApiServer api, Ec2Catalogue catalogue, ModelFigures figures)
    {
        this.api = api;
        this.figures = figures;
        Catalogue = catalogue;
        addresses = new SubnetAddresses(api.Store);
        failures = new CallFailures(api);
        pools = new ScarcePools(figures, api.Chance);
    }

    public Ec2Catalogue Catalogue { get; }

    /// <summary>
    /// Makes a call that answers nothing but whether it goes through. Descriptions are read many times where Karpenter would look into its
    /// cache; whoever means the real call asks here first.
    /// </summary>
    public AwsFailure? Call(string name) => failures.Next(name);

    /// <summary>Subnets whose tags match, by id.</summary>
    public ImmutableArray<SubnetInfo> DescribeSubnets(TreeMap selector) =>
    [
        .. Matching(Ec2Types.Subnet, selector).Select(Read),
    ];

    /// <summary>Subnets that fulfil a condition, by id.</summary>
    public ImmutableArray<SubnetInfo> DescribeSubnets(Func<ApiObject, bool> isMeant) => [.. Find(Ec2Types.Subnet, isMeant).Select(Read)];

    /// <summary>Resources of one kind that fulfil a condition, by id.</summary>
    public IEnumerable<ApiObject> Find(ResourceType type, Func<ApiObject, bool> isMeant) => api.Store.List(type).Where(isMeant);

    public SubnetInfo? Subnet(string id) => api.Store.Get(Ec2Types.Subnet, "", id) is { } known ? Read(known) : null;

    public ImmutableArray<string> DescribeSecurityGroups(TreeMap selector) => [.. Matching(Ec2Types.SecurityGroup, selector).Select(group => group.Name)];

    public ImmutableArray<ApiObject> DescribeImages(TreeMap selector) => [.. Matching(Ec2Types.Image, selector)];

    /// <summary>The newest image of a family (AL2, AL2023, Bottlerocket, Ubuntu) for an architecture.</summary>
    public string? ImageOf(string family, string arch) =>
        api.Store.List(Ec2Types.Image).FirstOrDefault(image => image.Spec["family"]?.Text == family && image.Spec["arch"]?.Text == arch)?.Name;

    public ApiObject? LaunchTemplate(string name) => api.Store.Get(Ec2Types.LaunchTemplate, "", name);

    public bool HasInstanceProfile(string name) => api.Store.Get(Ec2Types.InstanceProfile, "", name) is not null;

    /// <summary>Makes sure that there is an instance profile of this name, with this role.</summary>
    public void EnsureInstanceProfile(string name, string role)
    {
        if (!HasInstanceProfile(name))
        {
            api.Create(Ec2Types.Make(Ec2Types.InstanceProfile, name, TreeMap.Of(("role", role)), TreeMap.Empty));
        }
        else
        {
            api.Modify(Ec2Types.InstanceProfile, new ObjectKey("", name), known => known.Set(["spec", "role"], role));
        }
    }

    public void DeleteInstanceProfile(string name) => api.Delete(Ec2Types.InstanceProfile, new ObjectKey("", name));

    /// <summary>Makes sure that a launch template of this name and content is there; answers why it cannot be made.</summary>
    public AwsFailure? EnsureLaunchTemplate(string name, TreeMap content, TreeMap tags)
    {
        if (LaunchTemplate(name) is not null)
        {
            return null;
        }

        if (Call("CreateLaunchTemplate") is { } failure)
        {
            return failure;
        }

        api.Create(Ec2Types.Make(Ec2Types.LaunchTemplate, name, content, tags));
        return null;
    }

    /// <summary>Launches one instance as <see cref="FleetDecision"/> says.</summary>
    public FleetAnswer CreateFleet(FleetRequest request) => (Call("CreateFleet") ?? Mishap()) is { } failure ? Failed(request, failure) : Bought(request);

    /// <summary>Launches one instance, as the Auto Scaling group of a managed node group does.</summary>
    public FleetAnswer RunInstances(FleetRequest request) => (Call("RunInstances") ?? Mishap()) is { } failure ? Failed(request, failure) : Bought(request);

    /// <summary>What goes wrong with a launch of EC2's own accord (modelled), drawn anew for each call; the store counts them, so that a restart repeats none.</summary>
    private AwsFailure? Mishap()
    {
        if (figures.LaunchFailurePercent == 0)
        {
            return null;
        }

        var made = api.Store.Get(Ec2Types.LaunchCalls, "", LaunchCallsName) is { } known ? known.Spec["made"]!.Integer!.Value : 0;
        if (made == 0)
        {
            api.Create(new ApiObject(Ec2Types.LaunchCalls, new ObjectMeta { Name = LaunchCallsName }, TreeMap.Of(("spec", TreeMap.Of(("made", 1))))));
        }
        else
        {
            api.Modify(Ec2Types.LaunchCalls, new ObjectKey("", LaunchCallsName), counted => counted.Set(["spec", "made"], made + 1));
        }

        return api.Chance.For("ec2/launch-failure", made).Below(100) < figures.LaunchFailurePercent ? AwsFailure.Usual("InternalError") : null;
    }

    /// <summary>EC2 tells of a lack of capacity for each override, and of everything else as the failure of the call.</summary>
    private static FleetAnswer Failed(FleetRequest request, AwsFailure failure) => FleetRefusal.IsCapacity(failure.Code) || failure.Code == FleetRefusal.NoSpotRole
        ? new FleetAnswer(null, [.. request.Overrides.Select(wanted => new FleetError(wanted, new FleetRefusal.Other(failure)))])
        : new FleetAnswer(null, []) { Failure = failure };

    private FleetAnswer Bought(FleetRequest request)
    {
        var plan = FleetDecision.Decide(request, Catalogue, Subnet, CapacityLimits.Of(api.Store, pools));
        return new FleetAnswer(plan.Choice is { } choice ? Instance.Of(Launch(request, choice.Override, choice.UsdPerHour)) : null, plan.Refused);
    }

    /// <summary>
    /// Ends an instance; billing stops at once, and so, modelled, does the machine (a real one shuts down for some seconds first). Answers why
    /// it cannot be ended now.
    /// </summary>
    public AwsFailure? Terminate(string instanceId)
    {
        if (Call("TerminateInstances") is { } failure)
        {
            return failure;
        }

        api.ModifyStatus(Ec2Types.Instance, new ObjectKey("", instanceId), status => Instance.Ended(status, api.Clock.Now));
        return null;
    }

    /// <summary>Settles what the kubelet of an instance will register when it comes up.</summary>
    public void WillRegister(string instanceId, TreeMap node) =>
        api.Modify(Ec2Types.Instance, new ObjectKey("", instanceId), known => known.Set(["spec", "nodeTemplate"], node));

    /// <summary>Instances that are still there, stopped ones too, and carry a tag, with its value, by id.</summary>
    public IEnumerable<(Instance Machine, string Value)> WithTag(string tag) => api.Store.List(Ec2Types.Instance)
        .Select(known => (Machine: Instance.Of(known), Value: known.Spec.At("tags", tag)?.Text ?? ""))
        .Where(known => known.Value.Length > 0 && known.Machine.Exists);

    public Instance? Find(string instanceId) => api.Store.Get(Ec2Types.Instance, "", instanceId) is { } known ? Instance.Of(known) : null;

    /// <summary>The oldest region has a domain of its own.</summary>
    private string PrivateDomain => Catalogue.Region == "us-east-1" ? "ec2.internal" : $"{Catalogue.Region}.compute.internal";

    private ApiObject Launch(FleetRequest request, FleetOverride wanted, decimal usd)
    {
        var ordinal = api.Store.Count(Ec2Types.Instance);
        var id = "i-0" + api.Chance.For("ec2/instance", ordinal).Hex(16);
        var address = addresses.Pick(wanted.SubnetId, Subnet(wanted.SubnetId)!.Cidr, api.Chance.For("ec2/address", id));
        var ready = figures.NodeReady.Draw(api.Chance, "ec2/boot", id, ordinal);
        var spec = TreeMap.Of(
            ("instanceType", wanted.Type.Name),
            ("zone", wanted.Zone),
            ("capacityType", request.CapacityType),
            ("subnetId", wanted.SubnetId),
            ("securityGroupIds", TreeList.OfTexts(wanted.Template.SecurityGroupIds)),
            ("imageId", wanted.Template.ImageId),
            ("launchTemplate", wanted.Template.Name),
            ("userData", wanted.Template.UserData),
            ("nodeTemplate", request.NodeTemplate),
            ("privateIp", Cidr.Print(address)),
            ("privateDnsName", $"ip-{Cidr.Print(address).Replace('.', '-')}.{PrivateDomain}"),
            ("usdPerHour", usd.ToString(CultureInfo.InvariantCulture)),
            ("launchedTicks", api.Clock.Now.Ticks),
            ("readyTicks", (api.Clock.Now + ready).Ticks));
        return api.Create(Ec2Types.Make(Ec2Types.Instance, id, spec, request.Tags).WithStatus(TreeMap.Of(("state", "pending")))).Object!;
    }

    private IEnumerable<ApiObject> Matching(ResourceType type, TreeMap selector) =>
        api.Store.List(type).Where(known => TagSelector.Matches(selector, known.Spec["tags"] as TreeMap ?? TreeMap.Empty, known.Name));

    private SubnetInfo Read(ApiObject subnet)
    {
        var cidr = Cidr.TryParse(subnet.Spec["cidr"]?.Text ?? "", out var given) ? given : default;
        return new SubnetInfo(subnet.Name, subnet.Spec["zone"]!.Text!, cidr, addresses.Free(subnet.Name, cidr));
    }
}
