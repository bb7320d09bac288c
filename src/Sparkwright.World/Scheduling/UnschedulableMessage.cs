using System.Globalization;

namespace Sparkwright.World.Scheduling;

/// <summary>The sentences that the scheduler writes into a pod's condition and event when no node takes it.</summary>
public static class UnschedulableMessage
{
    /// <summary>What is said of nodes on which preemption was tried and nobody has a lower priority.</summary>
    public static Refusal NoVictims { get; } = Refusal.Final("No preemption victims found for incoming pod");

    private const string NotHelpful = "Preemption is not helpful for scheduling";

    /// <summary>Why no node takes the pod.</summary>
    /// <param name="nodes">How many nodes there are.</param>
    /// <param name="refusals">One of each node.</param>
    public static string OfNodes(int nodes, IReadOnlyCollection<Refusal> refusals) =>
        nodes == 0 ? "no nodes available to schedule pods" : $"{None(nodes)}{Counted(refusals)}.";

    /// <summary>Why the pod cannot be tried on any node.</summary>
    public static string OfPod(int nodes, string reason) => $"{None(nodes)}{reason}.";

    /// <summary>Why preemption did not help either.</summary>
    /// <param name="outlooks">What the nodes said on which it was tried.</param>
    public static string OfPreemption(int nodes, IReadOnlyCollection<Refusal> outlooks) =>
        $"preemption: {None(nodes)}{Counted([.. outlooks, .. Enumerable.Repeat(Refusal.Final(NotHelpful), nodes - outlooks.Count)])}.";

    private static string None(int nodes) => string.Create(CultureInfo.InvariantCulture, $"0/{nodes} nodes are available: ");

    /// <summary>Sorted as text, the counts included, so that 10 comes before 2 as upstream.</summary>
    private static string Counted(IReadOnlyCollection<Refusal> refusals)
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var refusal in refusals)
        {
            foreach (var reason in refusal.Reasons)
            {
                counts[reason] = counts.GetValueOrDefault(reason) + 1;
            }
        }

        return string.Join(", ", counts.Select(static known => string.Create(CultureInfo.InvariantCulture, $"{known.Value} {known.Key}")).Order(StringComparer.Ordinal));
    }
}
