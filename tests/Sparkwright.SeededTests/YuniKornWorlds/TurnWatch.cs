using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Store;
using Sparkwright.World.YuniKorn;

namespace Sparkwright.SeededTests.YuniKornWorlds;

using World = Sparkwright.World.World;

/// <summary>
/// Looks at each binding of pods of one size that came together: it was the turn of its queue by fair share, and of its application by age or
/// by fair share, counted from the bindings alone. Nobody may be passed over, since whatever fits one of them fits all.
/// </summary>
internal sealed class TurnWatch
{
    private readonly SortedDictionary<string, Leaf> leaves = new(StringComparer.Ordinal);
    private readonly List<string> broken = [];

    public TurnWatch(World world) => world.Store.Watch(CoreTypes.Pod, SeePod);

    /// <summary>How many bindings were looked at.</summary>
    public int Bindings { get; private set; }

    public IReadOnlyList<string> Broken => broken;

    /// <summary>No binding is looked at any more: other pods come, and nodes are kept free for those that waited long.</summary>
    public bool IsOver { get; set; }

    /// <param name="whole">What its share is measured by, in pods: its guarantee, or all that the cluster has.</param>
    public void AddQueue(string path, int whole, bool isFair) => leaves.Add(path, new Leaf(whole, isFair));

    /// <param name="order">Its place by age in its queue.</param>
    public void AddPods(string queue, string application, int order, int pods) => leaves[queue].Applications.Add(application, new Holding(order) { Waiting = pods });

    private void SeePod(StoreEvent change)
    {
        if (IsOver || change.Kind == StoreEventKind.Deleted || change.Old is not { } old || PodSpecView.Of(old).NodeName.Length > 0 || PodSpecView.Of(change.Object).NodeName.Length == 0)
        {
            return;
        }

        var (queue, application) = (PodMetadata.Queue(change.Object), PodMetadata.ApplicationId(change.Object)!);
        var (leaf, holding) = (leaves[queue], leaves[queue].Applications[application]);
        foreach (var (other, its) in leaves.Where(known => known.Key != queue && known.Value.Applications.Values.Any(held => held.Waiting > 0)))
        {
            if ((long)its.Has * leaf.Whole < (long)leaf.Has * its.Whole)
            {
                broken.Add($"turn: {queue} with {leaf.Has} of {leaf.Whole} came before {other} with {its.Has} of {its.Whole}");
            }
        }

        foreach (var (other, its) in leaf.Applications.Where(known => known.Key != application && known.Value.Waiting > 0))
        {
            if (leaf.IsFair ? its.Has < holding.Has : its.Order < holding.Order)
            {
                broken.Add($"turn: {application} (number {holding.Order}, has {holding.Has}) came before {other} (number {its.Order}, has {its.Has}) in {queue}");
            }
        }

        holding.Has++;
        holding.Waiting--;
        Bindings++;
    }

    private sealed record Leaf(int Whole, bool IsFair)
    {
        public SortedDictionary<string, Holding> Applications { get; } = new(StringComparer.Ordinal);

        public int Has => Applications.Values.Sum(held => held.Has);
    }

    private sealed class Holding(int order)
    {
        public int Order { get; } = order;

        public int Has { get; set; }

        public int Waiting { get; set; }
    }
}
