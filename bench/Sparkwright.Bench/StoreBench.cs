using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Store;
using Sparkwright.Simulation;

namespace Sparkwright.Bench;

/// <summary>Writes a second of the store alone, and of the API server above it.</summary>
internal static class StoreBench
{
    private const int Objects = 2_000;
    private const int Writes = 200_000;

    private static readonly ResourceType Thing = new("example.dev", "v1", "Thing", "things", true, true);

    public static IEnumerable<string> Run()
    {
        var puts = Rounds.Best(() => Filled().Store, store =>
        {
            for (var at = 0; at < Writes; at++)
            {
                store.Put(Make(at % Objects, at));
            }
        });
        yield return $"{Rate(puts)} puts/s ({Objects} objects, one watcher, one index)";
        var status = Rounds.Best(Filled, api =>
        {
            for (var at = 0; at < Writes; at++)
            {
                api.ModifyStatus(Thing, Key(at % Objects), status => status.With("seen", at));
            }
        });
        yield return $"{Rate(status)} status updates/s through the API server";
    }

    private static string Rate(TimeSpan took) => $"{Writes / took.TotalSeconds,10:N0}";

    private static ObjectKey Key(int number) => new("default", "thing-" + number);

    private static ApiObject Make(int number, int size) => new(
        Thing,
        new ObjectMeta { Name = Key(number).Name, Namespace = "default" },
        TreeMap.Of(("spec", TreeMap.Of(("size", size % 7), ("template", TreeMap.Of(("a", "b"), ("c", TreeList.Of("d", "e"))))))));

    private static ApiServer Filled()
    {
        var store = new ObjectStore();
        var api = new ApiServer(store, new Clock(DateTime.UnixEpoch), new Chance(1));
        var seen = 0L;
        store.Watch(Thing, change => seen += change.ResourceVersion);
        store.Index(Thing, "by-size", known => known.Spec["size"]?.ToString());
        api.Create(new ApiObject(CoreTypes.Namespace, new ObjectMeta { Name = "default" }, TreeMap.Empty));
        for (var at = 0; at < Objects; at++)
        {
            api.Create(Make(at, at));
        }

        return api;
    }
}
