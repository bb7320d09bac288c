using System.Collections.Concurrent;
using System.Security.Cryptography;
using Sparkwright.World.Aws;

namespace Sparkwright.Server.Storage;

/// <summary>
/// Bodies of S3 objects and logs as files. A body is kept before the journal speaks of it, and a file that is no longer needed goes some time
/// after the journal has forgotten it, so that a crash leaves at most a file too many; these are swept away at the next start.
/// </summary>
public sealed class DiskBlobs : IBlobs, IDisposable
{
    /// <summary>Far longer than a commit takes, and than most downloads that are under way.</summary>
    private static readonly TimeSpan KeepDeleted = TimeSpan.FromMinutes(1);

    private readonly string root;
    private readonly ConcurrentQueue<(long At, string Id)> deleted = new();
    private readonly Timer sweeper;
    private long lastName;

    public DiskBlobs(string root)
    {
        this.root = root;
        Directory.CreateDirectory(root);
        lastName = DateTime.UtcNow.Ticks;
        sweeper = new Timer(_ => Sweep(), null, KeepDeleted, KeepDeleted);
    }

    /// <summary>A name for a body that has none yet.</summary>
    public string NewId() => $"body/{Interlocked.Increment(ref lastName):x16}";

    /// <summary>A file to write a body into; it counts when it is closed.</summary>
    public FileStream Create(string id)
    {
        var file = FileOf(id);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        return new FileStream(file, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16, FileOptions.Asynchronous);
    }

    /// <summary>A body to read from; null when there is none.</summary>
    public FileStream? Open(string id)
    {
        try
        {
            return new FileStream(FileOf(id), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 1 << 16, FileOptions.Asynchronous);
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    public void Put(string id, ReadOnlyMemory<byte> body)
    {
        using var file = Create(id);
        file.Write(body.Span);
    }

    // Without the type null would become an empty body.
    public ReadOnlyMemory<byte>? Get(string id) => File.Exists(FileOf(id)) ? File.ReadAllBytes(FileOf(id)) : (ReadOnlyMemory<byte>?)null;

    public void Delete(string id) => deleted.Enqueue((Environment.TickCount64, id));

    /// <summary>Removes at once what was written for nothing.</summary>
    public void Discard(string id) => File.Delete(FileOf(id));

    /// <summary>Removes every file that nothing names.</summary>
    public void KeepOnly(IEnumerable<string> known)
    {
        var kept = known.Select(FileOf).ToHashSet(StringComparer.Ordinal);
        foreach (var file in Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories).Where(file => !kept.Contains(file)))
        {
            File.Delete(file);
        }
    }

    public void Dispose() => sweeper.Dispose();

    private void Sweep()
    {
        while (deleted.TryPeek(out var oldest) && Environment.TickCount64 - oldest.At >= (long)KeepDeleted.TotalMilliseconds && deleted.TryDequeue(out oldest))
        {
            Discard(oldest.Id);
        }
    }

    /// <summary>Names of bodies may hold anything; files are called by their hash, 256 folders wide.</summary>
    private string FileOf(string id)
    {
        var name = Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(id)));
        return Path.Combine(root, name[..2], name);
    }
}
