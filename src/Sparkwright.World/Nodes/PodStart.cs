using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Nodes;

/// <summary>What a container needs next on its way to running.</summary>
internal enum ContainerStep
{
    Image,
    Create,
    Start,
}

/// <summary>
/// How far a pod has come on its way to Running. It is an object of the store, named by the pod's uid, so that a restarted world goes on with
/// the same step at the same time; it is gone when the pod runs.
/// </summary>
internal sealed record PodStart
{
    public static ResourceType Type => NodeTypes.PodStart;

    /// <summary>When the next step is due.</summary>
    public DateTime Due { get; init; }

    public bool IsMounted { get; init; }

    public int MountFailures { get; init; }

    public ContainerStep Step { get; init; }

    /// <summary>When the wait for an image began, if there was one.</summary>
    public DateTime? PullingSince { get; init; }

    /// <summary>Which init container is next.</summary>
    public int NextInit { get; init; }

    /// <summary>When that one was started.</summary>
    public DateTime? InitStarted { get; init; }

    public int InitFailures { get; init; }

    /// <summary>Start times of the containers that run already.</summary>
    public TreeList StartedTicks { get; init; } = TreeList.Empty;

    public int Next => StartedTicks.Count;

    public DateTime StartOf(int container) => At(StartedTicks.Span[container])!.Value;

    public static PodStart From(ApiObject stored)
    {
        var spec = stored.Spec;
        return new PodStart
        {
            Due = At(spec["due"])!.Value,
            IsMounted = spec["mounted"]?.Boolean == true,
            MountFailures = (int)(spec["mountFailures"]?.Integer ?? 0),
            Step = (ContainerStep)(spec["step"]?.Integer ?? 0),
            PullingSince = At(spec["pullingSince"]),
            NextInit = (int)(spec["nextInit"]?.Integer ?? 0),
            InitStarted = At(spec["initStarted"]),
            InitFailures = (int)(spec["initFailures"]?.Integer ?? 0),
            StartedTicks = spec["started"] as TreeList ?? TreeList.Empty,
        };
    }

    public ApiObject ToObject(string podUid) => new(
        Type,
        new ObjectMeta { Name = podUid },
        TreeMap.Of(("spec", TreeMap.Of(
            ("due", Due.Ticks),
            ("initFailures", InitFailures),
            ("initStarted", Ticks(InitStarted)),
            ("mountFailures", MountFailures),
            ("mounted", IsMounted),
            ("nextInit", NextInit),
            ("pullingSince", Ticks(PullingSince)),
            ("started", StartedTicks),
            ("step", (int)Step)))));

    private static Tree? Ticks(DateTime? time) => time is { } known ? known.Ticks : null;

    private static DateTime? At(Tree? ticks) => ticks?.Integer is { } known ? new DateTime(known, DateTimeKind.Utc) : null;
}
