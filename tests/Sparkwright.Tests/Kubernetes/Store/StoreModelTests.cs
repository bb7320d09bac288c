using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Store;
using Sparkwright.Simulation;

namespace Sparkwright.Tests.Kubernetes.Store;

/// <summary>Random requests against the API and against a model that is too simple to be wrong.</summary>
public sealed class StoreModelTests
{
    private static readonly ResourceType Thing = new("example.dev", "v1", "Thing", "things", true, true);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void Random_requests_leave_what_the_naive_model_says(int seed)
    {
        var clock = new Clock(new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        var chance = new Chance(seed);
        var store = new ObjectStore(new StoreSettings(WatchWindow: 50));
        var api = new ApiServer(store, clock, chance);
        foreach (var name in new[] { "a", "b" })
        {
            api.Create(new ApiObject(CoreTypes.Namespace, new ObjectMeta { Name = name }, TreeMap.Empty));
        }

        var model = new SortedDictionary<ObjectKey, Row>();
        var watched = new SortedDictionary<ObjectKey, ApiObject>();
        var index = store.Index(Thing, "by-size", known => known.Spec["size"]?.Integer?.ToString());
        long lastVersion = 0;
        store.Watch(Thing, change =>
        {
            Assert.True(change.ResourceVersion > lastVersion);
            lastVersion = change.ResourceVersion;
            if (change.Kind == StoreEventKind.Deleted)
            {
                Assert.True(watched.Remove(change.Object.Key));
            }
            else
            {
                Assert.Equal(change.Kind == StoreEventKind.Added, !watched.ContainsKey(change.Object.Key));
                watched[change.Object.Key] = change.Object;
            }
        });
        for (var round = 0; round < 2000; round++)
        {
            var draw = chance.For("test/op", round);
            var key = new ObjectKey("ab".Substring((int)draw.Below(2), 1), "n" + draw.Next.Below(8));
            var size = draw.Next.Next.Below(3);
            var known = model.GetValueOrDefault(key);
            switch (draw.Next.Next.Next.Below(6))
            {
                case 0:
                    var made = api.Create(new ApiObject(Thing, new ObjectMeta { Name = key.Name, Namespace = key.Namespace, Finalizers = size == 0 ? ["x/y"] : [] }, Body(size)));
                    Assert.Equal(known is null ? 201 : 409, made.Code);
                    if (known is null)
                    {
                        model[key] = new Row(size, 0, 1, size == 0, false);
                    }

                    break;
                case 1:
                    var before = store.Get(Thing, key);
                    var changed = api.Update((before ?? Empty(key)).WithSpec(TreeMap.Of(("size", size))).WithStatus(TreeMap.Of(("seen", 99))));
                    Assert.Equal(known is null ? 404 : 200, changed.Code);
                    if (known is not null)
                    {
                        var same = known.Size == size;
                        Assert.Equal(same, changed.Object!.Metadata.ResourceVersion == before!.Metadata.ResourceVersion);
                        model[key] = known with { Size = size, Generation = known.Generation + (same ? 0 : 1) };
                    }

                    break;
                case 2:
                    var stated = api.UpdateStatus((store.Get(Thing, key) ?? Empty(key)).WithSpec(TreeMap.Of(("size", 77))).WithStatus(TreeMap.Of(("seen", size))));
                    Assert.Equal(known is null ? 404 : 200, stated.Code);
                    if (known is not null)
                    {
                        model[key] = known with { Seen = size };
                    }

                    break;
                case 3:
                    var stale = api.Update((store.Get(Thing, key) ?? Empty(key)) is var current
                        ? current.With(current.Metadata with { ResourceVersion = 1 })
                        : null!);
                    Assert.Equal(known is null ? 404 : 409, stale.Code);
                    break;
                case 4:
                    var gone = api.Delete(Thing, key);
                    Assert.Equal(known is null ? 404 : 200, gone.Code);
                    if (known is { Held: true })
                    {
                        model[key] = known with { Leaving = true, Generation = known.Generation + (known.Leaving ? 0 : 1) };
                    }
                    else if (known is not null)
                    {
                        model.Remove(key);
                    }

                    break;
                default:
                    api.Modify(Thing, key, one => one.With(one.Metadata with { Finalizers = [] }));
                    if (known is { Leaving: true })
                    {
                        model.Remove(key);
                    }
                    else if (known is not null)
                    {
                        model[key] = known with { Held = false };
                    }

                    break;
            }
        }

        Assert.Equal(model.Select(row => (row.Key, row.Value)), store.List(Thing).Select(known => (known.Key, RowOf(known))));
        Assert.Equal(model.Keys, watched.Keys);
        Assert.All(watched, pair => Assert.True(pair.Value.SameAs(store.Get(Thing, pair.Key)!)));
        foreach (var size in new[] { "0", "1", "2" })
        {
            Assert.Equal(model.Where(row => row.Value.Size.ToString() == size).Select(row => row.Key), index.Of(size).Select(known => known.Key));
        }

        Assert.Null(store.EventsSince(Thing, 1));
        Assert.Equal([lastVersion], store.EventsSince(Thing, lastVersion - 1)!.Select(change => change.ResourceVersion));
    }

    [Fact]
    public void Equal_templates_are_shared()
    {
        var store = new ObjectStore();
        var first = store.Put(new ApiObject(Thing, new ObjectMeta { Name = "a" }, Body(1)));
        var second = store.Put(new ApiObject(Thing, new ObjectMeta { Name = "b" }, Body(1)));
        Assert.Same(first.Spec, second.Spec);
    }

    [Fact]
    public void A_loaded_store_goes_on_where_the_old_one_stopped()
    {
        var store = new ObjectStore();
        store.Put(new ApiObject(Thing, new ObjectMeta { Name = "a" }, Body(1)));
        store.Put(new ApiObject(Thing, new ObjectMeta { Name = "b" }, Body(2)));
        var again = new ObjectStore();
        again.Load(store.InWriteOrder(), store.ResourceVersion);
        Assert.True(again.Get(Thing, "", "a")!.SameAs(store.Get(Thing, "", "a")!));
        Assert.Equal(3, again.Put(new ApiObject(Thing, new ObjectMeta { Name = "c" }, Body(2))).Metadata.ResourceVersion);
        Assert.Null(again.EventsSince(Thing, 1));
    }

    private static TreeMap Body(long size) => TreeMap.Of(("spec", TreeMap.Of(("size", size))), ("status", TreeMap.Of(("seen", 5))));

    private static ApiObject Empty(ObjectKey key) => new(Thing, new ObjectMeta { Name = key.Name, Namespace = key.Namespace }, TreeMap.Empty);

    private static Row RowOf(ApiObject known) => new(
        known.Spec["size"]!.Integer!.Value,
        known.Status["seen"]?.Integer ?? 0,
        known.Metadata.Generation,
        !known.Metadata.Finalizers.IsEmpty,
        known.Metadata.IsBeingDeleted);

    private sealed record Row(long Size, long Seen, long Generation, bool Held, bool Leaving);
}
