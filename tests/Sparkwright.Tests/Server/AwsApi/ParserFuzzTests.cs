using System.IO.Pipelines;
using System.Text;
using Sparkwright.Server.AwsApi;
using Sparkwright.World.Aws;
using Sparkwright.World.Aws.Access;
using Sparkwright.World.Aws.Api;
using Sparkwright.World.Aws.Eks;
using Sparkwright.World.Aws.Logs;
using Sparkwright.World.Aws.Signing;
using Sparkwright.World.Emr;

namespace Sparkwright.Tests.Server.AwsApi;

/// <summary>
/// What strangers send, bent in thousands of ways from a seed: each reader answers, or refuses in the way that it says, within bounded time.
/// </summary>
public sealed class ParserFuzzTests
{
    private const int Rounds = 4_000;

    private static readonly byte[][] Scraps =
    [
        [0], [0xff, 0xfe], "\r\n"u8.ToArray(), "{"u8.ToArray(), "]"u8.ToArray(), "\""u8.ToArray(), "%"u8.ToArray(), "%zz"u8.ToArray(), "=&="u8.ToArray(), "<"u8.ToArray(), "]]>"u8.ToArray(),
        "<!DOCTYPE a [<!ENTITY b \"c\">]>"u8.ToArray(), "&b;"u8.ToArray(), "ffffffffffffffff"u8.ToArray(), "-1"u8.ToArray(), "99999999999999999999"u8.ToArray(), "../../"u8.ToArray(), ";chunk-signature="u8.ToArray(),
        "${"u8.ToArray(), "*****"u8.ToArray(), "\\u0000"u8.ToArray(), "é"u8.ToArray(), "'"u8.ToArray(), "."u8.ToArray(), ":"u8.ToArray(), "/"u8.ToArray(),
    ];

    private static readonly AwsService Form = new("sts", AwsProtocol.Query, "urn:sts", [new("Do", Echo)]);
    private static readonly AwsService Targeted = new("logs", AwsProtocol.Json, "", [new("Do", Echo)]);
    private static readonly AwsService Rest = new("emr-containers", AwsProtocol.RestJson, "", [new("Do", "POST", "/virtualclusters/{id}/jobruns", Echo)]);

    private static SignedRequest Plain(string method, string path, params (string, string)[] headers) => new(method, path, [], [.. headers]);

    [Theory]
    [InlineData("<Delete><Quiet>true</Quiet><Object><Key>a</Key></Object><Object><Key>b&amp;c</Key></Object></Delete>")]
    [InlineData("<?xml version=\"1.0\"?><Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Object><Key><![CDATA[x]]></Key></Object></Delete>")]
    public void Documents_of_S3(string good) => Bend(good, body => Allow<S3Refusal>(() => S3Document.Read(body, "Delete")));

    [Theory]
    [InlineData("Action=Do&Version=1&Ids.member.1=x&Ids.member.2=y&Filter.1.Name=state&Filter.1.Value.1=running")]
    public void Forms(string good) => Bend(good, body => Allow<FormatException>(() => AwsRequests.Read(Form, Plain("POST", "/"), body)));

    [Theory]
    [InlineData("""{"name":"n","jobDriver":{"sparkSubmitJobDriver":{"entryPoint":"s3://b/k","entryPointArguments":["a",1,null,true]}},"tags":{"a":"b"}}""")]
    public void Bodies_of_JSON(string good) => Bend(good, body =>
    {
        Allow<FormatException>(() => AwsRequests.Read(Rest, Plain("POST", "/virtualclusters/a%2Fb/jobruns"), body));
        Allow<FormatException>(() => AwsRequests.Read(Targeted, Plain("POST", "/", ("X-Amz-Target", "Logs_20140328.Do")), body));
    });

    [Theory]
    [InlineData("states=RUNNING&states=FAILED&createdAfter=2026-01-01T00%3A00%3A00Z&nextToken=%20%2B")]
    public void Queries(string good) => Bend(good, body => SignedRequest.ReadQuery(Encoding.UTF8.GetString(body)));

    [Theory]
    [InlineData("AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260101/us-west-2/s3/aws4_request, SignedHeaders=host;x-amz-date, Signature=fe5f80f77d5fa3beca038a248ff027d0445342fe2855ddc963176630326f1024")]
    public void Signatures(string good) => Bend(good, body =>
    {
        var request = Plain("GET", "/k", ("Host", "a"), ("X-Amz-Date", "20260101T000000Z"), ("Authorization", Encoding.UTF8.GetString(body)));
        if (SignatureClaim.Read(request) is { } claim)
        {
            Assert.False(SigV4.Holds(request, claim, "secret", SigV4.EmptyHash));
        }
    });

    [Theory]
    [InlineData("k8s-aws-v1.aHR0cHM6Ly9zdHMuYW1hem9uYXdzLmNvbS8_QWN0aW9uPUdldENhbGxlcklkZW50aXR5JlgtQW16LUFsZ29yaXRobT1BV1M0LUhNQUMtU0hBMjU2")]
    public void Tokens(string good) => Bend(good, body => ClusterToken.Read(Encoding.UTF8.GetString(body)));

    [Theory]
    [InlineData("""{"Version":"2012-10-17","Statement":[{"Sid":"a","Effect":"Allow","Action":["s3:Get*"],"Resource":"arn:aws:s3:::b/${aws:username, 'x'}/*","Condition":{"ForAnyValue:StringLikeIfExists":{"aws:TagKeys":["a*",1,true]}}}]}""")]
    public void Policies(string good) => Bend(good, body =>
    {
        if (PolicyDocument.Read(Encoding.UTF8.GetString(body), PolicyKind.Identity).Document is { } document)
        {
            PolicyEvaluator.Decide([new NamedPolicy("p", document)], new AccessRequest("s3:GetObject", "arn:aws:s3:::b/k").With("aws:TagKeys", "a", "b"));
        }
    });

    [Theory]
    [InlineData("--class a.B --conf spark.executor.instances=2 --conf 'spark.x=a b' --conf \"spark.y=\\\"q\\\"\" --jars s3://b/a.jar,s3://b/b.jar")]
    public void Parameters_of_spark_submit(string good) => Bend(good, body => SparkSubmitParameters.Read(Encoding.UTF8.GetString(body), out _));

    [Theory]
    [InlineData("?ERROR ?\"no space\" -debug")]
    [InlineData("{ ($.level = \"ERROR\") && $.count >= 3 || $.a[0].b = *x* }")]
    [InlineData("[ip, user, status=4*, size > 100]")]
    public void Patterns_of_log_filters(string good) => Bend(good, body => FilterPattern.Read(Encoding.UTF8.GetString(body), out _));

    [Theory]
    [InlineData("s3://bucket/some/key%20here/../there")]
    public void Addresses_in_S3(string good) => Bend(good, body => S3Uri.Parse(Encoding.UTF8.GetString(body)));

    [Theory]
    [InlineData("bytes=0-99")]
    [InlineData("bytes=-5")]
    public void Ranges(string good) => Bend(good, body =>
    {
        if (S3Objects.Range(Encoding.UTF8.GetString(body), 1000) is { Length: > 0 } part)
        {
            Assert.InRange(part.Start, 0, 999);
            Assert.InRange(part.Start + part.Length, 1, 1000);
        }
    });

    [Theory]
    [InlineData("STREAMING-UNSIGNED-PAYLOAD-TRAILER", "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n")]
    [InlineData("STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "5;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648\r\nhello\r\n0;chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9\r\n\r\n")]
    public void Bodies_in_chunks(string payload, string good)
    {
        var request = Plain("PUT", "/b/k", ("X-Amz-Content-SHA256", payload), ("X-Amz-Trailer", "x-amz-checksum-crc32"));
        var claim = new SignatureClaim("AKIA", new CredentialScope("20260101", "us-west-2", "s3"), ["host"], new string('0', 64), DateTime.UnixEpoch, null, null);
        Bend(good, body => Allow<S3Refusal>(() =>
        {
            var read = new S3Payload(request, claim, new byte[32]).Copy(PipeReader.Create(new MemoryStream(body)), null, CancellationToken.None).GetAwaiter().GetResult();
            Assert.InRange(read.Size, 0, body.Length);
        }));
    }

    private static AwsAnswer Echo(AwsCall call) => new AwsAnswer.Done(call.Input);

    /// <summary>Bytes taken out, put in, turned round and repeated, a few at a time.</summary>
    private static void Bend(string good, Action<byte[]> read)
    {
        var random = new Random(good.Length);
        for (var round = 0; round < Rounds; round++)
        {
            var bytes = Encoding.UTF8.GetBytes(good).ToList();
            for (var change = random.Next(1, 6); change > 0; change--)
            {
                var at = random.Next(bytes.Count + 1);
                switch (random.Next(5))
                {
                    case 0 when at < bytes.Count:
                        bytes.RemoveRange(at, random.Next(1, Math.Min(8, bytes.Count - at) + 1));
                        break;
                    case 1 when at < bytes.Count:
                        bytes[at] ^= (byte)(1 << random.Next(8));
                        break;
                    case 2:
                        bytes.InsertRange(at, bytes.Skip(random.Next(bytes.Count + 1)).Take(random.Next(20)).ToList());
                        break;
                    case 3:
                        bytes.InsertRange(at, Enumerable.Repeat(Scraps[random.Next(Scraps.Length)], random.Next(1, 40)).SelectMany(static scrap => scrap));
                        break;
                    default:
                        bytes.InsertRange(at, Scraps[random.Next(Scraps.Length)]);
                        break;
                }
            }

            var bent = bytes.ToArray();
            try
            {
                read(bent);
            }
            catch (Exception fault) when (fault is not Xunit.Sdk.XunitException)
            {
                Assert.Fail($"round {round}, {Convert.ToBase64String(bent)}: {fault}");
            }
        }
    }

    private static void Allow<T>(Action act)
        where T : Exception
    {
        try
        {
            act();
        }
        catch (T)
        {
            // This is how the reader says no.
        }
    }
}
