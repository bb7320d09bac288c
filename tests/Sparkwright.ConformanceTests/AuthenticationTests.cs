using System.Buffers.Text;
using System.Diagnostics;
using System.Text;
using Sparkwright.Kubernetes.Authentication;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Aws.Eks;
using Sparkwright.World.Aws.Signing;

namespace Sparkwright.ConformanceTests;

public class AuthenticationTests(RunningPlatform platform)
{
    private const string Cluster = "emr-eks-karpenter";
    private const string WhoAmI = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
    private const string Accounts = "/api/v1/namespaces/default/serviceaccounts";

    [Fact]
    public async Task Each_teams_user_sees_its_namespace_alone()
    {
        var teams = platform.Users.Skip(1).ToList();
        Assert.NotEmpty(teams);
        foreach (var team in teams)
        {
            var client = platform.As(team);
            foreach (var home in teams.Concat(["default", "kube-system", "karpenter"]))
            {
                foreach (var what in new[] { "pods", "secrets", "configmaps", "serviceaccounts" })
                {
                    Assert.Equal((team, home, what, home == team ? 200 : 403), (team, home, what, (await RunningPlatform.Send(client, "GET", $"/api/v1/namespaces/{home}/{what}")).Code));
                }
            }

            foreach (var path in new[] { "/api/v1/pods", "/api/v1/nodes", "/api/v1/secrets", "/api/v1/namespaces", "/apis/karpenter.sh/v1/nodepools" })
            {
                Assert.Equal((path, 403), (path, (await RunningPlatform.Send(client, "GET", path)).Code));
            }
        }
    }

    [Fact]
    public async Task A_team_cannot_give_itself_more_than_it_has()
    {
        var team = platform.As(platform.Team);
        var roles = $"/apis/rbac.authorization.k8s.io/v1/namespaces/{platform.Team}";
        var mine = await RunningPlatform.Send(team, "POST", $"{roles}/roles", "{\"metadata\":{\"name\":\"readers\"},\"rules\":[{\"apiGroups\":[\"\"],\"resources\":[\"pods\"],\"verbs\":[\"get\"]}]}");
        var more = await RunningPlatform.Send(team, "POST", $"{roles}/roles", "{\"metadata\":{\"name\":\"more\"},\"rules\":[{\"apiGroups\":[\"\"],\"resources\":[\"resourcequotas\"],\"verbs\":[\"delete\"]}]}");
        var patched = await RunningPlatform.Send(team, "PATCH", $"{roles}/roles/readers", "{\"rules\":[{\"apiGroups\":[\"*\"],\"resources\":[\"*\"],\"verbs\":[\"*\"]}]}", "application/merge-patch+json");
        var bound = await RunningPlatform.Send(
            team, "POST", $"{roles}/rolebindings",
            $"{{\"metadata\":{{\"name\":\"more\"}},\"roleRef\":{{\"apiGroup\":\"rbac.authorization.k8s.io\",\"kind\":\"ClusterRole\",\"name\":\"cluster-admin\"}},\"subjects\":[{{\"kind\":\"User\",\"name\":\"{platform.Team}\"}}]}}");
        Assert.Equal((201, 403, 403, 403), (mine.Code, more.Code, patched.Code, bound.Code));
        Assert.Equal(
            $"roles.rbac.authorization.k8s.io \"more\" is forbidden: user \"{platform.Team}\" (groups=[\"system:authenticated\"]) is attempting to grant RBAC permissions not currently held:\n"
                + "{APIGroups:[\"\"], Resources:[\"resourcequotas\"], Verbs:[\"delete\"]}",
            more.Body["message"]?.Text);
    }

    [Fact]
    public async Task A_service_account_comes_with_its_token()
    {
        var admin = platform.As("admin");
        await RunningPlatform.Send(admin, "POST", Accounts, "{\"metadata\":{\"name\":\"robot\"}}");
        var token = (await RunningPlatform.Send(admin, "POST", $"{Accounts}/robot/token", "{\"spec\":{}}")).Body.At("status", "token")!.Text!;
        var me = (await RunningPlatform.Send(platform.With(token), "POST", WhoAmI, "{}")).Body.At("status", "userInfo");
        Assert.Equal("system:serviceaccount:default:robot", me?["username"]?.Text);
        Assert.Equal(403, (await RunningPlatform.Send(platform.With(token), "GET", "/api/v1/nodes")).Code);
        Assert.Equal("RSA", (await RunningPlatform.Send(platform.With(token), "GET", "/openid/v1/jwks")).Body["keys"]!.Items[0]["kty"]?.Text);
        Assert.StartsWith(
            "https://oidc.eks.", (await RunningPlatform.Send(platform.With(token), "GET", "/.well-known/openid-configuration")).Body["issuer"]?.Text, StringComparison.Ordinal);
        var review = (await RunningPlatform.Send(admin, "POST", "/apis/authentication.k8s.io/v1/tokenreviews", $"{{\"spec\":{{\"token\":\"{token}\"}}}}")).Body["status"];
        Assert.Equal((true, "https://kubernetes.default.svc"), (review?["authenticated"]?.Boolean, review?["audiences"]!.Items[0].Text));

        await RunningPlatform.Send(admin, "DELETE", $"{Accounts}/robot");
        Assert.Equal(401, (await RunningPlatform.Send(platform.With(token), "POST", WhoAmI, "{}")).Code);
    }

    [Theory]
    [InlineData("good", 201)]
    [InlineData("expired", 401)]
    [InlineData("other audience", 401)]
    [InlineData("other issuer", 401)]
    [InlineData("other key", 401)]
    [InlineData("other account of the name", 401)]
    public async Task A_service_accounts_token_must_hold(string what, int code)
    {
        var account = ApiObject.From(CoreTypes.ServiceAccount, (TreeMap)(await RunningPlatform.Send(platform.As("admin"), "GET", $"{Accounts}/default")).Body);
        var issuer = (await RunningPlatform.Send(platform.As("admin"), "GET", "/.well-known/openid-configuration")).Body["issuer"]!.Text!;
        var key = SigningKey.Import(await File.ReadAllBytesAsync(Path.Combine(platform.DataDirectory, "service-accounts.key"), TestContext.Current.CancellationToken));
        var claims = ServiceAccountTokens.Claims(
            what == "other account of the name" ? account.With(account.Metadata with { Uid = "x" }) : account,
            what == "other issuer" ? "https://elsewhere" : issuer,
            [what == "other audience" ? "vault" : ClusterTrust.ApiAudience],
            null,
            null,
            TimeProvider.System.GetUtcNow().AddSeconds(what == "expired" ? -700 : 0),
            600,
            "id");
        var token = (what == "other key" ? SigningKey.Create() : key).Sign(claims);
        Assert.Equal(code, (await RunningPlatform.Send(platform.With(token), "POST", WhoAmI, "{}")).Code);
    }

    [Theory]
    //          cluster  user                minutes ago  answer
    [InlineData(Cluster, "admin", 0, "kubernetes-admin")]
    [InlineData(Cluster, "emr-data-team-a", 0, "emr-data-team-a")]
    [InlineData(Cluster, "admin", 16, "401")]
    [InlineData("another", "admin", 0, "401")]
    [InlineData(Cluster, "unknown key", 0, "401")]
    [InlineData(Cluster, "wrong secret", 0, "401")]
    public async Task A_token_of_eks_is_for_this_cluster_and_now(string cluster, string user, int ago, string answer)
    {
        var (id, secret) = platform.AwsKey(user is "unknown key" or "wrong secret" ? "admin" : user);
        var token = ClusterTokenOf(user == "unknown key" ? "AKIAUNKNOWN" : id, user == "wrong secret" ? "guess" : secret, cluster, TimeProvider.System.GetUtcNow().UtcDateTime.AddMinutes(-ago));
        var me = await RunningPlatform.Send(platform.With(token), "POST", WhoAmI, "{}");
        Assert.Equal(answer, me.Body.At("status", "userInfo", "username")?.Text ?? $"{me.Code}");
    }

    [Fact]
    public async Task The_aws_program_itself_is_let_in()
    {
        var (id, secret) = platform.AwsKey("admin");
        var start = new ProcessStartInfo("aws", ["eks", "get-token", "--cluster-name", Cluster, "--region", "us-west-2"]) { RedirectStandardOutput = true };
        start.Environment["AWS_ACCESS_KEY_ID"] = id;
        start.Environment["AWS_SECRET_ACCESS_KEY"] = secret;
        start.Environment.Remove("AWS_PROFILE");
        Process? aws = null;
        try
        {
            aws = Process.Start(start);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("SKIPPED: the aws CLI is not installed");
        }

        using (aws)
        {
            var credential = TreeJson.Parse(await aws!.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken));
            Assert.Equal(200, (await RunningPlatform.Send(platform.With(credential.At("status", "token")!.Text!), "GET", "/api/v1/nodes")).Code);
        }
    }

    [Theory]
    [InlineData(null, "/api/v1/pods", 403)]
    [InlineData(null, "/healthz", 200)]
    [InlineData(null, "/version", 200)]
    [InlineData("wrong", "/healthz", 401)]
    [InlineData("a.b.c", "/api/v1/pods", 401)]
    [InlineData("k8s-aws-v1.", "/api/v1/pods", 401)]
    [InlineData("k8s-aws-v1.aHR0cHM6Ly9leGFtcGxlLmNvbS8_QWN0aW9uPUdldENhbGxlcklkZW50aXR5", "/api/v1/pods", 401)]
    public async Task Nobody_sees_next_to_nothing_and_a_wrong_token_nothing_at_all(string? token, string path, int code) =>
        Assert.Equal(code, (await RunningPlatform.Send(token is null ? platform.As(null) : platform.With(token), "GET", path)).Code);

    private static string ClusterTokenOf(string id, string secret, string cluster, DateTime signed)
    {
        const string Host = "sts.us-west-2.amazonaws.com";
        var scope = new CredentialScope($"{signed:yyyyMMdd}", "us-west-2", "sts");
        var query = "Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Expires=60"
            + $"&X-Amz-Credential={SigV4.Encode($"{id}/{scope}")}&X-Amz-Date={SignatureClaim.Print(signed)}&X-Amz-SignedHeaders=host%3Bx-k8s-aws-id";
        var signature = SigV4.Signature(
            new SignedRequest("GET", "/", SignedRequest.ReadQuery(query), [("host", Host), ("x-k8s-aws-id", cluster)]), secret, scope, signed, ["host", "x-k8s-aws-id"], SigV4.EmptyHash);
        return ClusterToken.Prefix + Base64Url.EncodeToString(Encoding.UTF8.GetBytes($"https://{Host}/?{query}&X-Amz-Signature={signature}"));
    }
}
