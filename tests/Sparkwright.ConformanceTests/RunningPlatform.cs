using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using System.Text;
using Sparkwright.Kubernetes.Objects;

[assembly: AssemblyFixture(typeof(Sparkwright.ConformanceTests.RunningPlatform))]

namespace Sparkwright.ConformanceTests;

/// <summary>A platform served by <c>sparkwright up</c> as a process of its own, with a data directory that goes with it.</summary>
public sealed class RunningPlatform : IAsyncLifetime
{
    private readonly string directory = Directory.CreateTempSubdirectory("sparkwright-conformance-").FullName;
    private readonly List<HttpClient> clients = [];
    private Process? process;
    private Tree kubeconfig = TreeMap.Empty;

    /// <summary>What <c>up</c> is started with beside its directory and ports.</summary>
    public string[] Options { get; init; } = [];

    public Uri Address { get; private set; } = new("https://127.0.0.1");

    /// <summary>All AWS services.</summary>
    public Uri Aws { get; private set; } = new("http://127.0.0.1");

    /// <summary>Where the components' metrics are.</summary>
    public Uri Dashboard { get; private set; } = new("http://127.0.0.1");

    /// <summary>YuniKorn's web service.</summary>
    public Uri YuniKorn { get; private set; } = new("http://127.0.0.1");

    public string KubeconfigFile { get; private set; } = "";

    /// <summary>Where the platform keeps what survives it.</summary>
    public string DataDirectory => directory;

    /// <summary>The names of the kubeconfig's users.</summary>
    public IEnumerable<string> Users => kubeconfig["users"]!.Items.ToArray().Select(one => one["name"]!.Text!);

    /// <summary>Such as <c>emr-data-team-a</c>; the first user is the administrator.</summary>
    public string Team { get; private set; } = "";

    public async ValueTask InitializeAsync() => await Start();

    public async ValueTask DisposeAsync()
    {
        clients.ForEach(client => client.Dispose());
        await Kill();
        Directory.Delete(directory, recursive: true);
    }

    /// <summary>Ends the process as <c>kill -9</c> does.</summary>
    public async Task Kill()
    {
        process!.Kill();
        await process.WaitForExitAsync();
    }

    /// <summary>Ends the process as Ctrl-C does.</summary>
    public async Task Stop()
    {
        using (var signal = Process.Start("kill", ["-TERM", $"{process!.Id}"]))
        {
            await signal.WaitForExitAsync();
        }

        await process.WaitForExitAsync();
    }

    /// <summary>A start that is not to come up: its exit code, and what it says on stderr.</summary>
    public async Task<(int Code, string Error)> TryStart()
    {
        process = Launch(hearsErrors: true);
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, error);
    }

    public async Task Start()
    {
        process = Launch(hearsErrors: false);
        var ready = TreeJson.Parse(await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("up ended before it served"));
        Address = new Uri(ready.At("endpoints", "kubernetes")!.Text!);
        Aws = new Uri(ready.At("endpoints", "aws")!.Text!);
        Dashboard = new Uri(ready.At("endpoints", "dashboard")!.Text!);
        YuniKorn = new Uri(ready.At("endpoints", "yunikorn")!.Text!);
        KubeconfigFile = ready["kubeconfig"]!.Text!;
        kubeconfig = YamlReader.Read(await File.ReadAllTextAsync(KubeconfigFile)).Documents[0].Root;
        Team = Users.Skip(1).FirstOrDefault() ?? "";
    }

    private Process Launch(bool hearsErrors)
    {
        process?.Dispose();
        return Process.Start(new ProcessStartInfo(
            "dotnet",
            [
                Path.Combine(AppContext.BaseDirectory, "sparkwright.dll"), "up", "--data-dir", directory, "--kubernetes-port", "0", "--aws-port", "0", "--dashboard-port", "0",
                "--yunikorn-port", "0", "--output", "json", .. Options,
            ])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = hearsErrors,
        })!;
    }

    /// <summary>The keys of a user in the credentials file that the platform writes for the aws CLI.</summary>
    public (string Id, string Secret) AwsKey(string user)
    {
        var lines = File.ReadAllLines(Path.Combine(directory, "aws-credentials"));
        var at = Array.IndexOf(lines, $"[{user}]");
        return (lines[at + 1].Split(" = ")[1], lines[at + 2].Split(" = ")[1]);
    }

    /// <summary>A client of a user of the kubeconfig; without credentials for null.</summary>
    public HttpClient As(string? user)
    {
        // The server's certificate is of the platform's own authority; what it proves is tested with kubectl, which checks it.
        var client = new HttpClient(new HttpClientHandler { ServerCertificateCustomValidationCallback = static (_, _, _, _) => true }) { BaseAddress = Address };
        if (user is not null)
        {
            var token = kubeconfig["users"]!.Items.ToArray().First(one => one["name"]?.Text == user).At("user", "token")!.Text;
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        lock (clients)
        {
            clients.Add(client);
        }

        return client;
    }

    /// <summary>A WebSocket of a user of the kubeconfig, not opened yet.</summary>
    public ClientWebSocket Socket(string user)
    {
        var socket = new ClientWebSocket();
        socket.Options.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
        socket.Options.SetRequestHeader("Authorization", As(user).DefaultRequestHeaders.Authorization!.ToString());
        socket.Options.CollectHttpResponseDetails = true;
        return socket;
    }

    public Uri SocketAddress(string path) => new(new UriBuilder(Address) { Scheme = "wss" }.Uri, path);

    /// <summary>The messages of a socket until it is closed, each one text.</summary>
    public static async IAsyncEnumerable<string> Texts(WebSocket socket, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var buffer = new byte[1 << 20];
        while (true)
        {
            var length = 0;
            ValueWebSocketReceiveResult part;
            do
            {
                part = await socket.ReceiveAsync(buffer.AsMemory(length), cancellation);
                length += part.Count;
            }
            while (!part.EndOfMessage);
            if (part.MessageType == WebSocketMessageType.Close)
            {
                yield break;
            }

            Assert.Equal(WebSocketMessageType.Text, part.MessageType);
            yield return Encoding.UTF8.GetString(buffer, 0, length);
        }
    }

    /// <summary>A client that comes with a token.</summary>
    public HttpClient With(string token)
    {
        var client = As(null);
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    public static async Task<(int Code, Tree Body)> Send(
        HttpClient client, string method, string path, string? body = null, string mediaType = "application/json", string accept = "application/json")
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Headers.TryAddWithoutValidation("Accept", accept);
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, mediaType);
        }

        using var response = await client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return ((int)response.StatusCode, text.StartsWith('{') ? TreeJson.Parse(text) : text);
    }
}
