using System.Buffers.Text;
using System.Text;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Store;
using Sparkwright.World.Aws;
using Sparkwright.World.Aws.Eks;
using Sparkwright.World.Aws.Signing;

namespace Sparkwright.Tests.Aws.Eks;

public class ClusterTokenTests
{
    private const string Host = "sts.us-west-2.amazonaws.com";
    private static readonly AccessKey Key = new("AKIDEXAMPLE", "secret", "arn:aws:iam::111122223333:user/admin", "AIDAEXAMPLE");
    private static readonly DateTime Signed = new(2026, 6, 1, 12, 0, 0, DateTimeKind.Utc);

    [Theory]
    //          cluster  secret    minutes later  fault
    [InlineData("mine", "secret", 0, null)]
    [InlineData("mine", "secret", 15, null)]
    [InlineData("mine", "secret", 16, "X-Amz-Date parameter is expired (15 minute expiration) 2026-06-01 12:00:00 +0000 UTC")]
    [InlineData("mine", "secret", -6, "Signature not yet current")]
    [InlineData("other", "secret", 0, "The request signature we calculated does not match the signature you provided.")]
    [InlineData("mine", "guess", 0, "The request signature we calculated does not match the signature you provided.")]
    public void A_token_is_for_one_cluster_and_a_quarter_of_an_hour(string cluster, string secret, int later, string? fault)
    {
        var (token, unreadable) = ClusterToken.Read(Make(cluster, secret));
        Assert.Null(unreadable);
        Assert.Equal(fault, token!.Fault(Key, "mine", Signed.AddMinutes(later)));
    }

    [Theory]
    [InlineData("k8s-aws-v1.%%", "token is no presigned URL")]
    [InlineData("https://example.com/?Action=GetCallerIdentity", "unexpected hostname \"example.com\" in pre-signed URL")]
    [InlineData("https://sts.evil.com/?Action=GetCallerIdentity", "unexpected hostname \"sts.evil.com\" in pre-signed URL")]
    [InlineData("https://" + Host + "/x?Action=GetCallerIdentity", "unexpected path in pre-signed URL")]
    [InlineData("https://" + Host + "/?Action=AssumeRole", "unexpected action parameter in pre-signed URL")]
    [InlineData("https://" + Host + "/?Action=GetCallerIdentity&RoleArn=x", "non-whitelisted query parameter \"RoleArn\"")]
    [InlineData("https://" + Host + "/?Action=GetCallerIdentity&action=AssumeRole", "query parameter with multiple values not supported")]
    [InlineData("https://" + Host + "/?Action=GetCallerIdentity", "the URL is not presigned for STS")]
    public void What_is_no_token_is_refused(string text, string fault) =>
        Assert.Equal(fault, ClusterToken.Read(text.StartsWith("https:", StringComparison.Ordinal) ? Encoded(text) : text).Fault);

    [Fact]
    public void The_clusters_name_must_be_signed() => Assert.Equal(
        "client did not sign the x-k8s-aws-id header in the pre-signed URL", ClusterToken.Read(Make("mine", "secret", signedHeaders: "host")).Fault);

    [Theory]
    [InlineData("arn:aws:iam::111122223333:user/admin", "kubernetes-admin: system:masters system:authenticated")]
    [InlineData("arn:aws:iam::111122223333:user/team-a", "team-a: system:authenticated")]
    [InlineData("arn:aws:iam::111122223333:user/nobody", null)]
    [InlineData("arn:aws:sts::111122223333:assumed-role/Dev/joe@example.com", "dev-joe-example.com: devs system:authenticated")]
    [InlineData("arn:aws:sts::111122223333:assumed-role/nodes/i-1", "system:node:ip-10-0-0-1: system:nodes system:authenticated")]
    [InlineData("arn:aws:sts::111122223333:assumed-role/nodes/i-2", null)]
    [InlineData("arn:aws:iam::444455556666:user/guest", "arn:aws:iam::444455556666:user/guest: system:authenticated")]
    public void The_config_map_says_who_a_principal_is(string arn, string? who)
    {
        var store = new ObjectStore();
        store.Put(new ApiObject(CoreTypes.ConfigMap, new ObjectMeta { Name = "aws-auth", Namespace = "kube-system" }, TreeMap.Of(("data", TreeMap.Of(
            ("mapAccounts", "- \"444455556666\"\n"),
            ("mapRoles", "- rolearn: arn:aws:iam::111122223333:role/dev\n  username: dev-{{SessionName}}\n  groups: [devs]\n"
                + "- rolearn: arn:aws:iam::111122223333:role/nodes\n  username: system:node:{{EC2PrivateDNSName}}\n  groups: [system:nodes]\n"),
            ("mapUsers", "- userarn: arn:aws:iam::111122223333:user/team-a\n  username: team-a\n"))))));
        var found = new AwsAuth("arn:aws:iam::111122223333:user/admin", id => id == "i-1" ? "ip-10-0-0-1" : null).Find(Key with { Arn = arn }, store);
        Assert.Equal(who, found is null ? null : $"{found.Name}: {string.Join(' ', found.Groups)}");
    }

    private static string Make(string cluster, string secret, string signedHeaders = "host;x-k8s-aws-id")
    {
        var scope = new CredentialScope("20260601", "us-west-2", "sts");
        var query = "Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Expires=60"
            + $"&X-Amz-Credential={SigV4.Encode($"{Key.Id}/{scope}")}&X-Amz-Date={SignatureClaim.Print(Signed)}&X-Amz-SignedHeaders={SigV4.Encode(signedHeaders)}";
        var request = new SignedRequest("GET", "/", SignedRequest.ReadQuery(query), [("host", Host), ("x-k8s-aws-id", cluster)]);
        var signature = SigV4.Signature(request, secret, scope, Signed, [.. signedHeaders.Split(';')], SigV4.EmptyHash);
        return Encoded($"https://{Host}/?{query}&X-Amz-Signature={signature}");
    }

    private static string Encoded(string url) => ClusterToken.Prefix + Base64Url.EncodeToString(Encoding.UTF8.GetBytes(url));
}
