using System.Text;

namespace Sparkwright.ConformanceTests;

public class FieldValidationTests(RunningPlatform platform)
{
    private const string Maps = "/api/v1/namespaces/default/configmaps";
    private const string Workload = "/apis/apps/v1/namespaces/kube-system/deployments/coredns";
    private const string Merge = "application/merge-patch+json";
    private const string Strategic = "application/strategic-merge-patch+json";

    [Theory]
    [InlineData("POST", Maps, "application/json", "{\"metadata\":{\"name\":\"v\"},\"foo\":1}", "Strict", 400, "ConfigMap in version \"v1\" cannot be handled as a ConfigMap: strict decoding error: unknown field \"foo\"")]
    [InlineData("POST", Maps, "application/json", "{\"metadata\":{\"name\":\"v\",\"name\":\"w\"}}", "Strict", 400, "ConfigMap in version \"v1\" cannot be handled as a ConfigMap: strict decoding error: duplicate field \"metadata.name\"")]
    [InlineData("POST", Maps, "application/json", "{\"metadata\":{\"name\":\"v\"},\"data\":{\"a\":1}}", "Ignore", 400, "ConfigMap in version \"v1\" cannot be handled as a ConfigMap: json: cannot unmarshal number into Go struct field ConfigMap.data of type string")]
    [InlineData("POST", Maps, "application/json", "{\"metadata\":{\"name\":\"v\"}}", "Loose", 422, "CreateOptions.meta.k8s.io \"\" is invalid: fieldValidation: Unsupported value: \"Loose\": supported values: \"Ignore\", \"Strict\", \"Warn\"")]
    [InlineData("PATCH", Workload, Strategic, "{\"spec\":{\"foo\":\"bar\"}}", "Strict", 422, " \"\" is invalid: patch: Invalid value: \"map[spec:map[foo:bar]]\": strict decoding error: unknown field \"spec.foo\"")]
    [InlineData("PATCH", Workload, "application/json-patch+json", "[{\"op\":\"test\",\"path\":\"/kind\",\"value\":\"Deployment\",\"foo\":1}]", "Strict", 422, "strict decoding error: json patch unknown field \"[0].foo\"")]
    [InlineData("PATCH", Workload, Merge, "{\"spec\":{\"paused\":false,\"paused\":false}}", "Strict", 422, "strict decoding error: duplicate field \"spec.paused\"")]
    public async Task What_cannot_be_read_is_refused(string method, string path, string mediaType, string body, string validation, int code, string message)
    {
        var answer = await RunningPlatform.Send(platform.As("admin"), method, $"{path}?dryRun=All&fieldValidation={validation}", body, mediaType);
        Assert.Equal(code, answer.Code);
        Assert.EndsWith(message, answer.Body["message"]?.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("POST", Maps, "application/json", "{\"metadata\":{\"name\":\"v\",\"name\":\"v\"},\"foo\":1}", "Warn", "duplicate field \"metadata.name\" | unknown field \"foo\"")]
    [InlineData("POST", Maps, "application/json", "{\"metadata\":{\"name\":\"v\"},\"foo\":1}", "", "unknown field \"foo\"")]
    [InlineData("POST", Maps, "application/json", "{\"metadata\":{\"name\":\"v\"},\"foo\":1}", "Ignore", "")]
    [InlineData("PATCH", Workload, Strategic, "{\"spec\":{\"foo\":\"bar\"}}", "Warn", "unknown field \"spec.foo\"")]
    [InlineData("PATCH", Workload, Merge, "{\"spec\":{\"paused\":false,\"paused\":false}}", "Warn", "duplicate field \"spec.paused\"")]
    public async Task What_is_dropped_is_warned_of(string method, string path, string mediaType, string body, string validation, string warnings)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), $"{path}?dryRun=All&fieldValidation={validation}") { Content = new StringContent(body, Encoding.UTF8, mediaType) };
        using var response = await platform.As("admin").SendAsync(request);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        var given = response.Headers.TryGetValues("Warning", out var values) ? values : [];
        Assert.Equal(warnings, string.Join(" | ", given.Select(one => one["299 - \"".Length..^1].Replace("\\\"", "\"", StringComparison.Ordinal))));
    }
}
