using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Security.Cryptography;
using System.Text;
using Sparkwright.World.Aws.Signing;

namespace Sparkwright.Server.AwsApi;

/// <summary>What was read of a body.</summary>
/// <param name="Checksums">Those that the client sent and that hold, by header.</param>
internal sealed record S3Read(long Size, string Md5, IReadOnlyDictionary<string, string> Checksums);

/// <summary>Reads the body of an S3 request in all its forms, plain and in signed chunks, and checks everything that was said about it. Memory stays flat.</summary>
/// <param name="claim">Null where the body is not signed at all.</param>
/// <param name="signingKey">Of the request's access key, for chunks' signatures.</param>
internal sealed class S3Payload(SignedRequest request, SignatureClaim? claim, byte[] signingKey)
{
    private const string SignedChunks = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
    private const string Trailing = "-TRAILER";

    /// <summary>A chunk is hashed as a whole before its signature is known to hold.</summary>
    private const int LargestChunk = 64 << 20;

    private const int LongestLine = 8 << 10;

    /// <summary>What the signature covers in the body's place.</summary>
    public static string HashOf(SignedRequest request, SignatureClaim? claim) =>
        request.Header("X-Amz-Content-SHA256") ?? request.Parameter("X-Amz-Content-SHA256") ?? (claim is { Expires: null } ? SigV4.EmptyHash : SignatureClaim.UnsignedPayload);

    /// <summary>Copies the body to where it is kept; <see cref="S3Refusal"/> when something does not hold.</summary>
    public async Task<S3Read> Copy(PipeReader body, Stream? target, CancellationToken cancellation)
    {
        var said = HashOf(request, claim);
#pragma warning disable CA5351 // S3's protocol demands MD5.
        using var md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
#pragma warning restore CA5351
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var trailers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var checksums = Announced();
        var size = 0L;
        async ValueTask Take(ReadOnlyMemory<byte> piece)
        {
            size += piece.Length;
            md5.AppendData(piece.Span);
            checksums.ForEach(checksum => checksum.Add(piece.Span));
            if (said.Length == 64)
            {
                sha.AppendData(piece.Span);
            }

            if (target is not null)
            {
                await target.WriteAsync(piece, cancellation).ConfigureAwait(false);
            }
        }

        try
        {
            if (said.StartsWith("STREAMING-", StringComparison.Ordinal) || IsChunked())
            {
                await Chunks(body, said, Take, trailers, cancellation).ConfigureAwait(false);
                if (long.TryParse(request.Header("X-Amz-Decoded-Content-Length"), NumberStyles.None, CultureInfo.InvariantCulture, out var announced) && announced != size)
                {
                    throw S3Refusal.Of(400, "IncompleteBody", "You did not provide the number of bytes specified by the Content-Length HTTP header");
                }
            }
            else
            {
                await Whole(body, Take, cancellation).ConfigureAwait(false);
                if (said.Length == 64 && Convert.ToHexStringLower(sha.GetCurrentHash()) != said)
                {
                    throw S3Refusal.Of(400, "XAmzContentSHA256Mismatch", "The provided 'x-amz-content-sha256' header does not match what was computed.");
                }
            }

            var digest = md5.GetCurrentHash();
            CheckMd5(digest);
            return new S3Read(size, Convert.ToHexStringLower(digest), Checked(checksums, trailers));
        }
        finally
        {
            checksums.ForEach(checksum => checksum.Dispose());
        }
    }

    private bool IsChunked() => request.Header("Content-Encoding")?.Split(',', StringSplitOptions.TrimEntries).Contains("aws-chunked") == true;

    /// <summary>The checksums of which the request says that they come, in its headers or behind its body.</summary>
    private List<Checksum> Announced() =>
    [
        .. request.Headers.Select(header => header.Name).Where(name => name.StartsWith("x-amz-checksum-", StringComparison.OrdinalIgnoreCase))
            .Concat((request.Header("X-Amz-Trailer") ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            .Distinct(StringComparer.OrdinalIgnoreCase)
            .Select(Checksum.Of)
            .OfType<Checksum>(),
    ];

    private Dictionary<string, string> Checked(List<Checksum> checksums, Dictionary<string, string> trailers)
    {
        var held = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var checksum in checksums)
        {
            var value = checksum.Value();
            var given = trailers.GetValueOrDefault(checksum.Header) ?? request.Header(checksum.Header);
            if (given is not null && given != value)
            {
                throw S3Refusal.Of(400, "BadDigest", $"The {checksum.Header["x-amz-checksum-".Length..].ToUpperInvariant()} you specified did not match the calculated checksum.");
            }

            held[checksum.Header] = value;
        }

        return held;
    }

    private void CheckMd5(byte[] digest)
    {
        if (request.Header("Content-MD5") is not { Length: > 0 } given)
        {
            return;
        }

        var wanted = new byte[16];
        if (!Convert.TryFromBase64String(given, wanted, out var length) || length != wanted.Length)
        {
            throw S3Refusal.Of(400, "InvalidDigest", "The Content-MD5 you specified was invalid.");
        }

        if (!wanted.AsSpan().SequenceEqual(digest))
        {
            throw S3Refusal.Of(400, "BadDigest", "The Content-MD5 you specified did not match what we received.");
        }
    }

    private static async Task Whole(PipeReader body, Func<ReadOnlyMemory<byte>, ValueTask> take, CancellationToken cancellation)
    {
        while (true)
        {
            var read = await body.ReadAsync(cancellation).ConfigureAwait(false);
            foreach (var piece in read.Buffer)
            {
                await take(piece).ConfigureAwait(false);
            }

            body.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                return;
            }
        }
    }

    /// <summary>Chunks: a line with the size in hexadecimal (and a signature), that many bytes, an empty line; the last has none; trailers follow.</summary>
    private async Task Chunks(PipeReader body, string said, Func<ReadOnlyMemory<byte>, ValueTask> take, Dictionary<string, string> trailers, CancellationToken cancellation)
    {
        var isSigned = claim is not null && said.StartsWith(SignedChunks, StringComparison.Ordinal);
        var previous = claim?.Signature ?? "";
        while (true)
        {
            var line = await Line(body, cancellation).ConfigureAwait(false) ?? throw Broken();
            var parts = line.Split(';');
            if (!int.TryParse(parts[0], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var length) || length is < 0 or > LargestChunk)
            {
                throw Broken();
            }

            if (isSigned)
            {
                var chunk = await Bytes(body, length, cancellation).ConfigureAwait(false);
                var signature = SigV4.ChunkSignature(signingKey, claim!.Time, claim.Scope, previous, chunk);
                if (parts.Length < 2 || parts[1] != $"chunk-signature={signature}")
                {
                    throw S3Refusal.WrongSignature();
                }

                previous = signature;
                await take(chunk).ConfigureAwait(false);
            }
            else
            {
                await Pass(body, length, take, cancellation).ConfigureAwait(false);
            }

            if (length == 0)
            {
                break;
            }

            if (await Line(body, cancellation).ConfigureAwait(false) is not "")
            {
                throw Broken();
            }
        }

        while (await Line(body, cancellation).ConfigureAwait(false) is { } line)
        {
            if (line.Split(':', 2) is [var name, var value])
            {
                trailers[name.Trim()] = value.Trim();
            }
        }

        if (isSigned && said.EndsWith(Trailing, StringComparison.Ordinal))
        {
            CheckTrailer(previous, trailers);
        }
    }

    private void CheckTrailer(string previous, Dictionary<string, string> trailers)
    {
        var signed = new StringBuilder();
        foreach (var (name, value) in trailers.Where(one => !one.Key.Equals("x-amz-trailer-signature", StringComparison.OrdinalIgnoreCase)).OrderBy(one => one.Key, StringComparer.Ordinal))
        {
            signed.Append(name).Append(':').Append(value).Append('\n');
        }

        var text = $"{SignatureClaim.Algorithm}-TRAILER\n{SignatureClaim.Print(claim!.Time)}\n{claim.Scope}\n{previous}\n{SigV4.Hash(Encoding.UTF8.GetBytes(signed.ToString()))}";
        if (trailers.GetValueOrDefault("x-amz-trailer-signature") != SigV4.Sign(signingKey, text))
        {
            throw S3Refusal.WrongSignature();
        }
    }

    private static S3Refusal Broken() => S3Refusal.Of(400, "IncompleteBody", "The request body is not chunked as its headers say");

    /// <summary>A line without its end; null at the end of the body.</summary>
    private static async Task<string?> Line(PipeReader body, CancellationToken cancellation)
    {
        while (true)
        {
            var read = await body.ReadAsync(cancellation).ConfigureAwait(false);
            if (read.Buffer.PositionOf((byte)'\n') is { } end)
            {
                var line = Encoding.ASCII.GetString(read.Buffer.Slice(0, end)).TrimEnd('\r');
                body.AdvanceTo(read.Buffer.GetPosition(1, end));
                return line;
            }

            if (read.Buffer.Length > LongestLine)
            {
                throw Broken();
            }

            if (read.IsCompleted)
            {
                var rest = Encoding.ASCII.GetString(read.Buffer);
                body.AdvanceTo(read.Buffer.End);
                return rest.Length == 0 ? null : rest;
            }

            body.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    private static async Task<byte[]> Bytes(PipeReader body, int length, CancellationToken cancellation)
    {
        var bytes = new byte[length];
        var at = 0;
        await Pass(body, length, piece =>
        {
            piece.Span.CopyTo(bytes.AsSpan(at));
            at += piece.Length;
            return ValueTask.CompletedTask;
        }, cancellation).ConfigureAwait(false);
        return bytes;
    }

    private static async Task Pass(PipeReader body, long length, Func<ReadOnlyMemory<byte>, ValueTask> take, CancellationToken cancellation)
    {
        while (length > 0)
        {
            var read = await body.ReadAsync(cancellation).ConfigureAwait(false);
            if (read.Buffer.IsEmpty && read.IsCompleted)
            {
                throw Broken();
            }

            var part = read.Buffer.Slice(0, Math.Min(length, read.Buffer.Length));
            foreach (var piece in part)
            {
                await take(piece).ConfigureAwait(false);
            }

            length -= part.Length;
            body.AdvanceTo(part.End);
        }
    }
}
