using System.Collections.Immutable;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Blueprint;

namespace Sparkwright.World;

/// <summary>How a plan is carried out, step by step, while the world lives on between the steps.</summary>
/// <param name="plan">What is to be done.</param>
/// <param name="blueprint">What is applied; null to destroy.</param>
public sealed class PlatformRun(PlatformPlan plan, PlatformBlueprint? blueprint)
{
    /// <summary>What is not there in full by then is given up; a chart's release waits as long, a node group longer.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(20);

    private readonly Queue<Phase> phases = new(PhasesOf(plan));
    private Dictionary<string, int> places = [];
    private Phase? current;

    public bool IsDone { get; private set; }

    /// <summary>Why it ended before its end; null otherwise.</summary>
    public string? Failure { get; private set; }

    /// <summary>Why a plan cannot be begun; null when nothing stands against it.</summary>
    public static string? Obstacle(World world, PlatformPlan plan) =>
        plan.Changes.Where(static change => change.Removes).Select(change => new PlatformActs(world).Obstacle(change.Resource)).FirstOrDefault(static why => why is not null);

    /// <summary>Does what can be done now, and tells what has happened. Called between turns of the loop, until <see cref="IsDone"/>.</summary>
    public IReadOnlyList<PlatformEvent> Step(World world)
    {
        var told = new List<PlatformEvent>();
        if (places.Count == 0)
        {
            Take(world);
        }

        while (!IsDone)
        {
            if (current is null && phases.TryDequeue(out current))
            {
                Begin(world, current, told);
            }

            if (Failure is not null || current is null)
            {
                End(world);
            }
            else if (!Finish(world, current, told))
            {
                break;
            }
            else
            {
                current = null;
            }
        }

        return told;
    }

    /// <summary>Notes what is applied; takes into the platform's state what is there already, and out of it what is not.</summary>
    private void Take(World world)
    {
        var state = new PlatformState(world);
        if (blueprint is not null)
        {
            state.KeepSource(blueprint);
        }

        var wanted = blueprint is null ? [] : state.Wanted(blueprint).Wanted;
        places = wanted.Select(static (resource, at) => (resource.Address, at)).Append(("", 0)).ToDictionary(StringComparer.Ordinal);
        var acts = new PlatformActs(world);
        var touched = plan.Changes.Select(static change => change.Resource.Address).ToHashSet(StringComparer.Ordinal);
        foreach (var resource in wanted.Where(resource => !touched.Contains(resource.Address) && acts.Read(resource) is not null))
        {
            state.Keep(resource, places[resource.Address]);
        }

        foreach (var resource in state.Made.Where(resource => !places.ContainsKey(resource.Address) && acts.Read(resource) is null))
        {
            state.Forget(resource);
        }
    }

    private void End(World world)
    {
        IsDone = true;
        var state = new PlatformState(world);
        if (blueprint is null && state.Made.Count == 0)
        {
            state.KeepSource(null);
        }
    }

    private void Begin(World world, Phase phase, List<PlatformEvent> told)
    {
        foreach (var change in phase.Changes)
        {
            told.Add(new PlatformEvent(change, phase.Removes, PlatformEventKind.Started, "", TimeSpan.Zero));

            // A part of the world may have been built anew by the resource before.
            var acts = new PlatformActs(world);
            var refusal = phase.Removes ? acts.Delete(change.Resource)
                : change.Kind == ChangeKind.Update ? acts.Update(change.Resource)
                : acts.Create(change.Resource);
            if (refusal is not null)
            {
                Fail(change, phase, refusal, TimeSpan.Zero, told);
                return;
            }

            if (!phase.Removes)
            {
                new PlatformState(world).Keep(change.Resource, places.GetValueOrDefault(change.Resource.Address));
                Follow(world, change.Resource);
            }
        }

        phase.BegunAt = world.Clock.Now;
    }

    /// <summary>Whether everything of a phase is there, or gone, in full.</summary>
    private bool Finish(World world, Phase phase, List<PlatformEvent> told)
    {
        var since = world.Clock.Now - phase.BegunAt;
        foreach (var change in phase.Changes.Where(change => !phase.Finished.Contains(change)))
        {
            var acts = new PlatformActs(world);
            if ((phase.Removes ? acts.Remains(change.Resource) : acts.Unready(change.Resource)) is not { } waits)
            {
                phase.Finished.Add(change);
                if (phase.Removes)
                {
                    new PlatformState(world).Forget(change.Resource);
                    Follow(world, change.Resource);
                    new PlatformActs(world).Forget(change.Resource);
                }

                told.Add(new PlatformEvent(change, phase.Removes, PlatformEventKind.Done, "", since));
            }
            else if (since >= Patience)
            {
                Fail(change, phase, $"not {(phase.Removes ? "gone" : "there in full")} after {Patience.TotalMinutes:0} minutes: {waits}", since, told);
                return true;
            }
            else if (phase.Waits.GetValueOrDefault(change) != waits)
            {
                phase.Waits[change] = waits;
                told.Add(new PlatformEvent(change, phase.Removes, PlatformEventKind.Waiting, waits, since));
            }
        }

        return phase.Finished.Count == phase.Changes.Length;
    }

    private void Fail(ResourceChange change, Phase phase, string why, TimeSpan since, List<PlatformEvent> told)
    {
        Failure = $"{change.Resource.Address}: {why}";
        told.Add(new PlatformEvent(change, phase.Removes, PlatformEventKind.Failed, why, since));
    }

    private static void Follow(World world, PlatformResource resource)
    {
        if (ResourceKinds.IsFollowed(resource))
        {
            world.Become(new PlatformState(world).Settings);
        }
    }

    /// <summary>What goes, from the last module to the first, then what comes, from the first to the last; each module in two halves.</summary>
    private static IEnumerable<Phase> PhasesOf(PlatformPlan plan) =>
        plan.Changes.Where(static change => change.Removes).GroupBy(static change => (change.Resource.Module, Half: ResourceKinds.HalfOf(change.Resource)))
            .OrderByDescending(static group => group.Key).Select(static group => new Phase(true, [.. group]))
            .Concat(plan.Changes.Where(static change => change.Makes).GroupBy(static change => (change.Resource.Module, Half: ResourceKinds.HalfOf(change.Resource)))
                .OrderBy(static group => group.Key).Select(static group => new Phase(false, [.. group])));

    /// <summary>Changes that are begun together and waited for together.</summary>
    private sealed class Phase(bool removes, ImmutableArray<ResourceChange> changes)
    {
        public bool Removes { get; } = removes;

        public ImmutableArray<ResourceChange> Changes { get; } = changes;

        public HashSet<ResourceChange> Finished { get; } = [];

        /// <summary>What each change waited for when that was told last.</summary>
        public Dictionary<ResourceChange, string> Waits { get; } = [];

        public DateTime BegunAt { get; set; }
    }
}

/// <summary>Where a change is.</summary>
public enum PlatformEventKind
{
    Started,
    Waiting,
    Done,
    Failed,
}

/// <summary>Something that has happened while a plan was carried out.</summary>
/// <param name="Removes">Whether the resource goes; the first half of a replacement does.</param>
/// <param name="Message">What is waited for, or what went wrong.</param>
/// <param name="Elapsed">World time since the change began.</param>
public sealed record PlatformEvent(ResourceChange Change, bool Removes, PlatformEventKind Kind, string Message, TimeSpan Elapsed)
{
    public TreeMap ToTree() => TreeMap.Of(
        ("action", Removes ? "delete" : Change.Kind == ChangeKind.Update ? "update" : "create"),
        ("address", Change.Resource.Address),
#pragma warning disable CA1308 // States are lower case.
        ("event", Kind.ToString().ToLowerInvariant()),
#pragma warning restore CA1308
        ("message", Message.Length == 0 ? null : Message),
        ("seconds", (long)Elapsed.TotalSeconds));
}
