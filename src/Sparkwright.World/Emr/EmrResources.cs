using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.World.Spark;

namespace Sparkwright.World.Emr;

/// <summary>
/// Keeps what calls create: the request as it came, with an id and an ARN. The same clientToken with the same request answers the same resource.
/// </summary>
public sealed class EmrResources(ApiServer api, EmrSettings settings)
{
    /// <summary>What an earlier call with this token came to; null when there was none, or there is no token.</summary>
    /// <param name="request">Members as the call has them.</param>
    public EmrResult? Earlier(ResourceType type, TreeMap request)
    {
        if (!request.ContainsKey("clientToken"))
        {
            return null;
        }

        var earlier = api.Store.List(type).FirstOrDefault(known => Matches(known, request, "clientToken") && Matches(known, request, "virtualClusterId"));
        return earlier is null ? null
            : earlier.Spec["request"]!.Equals(request) ? Done(earlier)
            : new EmrResult.Refused(EmrRefusal.TokenUsed(request["clientToken"]?.Text ?? ""));
    }

    /// <param name="path">Of the ARN, behind the account, up to the id: <c>jobtemplates</c>.</param>
    /// <param name="caller">The ARN of who calls; empty for nobody.</param>
    /// <param name="status">Null for a resource without states.</param>
    public EmrResult Create(ResourceType type, string path, string id, TreeMap request, string caller, TreeMap? status = null)
    {
        var created = api.Create(new ApiObject(
            type,
            new ObjectMeta { Name = id },
            TreeMap.Of(
                ("spec", TreeMap.Of(
                    ("arn", EmrIds.Arn(settings, $"{path}/{id}")),
                    ("createdBy", caller.Length == 0 ? null : caller),
                    ("name", request["name"]),
                    ("request", request),
                    ("tags", request["tags"]))),
                ("status", status))));
        return created.Object is { } resource
            ? Done(resource)
            : new EmrResult.Refused(new EmrRefusal("InternalServerException", $"The {type.Kind} could not be kept"));
    }

    /// <summary>A resource with other tags.</summary>
    public void Tag(ApiObject resource, TreeMap tags) => api.Modify(resource.Type, resource.Key, known => known.Set(["spec", "tags"], tags));

    /// <summary>The times and texts that all resources show in the same way.</summary>
    public static TreeMap Print(ApiObject resource) => TreeMap.Of(
        ("arn", resource.Spec["arn"]),
        ("createdAt", Instants.Print(resource.Metadata.CreationTimestamp)),
        ("id", resource.Name),
        ("name", resource.Spec["name"]),
        ("tags", resource.Spec["tags"] ?? TreeMap.Empty));

    private static EmrResult.Done Done(ApiObject resource) => new(
        resource.Name, resource.Spec["name"]?.Text, resource.Spec["arn"]?.Text ?? "", resource.Spec.At("request", "virtualClusterId")?.Text ?? resource.Name);

    private static bool Matches(ApiObject known, TreeMap request, string member) => Equals(known.Spec.At("request", member), request[member]);
}
