using System.Collections.Immutable;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Aws;
using Sparkwright.World.Ec2;
using Sparkwright.World.Karpenter.InstanceTypes;
using Sparkwright.World.Karpenter.Solver;

namespace Sparkwright.World.Karpenter.Cloud;

/// <summary>All that Karpenter asks of the cloud it buys nodes from.</summary>
public interface ICloudProvider
{
    /// <summary>What nodes of a template could be, with the offerings that can be had now; null when the template finds no subnet.</summary>
    ShapeTable? ShapesFor(TreeMap nodeTemplate, KubeletSettings kubelet, Generation generation);

    /// <summary>Buys the planned node.</summary>
    /// <param name="registration">The <c>labels</c> and <c>taints</c> that its kubelet registers with.</param>
    LaunchOutcome Launch(PlannedClaim claim, TreeMap nodeTemplate, TreeMap registration);

    /// <summary>Ends the machine behind a node; answers why it cannot be ended now.</summary>
    AwsFailure? Terminate(string providerId);
}

/// <summary>One offer that a launch considered.</summary>
public sealed record LaunchOffer(NodeShape Shape, Offering Offering);

/// <summary>What came of a launch.</summary>
public abstract record LaunchOutcome
{
    private LaunchOutcome()
    {
    }

    /// <param name="Offers">What was asked for, cheapest first; the one bought is among them.</param>
    public sealed record Launched(Instance Instance, NodeShape Shape, ImmutableArray<LaunchOffer> Offers) : LaunchOutcome;

    /// <param name="Code">The AWS error code.</param>
    public sealed record Failed(string Code, string Message) : LaunchOutcome
    {
        public override string ToString() => $"{Code}: {Message}";
    }
}
