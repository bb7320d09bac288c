using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Store;
using Sparkwright.World.YuniKorn;
using Sparkwright.World.YuniKorn.Applications;

namespace Sparkwright.SeededTests.YuniKornWorlds;

using World = Sparkwright.World.World;

/// <summary>Looks at each write of a world: members of a gang come to nodes only when all its places were held at once, or when it fell back.</summary>
internal sealed class GangWatch
{
    private readonly World world;
    private readonly Dictionary<string, Gang> gangs = new(StringComparer.Ordinal);
    private readonly Dictionary<ObjectKey, (string Gang, string Group)> held = [];
    private readonly HashSet<string> whole = new(StringComparer.Ordinal);
    private readonly HashSet<string> fallenBack = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DateTime> holdsInVainSince = new(StringComparer.Ordinal);
    private readonly List<string> broken = [];

    public GangWatch(World world)
    {
        this.world = world;
        world.Rebuilt += Attach;
        Attach();
    }

    /// <summary>Gangs whose places were all held at once.</summary>
    public int Whole => whole.Count;

    /// <summary>Gangs that gave up and ran without.</summary>
    public int FallenBack => fallenBack.Count;

    public void Add(Gang gang) => gangs.Add(gang.Id, gang);

    /// <summary>The scheduler has forgotten when it began to hold places.</summary>
    public void TimersBeginAgain() => holdsInVainSince.Clear();

    /// <summary>What was broken, and which gangs hold places in vain for longer than they may.</summary>
    public IEnumerable<string> Broken()
    {
        var now = world.Clock.Now;
        foreach (var application in world.YuniKorn!.Applications.Where(application => application.IsGang))
        {
            if (application.State != ApplicationState.Accepted || application.PlaceholderAllocated.IsZero)
            {
                holdsInVainSince.Remove(application.Id);
            }
            else if (!holdsInVainSince.TryGetValue(application.Id, out var since))
            {
                holdsInVainSince.Add(application.Id, now);
            }
            else if (now - since > TimeSpan.FromSeconds(gangs[application.Id].Timeout + 2))
            {
                yield return $"deadlock: {application.Id} holds places in vain since {since:T}, now is {now:T}";
            }
        }

        foreach (var breach in broken)
        {
            yield return breach;
        }
    }

    private void Attach()
    {
        world.Store.Watch(CoreTypes.Pod, SeePod);
        world.Store.Watch(CoreTypes.Event, SeeEvent);
    }

    private void SeePod(StoreEvent change)
    {
        var pod = change.Object;
        if (PodMetadata.ApplicationId(pod) is not { } id || !gangs.TryGetValue(id, out var gang))
        {
            return;
        }

        var node = change.Kind == StoreEventKind.Deleted ? "" : PodSpecView.Of(pod).NodeName;
        if (!PodMetadata.IsPlaceholder(pod))
        {
            if (node.Length > 0 && (change.Old is not { } old || PodSpecView.Of(old).NodeName.Length == 0) && !whole.Contains(id) && !(fallenBack.Contains(id) && !gang.IsHard))
            {
                broken.Add($"early: {pod.Name} came to {node} at {world.Clock.Now:T}, before all places of {id} were held");
            }

            return;
        }

        if (node.Length == 0)
        {
            held.Remove(pod.Key);
            return;
        }

        held[pod.Key] = (id, PodMetadata.TaskGroup(pod));
        if (held.Values.Count(place => place == (id, "executor")) >= gang.Executors && held.ContainsValue((id, "driver")))
        {
            whole.Add(id);
        }
    }

    private void SeeEvent(StoreEvent change)
    {
        if (change.Object.Body["message"]?.Text is { } message && message.EndsWith("resuming as non-gang application (SOFT)", StringComparison.Ordinal))
        {
            fallenBack.Add(message.Split(' ')[1]);
        }
    }
}
