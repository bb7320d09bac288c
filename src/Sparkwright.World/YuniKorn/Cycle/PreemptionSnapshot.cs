using Sparkwright.World.YuniKorn.Applications;
using Sparkwright.World.YuniKorn.Queues;

namespace Sparkwright.World.YuniKorn.Cycle;

/// <summary>A queue as it would be with some pods gone and others come: what preemption calculates with.</summary>
internal sealed class PreemptionSnapshot
{
    private readonly Queue queue;
    private readonly PreemptionSnapshot? parent;
    private Amounts allocated;

    /// <summary>The queue for which room is made, as it is; null for the root.</summary>
    private PreemptionSnapshot? asker;

    private PreemptionSnapshot(Queue queue, PreemptionSnapshot? parent, Amounts allocated)
    {
        this.queue = queue;
        this.parent = parent;
        this.allocated = allocated;
    }

    /// <summary>Who goes first: those who do not mind before those who do, members before originators, the youngest first.</summary>
    public static IComparer<PodTask> VictimOrder { get; } = Comparer<PodTask>.Create(static (left, right) =>
    {
        var order = right.MayBePreempted.CompareTo(left.MayBePreempted);
        order = order != 0 ? order : left.IsOriginator.CompareTo(right.IsOriginator);
        order = order != 0 ? order : right.Created.CompareTo(left.Created);
        return order != 0 ? order : left.Key.CompareTo(right.Key);
    });

    /// <summary>Pods of the queue that may go.</summary>
    public List<PodTask> Victims { get; private init; } = [];

    public static Tree Of(PodTask ask) => new(ask);

    public void Add(Amounts amounts)
    {
        for (var here = this; here is not null; here = here.parent)
        {
            here.allocated += amounts;
        }
    }

    public void Remove(Amounts amounts) => Add(Amounts.None - amounts);

    /// <summary>Takes a pod away if the queue is above its guarantee and stays there; false leaves everything as it was.</summary>
    public bool MayLose(Amounts amounts)
    {
        var before = RemainingGuaranteed();
        Remove(amounts);
        if (Preemptable()?.HasNegative != true && (before is null || (!before.IsZero && !before.Positive().Names.Any())))
        {
            return true;
        }

        Add(amounts);
        return false;
    }

    /// <summary>What is left of the guarantee, here or further up; null when nothing is guaranteed.</summary>
    public Amounts? RemainingGuaranteed()
    {
        var above = parent?.RemainingGuaranteed();
        if ((above is null || above.IsEmpty) && queue.Guaranteed.IsEmpty)
        {
            return null;
        }

        var left = Remaining();
        if (asker is not null)
        {
            if (asker.queue == queue && !left.IsEmpty)
            {
                return left.WithMissing(above);
            }

            // A common ancestor's remainder says nothing about siblings that have guarantees of their own.
            if (!left.IsEmpty && asker.queue.Path.StartsWith(queue.Path, StringComparison.Ordinal) && !asker.queue.Guaranteed.IsEmpty)
            {
                return null;
            }
        }

        return left.IsEmpty ? above : Amounts.Min(left, above);
    }

    private Amounts Remaining() => queue.Guaranteed.LessExisting(allocated.LessExisting(queue.Preempting));

    /// <summary>What may be taken: all above the guarantee, as far as that is so further up too.</summary>
    private Amounts? Preemptable()
    {
        if (allocated.IsZero)
        {
            return null;
        }

        var above = allocated.LessExisting(queue.Preempting).LessExisting(queue.Guaranteed);
        return above.Positive() is { IsEmpty: false } over ? over.MinExisting(parent?.Preemptable()) : Amounts.None;
    }

    /// <summary>All queues that matter for an ask.</summary>
    internal sealed class Tree
    {
        private readonly SortedDictionary<string, PreemptionSnapshot> known = new(StringComparer.Ordinal);

        public Tree(PodTask ask)
        {
            var own = ask.Application.Queue!;
            var priorities = new Dictionary<Queue, long>();
            var fence = Fence(own, ask.Priority, priorities);
            var asker = Take(own, null);
            foreach (var queue in own.Upwards().Where(queue => queue.Parent is not null))
            {
                known[queue.Path].asker = asker;
            }

            Collect(fence, own, ask, priorities, priorities[fence], false, asker);
        }

        private Tree(Tree other)
        {
            foreach (var (path, snapshot) in other.known)
            {
                known.Add(path, new PreemptionSnapshot(snapshot.queue, snapshot.parent is null ? null : known[snapshot.parent.queue.Path], snapshot.allocated)
                {
                    asker = snapshot.asker,
                    Victims = snapshot.Victims,
                });
            }
        }

        public IEnumerable<PreemptionSnapshot> All => known.Values;

        public Tree Copy() => new(this);

        public PreemptionSnapshot Of(Queue queue) => known[queue.Path];

        public IEnumerable<PodTask> VictimsOn(string node) => known.Values.SelectMany(queue => queue.Victims).Where(victim => victim.Node == node).OrderBy(victim => victim, VictimOrder);

        /// <summary>The queue beyond which nobody is taken, and what the ask's priority is worth at each queue on the way.</summary>
        private static Queue Fence(Queue own, long priority, Dictionary<Queue, long> priorities)
        {
            foreach (var queue in own.Upwards())
            {
                priority = queue.Properties.FencesPriority ? queue.Properties.PriorityOffset : priority + queue.Properties.PriorityOffset;
                priorities[queue] = priority;
                if (queue.Parent is null || queue.Properties.Preemption == PreemptionPolicy.Fence || (queue.Max is { } max && max.Equals(queue.Allocated)))
                {
                    return queue;
                }
            }

            throw new System.Diagnostics.UnreachableException();
        }

        private PreemptionSnapshot Take(Queue queue, PreemptionSnapshot? asker)
        {
            if (!known.TryGetValue(queue.Path, out var snapshot))
            {
                snapshot = new PreemptionSnapshot(queue, queue.Parent is null ? null : Take(queue.Parent, asker), queue.Allocated) { asker = asker };
                known.Add(queue.Path, snapshot);
            }

            return snapshot;
        }

        private void Collect(Queue queue, Queue own, PodTask ask, Dictionary<Queue, long> priorities, long priority, bool fenced, PreemptionSnapshot asker)
        {
            if (queue == own)
            {
                return;
            }

            if (!queue.IsLeaf)
            {
                foreach (var child in queue.Children.Values)
                {
                    var (within, isFenced) = (priority, fenced);
                    if (priorities.TryGetValue(child, out var inherited))
                    {
                        within = inherited;
                    }
                    else if (!child.Properties.FencesPriority)
                    {
                        within = priority - child.Properties.PriorityOffset;
                    }
                    else if (child.Properties.PriorityOffset > priority)
                    {
                        continue;
                    }
                    else
                    {
                        isFenced = true;
                    }

                    Collect(child, own, ask, priorities, within, isFenced, asker);
                }

                return;
            }

            if (queue.Properties.Preemption == PreemptionPolicy.Disabled)
            {
                return;
            }

            var snapshot = Take(queue, asker);
            if (snapshot.RemainingGuaranteed() is { HasNegative: false })
            {
                return;
            }

            snapshot.Victims.AddRange(queue.Applications.Values.SelectMany(application => application.Tasks.Values).Where(task =>
                task.State == TaskState.Bound && task.RequiredNode is null && !task.IsReleased && !task.IsPreempted
                && task.Request.Shares(ask.Request) && (fenced || task.Priority <= priority)));
        }
    }
}
