namespace Sparkwright.World.Aws;

/// <summary>Where the bodies of S3 objects and logs lie: in memory in virtual time, on disk when served. The store keeps what is known of them.</summary>
public interface IBlobs
{
    void Put(string id, ReadOnlyMemory<byte> body);

    /// <summary>The body, or null when there is none of that id.</summary>
    ReadOnlyMemory<byte>? Get(string id);

    void Delete(string id);
}

/// <summary>Bodies in memory.</summary>
public sealed class MemoryBlobs : IBlobs
{
    private readonly Dictionary<string, ReadOnlyMemory<byte>> bodies = [];

    public void Put(string id, ReadOnlyMemory<byte> body) => bodies[id] = body;

    // Without the type null would become an empty body.
    public ReadOnlyMemory<byte>? Get(string id) => bodies.TryGetValue(id, out var body) ? body : (ReadOnlyMemory<byte>?)null;

    public void Delete(string id) => bodies.Remove(id);
}
