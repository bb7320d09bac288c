using System.Diagnostics;
using System.Text;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.Bench;

/// <summary>The AWS API as clients meet it: every request signed and checked, bodies and journal on disk; the load comes from the same machine.</summary>
internal static class AwsBench
{
    private const int AtOnce = 32;
    private const int JobRuns = 1_000;
    private const int Puts = 20_000;
    private const int Gets = 40_000;
    private const int ListedKeys = 100_000;
    private const int ObjectSize = 4 << 10;
    private const long LargeSize = 1L << 30;
    private const int LargePiece = 1 << 20;

    public static IEnumerable<string> Run()
    {
        using (var platform = ServedPlatform.Start())
        using (var client = platform.AwsClient())
        {
            yield return StartJobRuns(client).GetAwaiter().GetResult();
        }

        using (var platform = ServedPlatform.Start("--blueprint", "none"))
        using (var client = platform.AwsClient())
        {
            foreach (var line in Objects(client, platform).GetAwaiter().GetResult())
            {
                yield return line;
            }
        }
    }

    private static async Task<string> StartJobRuns(AwsClient client)
    {
        await client.Ask("s3", "PUT", "/bench").ConfigureAwait(false);
        await client.Ask("s3", "PUT", "/bench/job.py", "print(1)\n"u8.ToArray()).ConfigureAwait(false);
        var clusters = (TreeMap)TreeJson.Parse(await client.Ask("emr-containers", "GET", "/virtualclusters").ConfigureAwait(false));
        var id = clusters["virtualClusters"]!.Items[0]["id"]!.Text!;
        var roles = await client.Ask("iam", "POST", "/", "Action=ListRoles&Version=2010-05-08"u8.ToArray()).ConfigureAwait(false);
        var role = roles[roles.IndexOf("arn:aws:iam::", StringComparison.Ordinal)..].Split('<')[0];
        var rate = await ServedPlatform.Rate(JobRuns, AtOnce, at => client.Ask("emr-containers", "POST", $"/virtualclusters/{id}/jobruns", Encoding.UTF8.GetBytes($$$"""
            {"name":"bench","clientToken":"t{{{at}}}","executionRoleArn":"{{{role}}}","releaseLabel":"emr-6.7.0-latest",
             "jobDriver":{"sparkSubmitJobDriver":{"entryPoint":"s3://bench/job.py","sparkSubmitParameters":"--conf spark.executor.instances=1"} } }
            """))).ConfigureAwait(false);
        return Text("job runs", rate);
    }

    private static async Task<List<string>> Objects(AwsClient client, ServedPlatform platform)
    {
        var lines = new List<string>();
        var body = new byte[ObjectSize];
        new Random(1).NextBytes(body);
        await client.Ask("s3", "PUT", "/bench").ConfigureAwait(false);
        lines.Add(Text("PUTs of 4 KiB", await ServedPlatform.Rate(Puts, AtOnce, at => client.Ask("s3", "PUT", $"/bench/o/{at}", body)).ConfigureAwait(false)));
        lines.Add(Text("GETs of 4 KiB", await ServedPlatform.Rate(Gets, AtOnce, at => client.Ask("s3", "GET", $"/bench/o/{at % Puts}")).ConfigureAwait(false)));
        await client.Ask("s3", "PUT", "/listed").ConfigureAwait(false);
        await ServedPlatform.Rate(ListedKeys, AtOnce, at => client.Ask("s3", "PUT", $"/listed/k{at:D6}", [])).ConfigureAwait(false);
        lines.Add(await List(client).ConfigureAwait(false));
        lines.Add(await Large(client, platform).ConfigureAwait(false));
        return lines;
    }

    private static async Task<string> List(AwsClient client)
    {
        var clock = Stopwatch.StartNew();
        var (keys, pages, after) = (0, 0, "");
        do
        {
            var page = await client.Ask("s3", "GET", "/listed", query: $"list-type=2{(after.Length == 0 ? "" : $"&start-after={after}")}").ConfigureAwait(false);
            var count = page.Split("<Key>").Length - 1;
            (keys, pages) = (keys + count, pages + 1);
            after = page.Contains("<IsTruncated>true", StringComparison.Ordinal) ? page[(page.LastIndexOf("<Key>", StringComparison.Ordinal) + 5)..].Split('<')[0] : "";
        }
        while (after.Length > 0);
        return $"{clock.Elapsed.TotalMilliseconds,10:N0} ms to list {keys:N0} keys in {pages} pages";
    }

    /// <summary>One object of a gibibyte there and back, and how far memory goes up meanwhile.</summary>
    private static async Task<string> Large(AwsClient client, ServedPlatform platform)
    {
        var before = platform.Memory;
        using var stop = new CancellationTokenSource();
        var peak = Task.Run(async () =>
        {
            var most = before;
            while (!stop.IsCancellationRequested)
            {
                most = Math.Max(most, platform.Memory);
                await Task.Delay(20).ConfigureAwait(false);
            }

            return most;
        });
        var clock = Stopwatch.StartNew();
        using (var content = new PushContent())
        {
            using var put = await client.Send("s3", "PUT", "/bench/large", content).ConfigureAwait(false);
        }

        var up = clock.Elapsed;
        using var response = await client.Send("s3", "GET", "/bench/large").ConfigureAwait(false);
        var size = 0L;
        var buffer = new byte[LargePiece];
        using var stream = await response.Content.ReadAsStreamAsync().ConfigureAwait(false);
        for (int read; (read = await stream.ReadAsync(buffer).ConfigureAwait(false)) > 0;)
        {
            size += read;
        }

        var down = clock.Elapsed - up;
        await stop.CancelAsync().ConfigureAwait(false);
        return size == LargeSize
            ? $"{up.TotalSeconds,10:N1} s to put 1 GiB, {down.TotalSeconds:N1} s to get it; resident {before >> 20} MiB before, {await peak.ConfigureAwait(false) >> 20} MiB at most"
            : throw new InvalidOperationException($"{size} bytes came back");
    }

    private static string Text(string what, (double PerSecond, string Percentiles) rate) => $"{rate.PerSecond,10:N0} {what}/s by {AtOnce} at once, {rate.Percentiles}";

    /// <summary>A gibibyte that is never in memory as a whole.</summary>
    private sealed class PushContent : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, System.Net.TransportContext? context)
        {
            var piece = new byte[LargePiece];
            new Random(1).NextBytes(piece);
            for (var sent = 0L; sent < LargeSize; sent += piece.Length)
            {
                await stream.WriteAsync(piece).ConfigureAwait(false);
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = LargeSize;
            return true;
        }
    }
}
