using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Store;

namespace Sparkwright.World.Scenarios;

/// <summary>
/// Remembers when the platform last moved: a pod bound; a Node, NodeClaim or Machine created, deleted, or changed in its spec, labels,
/// taints, deletion time or the status of a condition. Heartbeats, annotations and phases are no movement.
/// </summary>
internal sealed class ChangeClock
{
    private readonly World world;

    public ChangeClock(World world)
    {
        this.world = world;
        Attach();
    }

    public DateTime Last { get; private set; }

    /// <summary>Watches the world's present store; called again after it was rebuilt.</summary>
    public void Attach() => world.Store.WatchAll(Note);

    private void Note(StoreEvent change)
    {
        var type = change.Object.Type;
        var moved = type == CoreTypes.Pod
            ? change.Kind != StoreEventKind.Deleted && NodeOf(change.Object).Length > 0 && NodeOf(change.Old) != NodeOf(change.Object)
            : type.Kind is "Node" or "NodeClaim" or "Machine" && (change.Kind != StoreEventKind.Modified || Differs(change.Old!, change.Object));
        if (moved)
        {
            Last = world.Clock.Now;
        }
    }

    private static string NodeOf(ApiObject? pod) => pod?.Spec["nodeName"]?.Text ?? "";

    private static bool Differs(ApiObject old, ApiObject now) =>
        !old.Spec.Equals(now.Spec)
        || !old.Metadata.Labels.Equals(now.Metadata.Labels)
        || old.Metadata.DeletionTimestamp != now.Metadata.DeletionTimestamp
        || !ConditionStates(old).SequenceEqual(ConditionStates(now));

    private static IEnumerable<(string?, string?)> ConditionStates(ApiObject of) =>
        Tree.ItemsOf(of.Status["conditions"]).ToArray().Select(condition => (condition["type"]?.Text, condition["status"]?.Text));
}
