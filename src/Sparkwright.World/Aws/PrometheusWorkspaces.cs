using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.World.Aws.Api;

namespace Sparkwright.World.Aws;

/// <summary>Amazon Managed Service for Prometheus: the workspace of the platform, to be looked at.</summary>
/// <param name="alias">Of the one workspace; null where the platform has none.</param>
public sealed class PrometheusWorkspaces(ApiServer api, string region, string account, string? alias)
{
    private const int PageSize = 100;

    public AwsService Service() => new("aps", AwsProtocol.RestJson, "",
    [
        new("ListWorkspaces", "GET", "/workspaces", List),
        new("DescribeWorkspace", "GET", "/workspaces/{workspaceId}", call => alias is not null && call.Text("workspaceId") == Id(alias)
            ? AwsAnswer.Ok(("workspace", Summary(alias).With("prometheusEndpoint", $"https://aps-workspaces.{region}.amazonaws.com/workspaces/{Id(alias)}/")))
            : AwsAnswer.Refuse(404, "ResourceNotFoundException", "Workspace not found")),
    ]);

    /// <summary>An alias of a call is what aliases begin with.</summary>
    private AwsAnswer List(AwsCall call)
    {
        IReadOnlyList<string> found = alias is not null && alias.StartsWith(call.Text("alias") ?? "", StringComparison.Ordinal) ? [alias] : [];
        return AwsPages.Of(found, call, PageSize) is { } page
            ? AwsAnswer.Ok(("nextToken", page.Next), ("workspaces", AwsPages.Trees(page, Summary)))
            : AwsAnswer.Refuse(400, "ValidationException", "nextToken is none that a list has answered");
    }

    private TreeMap Summary(string name) => TreeMap.Of(
        ("alias", name),
        ("arn", $"arn:aws:aps:{region}:{account}:workspace/{Id(name)}"),
        ("createdAt", EpochTime.Of(api.Clock.Start)),
        ("status", TreeMap.Of(("statusCode", "ACTIVE"))),
        ("tags", TreeMap.Empty),
        ("workspaceId", Id(name)));

    private string Id(string name) => $"ws-{api.Chance.For("aps/workspace", name).Uuid()}";
}
