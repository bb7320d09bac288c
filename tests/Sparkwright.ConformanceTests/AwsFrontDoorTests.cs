namespace Sparkwright.ConformanceTests;

/// <summary>Who is let in by the AWS API, who is not, and what a hostile request comes to.</summary>
public sealed class AwsFrontDoorTests(RunningPlatform platform) : IDisposable
{
    private const string Bomb = "<?xml version=\"1.0\"?><!DOCTYPE Delete [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\">]><Delete><Object><Key>&b;</Key></Object></Delete>";

    private readonly HttpClient client = new();

    public void Dispose() => client.Dispose();

    [Theory]
    //          service            what is wrong  status  code
    [InlineData("emr-containers", "nothing", 200, null)]
    [InlineData("emr-containers", "unsigned", 403, "MissingAuthenticationTokenException")]
    [InlineData("emr-containers", "key", 403, "UnrecognizedClientException")]
    [InlineData("emr-containers", "secret", 403, "InvalidSignatureException")]
    [InlineData("emr-containers", "path", 403, "InvalidSignatureException")]
    [InlineData("emr-containers", "body", 403, "InvalidSignatureException")]
    [InlineData("emr-containers", "late", 403, "InvalidSignatureException")]
    [InlineData("emr-containers", "early", 403, "InvalidSignatureException")]
    [InlineData("sts", "nothing", 200, null)]
    [InlineData("sts", "unsigned", 403, "MissingAuthenticationToken")]
    [InlineData("sts", "key", 403, "InvalidClientTokenId")]
    [InlineData("sts", "secret", 403, "SignatureDoesNotMatch")]
    [InlineData("sts", "body", 403, "SignatureDoesNotMatch")]
    [InlineData("sts", "late", 403, "SignatureDoesNotMatch")]
    [InlineData("s3", "nothing", 200, null)]
    [InlineData("s3", "unsigned", 403, "AccessDenied")]
    [InlineData("s3", "key", 403, "InvalidAccessKeyId")]
    [InlineData("s3", "secret", 403, "SignatureDoesNotMatch")]
    [InlineData("s3", "path", 403, "SignatureDoesNotMatch")]
    [InlineData("s3", "body", 400, "XAmzContentSHA256Mismatch")]
    [InlineData("s3", "late", 403, "RequestTimeTooSkewed")]
    [InlineData("dynamodb", "nothing", 400, "UnknownServiceException")]
    public async Task Only_a_signature_that_holds_is_let_in(string service, string wrong, int status, string? code)
    {
        await MakeBucket("doors");
        var good = service switch
        {
            "sts" => new AwsRequest(platform, service, "POST", "/") { Body = "Action=GetCallerIdentity&Version=2011-06-15", ContentType = "application/x-www-form-urlencoded; charset=utf-8" },
            "s3" => new AwsRequest(platform, service, "PUT", "/doors/key") { Body = "body" },
            _ => new AwsRequest(platform, service, wrong == "body" ? "POST" : "GET", "/virtualclusters") { Body = wrong == "body" ? "{}" : "" },
        };
        var asked = wrong switch
        {
            "unsigned" => good with { IsSigned = false },
            "key" => good with { KeyId = "AKIAIOSFODNN7EXAMPLE" },
            "secret" => good with { Secret = "guess" },
            "path" => good with { PathSent = service == "s3" ? "/doors/other" : "/virtualclusters/other" },
            "body" => good with { BodySent = good.Body + " " },
            "late" => good with { Age = TimeSpan.FromMinutes(service == "s3" ? 16 : 6) },
            "early" => good with { Age = TimeSpan.FromMinutes(-6) },
            _ => good,
        };
        var answer = await asked.Send(client);
        Assert.Equal((status, code), (answer.Status, answer.Code));
    }

    [Theory]
    //          signed seconds ago  holds seconds  status  code
    [InlineData(0, 60, 200, null)]
    [InlineData(3000, 3600, 200, null)]
    [InlineData(61, 60, 403, "AccessDenied")]
    public async Task A_presigned_URL_holds_for_its_time(int ago, int seconds, int status, string? code)
    {
        await MakeBucket("urls");
        Assert.Equal(200, (await new AwsRequest(platform, "s3", "PUT", "/urls/key") { Body = "body" }.Send(client)).Status);
        var url = new AwsRequest(platform, "s3", "GET", "/urls/key") { Age = TimeSpan.FromSeconds(ago), PresignedFor = TimeSpan.FromSeconds(seconds) };
        var answer = await url.Send(client);
        Assert.Equal((status, code), (answer.Status, answer.Code));
    }

    [Theory]
    [InlineData("/dots/../../../../escaped")]
    [InlineData("/dots/%2e%2e/%2e%2e/%2e%2e/escaped")]
    [InlineData("/dots/..%2F..%2F..%2Fescaped")]
    [InlineData("/dots//escaped")]
    [InlineData("/dots/..%5C..%5Cescaped")]
    public async Task A_key_is_a_name_and_never_a_path(string path)
    {
        await MakeBucket("dots");
        Assert.Equal(200, (await new AwsRequest(platform, "s3", "PUT", path) { Body = path }.Send(client)).Status);
        Assert.Equal((200, path), (await new AwsRequest(platform, "s3", "GET", path).Send(client)) is var (status, _, body) ? (status, body) : default);
        Assert.DoesNotContain(
            Directory.EnumerateFiles(platform.DataDirectory, "*", SearchOption.AllDirectories).Concat(Directory.EnumerateFiles(Path.GetDirectoryName(platform.DataDirectory)!)),
            file => Path.GetFileName(file).Contains("escaped", StringComparison.Ordinal));
        Assert.Equal(204, (await new AwsRequest(platform, "s3", "DELETE", path).Send(client)).Status);
    }

    [Theory]
    [InlineData("/..%2F", "InvalidBucketName")]
    [InlineData("/..", "InvalidBucketName")]
    [InlineData("/Upper", "InvalidBucketName")]
    [InlineData("/a", "InvalidBucketName")]
    [InlineData("/192.168.0.1", "InvalidBucketName")]
    [InlineData("/two..dots", "InvalidBucketName")]
    public async Task A_bucket_has_a_name_of_S3s_kind(string path, string code) =>
        Assert.Equal((400, code), (await new AwsRequest(platform, "s3", "PUT", path).Send(client)) is var (status, said, _) ? (status, said) : default);

    [Theory]
    //          document                                 code
    [InlineData(Bomb, "MalformedXML")]
    [InlineData("<Delete><Object><Key>a</Key>", "MalformedXML")]
    [InlineData("<Other/>", "MalformedXML")]
    [InlineData("<Delete/>", "MalformedXML")]
    [InlineData("deep", "MalformedXML")]
    [InlineData("long", "MalformedXML")]
    public async Task A_document_that_would_swell_is_refused(string document, string code)
    {
        await MakeBucket("xml");
        document = document switch
        {
            "deep" => "<Delete>" + string.Concat(Enumerable.Repeat("<a>", 100_000)),
            "long" => $"<Delete><Object><Key>{new string('a', 5 << 20)}</Key></Object></Delete>",
            _ => document,
        };
        var asked = new AwsRequest(platform, "s3", "POST", "/xml") { Query = "delete=", Body = document };
        Assert.Equal((400, code), (await asked.Send(client)) is var (status, said, _) ? (status, said) : default);
        Assert.Equal(200, (await new AwsRequest(platform, "s3", "GET", "/xml").Send(client)).Status);
    }

    [Fact]
    public async Task What_a_service_does_not_have_is_said_with_what_it_has()
    {
        var (status, code, body) = await new AwsRequest(platform, "emr-containers", "GET", "/unheard-of").Send(client);
        Assert.Equal((404, "UnknownOperationException"), (status, code));
        Assert.Contains("It has: CancelJobRun, ", body, StringComparison.Ordinal);
    }

    private async Task MakeBucket(string name) =>
        Assert.Contains((await new AwsRequest(platform, "s3", "PUT", "/" + name).Send(client)).Status, new[] { 200, 409 });
}
