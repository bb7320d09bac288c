using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.ConformanceTests;

public class CustomDefinitionTests(RunningPlatform platform)
{
    private const string Definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

    [Fact]
    public async Task A_defined_kind_is_served_like_any_other_and_goes_with_its_definition()
    {
        var admin = platform.As("admin");
        var definition = await RunningPlatform.Send(admin, "POST", Definitions, Definition("gadgets", "Gadget"));
        Assert.Equal(201, definition.Code);

        const string Gadgets = "/apis/example.com/v1/namespaces/default/gadgets";
        var created = await RunningPlatform.Send(admin, "POST", Gadgets, "{\"metadata\":{\"name\":\"g\"},\"spec\":{\"size\":2,\"more\":1}}");
        Assert.Equal((201, "{\"color\":\"red\",\"size\":2}"), (created.Code, created.Body["spec"]!.ToString()));
        var refused = await RunningPlatform.Send(admin, "POST", Gadgets, "{\"metadata\":{\"name\":\"h\"},\"spec\":{\"size\":0}}");
        Assert.Equal((422, "Gadget.example.com \"h\" is invalid: spec.size: Invalid value: 0: spec.size in body should be greater than or equal to 1"), (refused.Code, refused.Body["message"]?.Text));
        var other = await RunningPlatform.Send(admin, "GET", "/apis/example.com/v2/namespaces/default/gadgets/g");
        Assert.Equal((200, "example.com/v2"), (other.Code, other.Body["apiVersion"]?.Text));

        var status = await RunningPlatform.Send(admin, "PATCH", Gadgets + "/g/status", "{\"spec\":{\"size\":9},\"status\":{\"state\":\"on\"}}", "application/merge-patch+json");
        Assert.Equal("2 on", $"{status.Body.At("spec", "size")} {status.Body.At("status", "state")?.Text}");
        var document = await RunningPlatform.Send(admin, "GET", "/openapi/v3/apis/example.com/v1");
        Assert.Equal("How large it is.", document.Body.At("components", "schemas", "com.example.v1.Gadget", "properties", "spec", "properties", "size", "description")?.Text);
        var known = await RunningPlatform.Send(admin, "GET", Definitions + "/gadgets.example.com");
        Assert.Equal(["NamesAccepted", "Established"], known.Body.At("status", "conditions")!.Items.ToArray().Where(one => one["status"]?.Text == "True").Select(one => one["type"]!.Text!));

        await RunningPlatform.Send(admin, "DELETE", Definitions + "/gadgets.example.com");
        await Eventually(async () => (await RunningPlatform.Send(admin, "GET", Gadgets)).Code == 404);
        await RunningPlatform.Send(admin, "POST", Definitions, Definition("gadgets", "Gadget"));
        Assert.Empty((await RunningPlatform.Send(admin, "GET", Gadgets)).Body["items"]!.Items.ToArray());
        await RunningPlatform.Send(admin, "DELETE", Definitions + "/gadgets.example.com");
    }

    [Theory]
    [InlineData("metadata.name", "{\"metadata\":{\"name\":\"wrong\"},\"spec\":{\"group\":\"example.com\",\"scope\":\"Cluster\",\"names\":{\"plural\":\"a\",\"kind\":\"A\"},\"versions\":[{\"name\":\"v1\",\"served\":true,\"storage\":true,\"schema\":{\"openAPIV3Schema\":{\"type\":\"object\"}}}]}}")]
    [InlineData("spec.versions", "{\"metadata\":{\"name\":\"a.example.com\"},\"spec\":{\"group\":\"example.com\",\"scope\":\"Cluster\",\"names\":{\"plural\":\"a\",\"kind\":\"A\"},\"versions\":[{\"name\":\"v1\",\"served\":true,\"storage\":false,\"schema\":{\"openAPIV3Schema\":{\"type\":\"object\"}}}]}}")]
    [InlineData("spec.versions[0].schema.openAPIV3Schema", "{\"metadata\":{\"name\":\"a.example.com\"},\"spec\":{\"group\":\"example.com\",\"scope\":\"Cluster\",\"names\":{\"plural\":\"a\",\"kind\":\"A\"},\"versions\":[{\"name\":\"v1\",\"served\":true,\"storage\":true}]}}")]
    [InlineData("spec.versions[0].schema.openAPIV3Schema.properties[x].type", "{\"metadata\":{\"name\":\"a.example.com\"},\"spec\":{\"group\":\"example.com\",\"scope\":\"Cluster\",\"names\":{\"plural\":\"a\",\"kind\":\"A\"},\"versions\":[{\"name\":\"v1\",\"served\":true,\"storage\":true,\"schema\":{\"openAPIV3Schema\":{\"type\":\"object\",\"properties\":{\"x\":{}}}}}]}}")]
    public async Task A_definition_that_could_not_be_served_is_refused(string field, string body)
    {
        var answer = await RunningPlatform.Send(platform.As("admin"), "POST", Definitions, body);
        Assert.Equal((422, field), (answer.Code, answer.Body.At("details", "causes")?.Items[0]["field"]?.Text));
    }

    [Theory]
    [InlineData("/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations", "calls no webhooks")]
    [InlineData("/apis/apiregistration.k8s.io/v1/apiservices", "serves no aggregated APIs")]
    public async Task What_would_need_a_running_container_is_refused_with_the_reason(string path, string reason)
    {
        var answer = await RunningPlatform.Send(platform.As("admin"), "POST", path, "{\"metadata\":{\"name\":\"v1.example.com\"}}");
        Assert.Equal(403, answer.Code);
        Assert.Contains(reason, answer.Body["message"]?.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Karpenters_kinds_have_their_definitions()
    {
        var answer = await RunningPlatform.Send(platform.As("admin"), "GET", Definitions + "/nodepools.karpenter.sh");
        Assert.Equal(["v1", "v1beta1"], answer.Body.At("spec", "versions")!.Items.ToArray().Select(one => one["name"]!.Text!).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_definition_may_compose_schemas_deprecate_versions_and_scale_by_its_own_fields()
    {
        var admin = platform.As("admin");
        const string Old = "/apis/example.com/v1beta1/namespaces/default/gears", New = "/apis/example.com/v1/namespaces/default/gears";
        var version = """
            {"served":true,"schema":{"openAPIV3Schema":{"type":"object","properties":{
              "spec":{"type":"object","properties":{"teeth":{"type":"integer","anyOf":[{"maximum":5},{"minimum":50}]},"size":{"type":"object","properties":{"wanted":{"type":"integer"}}}},
                "x-kubernetes-validations":[{"rule":"self.teeth > 1"}]},
              "status":{"type":"object","properties":{"there":{"type":"integer"},"labels":{"type":"string"}}}}}},
             "subresources":{"status":{},"scale":{"specReplicasPath":".spec.size.wanted","statusReplicasPath":".status.there","labelSelectorPath":".status.labels"}},
            """;
        var made = await Answer("POST", Definitions, $$$"""
            {"metadata":{"name":"gears.example.com"},"spec":{"group":"example.com","scope":"Namespaced","names":{"plural":"gears","kind":"Gear"},"versions":[
              {{{version}}}"name":"v1","storage":true},{{{version}}}"name":"v1beta1","storage":false,"deprecated":true}]}}
            """);
        Assert.Equal((201, "version v1: x-kubernetes-validations are stored and not enforced by Sparkwright | version v1beta1: x-kubernetes-validations are stored and not enforced by Sparkwright"), (made.Code, made.Warnings));

        var refused = await Answer("POST", New, "{\"metadata\":{\"name\":\"g\"},\"spec\":{\"teeth\":20}}");
        Assert.Equal(422, refused.Code);
        Assert.Contains("<nil>: Invalid value: \"\": \"spec.teeth\" must validate at least one schema (anyOf), spec.teeth: Invalid value: 20: spec.teeth in body should be less than or equal to 5", refused.Body["message"]?.Text, StringComparison.Ordinal);
        var old = await Answer("POST", Old, "{\"metadata\":{\"name\":\"g\"},\"spec\":{\"teeth\":3,\"size\":{\"wanted\":2}}}");
        Assert.Equal((201, "example.com/v1beta1 Gear is deprecated; use example.com/v1 Gear"), (old.Code, old.Warnings));
        Assert.Equal("", (await Answer("GET", New + "/g")).Warnings);

        await RunningPlatform.Send(admin, "PATCH", New + "/g/status", "{\"status\":{\"there\":1,\"labels\":\"a=b\"}}", "application/merge-patch+json");
        Assert.Equal("{\"replicas\":1,\"selector\":\"a=b\"}", (await Answer("GET", New + "/g/scale")).Body["status"]!.ToString());
        await RunningPlatform.Send(admin, "PATCH", New + "/g/scale", "{\"spec\":{\"replicas\":7}}", "application/merge-patch+json");
        Assert.Equal(7, (await Answer("GET", New + "/g")).Body.At("spec", "size", "wanted")?.Integer);
        await Answer("DELETE", Definitions + "/gears.example.com");

        async Task<(int Code, Tree Body, string Warnings)> Answer(string method, string path, string? body = null)
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = body is null ? null : new StringContent(body, System.Text.Encoding.UTF8, "application/json") };
            using var response = await admin.SendAsync(request);
            var warnings = response.Headers.TryGetValues("Warning", out var given) ? string.Join(" | ", given.Select(one => one["299 - \"".Length..^1])) : "";
            return ((int)response.StatusCode, TreeJson.Parse(await response.Content.ReadAsStringAsync()), warnings);
        }
    }

    private static string Definition(string plural, string kind) => TreeMap.Of(
        ("metadata", TreeMap.Of(("name", $"{plural}.example.com"))),
        ("spec", TreeMap.Of(
            ("group", "example.com"),
            ("names", TreeMap.Of(("kind", kind), ("plural", plural))),
            ("scope", "Namespaced"),
            ("versions", TreeList.Of(Version("v1", isStored: true), Version("v2", isStored: false)))))).ToString();

    private static TreeMap Version(string name, bool isStored) => TreeMap.Of(
        ("name", name),
        ("schema", TreeMap.Of(("openAPIV3Schema", TreeJson.Parse(
            """
            {"type":"object","properties":{
              "spec":{"type":"object","properties":{"size":{"type":"integer","minimum":1,"description":"How large it is."},"color":{"type":"string","default":"red"}}},
              "status":{"type":"object","properties":{"state":{"type":"string"}}}}}
            """)))),
        ("served", true),
        ("storage", isStored),
        ("subresources", TreeMap.Of(("status", TreeMap.Empty))));

    private static async Task Eventually(Func<Task<bool>> holds)
    {
        for (var round = 0; !await holds(); round++)
        {
            Assert.True(round < 200, "it never came true");
            await Task.Delay(25);
        }
    }
}
