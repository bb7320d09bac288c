using Sparkwright.Kubernetes.Objects;
using Sparkwright.World;
using Sparkwright.World.Aws;
using Sparkwright.World.Aws.Access;
using Sparkwright.World.Aws.Api;

namespace Sparkwright.Tests.Aws;

/// <summary>Who may take on which role, and what the session is good for.</summary>
public sealed class SecurityTokensTests
{
    private static readonly DateTime Now = new(2026, 1, 1, 12, 0, 0, DateTimeKind.Utc);

    private readonly global::Sparkwright.World.World world = WorldBuilder.Build(new WorldSettings());
    private readonly string account;

    public SecurityTokensTests() => account = world.Settings.Account;

    [Theory]
    //          the trust policy's principal                   the user's policy                  may
    [InlineData("\"AWS\":\"arn:aws:iam::ACCT:user/kim\"", null, true)]
    [InlineData("\"AWS\":\"arn:aws:iam::ACCT:user/lee\"", null, false)]
    [InlineData("\"AWS\":\"arn:aws:iam::ACCT:user/kim\"", "{\"Effect\":\"Deny\",\"Action\":\"sts:*\",\"Resource\":\"*\"}", false)]
    [InlineData("\"AWS\":\"arn:aws:iam::ACCT:root\"", null, false)]
    [InlineData("\"AWS\":\"arn:aws:iam::ACCT:root\"", "{\"Effect\":\"Allow\",\"Action\":\"sts:AssumeRole\",\"Resource\":\"arn:aws:iam::ACCT:role/job\"}", true)]
    [InlineData("\"AWS\":\"ACCT\"", "{\"Effect\":\"Allow\",\"Action\":\"sts:AssumeRole\",\"Resource\":\"*\"}", true)]
    [InlineData("\"AWS\":\"ACCT\"", "{\"Effect\":\"Allow\",\"Action\":\"sts:AssumeRole\",\"Resource\":\"arn:aws:iam::ACCT:role/other\"}", false)]
    [InlineData("\"Service\":\"ec2.amazonaws.com\"", "{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"}", false)]
    public void A_role_is_taken_on_by_whom_it_trusts(string principal, string? statement, bool may)
    {
        var caller = User(statement);
        world.Iam.EnsureRole(account, "job", Trust(principal, "sts:AssumeRole"));
        var answer = AwsCalls.Call(world, "sts", "AssumeRole", Assume, caller, Arrival);
        if (may)
        {
            Assert.Equal($"arn:aws:sts::{account}:assumed-role/job/night", Assert.IsType<AwsAnswer.Done>(answer).Output["AssumedRoleUser"]?["Arn"]?.Text);
        }
        else
        {
            var error = Assert.IsType<AwsAnswer.Refused>(answer).Error;
            Assert.Equal(("AccessDenied", $"User: {caller.Arn} is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::{account}:role/job"), (error.Code, error.Message));
        }
    }

    [Fact]
    public void A_session_is_good_for_what_role_and_session_policy_both_allow()
    {
        var policy = world.Iam.EnsurePolicy(account, "reads", "", """{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::data/*"}}""");
        world.Iam.EnsureRole(account, "job", Trust($"\"AWS\":\"{account}\"", "sts:AssumeRole"), policy);
        var caller = User("{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"}");
        var whole = Key(AwsCalls.Done(world, "sts", "AssumeRole", Assume, caller, Arrival));
        var narrow = Key(AwsCalls.Done(world, "sts", "AssumeRole", Assume.Replace("}", """, Policy: '{"Statement":{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}}'}"""), caller, Arrival));
        Assert.Equal((true, true, false), (May(whole, "s3:GetObject", "data/k"), May(whole, "s3:PutObject", "data/k"), May(whole, "s3:GetObject", "other/k")));
        Assert.Equal((true, false, false), (May(narrow, "s3:GetObject", "data/k"), May(narrow, "s3:PutObject", "data/k"), May(narrow, "s3:GetObject", "other/k")));
        Assert.Equal(Now.AddHours(1), whole.Expires);
        Assert.True(whole.Takes(whole.SessionToken));
        Assert.False(whole.Takes("another"));
        Assert.False(whole.Takes(null));
        Assert.NotEqual(whole.Id, narrow.Id);
    }

    [Fact]
    public void Sessions_that_ended_are_forgotten_when_new_ones_open()
    {
        world.Iam.EnsureRole(account, "job", Trust($"\"AWS\":\"arn:aws:iam::{account}:user/kim\"", "sts:AssumeRole"));
        var caller = User(null);
        var first = Key(AwsCalls.Done(world, "sts", "AssumeRole", Assume, caller, Arrival));
        AwsCalls.Done(world, "sts", "AssumeRole", Assume, caller, Arrival with { Time = Now.AddHours(1.5) });
        Assert.NotNull(world.Iam.FindKey(first.Id));
        AwsCalls.Done(world, "sts", "AssumeRole", Assume, caller, Arrival with { Time = Now.AddHours(2.5) });
        Assert.Null(world.Iam.FindKey(first.Id));
    }

    [Theory]
    //          subject                                    audience            ends after  code
    [InlineData("system:serviceaccount:team-a:spark-1", "sts.amazonaws.com", 60, null)]
    [InlineData("system:serviceaccount:team-b:spark-1", "sts.amazonaws.com", 60, "AccessDenied")]
    [InlineData("system:serviceaccount:team-a:spark-1", "https://kubernetes.default.svc", 60, "InvalidIdentityToken")]
    [InlineData("system:serviceaccount:team-a:spark-1", "sts.amazonaws.com", 0, "ExpiredTokenException")]
    public void A_service_accounts_token_opens_the_roles_that_trust_it(string subject, string audience, int seconds, string? code)
    {
        world.Iam.EnsureOidcProvider(account, world.OidcIssuer);
        var provider = world.OidcIssuer["https://".Length..];
        world.Iam.EnsureRole(account, "job", $$$"""
            {"Statement":{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::{{{account}}}:oidc-provider/{{{provider}}}"},"Action":"sts:AssumeRoleWithWebIdentity",
             "Condition":{"StringLike":{"{{{provider}}}:sub":"system:serviceaccount:team-a:spark-*"} } } }
            """);
        var claims = TreeMap.Of(
            ("aud", TreeList.Of(audience)), ("exp", (Now - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerSecond + seconds), ("iss", world.OidcIssuer), ("sub", subject));
        var answer = AwsCalls.Call(world, "sts", "AssumeRoleWithWebIdentity", Assume.Replace("}", ", WebIdentityToken: eyJ}"), null, Arrival with { TokenClaims = claims });
        Assert.Equal(code, (answer as AwsAnswer.Refused)?.Error.Code);
        Assert.Equal(code is null ? subject : null, (answer as AwsAnswer.Done)?.Output["SubjectFromWebIdentityToken"]?.Text);
    }

    [Theory]
    [InlineData("{RoleSessionName: night}", "ValidationError")]
    [InlineData("{RoleArn: 'arn:aws:iam::111122223333:role/job'}", "ValidationError")]
    [InlineData("{RoleArn: 'arn:aws:iam::111122223333:role/job', RoleSessionName: 'a b'}", "ValidationError")]
    [InlineData("{RoleArn: 'arn:aws:iam::111122223333:role/job', RoleSessionName: night, DurationSeconds: '7200'}", "ValidationError")]
    [InlineData("{RoleArn: 'arn:aws:iam::111122223333:role/job', RoleSessionName: night, DurationSeconds: '60'}", "ValidationError")]
    [InlineData("{RoleArn: 'arn:aws:iam::111122223333:role/job', RoleSessionName: night, Policy: '{}'}", "MalformedPolicyDocument")]
    [InlineData("{RoleArn: 'arn:aws:iam::111122223333:role/none', RoleSessionName: night}", "AccessDenied")]
    public void What_cannot_be_is_refused(string input, string code)
    {
        world.Iam.EnsureRole(account, "job", Trust($"\"AWS\":\"arn:aws:iam::{account}:user/kim\"", "sts:AssumeRole"));
        Assert.Equal(code, AwsCalls.Refused(world, "sts", "AssumeRole", input.Replace("111122223333", account), User(null), Arrival).Code);
    }

    private string Assume => $"{{RoleArn: 'arn:aws:iam::{account}:role/job', RoleSessionName: night}}";

    private static AwsArrival Arrival => new(Now, new string('s', 40) + new string('t', 60));

    private AwsCaller User(string? statement)
    {
        var policies = statement is null ? [] : new[] { world.Iam.EnsurePolicy(account, "own", "", $$"""{"Version":"2012-10-17","Statement":[{{statement.Replace("ACCT", account)}}]}""") };
        var key = world.Iam.EnsureUser(account, "kim", new string('k', 40), policies);
        return new AwsCaller(key.Arn, key.PrincipalId, key.Id);
    }

    private string Trust(string principal, string action) => $$$"""{"Statement":{"Effect":"Allow","Principal":{ {{{principal.Replace("ACCT", account)}}} },"Action":"{{{action}}}"}}""";

    private AccessKey Key(TreeMap answer) => world.Iam.FindKey(answer["Credentials"]!["AccessKeyId"]!.Text!)!;

    private bool May(AccessKey key, string action, string path) =>
        world.Iam.Decide(new AwsCaller(key.Arn, key.PrincipalId, key.Id), new AccessRequest(action, "arn:aws:s3:::" + path)).IsAllowed;
}
