using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Sparkwright.Kubernetes.Authentication;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Server.KubernetesApi;

namespace Sparkwright.Server.Storage;

/// <summary>Where a served platform keeps what must survive it: the journal, the authority's key, the users' tokens, and where it listens.</summary>
public sealed class DataDirectory : IDisposable
{
    private const string LockName = "lock";
    private const string EndpointsName = "endpoints.json";
    private const int Attempts = 5;

    private readonly FileStream guard;

    private DataDirectory(string path, FileStream guard)
    {
        Path = path;
        this.guard = guard;
    }

    public string Path { get; }

    public string JournalFile => File("world.db");

    /// <summary>$XDG_STATE_HOME/sparkwright, or ~/.local/state/sparkwright.</summary>
    public static string Default => System.IO.Path.Combine(
        Environment.GetEnvironmentVariable("XDG_STATE_HOME") is { Length: > 0 } state
            ? state
            : System.IO.Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "state"),
        "sparkwright");

    /// <summary>Opens a directory for one platform alone; <see cref="JournalException"/> when another one has it.</summary>
    public static DataDirectory Open(string path)
    {
        var whole = System.IO.Path.GetFullPath(path);
        Directory.CreateDirectory(whole);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var guard = new FileStream(System.IO.Path.Combine(whole, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);

                // One that was ended by force has left word of itself.
                System.IO.File.Delete(System.IO.Path.Combine(whole, EndpointsName));
                return new DataDirectory(whole, guard);
            }
            catch (IOException) when (attempt < Attempts)
            {
                // Somebody may just have looked whether the directory is served.
                Thread.Sleep(20);
            }
            catch (IOException)
            {
                throw new JournalException($"another platform serves {path}; stop it, or give this one a directory of its own with --data-dir");
            }
        }
    }

    /// <summary>The authority of this directory, made at the first start.</summary>
    public X509Certificate2 Authority()
    {
        var file = File("ca.p12");
        if (System.IO.File.Exists(file))
        {
            return X509CertificateLoader.LoadPkcs12(System.IO.File.ReadAllBytes(file), null, X509KeyStorageFlags.Exportable);
        }

        var authority = CertificateAuthority.Create(DateTimeOffset.UtcNow);
        WriteSecret(file, authority.Export(X509ContentType.Pkcs12));
        return authority;
    }

    /// <summary>The key that signs service accounts' tokens, made at the first start.</summary>
    public SigningKey TokenKey()
    {
        var file = File("service-accounts.key");
        if (System.IO.File.Exists(file))
        {
            return SigningKey.Import(System.IO.File.ReadAllBytes(file));
        }

        var key = SigningKey.Create();
        WriteSecret(file, key.Export());
        return key;
    }

    /// <summary>The users with their tokens; new names get a token, known ones keep theirs.</summary>
    public IReadOnlyList<KnownUser> Users(IEnumerable<(string Name, string[] Groups)> wanted)
    {
        var file = File("users.json");
        var known = System.IO.File.Exists(file) ? TreeJson.Parse(System.IO.File.ReadAllBytes(file)) as TreeMap ?? TreeMap.Empty : TreeMap.Empty;
        foreach (var (name, _) in wanted)
        {
            if (!known.ContainsKey(name))
            {
                known = known.With(name, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(20)));
            }
        }

        WriteSecret(file, JsonSerializer.SerializeToUtf8Bytes(JsonDocument.Parse(known.ToString()).RootElement));
        return [.. wanted.Select(user => new KnownUser(known[user.Name]!.Text!, user.Name, [.. user.Groups]))];
    }

    /// <summary>Says where the platform listens, for <c>env</c>.</summary>
    public void Announce(TreeMap endpoints) => WriteSecret(File(EndpointsName), Answers.Json(endpoints));

    /// <summary>What a running platform has announced; null when there is none, or its process was ended by force.</summary>
    public static TreeMap? Endpoints(string path)
    {
        var file = System.IO.Path.Combine(path, EndpointsName);
        try
        {
            return System.IO.File.Exists(file) && TreeJson.Parse(System.IO.File.ReadAllBytes(file)) is TreeMap announced && IsServed(path) ? announced : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Whether a platform holds the directory's lock.</summary>
    private static bool IsServed(string path)
    {
        try
        {
            using var free = new FileStream(System.IO.Path.Combine(path, LockName), FileMode.Open, FileAccess.Read, FileShare.Read);
            return false;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    /// <summary>A file in the directory that others than its owner may not read; it is there whole or not at all.</summary>
    public string WriteSecret(string file, byte[] content)
    {
        var target = File(file);
        var next = target + ".new";
        System.IO.File.Delete(next);
        using (var stream = new FileStream(next, OwnersAlone(FileMode.CreateNew)))
        {
            stream.Write(content);
        }

        System.IO.File.Move(next, target, overwrite: true);
        return target;
    }

    public void Dispose()
    {
        System.IO.File.Delete(File(EndpointsName));
        guard.Dispose();
    }

    private string File(string name) => System.IO.Path.Combine(Path, name);

    private static FileStreamOptions OwnersAlone(FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            Restrict(options);
        }

        return options;
    }

    [UnsupportedOSPlatform("windows")]
    private static void Restrict(FileStreamOptions options) => options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
}
