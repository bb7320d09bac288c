using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Sparkwright.Server.KubernetesApi;

/// <summary>Messages of a WebSocket, a text frame for each event.</summary>
internal sealed class WebSocketSink : IEventSink, IAsyncDisposable
{
    /// <summary>A token may come as a sub-protocol, since browsers can set no headers; it is never chosen.</summary>
    private const string BearerProtocol = "base64url.bearer.authorization.k8s.io.";

    private static readonly TimeSpan LongestGoodbye = TimeSpan.FromSeconds(1);

    private readonly WebSocket socket;
    private readonly CancellationTokenSource gone;
    private readonly Task listening;

    private WebSocketSink(WebSocket socket, CancellationToken cancellation)
    {
        this.socket = socket;
        gone = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        listening = Listen();
    }

    /// <summary>Ends when the client has closed the socket or is gone.</summary>
    public CancellationToken Gone => gone.Token;

    /// <summary>Accepts the client's wish; of the sub-protocols that it offers the first is spoken, whatever its name: a watch sends text in each.</summary>
    public static async Task<WebSocketSink> Accept(HttpContext http)
    {
        var offered = http.WebSockets.WebSocketRequestedProtocols.FirstOrDefault(protocol => !protocol.StartsWith(BearerProtocol, StringComparison.Ordinal));
        return new WebSocketSink(await http.WebSockets.AcceptWebSocketAsync(offered).ConfigureAwait(false), http.RequestAborted);
    }

    public async ValueTask Send(string type, ReadOnlyMemory<byte> json, CancellationToken cancellation)
    {
        // A send that is broken off would tear down the socket, and with it the orderly end of a watch whose time is over.
        cancellation.ThrowIfCancellationRequested();
        await socket.SendAsync(Encoding.UTF8.GetBytes($"{{\"type\":\"{type}\",\"object\":"), WebSocketMessageType.Text, endOfMessage: false, gone.Token).ConfigureAwait(false);
        await socket.SendAsync(json, WebSocketMessageType.Text, endOfMessage: false, gone.Token).ConfigureAwait(false);
        await socket.SendAsync("}"u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, gone.Token).ConfigureAwait(false);
    }

    public ValueTask Flush(CancellationToken cancellation) => ValueTask.CompletedTask;

    /// <summary>Says goodbye and waits a moment for the answer.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
            {
                using var patience = new CancellationTokenSource(LongestGoodbye);
                await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, patience.Token).ConfigureAwait(false);
                await listening.WaitAsync(patience.Token).ConfigureAwait(false);
            }
        }
        catch (Exception fault) when (fault is WebSocketException or OperationCanceledException)
        {
            // The client went without a word.
        }

        socket.Dispose();
        gone.Dispose();
    }

    /// <summary>What a client sends to a watch means nothing, but for its goodbye.</summary>
    private async Task Listen()
    {
        var buffer = new byte[512];
        try
        {
            while ((await socket.ReceiveAsync(buffer.AsMemory(), gone.Token).ConfigureAwait(false)).MessageType != WebSocketMessageType.Close)
            {
            }
        }
        catch (Exception fault) when (fault is WebSocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The connection is no more.
        }

        if (socket.State != WebSocketState.Closed)
        {
            await gone.CancelAsync().ConfigureAwait(false);
        }
    }
}
