using System.Globalization;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.ConformanceTests;

/// <summary>
/// Random writes over HTTP, <c>kill -9</c> at a random moment, a restart on the same directory, again and again: what was acknowledged is there,
/// what was not is there whole or not at all, and the controllers bring everything to rest.
/// </summary>
public class CrashTests
{
    private const string Claimed = "/apis/apps/v1/namespaces/default/deployments";
    private const string Owned = "/apis/apps/v1/replicasets";

    /// <summary>Platforms that are killed side by side, one a core.</summary>
    private const int Platforms = 2;

    /// <summary>Controllers must come to rest within this after a restart.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static readonly int Rounds = int.Parse(Environment.GetEnvironmentVariable("SPARKWRIGHT_CRASH_ROUNDS") ?? "24", CultureInfo.InvariantCulture);

    [Fact]
    public async Task What_was_acknowledged_is_there_after_every_crash() =>
        await Task.WhenAll(Enumerable.Range(1, Platforms).Select(seed => Crash(seed, Rounds / Platforms)));

    [Theory]
    [InlineData("text", "cannot be read as a journal")]
    [InlineData("cut", "restore a copy of it, or begin anew with an empty directory")]
    [InlineData("overwritten", "restore a copy of it, or begin anew with an empty directory")]
    public async Task A_journal_that_is_damaged_is_refused_in_one_line_and_left_as_it_is(string damage, string message)
    {
        await using var platform = new RunningPlatform { Options = ["--blueprint", "none"] };
        await platform.InitializeAsync();
        await platform.Stop();
        var file = Path.Combine(platform.DataDirectory, "world.db");
        var bytes = await File.ReadAllBytesAsync(file);
        switch (damage)
        {
            case "text":
                bytes = "This is no database, and never was one."u8.ToArray();
                break;
            case "cut":
                bytes = bytes[..(bytes.Length / 2 / 4096 * 4096)];
                break;
            case "overwritten":
                bytes.AsSpan(bytes.Length / 2, 8192).Fill(0x5a);
                break;
        }

        await File.WriteAllBytesAsync(file, bytes);
        var (code, error) = await platform.TryStart();
        Assert.Equal(2, code);
        Assert.StartsWith("sparkwright: ", error, StringComparison.Ordinal);
        Assert.Contains(message, error, StringComparison.Ordinal);
        Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(bytes, await File.ReadAllBytesAsync(file));
    }

    private static async Task Crash(int seed, int rounds)
    {
        var random = new Random(seed);
        await using var platform = new RunningPlatform { Options = ["--blueprint", "none", "--speed", "60"] };
        await platform.InitializeAsync();
        foreach (var node in new[] { "n1", "n2" })
        {
            var made = await RunningPlatform.Send(
                platform.As("admin"), "POST", "/api/v1/nodes",
                $"{{\"metadata\":{{\"name\":\"{node}\"}},\"status\":{{\"allocatable\":{{\"cpu\":\"64\",\"memory\":\"256Gi\",\"pods\":\"500\"}}}}}}");
            Assert.Equal(201, made.Code);
        }

        CrashWriter[] writers = [.. Enumerable.Range(0, 4).Select(number => new CrashWriter(number == 0 ? new ScaledThings() : new TextThings(number), new Random((seed * 100) + number)))];
        for (var round = 1; round <= rounds; round++)
        {
            using var end = new CancellationTokenSource();
            var writing = writers.Select(writer => writer.Write(platform.As("admin"), end.Token)).ToList();
            await Task.WhenAny(writing.Append(writers[random.Next(writers.Length)].NextAcknowledged()));
            await Task.Delay(random.Next(120), CancellationToken.None);
            await platform.Kill();
            await end.CancelAsync();
            await Task.WhenAll(writing);

            await platform.Start();
            var admin = platform.As("admin");
            foreach (var writer in writers)
            {
                var list = await RunningPlatform.Send(admin, "GET", writer.Things.Collection);
                Assert.Equal(200, list.Code);
                var version = long.Parse(list.Body.At("metadata", "resourceVersion")!.Text!, CultureInfo.InvariantCulture);
                Assert.True(version >= writer.LastVersion, $"seed {seed}, round {round}: version {version} is older than {writer.LastVersion}, which was acknowledged");
                writer.Check(list.Body, $"seed {seed}, round {round}");
            }

            if (round % 10 == 0 || round == rounds)
            {
                await Rest(platform.As("admin"), $"seed {seed}, round {round}");
            }
        }

        Assert.True(writers.Sum(writer => writer.Acknowledged) > rounds, "hardly anything was written");
    }

    /// <summary>Waits until each Deployment has what it wants and nothing is left of those that are gone.</summary>
    private static async Task Rest(HttpClient admin, string when)
    {
        using var patience = new CancellationTokenSource(Patience);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/pods?watch=1");
        using var response = await admin.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
        using var changes = new StreamReader(await response.Content.ReadAsStreamAsync(patience.Token));
        while (await Unrest(admin) is { } reason)
        {
            try
            {
                await changes.ReadLineAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                Assert.Fail($"{when}: no rest after {Patience}: {reason}");
            }
        }
    }

    private static async Task<string?> Unrest(HttpClient admin)
    {
        var deployments = await Items(Claimed);
        var sets = await Items(Owned);
        var pods = await Items("/api/v1/pods");
        foreach (var deployment in deployments)
        {
            var (wanted, ready) = (deployment.At("spec", "replicas")?.Integer ?? 0, deployment.At("status", "readyReplicas")?.Integer ?? 0);
            var mine = sets.Where(set => OwnerOf(set) == deployment.At("metadata", "uid")?.Text).Select(set => set.At("metadata", "uid")?.Text).ToList();
            var alive = pods.Count(pod => mine.Contains(OwnerOf(pod)) && pod.At("metadata", "deletionTimestamp") is null);
            if (mine.Count != 1 || alive != wanted || ready != wanted)
            {
                return $"{deployment.At("metadata", "name")?.Text} wants {wanted} pods, has {alive} of {mine.Count} sets, {ready} ready";
            }
        }

        var owners = deployments.Concat(sets).Select(owner => owner.At("metadata", "uid")?.Text).ToHashSet();
        return sets.Concat(pods).FirstOrDefault(owned => !owners.Contains(OwnerOf(owned))) is { } left ? $"{left.At("metadata", "name")?.Text} has lost its owner" : null;

        async Task<List<Tree>> Items(string path) => [.. (await RunningPlatform.Send(admin, "GET", path)).Body["items"]!.Items];

        static string? OwnerOf(Tree owned) => Tree.ItemsOf(owned.At("metadata", "ownerReferences")) is [var owner, ..] ? owner["uid"]?.Text : null;
    }
}
