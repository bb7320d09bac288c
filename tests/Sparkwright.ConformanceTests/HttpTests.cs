using System.Net;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.ConformanceTests;

public class HttpTests(RunningPlatform platform)
{
    private const string Maps = "/api/v1/namespaces/default/configmaps";
    private const string TableAccept = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";

    [Theory]
    [InlineData("admin", "GET", "/api/v1/namespaces/default/pods/none", null, "application/json", 404, "NotFound")]
    [InlineData("admin", "PUT", "/api/v1/namespaces/default/pods", "{}", "application/json", 405, "MethodNotAllowed")]
    [InlineData("admin", "POST", "/api/v1/namespaces", "{\"metadata\":{\"name\":\"default\"}}", "application/json", 409, "AlreadyExists")]
    [InlineData("admin", "POST", Maps, "{\"metadata\":{\"name\":\"Wrong Name\"}}", "application/json", 422, "Invalid")]
    [InlineData("admin", "POST", Maps, "x", "text/csv", 415, "UnsupportedMediaType")]
    [InlineData("admin", "POST", Maps, "k8s", "application/vnd.kubernetes.protobuf", 400, "BadRequest")]
    [InlineData("admin", "POST", "/apis/karpenter.sh/v1/nodepools", "k8s", "application/vnd.kubernetes.protobuf", 415, "UnsupportedMediaType")]
    [InlineData("admin", "PATCH", "/api/v1/namespaces/default", "k8s", "application/vnd.kubernetes.protobuf", 415, "UnsupportedMediaType")]
    [InlineData("admin", "PATCH", "/api/v1/namespaces/default", "{}", "application/json", 415, "UnsupportedMediaType")]
    [InlineData("admin", "GET", Maps + "?limit=x", null, "application/json", 400, "BadRequest")]
    [InlineData("admin", "GET", Maps + "?resourceVersion=99999999", null, "application/json", 504, "Timeout")]
    [InlineData(null, "GET", "/api/v1/pods", null, "application/json", 403, "Forbidden")]
    [InlineData(null, "GET", "/api", null, "application/json", 403, "Forbidden")]
    public async Task A_refusal_is_a_Status(string? user, string method, string path, string? body, string mediaType, int code, string reason)
    {
        var answer = await RunningPlatform.Send(platform.As(user), method, path, body, mediaType);
        Assert.Equal((code, "Status", "Failure", reason), (answer.Code, answer.Body["kind"]?.Text, answer.Body["status"]?.Text, answer.Body["reason"]?.Text));
        Assert.Equal(code, answer.Body["code"]?.Integer);
    }

    [Fact]
    public async Task A_wrong_token_is_nobodys()
    {
        var client = platform.As(null);
        client.DefaultRequestHeaders.Authorization = new("Bearer", "wrong");
        Assert.Equal(401, (await RunningPlatform.Send(client, "GET", "/version")).Code);
    }

    [Fact]
    public async Task A_stale_version_is_a_conflict()
    {
        var admin = platform.As("admin");
        await RunningPlatform.Send(admin, "POST", Maps, "{\"metadata\":{\"name\":\"stale\"}}");
        var answer = await RunningPlatform.Send(admin, "PUT", Maps + "/stale", "{\"metadata\":{\"name\":\"stale\",\"resourceVersion\":\"1\"},\"data\":{\"a\":\"b\"}}");
        Assert.Equal((409, "Conflict"), (answer.Code, answer.Body["reason"]?.Text));
    }

    [Fact]
    public async Task A_Job_that_is_deleted_without_a_policy_leaves_its_pods()
    {
        var admin = platform.As("admin");
        await RunningPlatform.Send(
            admin, "POST", "/apis/batch/v1/namespaces/default/jobs",
            "{\"metadata\":{\"name\":\"left\"},\"spec\":{\"suspend\":true,\"template\":{\"spec\":{\"restartPolicy\":\"Never\",\"containers\":[{\"name\":\"c\",\"image\":\"i\"}]}}}}");
        using var request = new HttpRequestMessage(HttpMethod.Delete, "/apis/batch/v1/namespaces/default/jobs/left");
        using var response = await admin.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(200, (int)response.StatusCode);
        Assert.Contains("child pods are preserved by default", response.Headers.GetValues("Warning").Single(), StringComparison.Ordinal);
        Assert.Contains("\"finalizers\":[\"orphan\"]", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_list_in_pages_shows_one_state()
    {
        var admin = platform.As("admin");
        var first = (await RunningPlatform.Send(admin, "GET", "/api/v1/namespaces?limit=2")).Body;
        var all = (await RunningPlatform.Send(admin, "GET", "/api/v1/namespaces")).Body["items"]!.Items.Length;
        Assert.Equal(2, first["items"]!.Items.Length);
        Assert.Equal(all - 2, first.At("metadata", "remainingItemCount")?.Integer);
        var rest = (await RunningPlatform.Send(admin, "GET", $"/api/v1/namespaces?limit=500&continue={first.At("metadata", "continue")?.Text}")).Body;
        Assert.Equal((all - 2, first.At("metadata", "resourceVersion")?.Text), (rest["items"]!.Items.Length, rest.At("metadata", "resourceVersion")?.Text));
        Assert.Null(rest.At("metadata", "continue"));
    }

    [Fact]
    public async Task A_watch_with_initial_events_marks_their_end()
    {
        var lines = await Watch("/api/v1/nodes?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&timeoutSeconds=1", "application/json");
        Assert.Equal(["ADDED", "ADDED", "ADDED", "BOOKMARK"], lines.Take(4).Select(line => line["type"]?.Text));
        Assert.Equal("true", lines[3].At("object", "metadata", "annotations", "k8s.io/initial-events-end")?.Text);
    }

    [Fact]
    public async Task A_watch_of_tables_defines_the_columns_once()
    {
        var lines = await Watch("/api/v1/nodes?watch=1&timeoutSeconds=1&includeObject=None", TableAccept);
        Assert.All(lines, line => Assert.Equal("Table", line.At("object", "kind")?.Text));
        Assert.Equal([true, false, false], lines.Take(3).Select(line => line.At("object", "columnDefinitions") is TreeList));
    }

    [Fact]
    public async Task A_team_is_at_home_in_its_namespace_alone()
    {
        var team = platform.As(platform.Team);
        Assert.Equal(200, (await RunningPlatform.Send(team, "GET", $"/api/v1/namespaces/{platform.Team}/pods")).Code);
        Assert.Equal(403, (await RunningPlatform.Send(team, "GET", "/api/v1/namespaces/default/pods")).Code);
        Assert.Equal(200, (await RunningPlatform.Send(team, "GET", "/apis")).Code);
        var review = await RunningPlatform.Send(
            team, "POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", "{\"spec\":{\"resourceAttributes\":{\"verb\":\"list\",\"resource\":\"nodes\"}}}");
        Assert.Equal((201, false), (review.Code, review.Body.At("status", "allowed")?.Boolean));
    }

    [Fact]
    public async Task Who_may_impersonate_is_seen_as_the_other()
    {
        var client = platform.As("admin");
        client.DefaultRequestHeaders.Add("Impersonate-User", platform.Team);
        var answer = await RunningPlatform.Send(client, "GET", "/api/v1/namespaces/default/pods");
        Assert.Equal(403, answer.Code);
        Assert.Contains($"User \"{platform.Team}\" cannot list", answer.Body["message"]?.Text, StringComparison.Ordinal);
    }

    private async Task<List<Tree>> Watch(string path, string accept)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("Accept", accept);
        using var response = await platform.As("admin").SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var text = await response.Content.ReadAsStringAsync();
        return [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => TreeJson.Parse(line))];
    }
}
