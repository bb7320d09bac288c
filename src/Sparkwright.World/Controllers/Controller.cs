using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Store;
using Sparkwright.Simulation;

namespace Sparkwright.World.Controllers;

/// <summary>
/// What every built-in controller is: a work queue of keys, filled by changes in the store. All that a controller knows is in the store, so
/// that one built over a reloaded store goes on where the old one stopped.
/// </summary>
/// <param name="component">The name under which its events appear.</param>
public abstract class Controller(EventLoop loop, ApiServer api, string component) : Worker<ObjectKey>(loop)
{
    /// <summary>Above this many pods a workload is looked at once a <see cref="Pace"/>, not after each change of a pod.</summary>
    private const int ManyPods = 200;

    /// <summary>How often the controller of a large workload takes note of changed pods.</summary>
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(1);

    protected ApiServer Api { get; } = api;

    protected ObjectStore Store => Api.Store;

    protected EventRecorder Events { get; } = new(api, component);

    /// <summary>Wakes the key of each object of a type, those that are there and those that change.</summary>
    protected void Follow(ResourceType type)
    {
        Store.Watch(type, change => Wake(change.Object.Key));
        foreach (var known in Store.List(type))
        {
            Wake(known.Key);
        }
    }

    /// <summary>The same, but a change of the status alone wakes nobody: the controller wrote it itself.</summary>
    protected void FollowDesired(ResourceType type)
    {
        Store.Watch(type, change =>
        {
            if (change.Old is not { } old || change.Kind == StoreEventKind.Deleted || !SameButForStatus(old, change.Object))
            {
                Wake(change.Object.Key);
            }
        });
        foreach (var known in Store.List(type))
        {
            Wake(known.Key);
        }
    }

    private static bool SameButForStatus(ApiObject old, ApiObject now) =>
        (old.Metadata with { ResourceVersion = now.Metadata.ResourceVersion }).Equals(now.Metadata)
        && old.Body.With("status", null).Equals(now.Body.With("status", null));

    /// <summary>Wakes at once for a small workload, at the next beat for a large one.</summary>
    protected void WakeInPace(ObjectKey key, int pods)
    {
        if (pods > ManyPods)
        {
            WakeAt(key, Clock.NextMultiple(Pace));
        }
        else
        {
            Wake(key);
        }
    }
}
