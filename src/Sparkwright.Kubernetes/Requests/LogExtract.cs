using System.Text;

namespace Sparkwright.Kubernetes.Requests;

/// <summary>What a container wrote at one moment.</summary>
/// <param name="Text">With its line break, if it wrote one.</param>
/// <param name="IsError">Whether it went to the standard error; kubelets keep both outputs in one log.</param>
public sealed record LogLine(DateTime At, string Text, bool IsError = false);

/// <summary>Which part of a log a client wants.</summary>
public sealed record LogOptions
{
    /// <summary>Empty for a pod's only container.</summary>
    public string Container { get; init; } = "";

    /// <summary>Whether to go on with what the container is still to write.</summary>
    public bool Follow { get; init; }

    /// <summary>Whether the run before the present one is meant.</summary>
    public bool Previous { get; init; }

    /// <summary>Whether each line begins with its time.</summary>
    public bool Timestamps { get; init; }

    /// <summary>Lines from the end; null for all.</summary>
    public long? TailLines { get; init; }

    /// <summary>Bytes at most; null for all.</summary>
    public long? LimitBytes { get; init; }

    /// <summary>Lines from this time on; null for all.</summary>
    public DateTime? Since { get; init; }

    /// <summary>The same, counted back from the moment of asking.</summary>
    public long? SinceSeconds { get; init; }
}

/// <summary>Takes from a log what a client wants, as the kubelet does: first the last lines, then those since a time, cut where the bytes are used up.</summary>
public sealed class LogExtract(LogOptions options)
{
    private long left = options.LimitBytes ?? long.MaxValue;

    /// <summary>Whether the client has all the bytes that it wants.</summary>
    public bool IsFull => left == 0;

    /// <summary>What has been written when the client asks.</summary>
    public byte[] Begin(IReadOnlyList<LogLine> written) =>
        [.. written.Skip(options.TailLines is { } tail ? (int)Math.Max(0, written.Count - tail) : 0).SelectMany(Next)];

    /// <summary>What is written while the client follows.</summary>
    public byte[] Next(LogLine line)
    {
        if (line.At < options.Since || IsFull)
        {
            return [];
        }

        // The engine's times have seven digits of a second; Go prints nine.
        var text = options.Timestamps ? $"{line.At:yyyy-MM-dd'T'HH:mm:ss.fffffff}00Z {line.Text}" : line.Text;
        var bytes = Encoding.UTF8.GetBytes(text);
        var kept = bytes.Length > left ? bytes[..(int)left] : bytes;
        left -= kept.Length;
        return kept;
    }
}
