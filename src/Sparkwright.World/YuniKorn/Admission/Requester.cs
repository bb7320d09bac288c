using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.YuniKorn.Admission;

/// <summary>
/// Who asks for an object to be made. Requests carry no names here, so it is told from the object: what a controller owns comes from that
/// controller, what a Spark driver owns from the driver's service account, placeholders from YuniKorn, the rest from the administrator.
/// </summary>
internal static class Requester
{
    private static readonly UserInfo Administrator = new("kubernetes-admin", ["system:masters", "system:authenticated"]);

    public static UserInfo Of(ApiObject candidate)
    {
        if (PodMetadata.IsPlaceholder(candidate))
        {
            return ServiceAccount(Names.Namespace, "yunikorn-admin");
        }

        if (candidate.Metadata.Controller is { Kind: not "Pod" } owner)
        {
            return ServiceAccount("kube-system", owner.Kind switch
            {
                "DaemonSet" => "daemon-set-controller",
                _ => $"{owner.Kind.ToLowerInvariant()}-controller",
            });
        }

        return candidate.Metadata.Controller is not null || candidate.Metadata.Label("spark-role") is not null
            ? ServiceAccount(candidate.Namespace, candidate.Spec["serviceAccountName"]?.Text ?? "default")
            : Administrator;
    }

    private static UserInfo ServiceAccount(string home, string name) => new(
        $"system:serviceaccount:{home}:{name}",
        ["system:serviceaccounts", $"system:serviceaccounts:{home}", "system:authenticated"]);
}
