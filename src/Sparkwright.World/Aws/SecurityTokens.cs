using Sparkwright.World.Aws.Api;

namespace Sparkwright.World.Aws;

/// <summary>STS: who one is, and the sessions of roles.</summary>
public static class SecurityTokens
{
    public static AwsService Service(string account) => new("sts", AwsProtocol.Query, "https://sts.amazonaws.com/doc/2011-06-15/",
    [
        new AwsOperation("GetCallerIdentity", call => AwsAnswer.Ok(("Account", account), ("Arn", call.Caller.Arn), ("UserId", call.Caller.PrincipalId))),
    ]);
}
