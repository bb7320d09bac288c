using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Sparkwright.Server;

/// <summary>One HTTP server on a loopback port. Each of its requests gets an answer, and none ends the server.</summary>
internal sealed class LoopbackServer : IAsyncDisposable
{
    /// <summary>Clients that have not sent all headers of a request, or of its handshake, by then are cut off.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>What open requests have at the end.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    private readonly WebApplication application;

    private LoopbackServer(WebApplication application) => this.application = application;

    /// <summary>Where it listens, such as <c>http://127.0.0.1:9080</c>.</summary>
    public Uri Address => new(application.Urls.Single());

    /// <param name="port">0 for any free one.</param>
    /// <param name="handle">Answers a request.</param>
    /// <param name="refuse">Answers a request that went wrong, by code and message.</param>
    /// <param name="configure">What is special about the port, such as TLS.</param>
    public static async Task<LoopbackServer> Start(
        int port, RequestDelegate handle, Func<HttpContext, int, string, Task> refuse, Action<ListenOptions>? configure = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        if (configure is not null)
        {
            builder.WebHost.UseKestrelHttpsConfiguration();
        }

        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.RequestHeadersTimeout = Patience;
            kestrel.Listen(IPAddress.Loopback, port, listen => configure?.Invoke(listen));
        });
        var application = builder.Build();
        application.UseWebSockets();
        application.Run(http => Guarded(http, handle, refuse));
        await application.StartAsync().ConfigureAwait(false);
        return new LoopbackServer(application);
    }

    public async ValueTask DisposeAsync()
    {
        using var patience = new CancellationTokenSource(Grace);
        await application.StopAsync(patience.Token).ConfigureAwait(false);
        await application.DisposeAsync().ConfigureAwait(false);
    }

    private static async Task Guarded(HttpContext http, RequestDelegate handle, Func<HttpContext, int, string, Task> refuse)
    {
        try
        {
            await handle(http).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // The client has gone.
        }
        catch (OperationCanceledException)
        {
            await Refuse(http, refuse, 503, "the platform is shutting down").ConfigureAwait(false);
        }
        catch (Microsoft.AspNetCore.Http.BadHttpRequestException mistake)
        {
            await Refuse(http, refuse, mistake.StatusCode, mistake.Message).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            await Console.Error.WriteLineAsync($"sparkwright: {http.Request.Method} {http.Request.Path}: {fault}").ConfigureAwait(false);
            await Refuse(http, refuse, 500, $"Internal error occurred: {fault.Message}").ConfigureAwait(false);
        }
    }

    private static Task Refuse(HttpContext http, Func<HttpContext, int, string, Task> refuse, int code, string message)
    {
        if (!http.Response.HasStarted)
        {
            return refuse(http, code, message);
        }

        http.Abort();
        return Task.CompletedTask;
    }
}
