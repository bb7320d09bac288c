using System.Text;
using Sparkwright.Server.AwsApi;
using Sparkwright.World.Aws.Api;
using Sparkwright.World.Aws.Signing;

namespace Sparkwright.Tests.Server.AwsApi;

/// <summary>One reader for all forms in which AWS is asked.</summary>
public sealed class AwsRequestsTests
{
    private static readonly AwsService Rest = new("emr-containers", AwsProtocol.RestJson, "",
    [
        new("List", "GET", "/virtualclusters", Echo),
        new("Start", "POST", "/virtualclusters/{virtualClusterId}/jobruns", Echo),
        new("ListTags", "GET", "/tags/{resourceArn}", Echo),
    ]);

    private static readonly AwsService Targeted = new("logs", AwsProtocol.Json, "", [new("PutLogEvents", Echo)]);
    private static readonly AwsService Form = new("sts", AwsProtocol.Query, "urn:sts", [new("Do", Echo)]);

    [Theory]
    //          method  target                                             body       operation  input
    [InlineData("GET", "/virtualclusters?states=RUNNING&states=TERMINATED", "", "List", "{\"states\":[\"RUNNING\",\"TERMINATED\"]}")]
    [InlineData("GET", "/virtualclusters?states=RUNNING&X-Amz-Date=x", "", "List", "{\"states\":\"RUNNING\"}")]
    [InlineData("POST", "/virtualclusters/abc/jobruns", "{\"name\":\"n\"}", "Start", "{\"name\":\"n\",\"virtualClusterId\":\"abc\"}")]
    [InlineData("GET", "/tags/arn%3Aaws%3Aemr-containers%3A%3A%3A%2Fvirtualclusters%2Fabc", "", "ListTags", "{\"resourceArn\":\"arn:aws:emr-containers:::/virtualclusters/abc\"}")]
    [InlineData("GET", "/virtualclusters/", "", null, "{}")]
    [InlineData("POST", "/virtualclusters//jobruns", "", null, "{}")]
    [InlineData("PUT", "/virtualclusters", "", null, "{}")]
    public void A_method_and_a_path_name_the_operation(string method, string target, string body, string? operation, string input) =>
        Check(Rest, method, target, [], body, operation, input);

    [Theory]
    //          target                      body                operation       input
    [InlineData("Logs_20140328.PutLogEvents", "{\"a\":1}", "PutLogEvents", "{\"a\":1}")]
    [InlineData("Logs_20140328.PutLogEvents", "", "PutLogEvents", "{}")]
    [InlineData("Logs_20140328.Unheard", "{}", null, "{}")]
    public void A_target_names_the_operation(string target, string body, string? operation, string input) =>
        Check(Targeted, "POST", "/", [("X-Amz-Target", target)], body, operation, input);

    [Theory]
    //          form                                                          operation  input
    [InlineData("Action=Do&Version=1&Name=a+b%2Bc", "Do", "{\"Name\":\"a b+c\"}")]
    [InlineData("Action=Do&Ids.member.1=x&Ids.member.2=y", "Do", "{\"Ids\":[\"x\",\"y\"]}")]
    [InlineData("Action=Do&Ids.10=k&Ids.9=j", "Do", "{\"Ids\":[\"j\",\"k\"]}")]
    [InlineData("Action=Do&Filter.1.Name=state&Filter.1.Value.1=running", "Do", "{\"Filter\":[{\"Name\":\"state\",\"Value\":[\"running\"]}]}")]
    [InlineData("Action=Other", null, "{}")]
    [InlineData("", null, "{}")]
    public void A_form_names_the_operation(string form, string? operation, string input) =>
        Check(Form, "POST", "/", [], form, operation, input);

    [Theory]
    [InlineData("[1]", "the body must be a JSON object")]
    [InlineData("{\"a\":", "the body is no JSON: ")]
    [InlineData("\u0001", "the body is no JSON: ")]
    public void A_body_that_cannot_be_read_says_so(string body, string message) => Assert.StartsWith(
        message,
        Assert.Throws<FormatException>(() => Read(Rest, "POST", "/virtualclusters/abc/jobruns", [], body)).Message,
        StringComparison.Ordinal);

    [Fact]
    public void A_form_may_not_be_nested_without_end() =>
        Assert.Throws<FormatException>(() => Read(Form, "POST", "/", [], $"Action=Do&{string.Join('.', Enumerable.Repeat("a", 10_000))}=1"));

    private static void Check(AwsService service, string method, string target, (string, string)[] headers, string body, string? operation, string input)
    {
        var asked = Read(service, method, target, headers, body);
        Assert.Equal((operation, input), (asked.Operation?.Name, asked.Input.ToString()));
    }

    private static AwsAsked Read(AwsService service, string method, string target, (string, string)[] headers, string body)
    {
        var parts = target.Split('?');
        return AwsRequests.Read(service, new SignedRequest(method, parts[0], SignedRequest.ReadQuery(parts.ElementAtOrDefault(1) ?? ""), [.. headers]), Encoding.UTF8.GetBytes(body));
    }

    private static AwsAnswer Echo(AwsCall call) => new AwsAnswer.Done(call.Input);
}
