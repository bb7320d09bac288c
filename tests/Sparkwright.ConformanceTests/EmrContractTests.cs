using System.Globalization;
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
        var (service, shapes) = await ReadModel();
        var claimed = WorldBuilder.Build(new WorldSettings()).AwsServices.First(known => known.SigningName == "emr-containers").Operations;
        Assert.Equal(service.Members().Select(one => one.Key).Order(StringComparer.Ordinal), claimed.Select(one => one.Name).Order(StringComparer.Ordinal));
        Assert.Equal(claimed.Select(one => one.Name).Order(StringComparer.Ordinal), Calls.Select(call => call.Operation).Order(StringComparer.Ordinal));

        await using var platform = new RunningPlatform { Options = ["--speed", "600", "--in-memory"] };
        await platform.InitializeAsync();
        using var client = new HttpClient();
        var contract = new Contract(platform, client, service, shapes);
        foreach (var (operation, input) in Calls)
        {
            await contract.Check(operation, input);
        }
    }

    /// <summary>The operations and shapes of botocore's model.</summary>
    private static async Task<(TreeMap Operations, TreeMap Shapes)> ReadModel()
    {
        const string Dump = """
            import json, botocore.session
            model = botocore.session.get_session().get_service_model('emr-containers')
            print(json.dumps({'operations': model._service_description['operations'], 'shapes': model._service_description['shapes']}))
            """;
        foreach (var python in Client.FindAll("python3"))
        {
            var (code, output) = await Client.Run(python, ["-c", Dump], []);
            if (code == 0)
            {
                var model = TreeJson.Parse(output);
                return ((TreeMap)model["operations"]!, (TreeMap)model["shapes"]!);
            }
        }

        Assert.Skip("NOT TESTED: no python3 of the PATH has the package botocore (pip install botocore)");
        throw new System.Diagnostics.UnreachableException();
    }

    private sealed class Contract(RunningPlatform platform, HttpClient client, TreeMap operations, TreeMap shapes)
    {
        private readonly Dictionary<string, string> made = new(StringComparer.Ordinal) { ["Driver"] = Driver, ["Provider"] = Provider, ["Role"] = Role, ["Waits"] = Waits };

        public async Task Check(string operation, string text)
        {
            var input = (TreeMap)TreeJson.Parse(made.Aggregate(text, static (whole, one) => whole.Replace("$" + one.Key, one.Value, StringComparison.Ordinal)));
            var shape = shapes[operations[operation]!.At("input", "shape")!.Text!]!;
            foreach (var required in Tree.ItemsOf(shape["required"]).ToArray().Select(one => one.Text!))
            {
                // What stands in the path cannot be left out; there an id of the wrong form stands for it.
                var isInPath = shape.At("members", required, "location")?.Text == "uri";
                await IsRefused(operation, input.With(required, isInPath ? "NONE" : null), required);
            }

            var answer = await Answer(operation, input);
            var output = (TreeMap)TreeJson.Parse(answer);
            if (operations[operation]!.At("output", "shape")?.Text is { } name)
            {
                Fits(output, name, operation);
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
            var known = Tree.ItemsOf(operations[operation]!["errors"]).ToArray().Select(one => one["shape"]!.Text!).ToArray();
            Assert.True(known.Contains(code), $"{operation} without {member}: {code} is none of {string.Join(", ", known)}: {body}");
            Assert.Equal(shapes[code!]!.At("error", "httpStatusCode")?.Integer, status);
            Assert.True(code == "ValidationException" || member.EndsWith("Identifier", StringComparison.Ordinal), $"{operation} without {member}: {code}: {body}");
            Assert.NotNull(TreeJson.Parse(body)["message"]?.Text);
        }

        /// <summary>The answer to a good request, which may have to wait for what an earlier one has set going.</summary>
        private async Task<string> Answer(string operation, TreeMap input)
        {
            var last = "";
            for (var attempt = 0; attempt < 200; attempt++)
            {
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
            var http = operations[operation]!["http"]!;
            var members = (TreeMap)shapes[operations[operation]!.At("input", "shape")!.Text!]!["members"]!;
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

        /// <summary>Whether a value is of a shape: members known, types right, enumerations and ARNs as they must be.</summary>
        private void Fits(Tree value, string shapeName, string where)
        {
            var shape = shapes[shapeName]!;
            switch (shape["type"]?.Text)
            {
                case "structure":
                    var map = Assert.IsType<TreeMap>(value);
                    Assert.All(Tree.ItemsOf(shape["required"]).ToArray(), one => Assert.True(map.ContainsKey(one.Text!), $"{where} has no {one.Text}"));
                    foreach (var (name, member) in map.Members())
                    {
                        Assert.True(shape["members"]![name] is not null, $"{where}.{name} is unknown to the model");
                        Fits(member, shape["members"]![name]!["shape"]!.Text!, $"{where}.{name}");
                    }

                    break;
                case "list":
                    Assert.All(Assert.IsType<TreeList>(value).Span.ToArray(), item => Fits(item, shape.At("member", "shape")!.Text!, where + "[]"));
                    break;
                case "map":
                    Assert.All(Assert.IsType<TreeMap>(value).Members(), one => Fits(one.Value, shape.At("value", "shape")!.Text!, $"{where}.{one.Key}"));
                    break;
                case "timestamp":
                    Assert.True(DateTime.TryParse(value.Text, CultureInfo.InvariantCulture, out _), $"{where}: {value} is no time");
                    break;
                case "integer":
                    Assert.True(value.Integer is not null, $"{where}: {value} is no number");
                    break;
                case "boolean":
                    Assert.True(value.Boolean is not null, $"{where}: {value} is neither true nor false");
                    break;
                case "string":
                    Assert.True(value.Text is not null, $"{where}: {value} is no text");
                    Assert.True(shape["enum"] is not { } words || words.Items.ToArray().Contains(value), $"{where}: {value} is none of {shape["enum"]}");
                    if (shape["pattern"]?.Text is { } pattern && pattern.StartsWith("^arn", StringComparison.Ordinal))
                    {
                        Assert.Matches(pattern, value.Text!);
                    }

                    break;
                default:
                    Assert.Fail($"{where} has the type {shape["type"]?.Text}, which this test does not know");
                    break;
            }
        }
    }
}
