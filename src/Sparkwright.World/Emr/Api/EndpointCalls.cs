using System.Text.RegularExpressions;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.World.Aws.Api;
using Sparkwright.World.Spark;

namespace Sparkwright.World.Emr.Api;

/// <summary>The operations on managed endpoints.</summary>
internal sealed partial class EndpointCalls(ApiServer api, ManagedEndpoints endpoints, VirtualClusters clusters)
{
    private const string OnlyType = "JUPYTER_ENTERPRISE_GATEWAY";
    private static readonly TimeSpan StandardSession = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan LongestSession = TimeSpan.FromHours(12);

    public AwsAnswer Create(AwsCall call)
    {
        var (input, shape) = (call.Input, new RequestShape());
        shape.Map(input, "", "name", "virtualClusterId", "type", "releaseLabel", "executionRoleArn", "certificateArn", "configurationOverrides", "clientToken", "tags");
        shape.Required(input["name"], "name", 64, EmrPatterns.Name(), EmrPatterns.NameAllowed);
        shape.Required(input["virtualClusterId"], "virtualClusterId", 64, EmrPatterns.Id(), EmrPatterns.IdAllowed);
        if (shape.Required(input["type"], "type", 64) is { Length: > 0 } type && type != OnlyType)
        {
            shape.Refuse("type", type, OnlyType);
        }

        var label = shape.Required(input["releaseLabel"], "releaseLabel", 64, EmrPatterns.Release(), EmrRelease.Allowed);
        shape.Required(input["executionRoleArn"], "executionRoleArn", 2048, EmrPatterns.Role(), EmrPatterns.RoleAllowed);
        shape.Text(input["certificateArn"], "certificateArn", 2048, CertificatePattern(), "the ARN of a certificate of ACM");
        shape.Required(input["clientToken"], "clientToken", 64, EmrPatterns.NotBlank());
        var release = EmrRelease.Find(label);
        var overrides = shape.Map(input["configurationOverrides"], "configurationOverrides", "applicationConfiguration", "monitoringConfiguration");
        StartJobRunReader.ReadConfigurations(shape, overrides["applicationConfiguration"], "configurationOverrides.applicationConfiguration", 0);
        StartJobRunReader.ReadMonitoring(shape, overrides["monitoringConfiguration"], release);
        StartJobRunReader.ReadTags(shape, input["tags"]);
        return shape.Problem is { } problem ? EmrAnswers.Invalid(problem)
            : release is null ? EmrAnswers.Refuse(EmrRelease.Unknown(label))
            : EmrAnswers.Of(endpoints.Create(input, call.Caller.Arn), static done => EmrAnswers.Made(done).With("virtualClusterId", done.VirtualClusterId));
    }

    public AwsAnswer Describe(AwsCall call) => EmrAnswers.WrongIds(call, "virtualClusterId", "id") is { } wrong ? wrong
        : endpoints.Find(call.Text("virtualClusterId")!, call.Text("id")!) is { } known ? AwsAnswer.Ok(("endpoint", Print(known)))
        : EmrAnswers.Refuse(EmrRefusal.NotFound($"Managed endpoint {call.Text("id")} doesn't exist."));

    public AwsAnswer List(AwsCall call)
    {
        if (EmrAnswers.WrongIds(call, "virtualClusterId") is { } wrong)
        {
            return wrong;
        }

        var (cluster, types) = (call.Text("virtualClusterId")!, call.Texts("types"));
        return clusters.Get(cluster) is null ? EmrAnswers.Invalid($"Virtual cluster {cluster} doesn't exist.") : EmrAnswers.Page(
            call,
            "endpoints",
            EndpointState.All,
            filter => filter.Youngest(api.Store.List(EmrTypes.ManagedEndpoint)).Where(known => filter.Admits(ManagedEndpoints.StateOf(known))
                && known.Spec.At("request", "virtualClusterId")?.Text == cluster
                && (types.Count == 0 || types.Contains(known.Spec.At("request", "type")?.Text))),
            Print);
    }

    public AwsAnswer Delete(AwsCall call) => EmrAnswers.WrongIds(call, "virtualClusterId", "id") is { } wrong ? wrong
        : endpoints.Delete(call.Text("virtualClusterId")!, call.Text("id")!) is { } refusal ? EmrAnswers.Refuse(refusal)
        : AwsAnswer.Ok(("id", call.Text("id")), ("virtualClusterId", call.Text("virtualClusterId")));

    /// <summary>A token for a session; the same clientToken gets the same one.</summary>
    public AwsAnswer Credentials(AwsCall call)
    {
        var (input, shape) = (call.Input, new RequestShape());
        shape.Map(input, "", "endpointIdentifier", "virtualClusterIdentifier", "executionRoleArn", "credentialType", "durationInSeconds", "logContext", "clientToken");
        var cluster = shape.Required(input["virtualClusterIdentifier"], "virtualClusterIdentifier", 2048);
        var endpoint = shape.Required(input["endpointIdentifier"], "endpointIdentifier", 2048);
        shape.Required(input["executionRoleArn"], "executionRoleArn", 2048, EmrPatterns.Role(), EmrPatterns.RoleAllowed);
        if (shape.Required(input["credentialType"], "credentialType", 64) is { Length: > 0 } type && type != "TOKEN")
        {
            shape.Refuse("credentialType", type, "TOKEN");
        }

        var token = shape.Text(input["clientToken"], "clientToken", 64, EmrPatterns.NotBlank());
        shape.Text(input["logContext"], "logContext", 63, LogContextPattern(), "a name such as one of an S3 bucket", least: 3);
        var seconds = input["durationInSeconds"] is { } given ? given.Integer ?? 0 : (long)StandardSession.TotalSeconds;
        if (seconds < 1 || seconds > LongestSession.TotalSeconds)
        {
            shape.Refuse("durationInSeconds", input["durationInSeconds"], $"a whole number from 1 to {LongestSession.TotalSeconds}");
        }

        if (shape.Problem is { } problem)
        {
            return EmrAnswers.Invalid(problem);
        }

        // Either may be an id or an ARN.
        if (endpoints.Find(Last(cluster), Last(endpoint)) is not { } known)
        {
            return EmrAnswers.Refuse(EmrRefusal.NotFound($"Managed endpoint {endpoint} doesn't exist."));
        }

        if (ManagedEndpoints.StateOf(known) is var state && state != EndpointState.Active)
        {
            return EmrAnswers.Invalid($"Managed endpoint state {state} is not valid to get session credentials.");
        }

        var draw = api.Chance.For("emr/session-credentials", $"{known.Name}/{token ?? Instants.Print(api.Clock.Now)}");
        return AwsAnswer.Ok(
            ("credentials", TreeMap.Of(("token", draw.Base36(64)))),
            ("expiresAt", Instants.Print(api.Clock.Now.AddSeconds(seconds))),
            ("id", draw.Next.Base36(19)));
    }

    private static string Last(string identifier) => identifier[(identifier.LastIndexOf('/') + 1)..];

    private static TreeMap Print(ApiObject endpoint)
    {
        var request = endpoint.Spec["request"]!;
        return EmrResources.Print(endpoint)
            .With("certificateArn", request["certificateArn"])
            .With("configurationOverrides", request["configurationOverrides"])
            .With("executionRoleArn", request["executionRoleArn"])
            .With("failureReason", endpoint.Status["failureReason"])
            .With("releaseLabel", request["releaseLabel"])
            .With("securityGroup", endpoint.Status["securityGroup"])
            .With("serverUrl", endpoint.Status["serverUrl"])
            .With("state", endpoint.Status["state"])
            .With("stateDetails", endpoint.Status["stateDetails"])
            .With("subnetIds", endpoint.Status["subnetIds"])
            .With("type", request["type"])
            .With("virtualClusterId", request["virtualClusterId"]);
    }

    [GeneratedRegex(@"^arn:aws[a-zA-Z0-9-]*:acm:.+:\d{12}:certificate/.+$", RegexOptions.CultureInvariant)]
    private static partial Regex CertificatePattern();

    [GeneratedRegex("^((?!.*-s3alias)(?!xn--.*)[a-z0-9][-a-z0-9.]*)?[a-z0-9]$", RegexOptions.CultureInvariant)]
    private static partial Regex LogContextPattern();
}
