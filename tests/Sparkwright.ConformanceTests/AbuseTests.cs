using System.Diagnostics;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace Sparkwright.ConformanceTests;

/// <summary>Clients that are wrong or hostile are refused or cut off, and the others notice nothing.</summary>
public class AbuseTests(RunningPlatform platform)
{
    private const string Maps = "/api/v1/namespaces/default/configmaps";

    /// <summary>Within this a client that does not go on must be cut off.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_body_that_is_too_large_is_refused(bool saysItsLength)
    {
        var text = Encoding.UTF8.GetBytes($"{{\"metadata\":{{\"name\":\"large\"}},\"data\":{{\"a\":\"{new string('x', 4 << 20)}\"}}}}");
        using var request = new HttpRequestMessage(HttpMethod.Post, Maps) { Content = saysItsLength ? new ByteArrayContent(text) : new StreamContent(new Unmeasured(text)) };
        request.Content.Headers.ContentType = new("application/json");
        using var response = await platform.As("admin").SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(413, (int)response.StatusCode);
        Assert.Contains("\"reason\":\"RequestEntityTooLarge\"", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        await OthersAreServed();
    }

    [Theory]
    [InlineData("application/json", "[")]
    [InlineData("application/json", "{\"a\":")]
    [InlineData("application/yaml", "[")]
    [InlineData("application/yaml", "{a: ")]
    public async Task A_document_that_is_nested_too_deeply_is_refused(string mediaType, string opening)
    {
        var text = string.Concat(Enumerable.Repeat(opening, 100_000));
        var answer = await RunningPlatform.Send(platform.As("admin"), "POST", Maps, text, mediaType);
        Assert.Equal((400, "BadRequest"), (answer.Code, answer.Body["reason"]?.Text));
        await OthersAreServed();
    }

    [Fact]
    public async Task Aliases_that_grow_without_end_are_refused()
    {
        var text = new StringBuilder("a0: &a0 x\n");
        for (var level = 1; level < 60; level++)
        {
            text.Append($"a{level}: &a{level} [{string.Join(", ", Enumerable.Repeat($"*a{level - 1}", 10))}]\n");
        }

        Assert.Equal(400, (await RunningPlatform.Send(platform.As("admin"), "POST", Maps, text.ToString(), "application/yaml")).Code);
        await OthersAreServed();
    }

    [Fact]
    public async Task Headers_that_are_too_large_are_refused()
    {
        await using var client = await Connect();
        await client.WriteAsync(Encoding.ASCII.GetBytes($"GET /version HTTP/1.1\r\nHost: x\r\nX-Large: {new string('x', 100_000)}\r\n\r\n"), TestContext.Current.CancellationToken);
        Assert.StartsWith("HTTP/1.1 431", await ReadToEnd(client), StringComparison.Ordinal);
        await OthersAreServed();
    }

    [Theory]
    [InlineData("nothing, not even a handshake")]
    [InlineData("half of its headers")]
    [InlineData("half of its body")]
    public async Task A_client_that_does_not_go_on_is_cut_off(string sends)
    {
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(platform.Address.Host, platform.Address.Port, TestContext.Current.CancellationToken);
        await using Stream client = sends.StartsWith("nothing", StringComparison.Ordinal) ? tcp.GetStream() : await Secured(tcp);
        if (sends.StartsWith("half of its headers", StringComparison.Ordinal))
        {
            await client.WriteAsync("GET /version HTTP/1.1\r\nHost: x\r\nX-Sl"u8.ToArray(), TestContext.Current.CancellationToken);
        }
        else if (sends.StartsWith("half of its body", StringComparison.Ordinal))
        {
            var token = platform.As("admin").DefaultRequestHeaders.Authorization;
            await client.WriteAsync(
                Encoding.ASCII.GetBytes($"POST {Maps} HTTP/1.1\r\nHost: x\r\nAuthorization: {token}\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{{\"meta"),
                TestContext.Current.CancellationToken);
        }

        var waited = Stopwatch.StartNew();
        var end = ReadToEnd(client);
        await OthersAreServed();
        await end.WaitAsync(Patience, TestContext.Current.CancellationToken);
        Assert.True(waited.Elapsed < Patience);
        await OthersAreServed();
    }

    [Fact]
    public async Task Many_connections_that_stay_silent_harm_nobody()
    {
        var silent = new List<TcpClient>();
        for (var count = 0; count < 500; count++)
        {
            var tcp = new TcpClient();
            await tcp.ConnectAsync(platform.Address.Host, platform.Address.Port, TestContext.Current.CancellationToken);
            silent.Add(tcp);
        }

        await OthersAreServed();
        silent.ForEach(tcp => tcp.Dispose());
    }

    private async Task OthersAreServed() => Assert.Equal(200, (await RunningPlatform.Send(platform.As("admin"), "GET", "/api/v1/namespaces/default")).Code);

    private async Task<SslStream> Connect()
    {
        var tcp = new TcpClient();
        await tcp.ConnectAsync(platform.Address.Host, platform.Address.Port, TestContext.Current.CancellationToken);
        return await Secured(tcp);
    }

    private static async Task<SslStream> Secured(TcpClient tcp)
    {
        var secured = new SslStream(tcp.GetStream(), leaveInnerStreamOpen: false, static (_, _, _, _) => true);
        await secured.AuthenticateAsClientAsync("localhost");
        return secured;
    }

    /// <summary>What the server says until it closes; a reset is an end as well.</summary>
    private static async Task<string> ReadToEnd(Stream client)
    {
        var heard = new StringBuilder();
        var buffer = new byte[4096];
        try
        {
            while (await client.ReadAsync(buffer) is var count and > 0)
            {
                heard.Append(Encoding.ASCII.GetString(buffer, 0, count));
            }
        }
        catch (IOException)
        {
            // Cut off without a word.
        }

        return heard.ToString();
    }

    /// <summary>A stream that cannot say how long it is, which makes a client send chunks.</summary>
    private sealed class Unmeasured(byte[] content) : MemoryStream(content)
    {
        public override bool CanSeek => false;
    }
}
