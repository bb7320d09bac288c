using System.Collections.Immutable;
using Sparkwright.Kubernetes.Fitting;
using Sparkwright.World.Karpenter.InstanceTypes;
using Sparkwright.World.Karpenter.Requirements;

namespace Sparkwright.World.Karpenter.Solver;

/// <summary>Why a pool cannot serve a pod.</summary>
public sealed record PoolRejection(SolverPool Pool, RejectionCause Cause)
{
    private const string NoDaemons = """{"pods":"0"}""";

    /// <summary>As Karpenter's event has it.</summary>
    public string Message
    {
        get
        {
            var rules = GenerationRules.Of(Pool.Generation);
            var overhead = rules.NamesDaemonOverhead ? $", daemonset overhead={(Pool.Daemons.Total.Pods == 0 ? NoDaemons : Pool.Daemons.Total.ToString())}" : "";
            return Cause is RejectionCause.LimitsExhausted
                ? $"all available instance types exceed limits for {rules.PoolWord}: \"{Pool.Name}\""
                : $"incompatible with {rules.PoolWord} \"{Pool.Name}\"{overhead}, {Cause.Say(Pool.Generation)}";
        }
    }
}

/// <summary>The rule that refused, with both sides.</summary>
public abstract record RejectionCause
{
    private RejectionCause()
    {
    }

    /// <summary>In the words of one generation of Karpenter.</summary>
    public virtual string Say(Generation generation) => ToString();

    public sealed record NotTolerated(ImmutableArray<Taint> Taints) : RejectionCause
    {
        public override string Say(Generation generation) => string.Join("; ", Taints.Select(taint => generation == Generation.V1Alpha5
            ? $"did not tolerate {taint.Key}={taint.Value}:{taint.Effect}"
            : $"did not tolerate taint (taint={taint.Key}{(taint.Value.Length == 0 ? "" : "=" + taint.Value)}:{taint.Effect})"));

        public override string ToString() => Say(Generation.V1);
    }

    /// <param name="Wanted">The pod's port.</param>
    /// <param name="Taken">That of a daemon.</param>
    public sealed record PortTaken(HostPort Wanted, HostPort Taken) : RejectionCause
    {
        public override string ToString() => $"host port {Wanted.Protocol} {Wanted.Port} conflicts with {Taken.Protocol} {Taken.Port}";
    }

    public sealed record Incompatible(ImmutableArray<RequirementConflict> Conflicts) : RejectionCause
    {
        public override string ToString() => $"incompatible requirements, {string.Join("; ", Conflicts)}";
    }

    /// <summary>A rule about neighbours that no domain of the pool satisfies.</summary>
    public sealed record Topology(TopologyRefusal Refusal) : RejectionCause
    {
        public override string Say(Generation generation) => Refusal.Say(generation);

        public override string ToString() => Refusal.ToString();
    }

    /// <summary>None of the places where the pod's volumes are or may be suits the pool.</summary>
    public sealed record Volumes(ImmutableArray<RequirementConflict> Conflicts) : RejectionCause
    {
        public override string ToString() => $"incompatible volume requirements, {string.Join("; ", Conflicts)}";
    }

    /// <summary>No shape is small enough for what the limits leave. Upstream does not say which limit; this does.</summary>
    public sealed record LimitsExhausted(ImmutableArray<ExhaustedLimit> Limits) : RejectionCause
    {
        public override string ToString() => $"limits leave {string.Join(", ", Limits)}";
    }

    /// <summary>Some types would do, but they are too few for what the pool demands with minValues.</summary>
    public sealed record TooLittleVariety(ImmutableArray<VarietyLack> Lacks, ShapeSearch Search) : RejectionCause
    {
        public override string ToString() => $"minValues requirement is not met for label(s) (label(s)=[{string.Join(' ', Lacks.Select(lack => lack.Label))}]), {Search.Circumstances}";
    }

    public sealed record NoShapeLeft(ShapeSearch Search) : RejectionCause
    {
        public override string Say(Generation generation) => generation == Generation.V1Alpha5
            ? $"no instance type satisfied resources {Search.Total} and requirements {Search.Requirements} ({Search.Unmet})"
            : Search.ToString();

        public override string ToString() => Search.ToString();
    }
}

/// <summary>Too few values of one label among the types that are left.</summary>
public sealed record VarietyLack(string Label, long Wanted, int Found)
{
    public override string ToString() => $"{Label} wants {Wanted} values and has {Found}";
}

/// <summary>What a limit leaves, and the least that a type of the pool has; millicores, bytes or units.</summary>
public sealed record ExhaustedLimit(string Resource, long Left, long Least)
{
    public override string ToString() => $"{Resource} {Amount(Left)} (the smallest type has {Amount(Least)})";

    private string Amount(long amount) => Resource switch
    {
        ResourceList.Cpu => Kubernetes.Quantities.Quantity.FromMilli(amount).ToString(),
        ResourceList.Memory or ResourceList.EphemeralStorage => Kubernetes.Quantities.Quantity.FromBytes(amount).ToString(),
        _ => amount.ToString(System.Globalization.CultureInfo.InvariantCulture),
    };
}

/// <summary>A search for a shape that found none; what each shape lacks is worked out when somebody asks.</summary>
/// <param name="Among">The shapes that the pool may launch.</param>
/// <param name="Asked">What the pod asks for, without daemons.</param>
/// <param name="Limits">The limits that keep larger shapes out which would do; empty when limits are not the matter.</param>
public sealed record ShapeSearch(SolverPool Pool, ShapeSet Among, RequirementSet Requirements, ResourceList Asked, ImmutableArray<ExhaustedLimit> Limits)
{
    /// <summary>For each shape the first rule that refuses it, with both sides.</summary>
    public IEnumerable<ShapeRejection> ByShape()
    {
        foreach (var at in Among)
        {
            var shape = Pool.Shapes.Shapes[at];
            var conflict = shape.Labels.All.FirstOrDefault(label => Requirements.Get(label.Key)?.IsCompatibleWith(label) == false);
            if (conflict is not null)
            {
                yield return new ShapeRejection(shape.Name, "requirements", $"{Requirements.Get(conflict.Key)} not in {conflict}");
            }
            else if (!(Asked + Pool.Daemons.On(shape)).FitsIn(shape.Allocatable))
            {
                var total = Asked + Pool.Daemons.On(shape);
                var scarce = total.Exceeding(shape.Allocatable).First();
                yield return new ShapeRejection(shape.Name, "resources", $"{scarce}: asked {Show(total, scarce)}, allocatable {Show(shape.Allocatable, scarce)}");
            }
            else
            {
                var asked = Requirements.All.Where(requirement => Offering.HasLabel(requirement.Key)).OrderBy(requirement => requirement.Key == KarpenterLabels.CapacityType);
                yield return new ShapeRejection(shape.Name, "offering", Pool.Shapes.IsOnlyUnavailable(at, Requirements)
                    ? "out of capacity at present"
                    : $"not offered with {string.Join(", ", asked)}");
            }
        }
    }

    /// <summary>What the pod asks for together with the daemons.</summary>
    public ResourceList Total => Asked + Pool.Daemons.Total;

    /// <summary>What was looked for, as the newer Karpenter's messages end.</summary>
    public string Circumstances => $"requirements={Requirements}, resources={Total}";

    /// <summary>The criterion, or the combination of them, that no shape met, in Karpenter's words.</summary>
    public string Unmet
    {
        get
        {
            var (requirements, fits, offered) = (false, false, false);
            var (requirementsAndFits, requirementsAndOffered, fitsAndOffered) = (false, false, false);
            var matching = Pool.Shapes.Matching(Requirements);
            var offering = Pool.Shapes.Offered(Requirements);
            foreach (var at in Among)
            {
                var (r, f, o) = (matching.Contains(at), (Asked + Pool.Daemons.On(Pool.Shapes.Shapes[at])).FitsIn(Pool.Shapes.Shapes[at].Allocatable), offering.Contains(at));
                requirements |= r;
                fits |= f;
                offered |= o;
                requirementsAndFits |= r && f;
                requirementsAndOffered |= r && o;
                fitsAndOffered |= f && o;
            }

            return (requirements, fits, offered) switch
            {
                (false, false, false) => "no instance type met the scheduling requirements or had enough resources or had a required offering",
                (false, false, true) => "no instance type met the scheduling requirements or had enough resources",
                (false, true, false) => "no instance type met the scheduling requirements or had a required offering",
                (true, false, false) => "no instance type had enough resources or had a required offering",
                (false, true, true) => "no instance type met all requirements",
                (true, false, true) => "no instance type has enough resources",
                (true, true, false) => "no instance type has the required offering",
                _ when requirementsAndFits => "no instance type which met the scheduling requirements and had enough resources, had a required offering",
                _ when fitsAndOffered => "no instance type which had enough resources and the required offering met the scheduling requirements",
                _ when requirementsAndOffered => "no instance type which met the scheduling requirements and the required offering had the required resources",
                _ => "no instance type met the requirements/resources/offering tuple",
            };
        }
    }

    public override string ToString() => $"{Unmet}, {Circumstances}";

    private static string Show(ResourceList list, string resource) => list.ToTree()[resource]?.Text ?? "0";
}

/// <summary>Why one instance type is out: by requirements, resources or offering.</summary>
public sealed record ShapeRejection(string Type, string Rule, string Detail);
