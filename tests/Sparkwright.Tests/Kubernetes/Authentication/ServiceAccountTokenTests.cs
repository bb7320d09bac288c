using Sparkwright.Kubernetes.Authentication;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Tests.Controllers;

namespace Sparkwright.Tests.Kubernetes.Authentication;

public class ServiceAccountTokenTests
{
    private const string Issuer = "https://issuer";
    private static readonly SigningKey Key = SigningKey.Create();
    private static readonly DateTimeOffset Wall = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    //          what happens between the token's making and its use                 verdict
    [InlineData("nothing", "system:serviceaccount:default:spark")]
    [InlineData("3650 seconds pass", "system:serviceaccount:default:spark")]
    [InlineData("3670 seconds pass", "[invalid bearer token, service account token has expired]")]
    [InlineData("-70 seconds pass", "[invalid bearer token, service account token is not valid yet]")]
    [InlineData("asked for vault", "[invalid bearer token, token audiences [\"https://kubernetes.default.svc\"] is invalid for the target audiences [\"vault\"]]")]
    [InlineData("delete pod", "[invalid bearer token, service account token has been invalidated]")]
    [InlineData("replace account", "[invalid bearer token, service account token has been invalidated]")]
    public void A_token_holds_as_long_as_what_it_is_bound_to(string what, string verdict)
    {
        var cluster = Cluster();
        var pod = cluster.Get(CoreTypes.Pod, "driver");
        var token = Given(cluster, $"spec: {{boundObjectRef: {{apiVersion: v1, kind: Pod, name: driver, uid: {pod.Metadata.Uid}}}}}").Signed(Key).At("status", "token")!.Text!;
        switch (what)
        {
            case "delete pod":
                cluster.Delete(CoreTypes.Pod, "driver");
                cluster.Run(5);
                break;
            case "replace account":
                cluster.Delete(CoreTypes.ServiceAccount, "spark");
                cluster.Apply("{apiVersion: v1, kind: ServiceAccount, metadata: {name: spark}}");
                break;
        }

        var passed = what.EndsWith("pass", StringComparison.Ordinal) ? int.Parse(what.Split(' ')[0]) : 0;
        Assert.Equal(verdict, Say(cluster, token, Wall.AddSeconds(passed), what == "asked for vault" ? "vault" : ClusterTrust.ApiAudience));
    }

    [Fact]
    public void A_pods_token_says_where_the_pod_runs()
    {
        var cluster = Cluster();
        var given = Given(cluster, "spec: {audiences: [a, b], expirationSeconds: 900, boundObjectRef: {apiVersion: v1, kind: Pod, name: driver}}");
        var verdict = Assert.IsType<TokenVerdict.Accepted>(Check(cluster, Key.Sign(given.Claims), Wall, "b"));
        Assert.Equal(("a", 900), (given.Claims["aud"]!.Items[0].Text, given.Claims["exp"]!.Integer - given.Claims["iat"]!.Integer));
        Assert.Equal(["b"], verdict.Audiences);
        Assert.Equal(["system:serviceaccounts", "system:serviceaccounts:default", "system:authenticated"], verdict.Who.Groups);
        Assert.Equal(cluster.Get(CoreTypes.ServiceAccount, "spark").Metadata.Uid, verdict.Who.Uid);
        Assert.Equal(
            "{\"authentication.kubernetes.io/credential-id\":[\"JTI=id\"],\"authentication.kubernetes.io/node-name\":[\"node-1\"],"
                + $"\"authentication.kubernetes.io/node-uid\":[\"{cluster.Get(CoreTypes.Node, "node-1").Metadata.Uid}\"],"
                + $"\"authentication.kubernetes.io/pod-name\":[\"driver\"],\"authentication.kubernetes.io/pod-uid\":[\"{cluster.Get(CoreTypes.Pod, "driver").Metadata.Uid}\"]}}",
            verdict.Who.Extra.ToString());
    }

    [Theory]
    [InlineData("{expirationSeconds: 599}", "TokenRequest.authentication.k8s.io \"spark\" is invalid: spec.expirationSeconds: Invalid value: 599: may not specify a duration less than 10 minutes")]
    [InlineData("{boundObjectRef: {apiVersion: v1, kind: ConfigMap, name: x}}", "cannot bind token for serviceaccount to a /v1, Kind=ConfigMap")]
    [InlineData("{boundObjectRef: {apiVersion: v1, kind: Pod, name: x}}", "pods \"x\" not found")]
    [InlineData("{boundObjectRef: {apiVersion: v1, kind: Pod, name: stranger}}", "cannot bind token for serviceaccount \"spark\" to pod running with different serviceaccount name.")]
    [InlineData(
        "{boundObjectRef: {apiVersion: v1, kind: Pod, name: driver, uid: x}}",
        "Operation cannot be fulfilled on Pod \"driver\": the UID in the bound object reference (x) does not match the UID in record. The object might have been deleted and then recreated")]
    public void A_request_that_makes_no_sense_is_refused(string spec, string message) => Assert.Equal(
        message,
        Assert.IsType<TokenGrant.Refused>(Decide(Cluster(), $"spec: {spec}")).Status.Message);

    [Fact]
    public void No_token_lasts_longer_than_a_day()
    {
        var given = Given(Cluster(), "spec: {expirationSeconds: 172800}");
        Assert.Equal("requested expiration of 172800 seconds shortened to 86400 seconds", given.Warning);
        Assert.Equal(("2026-06-02T12:00:00Z", 86400), (given.Request.At("status", "expirationTimestamp")?.Text, given.Request.At("spec", "expirationSeconds")?.Integer));
    }

    [Theory]
    [InlineData("nothing", "system:serviceaccount:default:spark")]
    [InlineData("change secret", "[invalid bearer token, service account token has been invalidated]")]
    [InlineData("delete secret", "[invalid bearer token, service account token has been invalidated]")]
    [InlineData("delete account", "[invalid bearer token, service account token has been invalidated]")]
    public void A_secret_of_the_tokens_type_is_filled_and_vouches_for_its_token(string what, string verdict)
    {
        var cluster = Cluster();
        cluster.Apply("{apiVersion: v1, kind: Secret, type: kubernetes.io/service-account-token, metadata: {name: s, annotations: {kubernetes.io/service-account.name: spark}}}");
        cluster.Run(1);
        var secret = cluster.Get(CoreTypes.Secret, "s");
        Assert.Equal(cluster.Get(CoreTypes.ServiceAccount, "spark").Metadata.Uid, secret.Metadata.Annotation(ServiceAccountTokens.UidAnnotation));
        Assert.Equal(["ca.crt", "namespace", "token"], ((TreeMap)secret.Body["data"]!).Keys.ToArray());
        var token = System.Text.Encoding.ASCII.GetString(Convert.FromBase64String(secret.Body.At("data", "token")!.Text!));
        switch (what)
        {
            case "change secret":
                cluster.Store.Put(secret.Set(["data", "token"], "eA=="));
                break;
            case "delete secret":
                cluster.Delete(CoreTypes.Secret, "s");
                break;
            case "delete account":
                cluster.Delete(CoreTypes.ServiceAccount, "spark");
                cluster.Run(1);
                Assert.Null(cluster.Store.Get(CoreTypes.Secret, "default", "s"));
                break;
        }

        Assert.Equal(verdict, Say(cluster, token, Wall, ClusterTrust.ApiAudience));
    }

    [Fact]
    public void Only_the_key_itself_makes_tokens_that_it_knows()
    {
        var token = Key.Sign(TreeMap.Of(("sub", "x")));
        Assert.Equal("x", SigningKey.Import(Key.Export()).Verify(token)?["sub"]?.Text);
        Assert.Null(SigningKey.Create().Verify(token));
        Assert.Null(Key.Verify(token[..^4] + (token.EndsWith("AAAA", StringComparison.Ordinal) ? "BBBB" : "AAAA")));
        Assert.All(["", "a.b", "a.b.c", "....", token + ".x"], broken => Assert.Null(Key.Verify(broken)));
    }

    private static TestCluster Cluster()
    {
        var cluster = new TestCluster(trust: new ClusterTrust("pem", Key));
        cluster.AddNode("node-1");
        cluster.Apply("""
            {apiVersion: v1, kind: ServiceAccount, metadata: {name: spark}}
            ---
            {apiVersion: v1, kind: Pod, metadata: {name: driver}, spec: {serviceAccountName: spark, terminationGracePeriodSeconds: 0, containers: [{name: c, image: i}]}}
            ---
            {apiVersion: v1, kind: Pod, metadata: {name: stranger}, spec: {serviceAccountName: default, containers: [{name: c, image: i}]}}
            """);
        cluster.Run(2);
        return cluster;
    }

    private static TokenGrant Decide(TestCluster cluster, string request) =>
        TokenRequests.Decide(cluster.Store, Issuer, new ObjectKey("default", "spark"), (TreeMap)Yaml.Read(request), Wall, "id");

    private static TokenGrant.Given Given(TestCluster cluster, string request) => Assert.IsType<TokenGrant.Given>(Decide(cluster, request));

    private static TokenVerdict Check(TestCluster cluster, string token, DateTimeOffset wall, string audience) =>
        ServiceAccountTokens.Check(Key.Verify(token)!, token, Issuer, [audience], cluster.Store, wall, cluster.Loop.Clock.Now);

    private static string Say(TestCluster cluster, string token, DateTimeOffset wall, string audience) => Check(cluster, token, wall, audience) switch
    {
        TokenVerdict.Accepted accepted => accepted.Who.Name,
        TokenVerdict.Refused refused => refused.Why,
        _ => "",
    };
}
