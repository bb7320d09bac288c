using Sparkwright.World.Aws.Access;

namespace Sparkwright.Tests.Aws.Access;

/// <summary>What IAM policies say of requests: first that a statement has to allow, then that one that denies beats it.</summary>
public sealed class PolicyEvaluatorTests
{
    [Theory]
    //          statements                                                                                          action              resource                     verdict
    [InlineData("""{"Effect":"Allow","Action":"s3:*","Resource":"*"}""", "s3:PutObject", "arn:aws:s3:::b/k", AccessEffect.Allowed)]
    [InlineData("""{"Effect":"Allow","Action":"S3:getobject","Resource":"*"}""", "s3:GetObject", "arn:aws:s3:::b/k", AccessEffect.Allowed)]
    [InlineData("""{"Effect":"Allow","Action":["s3:Get*","s3:List?ucket"],"Resource":"*"}""", "s3:ListBucket", "arn:aws:s3:::b", AccessEffect.Allowed)]
    [InlineData("""{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}""", "s3:PutObject", "arn:aws:s3:::b/k", AccessEffect.NotAllowed)]
    [InlineData("""{"Effect":"Allow","Action":"s3:PutObject","Resource":"arn:aws:s3:::b"}""", "s3:PutObject", "arn:aws:s3:::b/k", AccessEffect.NotAllowed)]
    [InlineData("""{"Effect":"Allow","Action":"s3:PutObject","Resource":"arn:aws:s3:::b/*"}""", "s3:PutObject", "arn:aws:s3:::b/k/l", AccessEffect.Allowed)]
    [InlineData("""{"Effect":"Allow","Action":"s3:PutObject","Resource":"arn:aws:s3:::B/*"}""", "s3:PutObject", "arn:aws:s3:::b/k", AccessEffect.NotAllowed)]
    [InlineData("""{"Effect":"Allow","Action":"s3:PutObject","Resource":"arn:aws:s3:::logs-??/*"}""", "s3:PutObject", "arn:aws:s3:::logs-eu/k", AccessEffect.Allowed)]
    [InlineData("""{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}""", "s3:PutObject", "arn:aws:s3:::b/k", AccessEffect.Allowed)]
    [InlineData("""{"Effect":"Allow","NotAction":["iam:*","s3:Put*"],"Resource":"*"}""", "s3:PutObject", "arn:aws:s3:::b/k", AccessEffect.NotAllowed)]
    [InlineData("""{"Effect":"Allow","Action":"s3:*","NotResource":"arn:aws:s3:::secret/*"}""", "s3:GetObject", "arn:aws:s3:::secret/k", AccessEffect.NotAllowed)]
    [InlineData("""{"Effect":"Allow","Action":"s3:*","NotResource":"arn:aws:s3:::secret/*"}""", "s3:GetObject", "arn:aws:s3:::open/k", AccessEffect.Allowed)]
    [InlineData("""{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"s3:PutObject","Resource":"arn:aws:s3:::b/*"}""", "s3:PutObject", "arn:aws:s3:::b/k", AccessEffect.Denied)]
    [InlineData("""{"Effect":"Deny","Action":"s3:PutObject","Resource":"arn:aws:s3:::b/*"},{"Effect":"Allow","Action":"*","Resource":"*"}""", "s3:PutObject", "arn:aws:s3:::c/k", AccessEffect.Allowed)]
    [InlineData("""{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::home/${aws:username}/*"}""", "s3:GetObject", "arn:aws:s3:::home/kim/k", AccessEffect.Allowed)]
    [InlineData("""{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::home/${aws:username}/*"}""", "s3:GetObject", "arn:aws:s3:::home/lee/k", AccessEffect.NotAllowed)]
    [InlineData("""{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::home/${aws:PrincipalTag/team}/*"}""", "s3:GetObject", "arn:aws:s3:::home//k", AccessEffect.NotAllowed)]
    [InlineData("""{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::home/${aws:PrincipalTag/team, 'all'}/*"}""", "s3:GetObject", "arn:aws:s3:::home/all/k", AccessEffect.Allowed)]
    public void Statements_decide(string statements, string action, string resource, AccessEffect effect) => Assert.Equal(effect, Decide(statements, action, resource));

    [Theory]
    //          condition                                                                     holds
    [InlineData("""{"StringEquals":{"aws:username":"kim"}}""", true)]
    [InlineData("""{"StringEquals":{"AWS:UserName":["lee","kim"]}}""", true)]
    [InlineData("""{"StringEquals":{"aws:username":"Kim"}}""", false)]
    [InlineData("""{"StringEqualsIgnoreCase":{"aws:username":"KIM"}}""", true)]
    [InlineData("""{"StringNotEquals":{"aws:username":["lee","ann"]}}""", true)]
    [InlineData("""{"StringNotEquals":{"aws:username":["lee","kim"]}}""", false)]
    [InlineData("""{"StringLike":{"s3:prefix":["home/*","shared/*"]}}""", true)]
    [InlineData("""{"StringNotLike":{"s3:prefix":"home/*"}}""", false)]
    [InlineData("""{"StringEquals":{"no:such":"a"}}""", false)]
    [InlineData("""{"StringEqualsIfExists":{"no:such":"a"}}""", true)]
    [InlineData("""{"StringNotEquals":{"no:such":"a"}}""", true)]
    [InlineData("""{"Null":{"no:such":"true"}}""", true)]
    [InlineData("""{"Null":{"aws:username":"true"}}""", false)]
    [InlineData("""{"Null":{"aws:username":false}}""", true)]
    [InlineData("""{"NumericLessThanEquals":{"s3:max-keys":"100"}}""", true)]
    [InlineData("""{"NumericLessThan":{"s3:max-keys":100}}""", false)]
    [InlineData("""{"NumericEquals":{"s3:max-keys":"many"}}""", false)]
    [InlineData("""{"DateGreaterThan":{"aws:CurrentTime":"2025-12-31T00:00:00Z"}}""", true)]
    [InlineData("""{"DateLessThan":{"aws:CurrentTime":"2025-12-31T00:00:00Z"}}""", false)]
    [InlineData("""{"Bool":{"aws:SecureTransport":true}}""", true)]
    [InlineData("""{"Bool":{"aws:SecureTransport":"false"}}""", false)]
    [InlineData("""{"IpAddress":{"aws:SourceIp":"10.1.0.0/16"}}""", true)]
    [InlineData("""{"NotIpAddress":{"aws:SourceIp":["10.2.0.0/16","192.0.2.1"]}}""", true)]
    [InlineData("""{"IpAddress":{"aws:SourceIp":"10.1.2.3"}}""", true)]
    [InlineData("""{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:user/k*"}}""", true)]
    [InlineData("""{"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::*"}}""", false)]
    [InlineData("""{"ForAnyValue:StringEquals":{"aws:TagKeys":["team","cost"]}}""", true)]
    [InlineData("""{"ForAllValues:StringEquals":{"aws:TagKeys":["team","cost"]}}""", false)]
    [InlineData("""{"ForAllValues:StringEquals":{"aws:TagKeys":["team","owner","cost"]}}""", true)]
    [InlineData("""{"ForAllValues:StringEquals":{"no:such":["a"]}}""", true)]
    [InlineData("""{"StringEquals":{"aws:username":"kim"},"NumericLessThan":{"s3:max-keys":"5"}}""", false)]
    [InlineData("""{"StringLike":{"s3:prefix":"${aws:username}/*"}}""", false)]
    [InlineData("""{"StringEquals":{"aws:username":"${aws:username}"}}""", true)]
    public void Conditions_hold_or_not(string condition, bool holds) => Assert.Equal(
        holds ? AccessEffect.Allowed : AccessEffect.NotAllowed,
        Decide($$"""{"Effect":"Allow","Action":"*","Resource":"*","Condition":{{condition}}}""", "s3:ListBucket", "arn:aws:s3:::b"));

    [Theory]
    //          the policy                                                                                    what IAM says
    [InlineData("no json", "This policy contains invalid Json")]
    [InlineData("[]", "Syntax errors in policy.")]
    [InlineData("""{"Statement":[]}""", "Syntax errors in policy.")]
    [InlineData("""{"Version":"2020-01-01","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}""", "The policy must contain a valid version string")]
    [InlineData("""{"Statement":{"Effect":"allow","Action":"*","Resource":"*"}}""", "Syntax errors in policy.")]
    [InlineData("""{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Extra":1}}""", "Syntax errors in policy.")]
    [InlineData("""{"Statement":{"Effect":"Allow","Action":"*","NotAction":"*","Resource":"*"}}""", "Syntax errors in policy.")]
    [InlineData("""{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringIs":{"a:b":"c"}}}}""", "Syntax errors in policy.")]
    [InlineData("""{"Statement":{"Effect":"Allow","Resource":"*"}}""", "Policy statement must contain actions.")]
    [InlineData("""{"Statement":{"Effect":"Allow","Action":"s3:*"}}""", "Policy statement must contain resources.")]
    [InlineData("""{"Statement":{"Effect":"Allow","Action":"GetObject","Resource":"*"}}""", "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.")]
    [InlineData("""{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"my-bucket"}}""", "Resource my-bucket must be in ARN format or \"*\".")]
    [InlineData("""{"Statement":{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"}}""", "Policy document should not specify a principal.")]
    [InlineData("""{"Statement":[{"Sid":"a","Effect":"Allow","Action":"s3:*","Resource":"*"},{"Sid":"a","Effect":"Deny","Action":"s3:*","Resource":"*"}]}""", "Statement IDs (SID) in a single policy must be unique.")]
    public void A_policy_that_is_none_is_refused(string text, string problem) => Assert.Equal((null, problem), PolicyDocument.Read(text, PolicyKind.Identity));

    [Theory]
    [InlineData("""{"Statement":{"Effect":"Allow","Action":"sts:AssumeRole"}}""", "Missing required field Principal")]
    [InlineData("""{"Statement":{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole","Resource":"*"}}""", "Has prohibited field Resource")]
    [InlineData("""{"Statement":{"Effect":"Allow","Principal":"*","Action":"s3:GetObject"}}""", "AssumeRole policy may only specify STS AssumeRole actions, not s3:GetObject.")]
    [InlineData("""{"Statement":{"Effect":"Allow","Principal":{"Robot":"x"},"Action":"sts:AssumeRole"}}""", "Syntax errors in policy.")]
    public void A_trust_policy_says_who_and_not_on_what(string text, string problem) => Assert.Equal((null, problem), PolicyDocument.Read(text, PolicyKind.Trust));

    [Fact]
    public void Variables_mean_themselves_in_the_old_version()
    {
        var old = PolicyDocument.Read("""{"Statement":{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::home/${aws:username}/*"}}""", PolicyKind.Identity).Document!;
        Assert.False(PolicyEvaluator.Decide([new NamedPolicy("old", old)], Request("s3:GetObject", "arn:aws:s3:::home/kim/k")).IsAllowed);
        Assert.True(PolicyEvaluator.Decide([new NamedPolicy("old", old)], Request("s3:GetObject", "arn:aws:s3:::home/${aws:username}/k")).IsAllowed);
    }

    [Fact]
    public void Many_stars_take_no_longer_than_few()
    {
        var pattern = string.Concat(Enumerable.Repeat("a*", 1000)) + "b";
        Assert.Equal(AccessEffect.NotAllowed, Decide($$"""{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::{{pattern}}"}""", "s3:GetObject", "arn:aws:s3:::" + new string('a', 10_000)));
    }

    private static AccessEffect Decide(string statements, string action, string resource)
    {
        var (document, problem) = PolicyDocument.Read($$"""{"Version":"2012-10-17","Statement":[{{statements}}]}""", PolicyKind.Identity);
        Assert.Null(problem);
        return PolicyEvaluator.Decide([new NamedPolicy("policy", document!)], Request(action, resource)).Effect;
    }

    private static AccessRequest Request(string action, string resource) => new AccessRequest(action, resource)
        .With("aws:username", "kim")
        .With("aws:PrincipalArn", "arn:aws:iam::111122223333:user/kim")
        .With("aws:CurrentTime", "2026-01-01T00:00:00Z")
        .With("aws:SecureTransport", "true")
        .With("aws:SourceIp", "10.1.2.3")
        .With("aws:TagKeys", "team", "owner")
        .With("s3:prefix", "home/kim/")
        .With("s3:max-keys", "100");
}
