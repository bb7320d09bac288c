using System.Globalization;
using Microsoft.Data.Sqlite;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Schema;
using Sparkwright.Kubernetes.Store;
using Sparkwright.World;

namespace Sparkwright.Server.Storage;

/// <summary>Why a journal cannot be used, in words for the user.</summary>
public sealed class JournalException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>
/// Every object of a world in its last state, in a SQLite file: what is acknowledged is in it, and a world goes on from it after any end of
/// the process.
/// </summary>
public sealed class Journal : IDisposable
{
    /// <summary>"SpWr": SQLite's application_id of our files.</summary>
    private const int ApplicationId = 0x53705772;

    /// <summary>The form of the tables.</summary>
    private const int Format = 1;

    private readonly SqliteConnection connection;
    private readonly SqliteCommand put;
    private readonly SqliteCommand remove;
    private readonly SqliteCommand note;

    private Journal(SqliteConnection connection)
    {
        this.connection = connection;
        put = Prepare("INSERT INTO objects (kind, namespace, name, version, body) VALUES ($kind, $namespace, $name, $version, $body) "
            + "ON CONFLICT (kind, namespace, name) DO UPDATE SET version = excluded.version, body = excluded.body", "$kind", "$namespace", "$name", "$version", "$body");
        remove = Prepare("DELETE FROM objects WHERE kind = $kind AND namespace = $namespace AND name = $name", "$kind", "$namespace", "$name");
        note = Prepare("INSERT INTO facts (name, value) VALUES ($name, $value) ON CONFLICT (name) DO UPDATE SET value = excluded.value", "$name", "$value");
    }

    /// <summary>Opens a journal, or begins one where there is none; <see cref="JournalException"/> when the file is not ours or damaged.</summary>
    /// <param name="survivesPowerLoss">Whether each commit waits for the disk itself, not only for the operating system.</param>
    public static Journal Open(string path, bool survivesPowerLoss)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        try
        {
            connection.Open();
            var isNew = Number(connection, "SELECT count(*) FROM sqlite_master") == 0;
            if (isNew)
            {
                Execute(connection, "PRAGMA journal_mode = WAL");
                Execute(connection, $"""
                    BEGIN;
                    PRAGMA application_id = {ApplicationId};
                    PRAGMA user_version = {Format};
                    CREATE TABLE objects (kind TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL, version INTEGER NOT NULL, body TEXT NOT NULL,
                        PRIMARY KEY (kind, namespace, name)) WITHOUT ROWID;
                    CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
                    COMMIT;
                    """);
            }
            else if (Number(connection, "PRAGMA application_id") != ApplicationId)
            {
                throw new JournalException($"{path} is a database of another program; give an empty directory with --data-dir");
            }
            else if (Number(connection, "PRAGMA user_version") is var format && format != Format)
            {
                throw new JournalException($"{path} has format {format}; this version of Sparkwright reads format {Format} only");
            }

            if (Text(connection, "PRAGMA quick_check(1)") is var check and not "ok")
            {
                throw new JournalException($"{path} is damaged ({check.ReplaceLineEndings(" ")}); restore a copy of it, or begin anew with an empty directory");
            }

            Execute(connection, $"PRAGMA synchronous = {(survivesPowerLoss ? "FULL" : "NORMAL")}");
            return new Journal(connection);
        }
        catch (SqliteException fault)
        {
            connection.Dispose();
            throw new JournalException($"{path} cannot be read as a journal ({fault.Message}); restore a copy of it, or begin anew with an empty directory", fault);
        }
        catch (JournalException)
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>The world as the journal has it; null before the first commit.</summary>
    public WorldRecord? Load(ResourceTypes types)
    {
        if (Fact("resourceVersion") is not { } version)
        {
            return null;
        }

        try
        {
            using var definitions = connection.CreateCommand();
            definitions.CommandText = "SELECT body FROM objects WHERE kind = $kind";
            definitions.Parameters.AddWithValue("$kind", NameOf(CoreTypes.CustomResourceDefinition));
            using (var defined = definitions.ExecuteReader())
            {
                // Only who knows the definitions can read the objects of users' kinds.
                types = types.Copy();
                while (defined.Read())
                {
                    var kinds = CustomKinds.Of(ApiObject.From(CoreTypes.CustomResourceDefinition, (TreeMap)TreeJson.Parse(defined.GetString(0))));
                    if (!types.IsBuiltIn(kinds.Stored.Group, kinds.Stored.Plural))
                    {
                        types.Define(kinds);
                    }
                }
            }

            var byName = types.All.ToDictionary(NameOf, StringComparer.Ordinal);
            var objects = new List<ApiObject>();
            using var command = connection.CreateCommand();
            command.CommandText = "SELECT kind, body FROM objects ORDER BY version";
            using var reader = command.ExecuteReader();
            while (reader.Read())
            {
                var kind = reader.GetString(0);
                if (!byName.TryGetValue(kind, out var type))
                {
                    throw new JournalException($"the journal has objects of {kind}, which this version of Sparkwright does not know");
                }

                objects.Add(ApiObject.From(type, (TreeMap)TreeJson.Parse(reader.GetString(1))));
            }

            return new WorldRecord(objects, long.Parse(version, CultureInfo.InvariantCulture), Time("start"), Time("now"));
        }
        catch (Exception fault) when (fault is SqliteException or FormatException or System.Text.Json.JsonException or InvalidCastException)
        {
            throw new JournalException($"the journal cannot be read ({fault.Message}); restore a copy of it, or begin anew with an empty directory", fault);
        }
    }

    /// <summary>A fact about the world that is no object: its settings, its clock.</summary>
    public string? Fact(string name)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT value FROM facts WHERE name = $name";
        command.Parameters.AddWithValue("$name", name);
        return command.ExecuteScalar() as string;
    }

    /// <summary>Begins the record of a world: its objects so far and the facts that a restart needs, in one transaction.</summary>
    public void Begin(World.World world, IEnumerable<(string Name, string Value)> facts)
    {
        using var transaction = connection.BeginTransaction();
        foreach (var known in world.Store.InWriteOrder())
        {
            Put(known, transaction);
        }

        foreach (var (name, value) in facts.Append(("start", Print(world.Clock.Start))))
        {
            Note(name, value, transaction);
        }

        Moved(world.Store.ResourceVersion, world.Clock.Now, transaction);
        transaction.Commit();
    }

    /// <summary>Keeps what passes of the engine have changed, all in one transaction.</summary>
    public void Write(IReadOnlyList<Commit> commits)
    {
        if (commits.All(commit => commit.Changes.Count == 0))
        {
            return;
        }

        using var transaction = connection.BeginTransaction();

        // Only the last state of an object counts.
        var last = new Dictionary<(ResourceType, ObjectKey), StoreEvent>();
        foreach (var change in commits.SelectMany(commit => commit.Changes))
        {
            last[(change.Object.Type, change.Object.Key)] = change;
        }

        foreach (var change in last.Values)
        {
            if (change.Kind == StoreEventKind.Deleted)
            {
                Set(remove, transaction, NameOf(change.Object.Type), change.Object.Namespace, change.Object.Name);
            }
            else
            {
                Put(change.Object, transaction);
            }
        }

        Moved(commits[^1].ResourceVersion, commits[^1].WorldTime, transaction);
        transaction.Commit();
    }

    public void Dispose()
    {
        put.Dispose();
        remove.Dispose();
        note.Dispose();
        connection.Dispose();
    }

    private void Put(ApiObject known, SqliteTransaction transaction) => Set(
        put, transaction, NameOf(known.Type), known.Namespace, known.Name, known.Metadata.ResourceVersion, known.ToTree().ToString());

    private void Moved(long resourceVersion, DateTime now, SqliteTransaction transaction)
    {
        Note("resourceVersion", resourceVersion.ToString(CultureInfo.InvariantCulture), transaction);
        Note("now", Print(now), transaction);
    }

    private void Note(string name, string value, SqliteTransaction transaction) => Set(note, transaction, name, value);

    private static void Set(SqliteCommand command, SqliteTransaction transaction, params ReadOnlySpan<object> values)
    {
        command.Transaction = transaction;
        for (var at = 0; at < values.Length; at++)
        {
            command.Parameters[at].Value = values[at];
        }

        command.ExecuteNonQuery();
    }

    private SqliteCommand Prepare(string text, params ReadOnlySpan<string> parameters)
    {
        var command = connection.CreateCommand();
        command.CommandText = text;
        foreach (var name in parameters)
        {
            command.Parameters.Add(new SqliteParameter(name, null));
        }

        return command;
    }

    private DateTime Time(string name) =>
        DateTime.ParseExact(Fact(name) ?? throw new FormatException($"{name} is missing"), "O", CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind);

    private static string Print(DateTime time) => time.ToString("O", CultureInfo.InvariantCulture);

    private static string NameOf(ResourceType type) => $"{type.QualifiedPlural}/{type.Version}";

    private static void Execute(SqliteConnection connection, string text)
    {
        using var command = connection.CreateCommand();
        command.CommandText = text;
        command.ExecuteNonQuery();
    }

    private static long Number(SqliteConnection connection, string text)
    {
        using var command = connection.CreateCommand();
        command.CommandText = text;
        return Convert.ToInt64(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }

    private static string Text(SqliteConnection connection, string text)
    {
        using var command = connection.CreateCommand();
        command.CommandText = text;
        return (string)command.ExecuteScalar()!;
    }
}
