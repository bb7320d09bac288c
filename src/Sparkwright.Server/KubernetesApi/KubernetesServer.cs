using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Schema;
using Sparkwright.Server.Pacing;

namespace Sparkwright.Server.KubernetesApi;

/// <summary>The Kubernetes API on a loopback port, over TLS, HTTP/1.1 and 2.</summary>
public sealed class KubernetesServer : IAsyncDisposable
{
    private readonly WebApplication application;

    private KubernetesServer(WebApplication application) => this.application = application;

    /// <summary>Where it listens: <c>https://127.0.0.1:PORT</c>.</summary>
    public Uri Address => new(application.Urls.Single());

    /// <param name="port">0 for any free one.</param>
    /// <param name="authority">Signs the server's certificate and those of clients.</param>
    /// <param name="version">Kubernetes' minor version, such as 1.33.</param>
    public static async Task<KubernetesServer> Start(
        int port, Engine engine, WatchHub hub, ResourceTypes types, string version, IReadOnlyList<KnownUser> users, X509Certificate2 authority)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        var certificate = CertificateAuthority.ForServer(authority, DateTimeOffset.UtcNow);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Listen(IPAddress.Loopback, port, listen =>
            {
                listen.Protocols = HttpProtocols.Http1AndHttp2;
                listen.UseHttps(https =>
                {
                    https.ServerCertificate = certificate;
                    https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;

                    // A certificate of another authority is no end of the connection: its bearer may still have a token.
                    https.ClientCertificateValidation = static (_, _, _) => true;
                });
            });
        });
        var application = builder.Build();
        var authentication = new Authentication(users, authority);
        var handler = new KubernetesHandler(engine, types, version, authentication, new ResourceHandler(engine, hub, types, authentication));
        application.UseWebSockets();
        application.Run(http => Guarded(http, handler));
        await application.StartAsync().ConfigureAwait(false);
        return new KubernetesServer(application);
    }

    public async ValueTask DisposeAsync()
    {
        await application.StopAsync(TimeSpan.FromSeconds(2).Token()).ConfigureAwait(false);
        await application.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>No request may end without an answer, and none may end the server.</summary>
    private static async Task Guarded(HttpContext http, KubernetesHandler handler)
    {
        try
        {
            await handler.Handle(http).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // The client has gone.
        }
        catch (OperationCanceledException)
        {
            await Refuse(http, new ApiStatus(503, "ServiceUnavailable", "the platform is shutting down")).ConfigureAwait(false);
        }
        catch (Microsoft.AspNetCore.Http.BadHttpRequestException mistake)
        {
            await Refuse(http, new ApiStatus(mistake.StatusCode, "BadRequest", mistake.Message)).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            await Console.Error.WriteLineAsync($"sparkwright: {http.Request.Method} {http.Request.Path}: {fault}").ConfigureAwait(false);
            await Refuse(http, new ApiStatus(500, "InternalError", $"Internal error occurred: {fault.Message}")).ConfigureAwait(false);
        }
    }

    private static Task Refuse(HttpContext http, ApiStatus status)
    {
        if (!http.Response.HasStarted)
        {
            return Answers.Write(http, status);
        }

        http.Abort();
        return Task.CompletedTask;
    }
}

file static class Timeouts
{
    public static CancellationToken Token(this TimeSpan after) => new CancellationTokenSource(after).Token;
}
