using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.Bench;

/// <summary><c>sparkwright up</c> as a process of its own over an empty account, and clients of its administrator.</summary>
internal sealed class ServedPlatform : IDisposable
{
    private readonly Process process;
    private readonly string directory;
    private readonly string token;
    private readonly Uri aws;
    private readonly string[] key;

    private ServedPlatform(Process process, string directory, TreeMap ready, TimeSpan started)
    {
        this.process = process;
        this.directory = directory;
        Started = started;
        Address = new Uri(ready.At("endpoints", "kubernetes")!.Text!);
        aws = new Uri(ready.At("endpoints", "aws")!.Text!);
        key = [.. File.ReadLines(ready["awsCredentials"]!.Text!).Where(line => line.Contains('=', StringComparison.Ordinal)).Take(2).Select(line => line[(line.IndexOf('=', StringComparison.Ordinal) + 1)..].Trim())];
        token = YamlReader.Read(File.ReadAllText(ready["kubeconfig"]!.Text!)).Documents[0].Root["users"]!.Items[0].At("user", "token")!.Text!;
    }

    public Uri Address { get; }

    /// <summary>From the start of the process to the line that says where it listens.</summary>
    public TimeSpan Started { get; }

    /// <summary>Resident memory of the process, bytes.</summary>
    public long Memory
    {
        get
        {
            process.Refresh();
            return process.WorkingSet64;
        }
    }

    public static ServedPlatform Start(params string[] options)
    {
        var directory = Directory.CreateTempSubdirectory("sparkwright-bench-").FullName;
        var clock = Stopwatch.StartNew();
        var process = Process.Start(new ProcessStartInfo(
            "dotnet",
            [
                Path.Combine(AppContext.BaseDirectory, "sparkwright.dll"), "up", "--data-dir", directory, "--kubernetes-port", "0", "--aws-port", "0", "--dashboard-port", "0",
                "--yunikorn-port", "0", "--output", "json", .. options,
            ])
        {
            RedirectStandardOutput = true,
        })!;
        var line = process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("up ended before it served");
        return new ServedPlatform(process, directory, (TreeMap)TreeJson.Parse(line), clock.Elapsed);
    }

    /// <summary>A client with a connection pool of its own.</summary>
    public HttpClient Client()
    {
#pragma warning disable CA2000 // The client disposes of its handler.
        var client = new HttpClient(new SocketsHttpHandler
        {
            SslOptions = { RemoteCertificateValidationCallback = static (_, _, _, _) => true },
            MaxConnectionsPerServer = 256,
        })
        {
            BaseAddress = Address, Timeout = Timeout.InfiniteTimeSpan,
        };
#pragma warning restore CA2000
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    public AwsClient AwsClient() => new(aws, key[0], key[1]);

    public void Dispose()
    {
        process.Kill();
        process.WaitForExit();
        process.Dispose();
        Directory.Delete(directory, recursive: true);
    }

    /// <summary>Calls made by so many at once: how many a second, and how long the slowest of a hundred took.</summary>
    public static async Task<(double PerSecond, string Percentiles)> Rate(int calls, int atOnce, Func<int, Task> call)
    {
        var times = new double[calls];
        var next = -1;
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, atOnce).Select(async _ =>
        {
            for (int at; (at = Interlocked.Increment(ref next)) < calls;)
            {
                var begun = Stopwatch.GetTimestamp();
                await call(at).ConfigureAwait(false);
                times[at] = Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
            }
        })).ConfigureAwait(false);
        var perSecond = calls / clock.Elapsed.TotalSeconds;
        return (perSecond, Percentiles(times));
    }

    public static string Percentiles(double[] milliseconds)
    {
        Array.Sort(milliseconds);
        return string.Create(CultureInfo.InvariantCulture, $"p50 {milliseconds[milliseconds.Length / 2]:0.0} ms, p99 {milliseconds[milliseconds.Length * 99 / 100]:0.0} ms");
    }
}
