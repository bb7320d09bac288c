using System.Globalization;
using System.Security.Cryptography;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.ConformanceTests;

/// <summary>What a writer writes: how one state of a thing is told to the API, and read again.</summary>
internal interface IThings
{
    string Collection { get; }

    /// <summary>How many there are at most.</summary>
    int Count { get; }

    string NameOf(int number);

    string RandomState(Random random);

    string Document(string name, string state);

    /// <summary>A merge patch that brings a thing from any state to another.</summary>
    string Patch(string state);

    string StateOf(Tree thing);
}

/// <summary>ConfigMaps, some of them large, whose text has its own checksum beside it.</summary>
internal sealed class TextThings(int writer) : IThings
{
    public string Collection => "/api/v1/namespaces/default/configmaps";

    public int Count => 6;

    public string NameOf(int number) => $"text-{writer}-{number}";

    public string RandomState(Random random)
    {
        var bytes = new byte[random.Next(10) == 0 ? 100_000 : random.Next(10, 2_000)];
        random.NextBytes(bytes);
        return Convert.ToBase64String(bytes);
    }

    public string Document(string name, string state) => TreeMap.Of(("metadata", TreeMap.Of(("name", name)))).Merge(Data(state)).ToString();

    public string Patch(string state) => Data(state).ToString();

    public string StateOf(Tree thing)
    {
        var text = thing.At("data", "text")?.Text ?? "";
        Assert.Equal(Sum(text), thing.At("data", "sum")?.Text);
        return text;
    }

    private static TreeMap Data(string state) => TreeMap.Of(("data", TreeMap.Of(("sum", Sum(state)), ("text", state))));

    private static string Sum(string text) => Convert.ToHexString(SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(text)));
}

/// <summary>Deployments, whose state is how many pods they want.</summary>
internal sealed class ScaledThings : IThings
{
    public string Collection => "/apis/apps/v1/namespaces/default/deployments";

    public int Count => 3;

    public string NameOf(int number) => $"web-{number}";

    public string RandomState(Random random) => random.Next(8).ToString(CultureInfo.InvariantCulture);

    public string Document(string name, string state) =>
        $"{{\"metadata\":{{\"name\":\"{name}\"}},\"spec\":{{\"replicas\":{state},\"selector\":{{\"matchLabels\":{{\"app\":\"{name}\"}}}},"
        + $"\"template\":{{\"metadata\":{{\"labels\":{{\"app\":\"{name}\"}}}},\"spec\":{{\"terminationGracePeriodSeconds\":1,\"containers\":[{{\"name\":\"c\",\"image\":\"i\"}}]}}}}}}}}";

    public string Patch(string state) => $"{{\"spec\":{{\"replicas\":{state}}}}}";

    public string StateOf(Tree thing) => $"{thing.At("spec", "replicas")?.Integer}";
}

/// <summary>One client that writes things of its own, one request after the other, and remembers what was acknowledged.</summary>
internal sealed class CrashWriter(IThings things, Random random)
{
    /// <summary>The acknowledged state of each thing; null when it is not there.</summary>
    private readonly string?[] acknowledged = new string?[things.Count];
    private TaskCompletionSource next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The write without an answer: which thing, and what it then would be.</summary>
    private (int Number, string? State)? asked;

    public IThings Things => things;

    /// <summary>The highest resourceVersion in an answer.</summary>
    public long LastVersion { get; private set; }

    public int Acknowledged { get; private set; }

    /// <summary>Completes with the next answer to a write.</summary>
    public Task NextAcknowledged() => next.Task;

    /// <summary>Writes until the platform dies.</summary>
    public async Task Write(HttpClient client, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            var number = random.Next(things.Count);
            var (name, state) = (things.NameOf(number), things.RandomState(random));
            var path = $"{things.Collection}/{name}";
            var (method, target, body, mediaType) = (acknowledged[number], random.Next(4)) switch
            {
                (null, _) => ("POST", things.Collection, things.Document(name, state), "application/json"),
                (_, 0) => ("DELETE", path, "{\"propagationPolicy\":\"Background\"}", "application/json"),
                (_, 1) => ("PUT", path, things.Document(name, state), "application/json"),
                _ => ("PATCH", path, things.Patch(state), "application/merge-patch+json"),
            };
            asked = (number, method == "DELETE" ? null : state);
            try
            {
                var answer = await RunningPlatform.Send(client, method, target, body, mediaType);
                Assert.True(answer.Code is 200 or 201, $"{method} {target}: {answer.Code} {answer.Body}");
                if (long.TryParse(answer.Body.At("metadata", "resourceVersion")?.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var version))
                {
                    LastVersion = Math.Max(LastVersion, version);
                }
            }
            catch (Exception cut) when (cut is HttpRequestException or IOException)
            {
                return;
            }

            acknowledged[number] = asked.Value.State;
            asked = null;
            Acknowledged++;
            next.TrySetResult();
        }
    }

    /// <summary>Holds what the restarted platform has against what it had acknowledged, and goes on from there.</summary>
    public void Check(Tree list, string when)
    {
        var there = list["items"]!.Items.ToArray().ToDictionary(thing => thing.At("metadata", "name")!.Text!);
        for (var number = 0; number < things.Count; number++)
        {
            var state = there.TryGetValue(things.NameOf(number), out var thing) ? things.StateOf(thing) : null;
            var mayBeNew = asked is { } open && open.Number == number && open.State == state;
            Assert.True(state == acknowledged[number] || mayBeNew, $"{when}: {things.NameOf(number)} is {Short(state)}, not {Short(acknowledged[number])}");
            acknowledged[number] = state;
        }

        asked = null;
        next = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private static string Short(string? state) => state is null ? "gone" : state.Length > 20 ? $"{state[..20]}… ({state.Length} characters)" : state;
}
