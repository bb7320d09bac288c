using Sparkwright.World.Aws.Api;

namespace Sparkwright.World.Aws.Access;

/// <summary>Which right a call needs: its action, and the resource as policies name it.</summary>
public sealed class CallRights(string region, string account)
{
    /// <summary>The right; null for a call that needs none, or that looks after itself.</summary>
    public AccessRequest? Of(AwsService service, AwsCall call) => service.SigningName == "sts"
        ? null
        : Conditioned(service.SigningName, call, new AccessRequest($"{service.SigningName}:{call.Operation}", Resource(service.SigningName, call) ?? "*"))
            .With("aws:RequestedRegion", region);

    /// <summary>How a service of a protocol says no.</summary>
    public static AwsError Refusal(AwsProtocol protocol, string sentence) => protocol switch
    {
        AwsProtocol.RestJson => new AwsError(403, "AccessDeniedException", sentence),
        AwsProtocol.Json => new AwsError(400, "AccessDeniedException", sentence),
        AwsProtocol.Ec2Query => new AwsError(403, "UnauthorizedOperation", $"You are not authorized to perform this operation. {sentence}"),
        _ => new AwsError(403, "AccessDenied", sentence),
    };

    private static AccessRequest Conditioned(string service, AwsCall call, AccessRequest request) => (service, call.Text("executionRoleArn")) switch
    {
        ("emr-containers", { } role) => request.With("emr-containers:ExecutionRoleArn", role),
        _ => request,
    };

    private string? Resource(string service, AwsCall call) => service switch
    {
        "emr-containers" => Emr(call),
        "logs" => (call.Text("logGroupName") ?? call.Text("logGroupIdentifier")) switch
        {
            null => call.Text("resourceArn"),
            ['a', 'r', 'n', ':', ..] arn => arn,
            var group => $"arn:aws:logs:{region}:{account}:log-group:{group}:log-stream:{call.Text("logStreamName")}",
        },
        "eks" => (call.Text("name"), call.Text("nodegroupName"), call.Text("addonName")) switch
        {
            (null, _, _) => null,
            ({ } cluster, { } group, _) => $"arn:aws:eks:{region}:{account}:nodegroup/{cluster}/{group}/*",
            ({ } cluster, _, { } addon) => $"arn:aws:eks:{region}:{account}:addon/{cluster}/{addon}/*",
            var (cluster, _, _) => $"arn:aws:eks:{region}:{account}:cluster/{cluster}",
        },
        "aps" => call.Text("workspaceId") is { } workspace ? $"arn:aws:aps:{region}:{account}:workspace/{workspace}" : null,
        "iam" => call.Text("RoleName") is { } role ? $"arn:aws:iam::{account}:role{call.Text("Path") ?? "/"}{role}"
            : call.Text("PolicyArn") ?? call.Text("OpenIDConnectProviderArn") ?? call.Text("PolicySourceArn")
            ?? (call.Text("PolicyName") is { } policy ? $"arn:aws:iam::{account}:policy{call.Text("Path") ?? "/"}{policy}"
                : call.Text("UserName") is { } user ? $"arn:aws:iam::{account}:user/{user}" : null),
        "ec2" => call.Texts("InstanceId") is [var first, ..] && !call.Operation.StartsWith("Describe", StringComparison.Ordinal)
            ? $"arn:aws:ec2:{region}:{account}:instance/{first}"
            : null,
        _ => null,
    };

    private string? Emr(AwsCall call)
    {
        // GetManagedEndpointSessionCredentials has names of its own, and takes ARNs as well.
        var (cluster, id) = (
            call.Text("virtualClusterId") ?? Last(call.Text("virtualClusterIdentifier")),
            call.Text("id") ?? Last(call.Text("endpointIdentifier")));
        string Arn(string rest) => $"arn:aws:emr-containers:{region}:{account}:/{rest}";
        static string? Last(string? identifier) => identifier?[(identifier.LastIndexOf('/') + 1)..];
        return (call.Text("resourceArn"), cluster, id) switch
        {
            ({ } arn, _, _) => arn,
            (_, { } home, null) => Arn($"virtualclusters/{home}"),
            (_, { } home, { } one) => Arn($"virtualclusters/{home}/{(call.Operation.Contains("Endpoint", StringComparison.Ordinal) ? "endpoints" : "jobruns")}/{one}"),
            (_, null, { } one) => Arn((call.Operation.Contains("JobTemplate", StringComparison.Ordinal) ? "jobtemplates/"
                : call.Operation.Contains("SecurityConfiguration", StringComparison.Ordinal) ? "securityconfigurations/"
                : "virtualclusters/") + one),
            _ => null,
        };
    }
}
