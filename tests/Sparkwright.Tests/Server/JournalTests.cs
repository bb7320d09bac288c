using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Store;
using Sparkwright.Server.Storage;
using Sparkwright.World;

namespace Sparkwright.Tests.Server;

/// <summary>What a journal keeps, and what it refuses.</summary>
public sealed class JournalTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("sparkwright-journal-").FullName;

    private string Path => System.IO.Path.Combine(folder, "world.db");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_world_goes_on_from_its_journal()
    {
        var world = WorldBuilder.Build(new WorldSettings { Components = [] });
        using (var journal = Journal.Open(Path, survivesPowerLoss: false))
        {
            Assert.Null(journal.Load(WorldBuilder.ServedTypes));
            journal.Begin(world, []);
            var changes = new List<StoreEvent>();
            world.Store.WatchAll(changes.Add);
            world.Api.Create(Map("kept", "1"));
            world.Api.Create(Map("changed", "1"));
            world.Api.Create(Map("removed", "1"));
            world.Api.Modify(CoreTypes.ConfigMap, new ObjectKey("default", "changed"), known => known.Set(["data", "value"], "2"));
            world.Api.Delete(CoreTypes.ConfigMap, new ObjectKey("default", "removed"));
            world.Loop.RunUntil(world.Clock.Now.AddSeconds(5));
            journal.Write([new Commit(changes, world.Store.ResourceVersion, world.Clock.Now, [])]);
        }

        using var reopened = Journal.Open(Path, survivesPowerLoss: false);
        var record = reopened.Load(WorldBuilder.ServedTypes)!;
        var resumed = WorldBuilder.Resume(world.Settings, record);
        Assert.Equal(world.Store.ResourceVersion, resumed.Store.ResourceVersion);
        Assert.Equal((world.Clock.Start, world.Clock.Now), (resumed.Clock.Start, resumed.Clock.Now));
        Assert.Equal(
            world.Store.InWriteOrder().Select(known => known.ToTree().ToString()),
            resumed.Store.InWriteOrder().Select(known => known.ToTree().ToString()));
        Assert.Equal("2", resumed.Store.Get(CoreTypes.ConfigMap, "default", "changed")!.Body.At("data", "value")!.Text);
        Assert.Null(resumed.Store.Get(CoreTypes.ConfigMap, "default", "removed"));
    }

    [Fact]
    public void What_was_not_committed_is_not_half_there()
    {
        var world = WorldBuilder.Build(new WorldSettings { Components = [] });
        using (var journal = Journal.Open(Path, survivesPowerLoss: false))
        {
            journal.Begin(world, []);
            world.Api.Create(Map("late", "1"));
        }

        using var reopened = Journal.Open(Path, survivesPowerLoss: false);
        Assert.DoesNotContain(reopened.Load(WorldBuilder.ServedTypes)!.Objects, known => known.Name == "late");
    }

    [Fact]
    public void A_file_that_is_no_journal_is_refused()
    {
        File.WriteAllText(Path, "a letter to somebody, long enough to be taken for a file of some kind or other");
        Assert.Contains("cannot be read as a journal", Assert.Throws<JournalException>(() => Journal.Open(Path, false)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_database_of_another_program_is_refused()
    {
        using (var foreign = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={Path};Pooling=False"))
        {
            foreign.Open();
            using var command = foreign.CreateCommand();
            command.CommandText = "CREATE TABLE songs (name TEXT)";
            command.ExecuteNonQuery();
        }

        Assert.Contains("another program", Assert.Throws<JournalException>(() => Journal.Open(Path, false)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_journal_is_refused_whole()
    {
        using (var journal = Journal.Open(Path, survivesPowerLoss: false))
        {
            journal.Begin(WorldBuilder.Build(new WorldSettings { Components = ["karpenter", "scheduler"] }), []);
        }

        var bytes = File.ReadAllBytes(Path);
        bytes.AsSpan(bytes.Length / 2, Math.Min(8_192, bytes.Length / 2)).Fill(0xEE);
        File.WriteAllBytes(Path, bytes);
        Assert.Throws<JournalException>(() =>
        {
            using var journal = Journal.Open(Path, false);
            journal.Load(WorldBuilder.ServedTypes);
        });
    }

    [Fact]
    public void A_directory_serves_one_platform_at_a_time()
    {
        using var first = DataDirectory.Open(folder);
        Assert.Contains("another platform serves", Assert.Throws<JournalException>(() => DataDirectory.Open(folder)).Message, StringComparison.Ordinal);
    }

    private static ApiObject Map(string name, string value) => new(
        CoreTypes.ConfigMap, new ObjectMeta { Name = name, Namespace = "default" }, TreeMap.Of(("data", TreeMap.Of(("value", value)))));
}
