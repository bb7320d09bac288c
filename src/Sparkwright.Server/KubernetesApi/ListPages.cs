using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;

namespace Sparkwright.Server.KubernetesApi;

/// <summary>One page of a list.</summary>
/// <param name="Continue">The token of the next page; null when this is the last.</param>
/// <param name="Remaining">How many objects come after it; null when this is the last.</param>
internal sealed record ListPage(IReadOnlyList<ApiObject> Items, long Version, string? Continue, long? Remaining)
{
    /// <summary>Why there is no such page.</summary>
    public ApiStatus? Refusal { get; init; }
}

/// <summary>
/// Lists that are read in pages: all pages show the one state in which the list began, whatever has changed since. The lists are kept for a
/// while (they only refer to objects); a page of one that is not kept any more answers 410.
/// </summary>
internal sealed class ListPages
{
    /// <summary>Lists that are kept at once.</summary>
    private const int MostLists = 32;

    private readonly Lock guard = new();
    private readonly Dictionary<(ResourceType Type, string Namespace, string Selector, long Version), IReadOnlyList<ApiObject>> lists = [];
    private readonly Queue<(ResourceType Type, string Namespace, string Selector, long Version)> order = new();

    /// <summary>The first page of a list that has just been taken.</summary>
    public ListPage First(ResourceType type, string @namespace, ListQuery query, IReadOnlyList<ApiObject> all, long version)
    {
        if (query.Limit > 0 && query.Limit < all.Count)
        {
            var key = KeyOf(type, @namespace, query, version);
            lock (guard)
            {
                if (lists.TryAdd(key, all))
                {
                    order.Enqueue(key);
                    while (order.Count > MostLists)
                    {
                        lists.Remove(order.Dequeue());
                    }
                }
            }
        }

        return Page(all, 0, query.Limit, version);
    }

    /// <summary>A later page; null when the query asks for a first one.</summary>
    public ListPage? Next(ResourceType type, string @namespace, ListQuery query)
    {
        if (query.Continue is not { } place)
        {
            return null;
        }

        IReadOnlyList<ApiObject>? all;
        lock (guard)
        {
            all = lists.GetValueOrDefault(KeyOf(type, @namespace, query, place.Version));
        }

        if (all is null)
        {
            return new ListPage([], place.Version, null, null)
            {
                Refusal = WatchStream.Gone("The provided continue parameter is too old to display a consistent list result. You must start a new list without the continue parameter."),
            };
        }

        var from = 0;
        while (from < all.Count && all[from].Key.CompareTo(place.After) <= 0)
        {
            from++;
        }

        return Page(all, from, query.Limit, place.Version);
    }

    private static ListPage Page(IReadOnlyList<ApiObject> all, int from, int limit, long version)
    {
        if (limit <= 0 || all.Count - from <= limit)
        {
            return new ListPage(from == 0 ? all : [.. all.Skip(from)], version, null, null);
        }

        ApiObject[] items = [.. all.Skip(from).Take(limit)];
        return new ListPage(items, version, ListQuery.Token(version, items[^1].Key), all.Count - from - limit);
    }

    private static (ResourceType, string, string, long) KeyOf(ResourceType type, string @namespace, ListQuery query, long version) =>
        (type, @namespace, $"{query.Labels}|{string.Join(',', query.Fields)}", version);
}
