using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Store;
using Sparkwright.Simulation;

namespace Sparkwright.World.Scenarios;

/// <summary>
/// Creates objects that were applied with the annotation <c>sparkwright.dev/create-at</c> when their time has come. Until then each waits in
/// the store, so that a restarted world still creates it.
/// </summary>
public sealed class ScheduledObjects : Worker<ObjectKey>
{
    public const string Annotation = "sparkwright.dev/create-at";

    /// <summary>An object that is still to come: <c>spec.at</c>, <c>spec.object</c>; a refusal stays as <c>status.refusal</c>.</summary>
    public static ResourceType Type { get; } = new("sparkwright.dev", "v1", "ScheduledObject", "scheduledobjects", false, true);

    private readonly ApiServer api;
    private readonly Func<Tree, AppliedDocument> create;

    /// <param name="create">Applies the object; called when its time has come.</param>
    public ScheduledObjects(EventLoop loop, ApiServer api, Func<Tree, AppliedDocument> create)
        : base(loop)
    {
        this.api = api;
        this.create = create;
        foreach (var waiting in api.Store.List(Type))
        {
            WakeAt(waiting.Key, DueOf(waiting));
        }

        api.Store.Watch(Type, change =>
        {
            if (change.Kind == StoreEventKind.Added)
            {
                WakeAt(change.Object.Key, DueOf(change.Object));
            }
        });
    }

    /// <summary>Notes an object for later. The ordinal in its name keeps objects of one instant in the order in which they were given.</summary>
    public void Add(Tree document, TimeSpan after)
    {
        var name = $"{api.Store.ResourceVersion + 1:d12}";
        api.Create(new ApiObject(
            Type,
            new ObjectMeta { Name = name },
            TreeMap.Of(("spec", TreeMap.Of(("at", (api.Clock.Now + after).Ticks), ("object", document))))));
    }

    protected override void Reconcile(ObjectKey key)
    {
        if (api.Store.Get(Type, key) is not { } waiting || waiting.Status.Count > 0)
        {
            return;
        }

        var outcome = create(waiting.Spec["object"]!);
        if (outcome.IsAccepted)
        {
            api.Delete(Type, key);
        }
        else
        {
            api.UpdateStatus(waiting.WithStatus(TreeMap.Of(("refusal", $"{outcome.Kind} {outcome.Name}: {outcome.Message}"))));
        }
    }

    private static DateTime DueOf(ApiObject waiting) => new(waiting.Spec["at"]!.Integer!.Value, DateTimeKind.Utc);
}
