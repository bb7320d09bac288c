using System.Text.RegularExpressions;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World;
using Sparkwright.World.Aws.Signing;

namespace Sparkwright.ConformanceTests;

/// <summary>
/// emr-containers against the model that AWS' own SDKs are made of (botocore's): each operation that we claim is found where the model has it,
/// refuses a request without a required member with an error that the model knows, and answers with members and types of the model.
/// </summary>
public sealed class EmrContractTests
{
    private const string Role = "arn:aws:iam::111122223333:role/emr-eks-karpenter-emr-eks-data-team-a";
    private const string Provider = """{"type": "EKS", "id": "emr-eks-karpenter", "info": {"eksInfo": {"namespace": "emr-data-team-b"}}}""";
    private const string Driver = """{"sparkSubmitJobDriver": {"entryPoint": "s3://none/none.py"}}""";

    /// <summary>The submitter finds no node, and is given a day to do so.</summary>
    private const string Waits = """
        {"applicationConfiguration": [
          {"classification": "emr-job-submitter", "properties": {"jobsubmitter.node.selector.pool": "none"}},
          {"classification": "emr-containers-defaults", "properties": {"job-start-timeout": "86400"}}]}
        """;

    /// <summary>The operations in an order in which each finds what it is about; <c>$CreateX</c> is the id that an earlier one has answered.</summary>
    private static readonly (string Operation, string Input)[] Calls =
    [
        ("CreateSecurityConfiguration", """{"name": "n", "clientToken": "t", "securityConfigurationData": {"authorizationConfiguration": {}}, "tags": {"a": "b"}}"""),
        ("DescribeSecurityConfiguration", """{"id": "$CreateSecurityConfiguration"}"""),
        ("ListSecurityConfigurations", "{}"),
        ("CreateVirtualCluster", """{"name": "contract", "clientToken": "t", "containerProvider": $Provider, "securityConfigurationId": "$CreateSecurityConfiguration"}"""),
        ("DescribeVirtualCluster", """{"id": "$CreateVirtualCluster"}"""),
        ("ListVirtualClusters", """{"states": ["RUNNING"]}"""),
        ("CreateJobTemplate", """{"name": "n", "clientToken": "t", "jobTemplateData": {"executionRoleArn": "$Role", "releaseLabel": "emr-6.7.0-latest", "jobDriver": $Driver, "parameterConfiguration": {"P": {"type": "NUMBER"}}}}"""),
        ("DescribeJobTemplate", """{"id": "$CreateJobTemplate"}"""),
        ("ListJobTemplates", "{}"),
        ("StartJobRun", """{"virtualClusterId": "$CreateVirtualCluster", "clientToken": "t", "name": "n", "executionRoleArn": "$Role", "releaseLabel": "emr-6.9.0-latest", "jobDriver": $Driver, "configurationOverrides": $Waits, "retryPolicyConfiguration": {"maxAttempts": 2}}"""),
        ("DescribeJobRun", """{"virtualClusterId": "$CreateVirtualCluster", "id": "$StartJobRun"}"""),
        ("ListJobRuns", """{"virtualClusterId": "$CreateVirtualCluster", "states": ["PENDING", "SUBMITTED"], "createdAfter": "2020-01-01T00:00:00Z"}"""),
        ("CancelJobRun", """{"virtualClusterId": "$CreateVirtualCluster", "id": "$StartJobRun"}"""),
        ("CreateManagedEndpoint", """{"virtualClusterId": "$CreateVirtualCluster", "clientToken": "t", "name": "n", "type": "JUPYTER_ENTERPRISE_GATEWAY", "releaseLabel": "emr-6.7.0-latest", "executionRoleArn": "$Role"}"""),
        ("DescribeManagedEndpoint", """{"virtualClusterId": "$CreateVirtualCluster", "id": "$CreateManagedEndpoint"}"""),
        ("ListManagedEndpoints", """{"virtualClusterId": "$CreateVirtualCluster"}"""),
        ("GetManagedEndpointSessionCredentials", """{"virtualClusterIdentifier": "$CreateVirtualCluster", "endpointIdentifier": "$CreateManagedEndpoint", "executionRoleArn": "$Role", "credentialType": "TOKEN"}"""),
        ("TagResource", """{"resourceArn": "arn:aws:emr-containers:us-west-2:111122223333:/virtualclusters/$CreateVirtualCluster", "tags": {"a": "b"}}"""),
        ("ListTagsForResource", """{"resourceArn": "arn:aws:emr-containers:us-west-2:111122223333:/virtualclusters/$CreateVirtualCluster"}"""),
        ("UntagResource", """{"resourceArn": "arn:aws:emr-containers:us-west-2:111122223333:/virtualclusters/$CreateVirtualCluster", "tagKeys": ["a", "b"]}"""),
        ("DeleteManagedEndpoint", """{"virtualClusterId": "$CreateVirtualCluster", "id": "$CreateManagedEndpoint"}"""),
        ("DeleteJobTemplate", """{"id": "$CreateJobTemplate"}"""),
        ("DeleteVirtualCluster", """{"id": "$CreateVirtualCluster"}"""),
    ];

    [Fact]
    public async Task Every_operation_that_we_claim_is_as_the_model_has_it()
    {
        var model = (await BotocoreModel.Read("emr-containers"))["emr-containers"];
        var claimed = WorldBuilder.Build(new WorldSettings()).AwsServices.First(known => known.SigningName == "emr-containers").Operations;
        Assert.Equal(model.Operations.Members().Select(one => one.Key).Order(StringComparer.Ordinal), claimed.Select(one => one.Name).Order(StringComparer.Ordinal));
        Assert.Equal(claimed.Select(one => one.Name).Order(StringComparer.Ordinal), Calls.Select(call => call.Operation).Order(StringComparer.Ordinal));

        await using var platform = new RunningPlatform { Options = ["--speed", "600", "--in-memory"] };
        await platform.InitializeAsync();
        using var client = new HttpClient();
        var contract = new Contract(platform, client, model);
        foreach (var (operation, input) in Calls)
        {
            await contract.Check(operation, input);
        }
    }

    private sealed class Contract(RunningPlatform platform, HttpClient client, BotocoreModel model)
    {
        private readonly Dictionary<string, string> made = new(StringComparer.Ordinal) { ["Driver"] = Driver, ["Provider"] = Provider, ["Role"] = Role, ["Waits"] = Waits };

        public async Task Check(string operation, string text)
        {
            var input = (TreeMap)TreeJson.Parse(made.Aggregate(text, static (whole, one) => whole.Replace("$" + one.Key, one.Value, StringComparison.Ordinal)));
            var shape = model.Shapes[model.Operations[operation]!.At("input", "shape")!.Text!]!;
            foreach (var required in Tree.ItemsOf(shape["required"]).ToArray().Select(one => one.Text!))
            {
                // What stands in the path cannot be left out; there an id of the wrong form stands for it.
                var isInPath = shape.At("members", required, "location")?.Text == "uri";
                await IsRefused(operation, input.With(required, isInPath ? "NONE" : null), required);
            }

            var answer = await Answer(operation, input);
            var output = (TreeMap)TreeJson.Parse(answer);
            if (model.Operations[operation]!.At("output", "shape")?.Text is { } name)
            {
                Assert.Empty(model.Faults(output, name, operation));
            }

            if (operation.StartsWith("List", StringComparison.Ordinal))
            {
                Assert.True(output.Members().Any(one => one.Value is TreeList { Count: > 0 } or TreeMap { Count: > 0 }), $"{operation} answers an empty list: {answer}");
            }

            made[operation] = output["id"]?.Text ?? "";
        }

        private async Task IsRefused(string operation, TreeMap input, string member)
        {
            var (status, code, body) = await Send(operation, input);
            var known = Tree.ItemsOf(model.Operations[operation]!["errors"]).ToArray().Select(one => one["shape"]!.Text!).ToArray();
            Assert.True(known.Contains(code), $"{operation} without {member}: {code} is none of {string.Join(", ", known)}: {body}");
            Assert.Equal(model.Shapes[code!]!.At("error", "httpStatusCode")?.Integer, status);
            Assert.True(code == "ValidationException" || member.EndsWith("Identifier", StringComparison.Ordinal), $"{operation} without {member}: {code}: {body}");
            Assert.NotNull(TreeJson.Parse(body)["message"]?.Text);
        }

        /// <summary>The answer to a good request, which may have to wait for what an earlier one has set going.</summary>
        private async Task<string> Answer(string operation, TreeMap input)
        {
            var last = "";
            for (var attempt = 0; attempt < 600; attempt++)
            {
                await Task.Delay(attempt == 0 ? 0 : 50, TestContext.Current.CancellationToken);
                var (status, code, body) = await Send(operation, input);
                if (status == 200)
                {
                    return body;
                }

                last = $"{operation}: {code}: {body}";
                if (!Regex.IsMatch(body, "state CREATING|that have not ended"))
                {
                    break;
                }
            }

            Assert.Fail(last);
            return "";
        }

        private Task<(int Status, string? Code, string Body)> Send(string operation, TreeMap input)
        {
            var http = model.Operations[operation]!["http"]!;
            var members = (TreeMap)model.Shapes[model.Operations[operation]!.At("input", "shape")!.Text!]!["members"]!;
            var (path, query, body) = (http["requestUri"]!.Text!, new List<string>(), TreeMap.Empty);
            foreach (var (name, value) in input.Members())
            {
                var place = members[name]?["locationName"]?.Text ?? name;
                switch (members[name]?["location"]?.Text)
                {
                    case "uri":
                        path = path.Replace($"{{{place}}}", SigV4.Encode(value.Text!), StringComparison.Ordinal);
                        break;
                    case "querystring":
                        query.AddRange((value is TreeList list ? list.Span.ToArray() : [value]).Select(one => $"{place}={SigV4.Encode(one.Text!)}"));
                        break;
                    default:
                        body = body.With(name, value);
                        break;
                }
            }

            return new AwsRequest(platform, "emr-containers", http["method"]!.Text!, path)
            {
                Query = string.Join('&', query),
                Body = http["method"]!.Text == "POST" ? body.ToString() : "",
                ContentType = "application/json",
            }.Send(client);
        }
    }
}
