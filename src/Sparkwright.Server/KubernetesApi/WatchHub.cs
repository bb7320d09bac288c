using System.Collections.Immutable;
using System.Threading.Channels;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Store;

namespace Sparkwright.Server.KubernetesApi;

/// <summary>
/// Hands committed changes to those who watch. A change becomes JSON once, however many read it; a watcher who reads too slowly is cut off, as
/// it can list and begin anew.
/// </summary>
public sealed class WatchHub
{
    private readonly Dictionary<ResourceType, ImmutableArray<Watcher>> watchers = [];
    private readonly Lock guard = new();

    /// <summary>Begins to watch a stored type; changes up to a version are not told again.</summary>
    internal Watcher Open(ResourceType type, long after)
    {
        var watcher = new Watcher(type, after);
        lock (guard)
        {
            watchers[type] = watchers.GetValueOrDefault(type, []).Add(watcher);
        }

        return watcher;
    }

    internal void Close(Watcher watcher)
    {
        lock (guard)
        {
            watchers[watcher.Type] = watchers[watcher.Type].Remove(watcher);
        }
    }

    /// <summary>Tells committed changes, in their order.</summary>
    public void Publish(IReadOnlyList<StoreEvent> changes)
    {
        lock (guard)
        {
            foreach (var change in changes)
            {
                if (watchers.TryGetValue(change.Object.Type, out var listening) && !listening.IsEmpty)
                {
                    var shared = new SharedChange(change);
                    foreach (var watcher in listening)
                    {
                        watcher.Tell(shared);
                    }
                }
            }
        }
    }
}

/// <summary>A change with its JSON, which all who need it share.</summary>
internal sealed class SharedChange(StoreEvent change)
{
    private readonly Lazy<byte[]> json = new(() => Answers.Json(change.Object.ToTree()));

    public StoreEvent Change => change;

    /// <summary>The object after the change, in its stored version.</summary>
    public byte[] Json => json.Value;
}

/// <summary>One who watches a type.</summary>
internal sealed class Watcher(ResourceType type, long after)
{
    private const int MostWaiting = 10_000;

    private readonly Channel<SharedChange> changes = Channel.CreateBounded<SharedChange>(
        new BoundedChannelOptions(MostWaiting) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    public ResourceType Type => type;

    /// <summary>Ends when the watcher was too slow.</summary>
    public ChannelReader<SharedChange> Changes => changes.Reader;

    public void Tell(SharedChange change)
    {
        if (change.Change.ResourceVersion > after && !changes.Writer.TryWrite(change))
        {
            changes.Writer.TryComplete();
        }
    }
}
