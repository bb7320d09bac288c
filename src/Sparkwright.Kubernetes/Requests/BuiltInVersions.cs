using Sparkwright.Kubernetes.Admission;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.Kubernetes.Requests;

/// <summary>
/// Built-in kinds that are served twice and kept once: HorizontalPodAutoscalers are kept as autoscaling/v2, events as those of the core group, which
/// events.k8s.io shows with other names of their fields.
/// </summary>
/// <param name="others">Conversions of kinds that are not built in.</param>
public sealed class BuiltInVersions(IVersionConversion others) : IVersionConversion
{
    /// <summary>What autoscaling/v1 has no fields for stands in annotations there, as upstream's do.</summary>
    private const string MetricsAnnotation = "autoscaling.alpha.kubernetes.io/metrics";

    private const string BehaviorAnnotation = "autoscaling.alpha.kubernetes.io/behavior";
    private const string ConditionsAnnotation = "autoscaling.alpha.kubernetes.io/conditions";

    /// <summary>Fields of events: the name in events.k8s.io, and that in the core group.</summary>
    private static readonly (string Newer, string Core)[] EventFields =
    [
        ("deprecatedCount", "count"), ("deprecatedFirstTimestamp", "firstTimestamp"), ("deprecatedLastTimestamp", "lastTimestamp"), ("deprecatedSource", "source"),
        ("note", "message"), ("regarding", "involvedObject"), ("reportingController", "reportingComponent"),
    ];

    public TreeMap ToStored(TreeMap document) => (document["apiVersion"]?.Text, document["kind"]?.Text) switch
    {
        ("autoscaling/v1", "HorizontalPodAutoscaler") => Newer(document),
        ("events.k8s.io/v1", "Event") => EventFields.Aggregate(document.With("apiVersion", "v1"), static (renamed, field) => Renamed(renamed, field.Newer, field.Core)),
        _ => others.ToStored(document),
    };

    public string? StoredApiVersion(ResourceType served) => served switch
    {
        { Group: "autoscaling", Version: "v1", Kind: "HorizontalPodAutoscaler" } => "autoscaling/v2",
        { Group: "events.k8s.io", Kind: "Event" } => "v1",
        _ => others.StoredApiVersion(served),
    };

    public TreeMap FromStored(ResourceType served, TreeMap document) => served switch
    {
        { Group: "autoscaling", Version: "v1", Kind: "HorizontalPodAutoscaler" } => Older(document),
        { Group: "events.k8s.io", Kind: "Event" } => EventFields.Aggregate(
            document.With("apiVersion", "events.k8s.io/v1").With("eventTime", document["eventTime"] ?? TreeNull.Value), static (renamed, field) => Renamed(renamed, field.Core, field.Newer)),
        _ => others.FromStored(served, document),
    };

    public IEnumerable<FieldError> Faults(TreeMap document) => others.Faults(document);

    /// <summary>A field selector's path as it is in the stored version of a served kind.</summary>
    public static string StoredPath(ResourceType served, string path)
    {
        if (served is not { Group: "events.k8s.io", Kind: "Event" })
        {
            return path;
        }

        var first = path.Split('.')[0];
        return EventFields.FirstOrDefault(field => field.Newer == first) is { Core: { } core } ? core + path[first.Length..] : path;
    }

    private static TreeMap Renamed(TreeMap document, string from, string to) => document[from] is { } value ? document.With(from, null).With(to, value) : document;

    private static TreeMap Newer(TreeMap older)
    {
        var (spec, metadata) = (older["spec"] as TreeMap ?? TreeMap.Empty, older["metadata"] as TreeMap ?? TreeMap.Empty);
        var metrics = Annotated(metadata, MetricsAnnotation) as TreeList ?? TreeList.Empty;
        if (spec["targetCPUUtilizationPercentage"] is TreeInteger percentage)
        {
            metrics = metrics.Add(TreeMap.Of(
                ("resource", TreeMap.Of(("name", "cpu"), ("target", TreeMap.Of(("averageUtilization", percentage), ("type", "Utilization"))))), ("type", "Resource")));
        }

        var status = older["status"] as TreeMap;
        var newer = older
            .With("apiVersion", "autoscaling/v2")
            .With("spec", spec.With("targetCPUUtilizationPercentage", null).With("metrics", metrics.Count == 0 ? null : metrics).With("behavior", Annotated(metadata, BehaviorAnnotation)))
            .With("status", status?.With("currentCPUUtilizationPercentage", null).With("conditions", Annotated(metadata, ConditionsAnnotation)));
        foreach (var annotation in (string[])[MetricsAnnotation, BehaviorAnnotation, ConditionsAnnotation])
        {
            newer = metadata.At("annotations", annotation) is null ? newer : newer.Set(["metadata", "annotations", annotation], null);
        }

        return newer.At("metadata", "annotations") is TreeMap { Count: 0 } ? newer.Set(["metadata", "annotations"], null) : newer;
    }

    private static TreeMap Older(TreeMap newer)
    {
        var spec = newer["spec"] as TreeMap ?? TreeMap.Empty;
        var metrics = Tree.ItemsOf(spec["metrics"]).ToArray();
        var cpu = Array.Find(metrics, static metric => metric.At("resource", "name")?.Text == "cpu" && metric.At("resource", "target", "averageUtilization") is not null);
        var older = newer
            .With("apiVersion", "autoscaling/v1")
            .With("spec", spec.With("metrics", null).With("behavior", null).With("targetCPUUtilizationPercentage", cpu?.At("resource", "target", "averageUtilization")));
        var rest = Array.FindAll(metrics, metric => !ReferenceEquals(metric, cpu));
        foreach (var (annotation, value) in ((string, Tree?)[])
        [
            (MetricsAnnotation, rest.Length == 0 ? null : TreeList.Of(rest)), (BehaviorAnnotation, spec["behavior"]), (ConditionsAnnotation, newer.At("status", "conditions")),
        ])
        {
            older = value is null ? older : older.Set(["metadata", "annotations", annotation], value.ToString());
        }

        return older["status"] is TreeMap status ? older.With("status", status.With("conditions", null).With("currentMetrics", null)) : older;
    }

    /// <summary>What an annotation holds as JSON; null when there is none, or none that can be read.</summary>
    private static Tree? Annotated(TreeMap metadata, string annotation)
    {
        try
        {
            return metadata.At("annotations", annotation)?.Text is { } json ? TreeJson.Parse(json) : null;
        }
        catch (System.Text.Json.JsonException)
        {
            return null;
        }
    }
}
