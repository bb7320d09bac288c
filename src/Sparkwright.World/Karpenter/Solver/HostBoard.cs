using Sparkwright.World.Karpenter.Requirements;

namespace Sparkwright.World.Karpenter.Solver;

/// <summary>
/// The hosts of a round in the order in which they are asked: existing nodes one after another, then planned ones, those with the fewest pods
/// first. Whole sets of them are ruled out before any single one is looked at: those that refused the like before, those that a rule by host
/// has filled, and those whose zone (or any other label that rules are about) is not allowed now.
/// </summary>
internal sealed class HostBoard
{
    private readonly SolverGround ground;
    private readonly Topology topology;

    /// <summary>By number; an existing node is made a host when it is first asked.</summary>
    private readonly List<Host?> hosts = [];

    /// <summary>The hosts that can never take pods of a shape in this round, for they only get fuller and narrower.</summary>
    private readonly Dictionary<PodShape, HostBits> refusals = [];
    private readonly Row existing = new();
    private readonly List<Row> byPods = [];
    private readonly List<int> podsOn = [];
    private readonly Dictionary<string, Partition> partitions = new(StringComparer.Ordinal);

    /// <summary>Scratch for the hosts that each of a pod's rules allows.</summary>
    private readonly List<HostBits> allowed = [];
    private readonly List<(HostGroup Group, bool SelectsItself, bool MayOpen)> byHost = [];

    /// <param name="gone">Names of nodes that take no part.</param>
    public HostBoard(SolverGround ground, IReadOnlySet<string> gone, Topology topology)
    {
        this.ground = ground;
        this.topology = topology;
        foreach (var label in topology.Labels)
        {
            partitions.Add(label, new Partition());
        }

        for (var at = 0; at < ground.Nodes.Length; at++)
        {
            var node = ground.Nodes[at];
            if (!gone.Contains(node.Name))
            {
                Enter(at, node.Labels);
                existing.Add(at);
            }
        }
    }

    /// <summary>Takes in a planned node that has got its first pod.</summary>
    public void Add(ClaimInProgress claim)
    {
        Enter(claim.Number, claim.Requirements);
        hosts[claim.Number] = claim;
        podsOn[claim.Number] = 1;
        RowFor(1).Add(claim.Number);
    }

    /// <summary>Puts a pod on the first host that takes it and names that host, or answers null.</summary>
    public Host? Place(SolverPod pod, PodNeeds needs)
    {
        Prepare(needs);
        if (Place(existing, pod, needs) is { } node)
        {
            return node;
        }

        foreach (var row in byPods)
        {
            if (row.Count > 0 && Place(row, pod, needs) is { } claim)
            {
                var pods = ++podsOn[claim.Number];
                row.Remove(claim.Number);
                RowFor(pods).Add(claim.Number);
                return claim;
            }
        }

        return null;
    }

    private Host? Place(Row row, SolverPod pod, PodNeeds needs)
    {
        var refused = RefusedBy(needs.Shape);
        for (var at = 0; at < row.Bits.Words; at++)
        {
            var word = row.Bits.Word(at) & ~refused.Word(at);
            foreach (var bits in allowed)
            {
                word &= bits.Word(at);
            }

            for (var one = 0; word != 0 && one < byHost.Count; one++)
            {
                word &= byHost[one].Group.Allowed(at, byHost[one].SelectsItself, byHost[one].MayOpen);
            }

            while (word != 0)
            {
                var number = HostBits.TakeLowest(ref word, at);
                if (hosts[number] is null && !needs.Shape.Requests.FitsIn(ground.Nodes[number].Available))
                {
                    // Most nodes are full: no need to make them hosts to see that.
                    refused.Add(number);
                    ground.RefusedAtFirst(needs.Shape).Add(number);
                    continue;
                }

                var host = HostAt(number);
                var before = host.Requirements;
                switch (host.TryAdd(pod, needs))
                {
                    case Addition.Added:
                        Narrowed(host, before);
                        return host;
                    case Addition.Never:
                        refused.Add(host.Number);
                        if (host is ExistingHost { IsUntouched: true })
                        {
                            ground.RefusedAtFirst(needs.Shape).Add(host.Number);
                        }

                        break;
                    default:
                        break;
                }
            }
        }

        return null;
    }

    /// <summary>Works out which hosts the pod's rules leave.</summary>
    private void Prepare(PodNeeds needs)
    {
        allowed.Clear();
        byHost.Clear();
        foreach (var constraint in needs.Constraints)
        {
            if (constraint.Group is HostGroup group)
            {
                byHost.Add((group, constraint.SelectsItself, topology.MayOpen(constraint, needs)));
            }
            else
            {
                var label = constraint.Group.Key.Label;
                var (strict, asked) = (needs.Shape.Strict.Get(label), needs.Shape.Requirements.Get(label));
                allowed.Add(partitions[label].Where(node =>
                    ((DomainGroup)constraint.Group).Choose(strict, node is null ? asked : asked is null ? node : node.Intersect(asked), constraint.SelectsItself) is not null));
            }
        }
    }

    private Host HostAt(int number) => hosts[number] ??= new ExistingHost(ground.Nodes[number], number, topology);

    private HostBits RefusedBy(PodShape shape)
    {
        if (!refusals.TryGetValue(shape, out var known))
        {
            refusals.Add(shape, known = ground.RefusedAtFirst(shape).Copy());
        }

        return known;
    }

    private void Enter(int host, RequirementSet requirements)
    {
        while (hosts.Count <= host)
        {
            hosts.Add(null);
            podsOn.Add(0);
        }

        foreach (var (label, partition) in partitions)
        {
            partition.Move(host, null, requirements.Get(label), isNew: true);
        }
    }

    private void Narrowed(Host host, RequirementSet before)
    {
        if (!ReferenceEquals(before, host.Requirements))
        {
            foreach (var (label, partition) in partitions)
            {
                partition.Move(host.Number, before.Get(label), host.Requirements.Get(label), isNew: false);
            }
        }
    }

    private Row RowFor(int pods)
    {
        while (byPods.Count < pods)
        {
            byPods.Add(new Row());
        }

        return byPods[pods - 1];
    }

    /// <summary>Hosts with equally many pods.</summary>
    private sealed class Row
    {
        public HostBits Bits { get; } = new();

        public int Count { get; private set; }

        public void Add(int host)
        {
            Bits.Add(host);
            Count++;
        }

        public void Remove(int host)
        {
            Bits.Remove(host);
            Count--;
        }
    }

    /// <summary>The hosts by what they say of one label.</summary>
    private sealed class Partition
    {
        private readonly HostBits silent = new();
        private readonly List<(Requirement Value, HostBits Hosts)> parts = [];
        private readonly Dictionary<Requirement, HostBits> byValue = [];

        public void Move(int host, Requirement? from, Requirement? to, bool isNew)
        {
            if (isNew || !Equals(from, to))
            {
                if (!isNew)
                {
                    Part(from).Remove(host);
                }

                Part(to).Add(host);
            }
        }

        /// <param name="isAllowed">Asked for each thing that hosts say, null for nothing.</param>
        public HostBits Where(Func<Requirement?, bool> isAllowed)
        {
            var all = new HostBits();
            if (isAllowed(null))
            {
                all.AddAll(silent);
            }

            foreach (var (value, members) in parts)
            {
                if (isAllowed(value))
                {
                    all.AddAll(members);
                }
            }

            return all;
        }

        private HostBits Part(Requirement? value)
        {
            if (value is null)
            {
                return silent;
            }

            if (!byValue.TryGetValue(value, out var members))
            {
                byValue.Add(value, members = new HostBits());
                parts.Add((value, members));
            }

            return members;
        }
    }
}
