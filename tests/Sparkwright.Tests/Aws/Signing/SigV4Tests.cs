using System.Collections.Immutable;
using System.Text;
using Sparkwright.World.Aws.Signing;

namespace Sparkwright.Tests.Aws.Signing;

/// <summary>The numbers are those that AWS publishes: its test suite of Signature Version 4, and the examples of the IAM and S3 manuals.</summary>
public class SigV4Tests
{
    private const string SuiteSecret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    private const string S3Secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    private static readonly CredentialScope Suite = new("20150830", "us-east-1", "service");
    private static readonly DateTime SuiteTime = new(2015, 8, 30, 12, 36, 0, DateTimeKind.Utc);
    private static readonly CredentialScope S3 = new("20130524", "us-east-1", "s3");
    private static readonly DateTime S3Time = new(2013, 5, 24, 0, 0, 0, DateTimeKind.Utc);

    [Theory]
    [InlineData("GET", "/", "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31")]
    [InlineData("POST", "/", "", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b")]
    [InlineData("GET", "/", "Param2=value2&Param1=value1", "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500")]
    [InlineData("GET", "/", "Param1=value1", "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb")]
    [InlineData("GET", "/ሴ", "", "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85")]
    [InlineData("GET", "/example/..", "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31")]
    [InlineData("GET", "//", "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31")]
    public void The_test_suite_is_met(string method, string path, string query, string signature)
    {
        var request = new SignedRequest(
            method, path, SignedRequest.ReadQuery(query), [("Host", "example.amazonaws.com"), ("X-Amz-Date", "20150830T123600Z")]);
        Assert.Equal(signature, SigV4.Signature(request, SuiteSecret, Suite, SuiteTime, ["host", "x-amz-date"], SigV4.EmptyHash));
    }

    [Fact]
    public void The_signing_key_of_the_manual_is_met() => Assert.Equal(
        "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9",
        Convert.ToHexStringLower(SigV4.SigningKey(SuiteSecret, new CredentialScope("20150830", "us-east-1", "iam"))));

    [Fact]
    public void A_request_with_a_header_is_read_and_holds()
    {
        var request = new SignedRequest("GET", "/", SignedRequest.ReadQuery("Action=ListUsers&Version=2010-05-08"),
        [
            ("Content-Type", "application/x-www-form-urlencoded; charset=utf-8"),
            ("Host", "iam.amazonaws.com"),
            ("X-Amz-Date", "20150830T123600Z"),
            ("Authorization", "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, SignedHeaders=content-type;host;x-amz-date, "
                + "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"),
        ]);
        var claim = SignatureClaim.Read(request)!;
        Assert.Equal(("AKIDEXAMPLE", "20150830/us-east-1/iam/aws4_request", SuiteTime), (claim.AccessKeyId, claim.Scope.ToString(), claim.Time));
        Assert.True(SigV4.Holds(request, claim, SuiteSecret, SigV4.EmptyHash));
        Assert.False(SigV4.Holds(request with { Method = "POST" }, claim, SuiteSecret, SigV4.EmptyHash));
        Assert.False(SigV4.Holds(request, claim, S3Secret, SigV4.EmptyHash));
    }

    [Theory]
    [InlineData("GET", "/test.txt", "range: bytes=0-9", "", "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41")]
    [InlineData(
        "PUT", "/test%24file.text", "date: Fri, 24 May 2013 00:00:00 GMT|x-amz-storage-class: REDUCED_REDUNDANCY", "Welcome to Amazon S3.",
        "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd")]
    public void The_examples_of_S3_are_met(string method, string path, string headers, string payload, string signature)
    {
        var hash = SigV4.Hash(Encoding.UTF8.GetBytes(payload));
        (string Name, string Value)[] all =
        [
            ("host", "examplebucket.s3.amazonaws.com"), ("x-amz-content-sha256", hash), ("x-amz-date", "20130524T000000Z"),
            .. headers.Split('|').Select(one => (one.Split(": ")[0], one.Split(": ")[1])),
        ];
        ImmutableArray<string> signed = [.. all.Select(one => one.Name).Order(StringComparer.Ordinal)];
        Assert.Equal(signature, SigV4.Signature(new SignedRequest(method, path, [], [.. all]), S3Secret, S3, S3Time, signed, hash));
    }

    [Fact]
    public void A_presigned_request_is_read_and_holds()
    {
        var request = new SignedRequest(
            "GET",
            "/test.txt",
            SignedRequest.ReadQuery("X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z"
                + "&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"),
            [("Host", "examplebucket.s3.amazonaws.com")]);
        var claim = SignatureClaim.Read(request)!;
        Assert.Equal(TimeSpan.FromDays(1), claim.Expires);
        Assert.True(SigV4.Holds(request, claim, S3Secret, SignatureClaim.UnsignedPayload));
        Assert.False(SigV4.Holds(request with { Headers = [("Host", "other.s3.amazonaws.com")] }, claim, S3Secret, SignatureClaim.UnsignedPayload));
    }

    [Fact]
    public void The_chunks_of_a_streamed_body_are_a_chain()
    {
        const string Streaming = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
        (string Name, string Value)[] headers =
        [
            ("content-encoding", "aws-chunked"), ("content-length", "66824"), ("host", "s3.amazonaws.com"), ("x-amz-content-sha256", Streaming),
            ("x-amz-date", "20130524T000000Z"), ("x-amz-decoded-content-length", "66560"), ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
        ];
        var seed = SigV4.Signature(
            new SignedRequest("PUT", "/examplebucket/chunkObject.txt", [], [.. headers]), S3Secret, S3, S3Time, [.. headers.Select(one => one.Name)], Streaming);
        var body = Encoding.ASCII.GetBytes(new string('a', 65536));
        var chain = new List<string> { seed };
        foreach (var size in new[] { 65536, 1024, 0 })
        {
            chain.Add(SigV4.ChunkSignature(SigV4.SigningKey(S3Secret, S3), S3Time, S3, chain[^1], body.AsSpan(0, size)));
        }

        Assert.Equal(
        [
            "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9", "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
            "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497", "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
        ], chain);
    }

    [Theory]
    [InlineData("AWS4-HMAC-SHA256 Credential=A/20150830/r/s/aws4_request, SignedHeaders=host", "20150830T123600Z")]
    [InlineData("AWS4-HMAC-SHA256 Credential=A/20150830/r/s, SignedHeaders=host, Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7", "20150830T123600Z")]
    [InlineData("AWS4-HMAC-SHA256 Credential=A/20150831/r/s/aws4_request, SignedHeaders=host, Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7", "20150830T123600Z")]
    [InlineData("Bearer x", "20150830T123600Z")]
    public void What_is_no_claim_is_none(string authorization, string date) =>
        Assert.Null(SignatureClaim.Read(new SignedRequest("GET", "/", [], [("Authorization", authorization), ("X-Amz-Date", date)])));
}
