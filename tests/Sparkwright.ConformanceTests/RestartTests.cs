namespace Sparkwright.ConformanceTests;

public class RestartTests
{
    [Fact]
    public async Task What_was_acknowledged_survives_kill_9()
    {
        const string Maps = "/api/v1/namespaces/default/configmaps";
        await using var platform = new RunningPlatform();
        await platform.InitializeAsync();
        var admin = platform.As("admin");
        var written = new List<string?>();
        for (var count = 0; count < 20; count++)
        {
            var answer = await RunningPlatform.Send(admin, "POST", Maps, $"{{\"metadata\":{{\"name\":\"kept-{count}\"}}}}");
            Assert.Equal(201, answer.Code);
            written.Add(answer.Body.At("metadata", "uid")?.Text);
        }

        await platform.Kill();
        await platform.Start();
        var again = platform.As("admin");
        for (var count = 0; count < written.Count; count++)
        {
            Assert.Equal(written[count], (await RunningPlatform.Send(again, "GET", $"{Maps}/kept-{count}")).Body.At("metadata", "uid")?.Text);
        }

        Assert.Equal(200, (await RunningPlatform.Send(again, "GET", "/apis/rbac.authorization.k8s.io/v1/clusterroles/view")).Code);
    }
}
