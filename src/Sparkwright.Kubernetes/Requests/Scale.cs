using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Schema;
using Sparkwright.Kubernetes.Selectors;

namespace Sparkwright.Kubernetes.Requests;

/// <summary>The subresource <c>scale</c>: how many replicas a workload wants and has, in one form for every kind that has it.</summary>
public static class Scale
{
    /// <summary>
    /// Why an object has no scale to show: one of a custom kind that sets no replicas, such as a NodePool whose nodes come with the pods; null when it has.
    /// </summary>
    public static ApiStatus? Missing(ApiObject workload, ScalePaths paths) => workload.Type.Group is "apps" or "" || workload.Body.At(paths.Wanted) is not null
        ? null
        : new ApiStatus(500, "InternalError", $"Internal error occurred: the spec replicas field \".{string.Join('.', paths.Wanted)}\" does not exist");

    /// <summary>An object's scale, autoscaling/v1.</summary>
    /// <param name="paths">Of the workload's kind.</param>
    public static TreeMap Of(ApiObject workload, ScalePaths paths) => TreeMap.Of(
        ("apiVersion", "autoscaling/v1"),
        ("kind", "Scale"),
        ("metadata", new ObjectMeta
        {
            Name = workload.Name,
            Namespace = workload.Namespace,
            Uid = workload.Metadata.Uid,
            ResourceVersion = workload.Metadata.ResourceVersion,
            CreationTimestamp = workload.Metadata.CreationTimestamp,
        }.ToTree()),
        ("spec", TreeMap.Of(("replicas", workload.Body.At(paths.Wanted)?.Integer is { } wanted and not 0 ? wanted : null))),
        ("status", TreeMap.Of(
            ("replicas", workload.Body.At(paths.Counted)?.Integer ?? 0),
            ("selector", paths.Selector is { } selector ? SelectorOf(workload.Body.At(selector)) : null))));

    /// <summary>The workload with the replicas that a scale asks for; a refusal when the scale is none.</summary>
    /// <param name="scale">As the client wrote or patched it. Replicas that it leaves out are 0.</param>
    public static (ApiObject? Scaled, ApiStatus? Refusal) Apply(ApiObject workload, TreeMap scale, ScalePaths paths)
    {
        if (scale["kind"]?.Text is { Length: > 0 } and not "Scale")
        {
            return (null, ApiStatus.BadRequest($"wrong object passed to Scale update: {scale["kind"]?.Text}"));
        }

        var replicas = scale.At("spec", "replicas") switch { null or TreeNull => 0, TreeInteger number => number.Value, _ => (long?)null };
        if (replicas is null)
        {
            return (null, ApiStatus.BadRequest("Scale in version \"v1\" cannot be handled as a Scale: spec.replicas must be a whole number"));
        }

        if (replicas < 0)
        {
            return (null, new ApiStatus(
                422, "Invalid", $"Scale.autoscaling \"{workload.Name}\" is invalid: spec.replicas: Invalid value: {replicas}: must be greater than or equal to 0"));
        }

        var version = ObjectMeta.From(scale["metadata"]).ResourceVersion;
        var scaled = workload.Set(paths.Wanted, replicas.Value);
        return (version == 0 ? scaled : scaled.With(scaled.Metadata with { ResourceVersion = version }), null);
    }

    /// <summary>A ReplicationController selects by labels alone, a custom kind has its selector as text.</summary>
    private static string? SelectorOf(Tree? selector) => selector is TreeText text ? text.Value
        : (selector?["matchLabels"] is null && selector?["matchExpressions"] is null && selector is TreeMap labels ? LabelSelector.Of(labels) : LabelSelector.From(selector))?.ToString();
}
