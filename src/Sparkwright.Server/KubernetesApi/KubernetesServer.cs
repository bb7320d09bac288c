using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Sparkwright.Kubernetes.Authentication;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Schema;
using Sparkwright.Server.Pacing;

namespace Sparkwright.Server.KubernetesApi;

/// <summary>The Kubernetes API on a loopback port, over TLS, HTTP/1.1 and 2.</summary>
internal static class KubernetesServer
{
    /// <param name="port">0 for any free one.</param>
    /// <param name="authority">Signs the server's certificate and those of clients.</param>
    /// <param name="version">Kubernetes' minor version now, such as 1.33: a new cluster may bring another.</param>
    /// <param name="issuer">What service accounts' tokens name as their issuer now.</param>
    public static Task<LoopbackServer> Start(
        int port, Engine engine, WatchHub hub, ResourceTypes types, Func<string> version, KnownUsers users, X509Certificate2 authority, ClusterTrust trust, Func<string> issuer)
    {
        var certificate = CertificateAuthority.ForServer(authority, DateTimeOffset.UtcNow);
        var authentication = new Authentication(users, authority, trust, issuer, engine, TimeProvider.System);
        var handler = new KubernetesHandler(engine, types, version, authentication, new ResourceHandler(engine, hub, types, authentication));
        return LoopbackServer.Start(port, handler.Handle, Refuse, listen =>
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
    }

    private static Task Refuse(HttpContext http, int code, string message) => Answers.Write(http, new ApiStatus(
        code,
        code switch
        {
            503 => "ServiceUnavailable",
            500 => "InternalError",
            _ => "BadRequest",
        },
        message));
}
