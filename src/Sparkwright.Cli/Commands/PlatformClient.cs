using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Server.Storage;

namespace Sparkwright.Cli.Commands;

/// <summary>Asks a running platform, found by its data directory, as its administrator.</summary>
internal sealed class PlatformClient : IDisposable
{
    /// <summary>A platform on this machine that does not answer in this time answers no more.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly HttpClient http;
    private readonly string data;

    private PlatformClient(string data, string address, string token)
    {
        this.data = data;
        http = new HttpClient { BaseAddress = new Uri(address), Timeout = Patience };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    /// <exception cref="PlatformClientException">No platform serves the directory.</exception>
    public static PlatformClient Of(string data)
    {
        if (DataDirectory.Endpoints(data) is { } endpoints && endpoints.At("endpoints", "dashboard")?.Text is { } address && endpoints["kubeconfig"]?.Text is { } file)
        {
            // The first user is the administrator.
            var users = File.Exists(file) ? TreeJson.Parse(File.ReadAllBytes(file))["users"] : null;
            return new PlatformClient(data, address, Tree.ItemsOf(users) is [var first, ..] ? first.At("user", "token")?.Text ?? "" : "");
        }

        throw new PlatformClientException($"no platform serves {data}; start one with sparkwright up, or name its directory with --data-dir");
    }

    public Task<TreeMap> Outputs(CancellationToken cancellation) => Ask(() => http.GetAsync(new Uri("/outputs", UriKind.Relative), cancellation), cancellation);

    /// <summary>What an operation answers, such as <c>plan</c>.</summary>
    public Task<TreeMap> Post(string operation, TreeMap request, CancellationToken cancellation) =>
        Ask(() => http.PostAsync(new Uri($"/platform/{operation}", UriKind.Relative), Json(request), cancellation), cancellation);

    /// <summary>What an apply tells, line by line while it is at work.</summary>
    public async IAsyncEnumerable<TreeMap> Apply(TreeMap request, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, new Uri("/platform/apply", UriKind.Relative)) { Content = Json(request) };
        using var response = await Guarded(() => http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancellation)).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode)
        {
            throw Refused(await response.Content.ReadAsStringAsync(cancellation).ConfigureAwait(false));
        }

        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false));
        while (await Guarded(() => lines.ReadLineAsync(cancellation).AsTask()).ConfigureAwait(false) is { } line)
        {
            yield return (TreeMap)TreeJson.Parse(line);
        }
    }

    public void Dispose() => http.Dispose();

    private static StringContent Json(TreeMap request) => new(request.ToString(), Encoding.UTF8, "application/json");

    private async Task<TreeMap> Ask(Func<Task<HttpResponseMessage>> ask, CancellationToken cancellation)
    {
        using var response = await Guarded(ask).ConfigureAwait(false);
        var text = await response.Content.ReadAsStringAsync(cancellation).ConfigureAwait(false);
        return response.IsSuccessStatusCode ? (TreeMap)TreeJson.Parse(text) : throw Refused(text);
    }

    private async Task<T> Guarded<T>(Func<Task<T>> ask)
    {
        try
        {
            return await ask().ConfigureAwait(false);
        }
        catch (Exception mistake) when (mistake is HttpRequestException or IOException or TaskCanceledException)
        {
            throw new PlatformClientException($"the platform of {data} does not answer at {http.BaseAddress}: {mistake.Message}");
        }
    }

    private static PlatformClientException Refused(string answer)
    {
        try
        {
            return new PlatformClientException(TreeJson.Parse(answer)["message"]?.Text ?? answer);
        }
        catch (JsonException)
        {
            return new PlatformClientException(answer);
        }
    }
}

/// <summary>A platform that does not do what it is asked, and why, in one line.</summary>
internal sealed class PlatformClientException(string message) : Exception(message);
