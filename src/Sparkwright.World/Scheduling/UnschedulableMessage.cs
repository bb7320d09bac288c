using System.Globalization;

namespace Sparkwright.World.Scheduling;

/// <summary>The sentence that the scheduler writes into a pod's condition and event when no node takes it.</summary>
public static class UnschedulableMessage
{
    private const string NotHelpful = "Preemption is not helpful for scheduling";
    private const string NoVictims = "No preemption victims found for incoming pod";

    /// <param name="refusals">One of each node.</param>
    /// <param name="neverPreempts">The pod's preemptionPolicy is Never.</param>
    public static string Of(IReadOnlyCollection<Refusal> refusals, bool neverPreempts = false)
    {
        if (refusals.Count == 0)
        {
            return "no nodes available to schedule pods";
        }

        var reasons = new Dictionary<string, int>(StringComparer.Ordinal);
        var preemption = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var refusal in refusals)
        {
            foreach (var reason in refusal.Reasons)
            {
                reasons[reason] = reasons.GetValueOrDefault(reason) + 1;
            }

            var outlook = refusal.PreemptionMayHelp ? NoVictims : NotHelpful;
            preemption[outlook] = preemption.GetValueOrDefault(outlook) + 1;
        }

        var none = string.Create(CultureInfo.InvariantCulture, $"0/{refusals.Count} nodes are available: ");
        var second = neverPreempts ? "not eligible due to preemptionPolicy=Never." : $"{none}{Counted(preemption)}.";
        return $"{none}{Counted(reasons)}. preemption: {second}";
    }

    /// <summary>Sorted as text, the counts included, so that 10 comes before 2 as upstream.</summary>
    private static string Counted(Dictionary<string, int> counts) =>
        string.Join(", ", counts.Select(static known => string.Create(CultureInfo.InvariantCulture, $"{known.Value} {known.Key}")).Order(StringComparer.Ordinal));
}
