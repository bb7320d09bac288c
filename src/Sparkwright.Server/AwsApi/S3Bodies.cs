using Sparkwright.Server.Storage;
using Sparkwright.World.Aws;

namespace Sparkwright.Server.AwsApi;

/// <summary>The bodies of S3 objects between clients and the disk; memory stays flat.</summary>
internal sealed class S3Bodies(DiskBlobs blobs)
{
    /// <summary>Keeps the body of a request as a blob.</summary>
    public async Task<(S3Body Body, IReadOnlyDictionary<string, string> Checksums)> Receive(S3Exchange exchange)
    {
        var blob = blobs.NewId();
        try
        {
            var file = blobs.Create(blob);
            await using (file.ConfigureAwait(false))
            {
                var read = await exchange.Payload.Copy(exchange.Http.Request.BodyReader, file, exchange.Http.RequestAborted).ConfigureAwait(false);
                return (new S3Body(blob, read.Size, read.Md5), read.Checksums);
            }
        }
        catch
        {
            blobs.Discard(blob);
            throw;
        }
    }

    /// <summary>A blob of its own with a part of an object's body.</summary>
    public async Task<S3Body> Copy(S3Object known, long start, long length, CancellationToken cancellation)
    {
        var blob = blobs.NewId();
        try
        {
            var file = blobs.Create(blob);
            await using (file.ConfigureAwait(false))
            {
                await Send(known, start, length, file, cancellation).ConfigureAwait(false);
            }

            if (start == 0 && length == known.Size && !known.ETag.Contains('-', StringComparison.Ordinal))
            {
                return new S3Body(blob, length, known.ETag);
            }

            using var written = blobs.Open(blob)!;
#pragma warning disable CA5351 // S3's protocol demands MD5.
            return new S3Body(blob, length, Convert.ToHexStringLower(await System.Security.Cryptography.MD5.HashDataAsync(written, cancellation).ConfigureAwait(false)));
#pragma warning restore CA5351
        }
        catch
        {
            blobs.Discard(blob);
            throw;
        }
    }

    public async Task Send(S3Object known, long start, long length, Stream target, CancellationToken cancellation)
    {
        var buffer = new byte[1 << 16];
        foreach (var (blob, size) in known.Pieces)
        {
            if (start >= size)
            {
                start -= size;
                continue;
            }

            using var file = blobs.Open(blob) ?? throw S3Refusal.Of(500, "InternalError", $"The body of {known.Key} is lost");
            file.Seek(start, SeekOrigin.Begin);
            for (var left = Math.Min(length, size - start); left > 0;)
            {
                var read = await file.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, left)), cancellation).ConfigureAwait(false);
                if (read == 0)
                {
                    throw S3Refusal.Of(500, "InternalError", $"The body of {known.Key} is shorter than it was");
                }

                await target.WriteAsync(buffer.AsMemory(0, read), cancellation).ConfigureAwait(false);
                (left, length) = (left - read, length - read);
            }

            start = 0;
            if (length == 0)
            {
                return;
            }
        }
    }

    /// <summary>Removes a body that no object came to name.</summary>
    public void Discard(S3Body body) => blobs.Discard(body.Blob);
}
