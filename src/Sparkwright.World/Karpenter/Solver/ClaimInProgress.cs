using System.Collections.Immutable;
using Sparkwright.Kubernetes.Fitting;
using Sparkwright.World.Karpenter.Requirements;

namespace Sparkwright.World.Karpenter.Solver;

/// <summary>A node that the plan will launch: pods are added while at least one instance type can still carry all of them.</summary>
internal sealed class ClaimInProgress(SolverPool pool, int ordinal)
{
    private readonly List<SolverPod> pods = [];
    private readonly List<HostPort> ports = [.. pool.DaemonPorts];
    private readonly HashSet<PodNeeds> refused = [];
    private RequirementSet requirements = pool.Requirements;
    private PodNeeds? last;

    public SolverPool Pool { get; } = pool;

    public int Ordinal { get; } = ordinal;

    public int PodCount => pods.Count;

    public ImmutableArray<SolverType> Types { get; private set; } = pool.Types;

    public ResourceList Requests { get; private set; } = pool.DaemonOverhead;

    /// <summary>Starts a claim with only those of its pool's types that the limits allow.</summary>
    public static ClaimInProgress Within(SolverPool pool, ImmutableArray<SolverType> types, int ordinal) => new(pool, ordinal) { Types = types };

    /// <summary>Takes a pod in, or answers why not. What was refused once is refused for ever, since a claim only gets narrower.</summary>
    /// <param name="explain">Whether the reason is wanted in full; it costs a walk over all types.</param>
    public Rejection? Add(SolverPod pod, PodNeeds needs, bool explain)
    {
        if (refused.Contains(needs))
        {
            return Refusal("types", "no longer fits");
        }

        var rejection = TryAdd(pod, needs, explain);
        if (rejection is not null)
        {
            refused.Add(needs);
        }

        return rejection;
    }

    public PlannedClaim Finished() => new(Pool, requirements, Types, Requests, [.. pods]);

    private Rejection? TryAdd(SolverPod pod, PodNeeds needs, bool explain)
    {
        var combined = requirements;
        if (!ReferenceEquals(last, needs))
        {
            if (needs.Untolerated(Pool.Taints) is { } taint)
            {
                return Refusal("taints", $"did not tolerate {taint.Key}={taint.Value}:{taint.Effect}");
            }

            if (requirements.Conflict(needs.Requirements, KarpenterLabels.WellKnown(Pool.Generation)) is { } conflict)
            {
                return Refusal("requirements", conflict);
            }

            combined = requirements.With(needs.Requirements);
        }

        if (needs.ConflictsWith(ports))
        {
            return Refusal("ports", "its host ports are taken");
        }

        var total = Requests + needs.Requests;
        var left = ImmutableArray.CreateBuilder<SolverType>(Types.Length);
        var same = ReferenceEquals(last, needs);
        foreach (var type in Types)
        {
            if (total.FitsIn(type.Allocatable) && (same || (type.Labels.Intersects(combined) && type.HasOffering(combined))))
            {
                left.Add(type);
            }
        }

        if (left.Count == 0)
        {
            return Refusal("types", explain ? WhyNoType(combined, total) : "no type is left");
        }

        Types = left.Count == Types.Length ? Types : left.ToImmutable();
        requirements = combined;
        Requests = total;
        last = needs;
        ports.AddRange(needs.Ports);
        pods.Add(pod);
        return null;
    }

    /// <summary>Names the criterion, or the combination of them, that no type met.</summary>
    private string WhyNoType(RequirementSet combined, ResourceList total)
    {
        var (requirementsMet, fits, offered) = (false, false, false);
        var (requirementsAndFits, requirementsAndOffered, fitsAndOffered) = (false, false, false);
        foreach (var type in Types)
        {
            var (r, f, o) = (type.Labels.Intersects(combined), total.FitsIn(type.Allocatable), type.HasOffering(combined));
            requirementsMet |= r;
            fits |= f;
            offered |= o;
            requirementsAndFits |= r && f;
            requirementsAndOffered |= r && o;
            fitsAndOffered |= f && o;
        }

        var cause = (requirementsMet, fits, offered) switch
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
        return $"no instance type satisfied resources {total} and requirements {combined} ({cause})";
    }

    private Rejection Refusal(string rule, string detail) => new(Pool.Name, Pool.Generation, Pool.DaemonOverhead, rule, detail);
}
