using System.Collections.Immutable;
using Sparkwright.World.Karpenter.InstanceTypes;
using Sparkwright.World.Karpenter.Requirements;
using Sparkwright.World.Karpenter.Solver;

namespace Sparkwright.World.Karpenter.Disruption;

/// <summary>Whether a decision still holds a while after it was made: pods come and go, and what was empty then may be in use now.</summary>
public static class DisruptionValidation
{
    private const string NewResults = "scheduling simulation produced new results";

    public static ValidationVerdict Check(DisruptionSnapshot snapshot, DisruptionRecord record)
    {
        var names = record.Candidates.Select(candidate => candidate.Node).ToHashSet(StringComparer.Ordinal);
        var budgets = new BudgetLedger(snapshot, record.Method.Reason());
        var left = DisruptionDecider.Candidates(snapshot, record.Method, new DisruptionNotes()).Where(node => names.Contains(node.Name)).ToImmutableArray();
        if (record is { Method: DisruptionMethod.Emptiness, Generation: Generation.V1 })
        {
            // Each empty node is a decision of its own: those that still are go.
            var empty = left.Where(node => budgets.TryTake(node.Pool)).ToImmutableArray();
            return empty.IsEmpty ? new ValidationVerdict.Invalid("no candidates") : new ValidationVerdict.Valid(new DisruptionCommand(record.Method, empty, [], null));
        }

        if (left.Length < names.Count)
        {
            return new ValidationVerdict.Invalid($"{names.Count - left.Length} candidates are no longer valid");
        }

        if (!left.All(node => budgets.TryTake(node.Pool)))
        {
            return new ValidationVerdict.Invalid("a candidate can no longer be disrupted without violating budgets");
        }

        // In the order of the decision, by what it costs to move their pods.
        var candidates = record.Candidates.Select(candidate => left.First(node => node.Name == candidate.Node)).ToImmutableArray();
        return record.Method == DisruptionMethod.Emptiness
            ? new ValidationVerdict.Valid(new DisruptionCommand(record.Method, candidates, [], null))
            : Again(snapshot, record, candidates);
    }

    private static ValidationVerdict Again(DisruptionSnapshot snapshot, DisruptionRecord record, ImmutableArray<DisruptionNode> candidates)
    {
        switch (snapshot.Simulation.Move(candidates, sparesQuietNodes: snapshot.Generation == Generation.V1))
        {
            case SimulatedMove.NotAllPlaced left:
                return new ValidationVerdict.Invalid(left.Why);
            case SimulatedMove.Placed { Plan: { Claims: [] } plan } when record.Expected is null:
                return new ValidationVerdict.Valid(new DisruptionCommand(record.Method, candidates, [], plan));
            case SimulatedMove.Placed { Plan: { Claims: [var planned] } plan } when record.Expected is { } expected && Narrowed(planned, expected) is { } replacement:
                return new ValidationVerdict.Valid(new DisruptionCommand(record.Method, candidates, [replacement], plan));
            default:
                return new ValidationVerdict.Invalid(NewResults);
        }
    }

    /// <summary>
    /// The new plan with the types of the old decision, which were chosen by price; null when the new plan has not got all of them.
    /// </summary>
    private static PlannedClaim? Narrowed(PlannedClaim planned, ExpectedReplacement expected)
    {
        var shapes = expected.Types.Select(planned.Pool.Shapes.Find).ToList();
        if (shapes.Exists(shape => shape < 0 || !planned.Shapes.Contains(shape)))
        {
            return null;
        }

        return planned with
        {
            Shapes = ShapeSet.Of(planned.Pool.Shapes.Shapes.Length, shapes),
            Requirements = expected.CapacityType is { } only ? planned.Requirements.With(Requirement.In(KarpenterLabels.CapacityType, only)) : planned.Requirements,
        };
    }
}

/// <summary>What looking again came to.</summary>
public abstract record ValidationVerdict
{
    private ValidationVerdict()
    {
    }

    /// <param name="Command">The decision as it is to be carried out now: the same, or a part of it.</param>
    public sealed record Valid(DisruptionCommand Command) : ValidationVerdict;

    public sealed record Invalid(string Why) : ValidationVerdict;
}
