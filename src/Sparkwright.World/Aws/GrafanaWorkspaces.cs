using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Aws.Api;

namespace Sparkwright.World.Aws;

/// <summary>Amazon Managed Grafana: an account that has no workspace, as no blueprint makes one.</summary>
public static class GrafanaWorkspaces
{
    public static AwsService Service() => new("grafana", AwsProtocol.RestJson, "",
    [
        new("ListWorkspaces", "GET", "/workspaces", static _ => AwsAnswer.Ok(("workspaces", TreeList.Empty))),
        new("DescribeWorkspace", "GET", "/workspaces/{workspaceId}", static call =>
            AwsAnswer.Refuse(404, "ResourceNotFoundException", $"Workspace {call.Text("workspaceId")} not found")),
    ]);
}
