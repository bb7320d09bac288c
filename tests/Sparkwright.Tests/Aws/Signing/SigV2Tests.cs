using Sparkwright.World.Aws.Signing;

namespace Sparkwright.Tests.Aws.Signing;

/// <summary>The signature is that of the example in the S3 manual, "Query string request authentication alternative".</summary>
public sealed class SigV2Tests
{
    private const string Secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    private const string Good = "AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Signature=NpgCjnDzrM%2BWFzoENXmpNDUsSn8%3D&Expires=1175139620";

    [Theory]
    //          method  path                        query                       holds
    [InlineData("GET", "/johnsmith/photos/puppy.jpg", Good, true)]
    [InlineData("GET", "/johnsmith/photos/puppy.jpg", Good + "&prefix=x", true)]
    [InlineData("GET", "/johnsmith/photos/puppy.jpg", Good + "&acl", false)]
    [InlineData("PUT", "/johnsmith/photos/puppy.jpg", Good, false)]
    [InlineData("GET", "/johnsmith/photos/kitten.jpg", Good, false)]
    public void A_presigned_URL_holds_for_what_it_names(string method, string path, string query, bool holds)
    {
        var request = new SignedRequest(method, path, SignedRequest.ReadQuery(query), [("Host", "s3.amazonaws.com")]);
        var claim = SigV2.Read(request)!;
        Assert.Equal(("AKIAIOSFODNN7EXAMPLE", new DateTime(2007, 3, 29, 3, 40, 20, DateTimeKind.Utc)), (claim.AccessKeyId, claim.Expires));
        Assert.Equal(holds, SigV2.Holds(request, claim, Secret));
        Assert.False(SigV2.Holds(request, claim, "another"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("AWSAccessKeyId=A&Signature=b")]
    [InlineData("AWSAccessKeyId=A&Expires=1")]
    [InlineData("AWSAccessKeyId=A&Signature=b&Expires=soon")]
    [InlineData("AWSAccessKeyId=A&Signature=b&Expires=999999999999999")]
    public void Anything_else_is_no_presigned_URL(string query) => Assert.Null(SigV2.Read(new SignedRequest("GET", "/", SignedRequest.ReadQuery(query), [])));
}
