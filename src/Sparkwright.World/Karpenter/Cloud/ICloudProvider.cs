using System.Collections.Immutable;
using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Aws;
using Sparkwright.World.Ec2;
using Sparkwright.World.Karpenter.Apis;
using Sparkwright.World.Karpenter.InstanceTypes;
using Sparkwright.World.Karpenter.Solver;

namespace Sparkwright.World.Karpenter.Cloud;

/// <summary>All that Karpenter asks of the cloud it buys nodes from.</summary>
public interface ICloudProvider
{
    /// <summary>What the cloud's nodes may suffer from, for the feature gate NodeRepair.</summary>
    ImmutableArray<RepairPolicy> RepairPolicies { get; }

    /// <summary>What nodes of a pool could be, with the offerings that can be had now; null when the class finds no subnet.</summary>
    ShapeTable? ShapesFor(Pool pool, NodeClass nodeClass);

    /// <summary>Why the machine behind a NodeClaim is not what its class asks for any more, as the condition Drifted names it; null when it is.</summary>
    string? DriftOf(NodeClaim claim, Pool pool, NodeClass nodeClass);

    /// <summary>Whether the machine behind a Provisioner's node was booted from an image that its template does not select any more.</summary>
    bool HasOldImage(ApiObject node, NodeClass nodeClass);

    /// <summary>Buys one node.</summary>
    LaunchOutcome Launch(LaunchRequest request);

    /// <summary>Tells what the kubelet of a machine will register: <c>labels</c>, <c>taints</c>, <c>allocatable</c>, <c>capacity</c>.</summary>
    void WillRegister(string providerId, TreeMap node);

    /// <summary>The machines that were bought for NodeClaims and have not ended, with the name of the claim.</summary>
    IEnumerable<(Instance Machine, string Claim)> Owned();

    /// <summary>Whether there is still a machine behind a node, be it a stopped one.</summary>
    bool Exists(string providerId);

    /// <summary>Ends the machine behind a node; answers why it cannot be ended now.</summary>
    AwsFailure? Terminate(string providerId);
}

/// <summary>A node to buy.</summary>
public sealed record LaunchRequest
{
    public required Pool Pool { get; init; }

    public required NodeClass NodeClass { get; init; }

    /// <summary>What may be bought, types by name.</summary>
    public required ImmutableArray<LaunchChoice> Choices { get; init; }

    /// <summary>Whether the requirements have minValues, so that no type may be left out for its price or kind.</summary>
    public bool KeepsVariety { get; init; }

    /// <summary>What its kubelet registers with.</summary>
    public required NodeRegistration Registration { get; init; }

    /// <summary>The NodeClaim's name; null for a Provisioner's node, which has none.</summary>
    public string? ClaimName { get; init; }
}

/// <summary>One type that may be bought, with the offerings that the requirements allow.</summary>
public sealed record LaunchChoice(NodeShape Shape, ImmutableArray<Offering> Offerings)
{
    /// <summary>What a planned node may become.</summary>
    public static ImmutableArray<LaunchChoice> Of(PlannedClaim claim) =>
        [.. claim.Choices().Select(choice => new LaunchChoice(choice.Shape, [.. choice.Offerings]))];

    /// <summary>What a NodeClaim may become: the types that satisfy its requirements now and have room for what it asks for.</summary>
    public static ImmutableArray<LaunchChoice> Of(ShapeTable shapes, Requirements.RequirementSet requirements, ResourceList requests)
    {
        var choices = ImmutableArray.CreateBuilder<LaunchChoice>();
        foreach (var at in shapes.Matching(requirements) & shapes.Offered(requirements))
        {
            if (requests.FitsIn(shapes.Shapes[at].Allocatable))
            {
                choices.Add(new LaunchChoice(shapes.Shapes[at], [.. shapes.OfferingsOf(at, requirements)]));
            }
        }

        return choices.ToImmutable();
    }
}

/// <summary>Labels and taints that a kubelet registers its node with.</summary>
public sealed record NodeRegistration(TreeMap Labels, ImmutableArray<Taint> Taints);

/// <summary>One offer that a launch considered.</summary>
public sealed record LaunchOffer(NodeShape Shape, Offering Offering);

/// <summary>What came of a launch.</summary>
public abstract record LaunchOutcome
{
    private LaunchOutcome()
    {
    }

    /// <param name="Offers">What was asked for, cheapest first; the one bought is among them.</param>
    public sealed record Launched(Instance Instance, NodeShape Shape, ImmutableArray<LaunchOffer> Offers) : LaunchOutcome
    {
        public string? ImageId { get; init; }
    }

    /// <param name="Code">The AWS error code.</param>
    /// <param name="IsCapacity">Whether nothing could be had of what was asked for: another plan may do better.</param>
    public sealed record Failed(string Code, string Message, bool IsCapacity) : LaunchOutcome
    {
        public override string ToString() => $"{Code}: {Message}";
    }
}
