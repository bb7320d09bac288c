using Sparkwright.Server.Storage;
using Sparkwright.World.Aws;

namespace Sparkwright.Tests.Server;

/// <summary>What holds for bodies in memory and on disk alike.</summary>
public sealed class BlobsTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("sparkwright-blobs-");
    private readonly DiskBlobs disk;

    public BlobsTests() => disk = new DiskBlobs(folder.FullName);

    public void Dispose()
    {
        disk.Dispose();
        folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData("memory")]
    [InlineData("disk")]
    public void A_body_that_is_not_there_is_none_and_an_empty_one_is(string where)
    {
        IBlobs blobs = where == "disk" ? disk : new MemoryBlobs();
        Assert.Null(blobs.Get("s3/1"));
        blobs.Put("s3/1", ReadOnlyMemory<byte>.Empty);
        Assert.Equal(0, blobs.Get("s3/1")?.Length);
        blobs.Put("s3/1", new byte[] { 1, 2 });
        Assert.Equal(new byte[] { 1, 2 }, blobs.Get("s3/1")?.ToArray());
    }
}
