using System.Collections.Immutable;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Ec2;

namespace Sparkwright.World.Scenarios;

/// <summary>A test of a platform in virtual time: what it starts with, and the steps that happen to it.</summary>
public sealed record Scenario
{
    public required string Name { get; init; }

    public long Seed { get; init; } = 1;

    /// <summary><c>bare</c>, or the path of a blueprint relative to the scenario file.</summary>
    public string Platform { get; init; } = "bare";

    public string ClusterName { get; init; } = "sparkwright";

    /// <summary>Of the bare platform: karpenter, scheduler, yunikorn.</summary>
    public ImmutableArray<string> Components { get; init; } = ["karpenter", "scheduler"];

    /// <summary>World time at the start; null takes the epoch of virtual worlds.</summary>
    public DateTime? StartTime { get; init; }

    /// <summary>Figures of the model that are fixed, by name.</summary>
    public TreeMap Model { get; init; } = TreeMap.Empty;

    public ImmutableArray<ScenarioStep> Steps { get; init; } = [];
}

/// <summary>One thing that happens in a scenario.</summary>
public abstract record ScenarioStep
{
    private ScenarioStep()
    {
    }

    /// <summary>The key of the step in the file.</summary>
    public abstract string Action { get; }

    /// <param name="Documents">What is applied, in order.</param>
    public sealed record Apply(ImmutableArray<Tree> Documents) : ScenarioStep
    {
        public override string Action => "apply";
    }

    /// <summary>Runs until no binding, NodeClaim, Machine or Node has changed for a while.</summary>
    public sealed record Settle(TimeSpan QuietFor, TimeSpan AtMost) : ScenarioStep
    {
        public override string Action => "settle";
    }

    /// <param name="IsAbsolute">Whether the duration counts from the start of the world.</param>
    public sealed record Advance(TimeSpan Duration, bool IsAbsolute) : ScenarioStep
    {
        public override string Action => "advance";
    }

    public sealed record Scale(ObjectTarget Target, long Replicas) : ScenarioStep
    {
        public override string Action => "scale";
    }

    /// <param name="Labels">Every object of the kind (in the namespace) that carries these, instead of one that is named.</param>
    /// <param name="Change">A JSON merge patch; its status is written as the status.</param>
    /// <param name="IsResize">Whether it goes to the pod's resize.</param>
    public sealed record Patch(ObjectTarget Target, TreeMap? Labels, TreeMap Change, bool IsResize = false) : ScenarioStep
    {
        public override string Action => "patch";
    }

    /// <param name="All">Every object of the kind (in the namespace, if one is named) instead of one.</param>
    public sealed record Delete(ObjectTarget Target, bool All) : ScenarioStep
    {
        public override string Action => "delete";
    }

    /// <summary>EC2 does something to instances of its own accord.</summary>
    /// <param name="Kind">One of <see cref="Interruptions.Kinds"/>.</param>
    /// <param name="Nodes">Names of Nodes; null for every node that Karpenter bought.</param>
    public sealed record Interrupt(string Kind, ImmutableArray<string>? Nodes) : ScenarioStep
    {
        public override string Action => "interrupt";
    }

    /// <summary>From now on EC2 has so much of what the pattern covers.</summary>
    /// <param name="Available">Null for any number.</param>
    public sealed record Capacity(CapacityPattern Pattern, long? Available) : ScenarioStep
    {
        public override string Action => "capacity";
    }

    /// <summary>The next calls of a name fail.</summary>
    /// <param name="Message">Null for AWS's usual text.</param>
    public sealed record Fail(string Call, string Code, string? Message, long Times) : ScenarioStep
    {
        public override string Action => "fail";
    }

    public sealed record Restart(string Component) : ScenarioStep
    {
        public override string Action => "restart";
    }

    public sealed record Snapshot(string Name) : ScenarioStep
    {
        public override string Action => "snapshot";
    }

    /// <param name="What">What must hold now, in the words of <see cref="ScenarioExpectation"/>.</param>
    public sealed record Expect(TreeMap What) : ScenarioStep
    {
        public override string Action => "expect";
    }
}

/// <summary>Which object a step means.</summary>
/// <param name="ApiVersion">Null takes the preferred version of the kind.</param>
/// <param name="Namespace">Null is <c>default</c> for namespaced kinds.</param>
public sealed record ObjectTarget(string? ApiVersion, string Kind, string Name, string? Namespace);
