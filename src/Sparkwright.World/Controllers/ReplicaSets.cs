using System.Globalization;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Controllers;

/// <summary>The replica sets that a deployment makes, and what it notes on them.</summary>
public static class ReplicaSets
{
    public const string HashLabel = "pod-template-hash";
    public const string RevisionAnnotation = "deployment.kubernetes.io/revision";
    private const string HistoryAnnotation = "deployment.kubernetes.io/revision-history";
    private const string DesiredAnnotation = "deployment.kubernetes.io/desired-replicas";
    private const string MaxAnnotation = "deployment.kubernetes.io/max-replicas";
    private const string RollbackAnnotation = "deprecated.deployment.rollback.to";
    private const string LastAppliedAnnotation = "kubectl.kubernetes.io/last-applied-configuration";

    public static long Replicas(ApiObject set) => set.Spec["replicas"]?.Integer ?? 1;

    public static long? DesiredBefore(ApiObject set) => Number(set, DesiredAnnotation);

    public static long Revision(ApiObject set) => Number(set, RevisionAnnotation) ?? 0;

    public static RolloutSet Read(ApiObject set) =>
        new(set.Name, set.Metadata.CreationTimestamp, Replicas(set), set.Status["availableReplicas"]?.Integer ?? 0)
        {
            DesiredBefore = DesiredBefore(set),
            MaxBefore = Number(set, MaxAnnotation),
        };

    /// <summary>
    /// The set of a deployment's present template: the oldest one, should there be several. One that an admission step has changed is still
    /// known by its hash, or it would be made again and again.
    /// </summary>
    public static ApiObject? Newest(ApiObject deployment, IEnumerable<ApiObject> sets)
    {
        var template = WithoutHash(PodTemplates.Of(deployment));
        var oldestFirst = sets
            .OrderBy(set => set.Metadata.CreationTimestamp)
            .ThenBy(set => set.Name, StringComparer.Ordinal)
            .ToList();
        return oldestFirst.Find(set => WithoutHash(PodTemplates.Of(set)).Equals(template)) ?? oldestFirst.Find(set => set.Metadata.Label(HashLabel) == HashOf(deployment));
    }

    /// <summary>The hash that a set of the present template is named after.</summary>
    public static string HashOf(ApiObject deployment) =>
        PodTemplates.Hash(PodTemplates.Of(deployment), deployment.Status["collisionCount"]?.Integer ?? 0);

    public static ApiObject New(ApiObject deployment, string hash, long replicas, RolloutPace pace, long revision)
    {
        var template = PodTemplates.Of(deployment);
        var labels = PodTemplates.LabelsOf(template).With(HashLabel, hash);
        var annotations = NotesFor(deployment, TreeMap.Empty).With(RevisionAnnotation, Print(revision));
        var selector = deployment.Spec["selector"] as TreeMap ?? TreeMap.Of(("matchLabels", PodTemplates.LabelsOf(template)));
        var set = new ApiObject(
            CoreTypes.ReplicaSet,
            new ObjectMeta
            {
                Name = $"{deployment.Name}-{hash}",
                Namespace = deployment.Namespace,
                Labels = labels,
                Annotations = annotations,
                OwnerReferences = [deployment.AsOwner()],
            },
            TreeMap.Of(("spec", TreeMap.Of(
                ("minReadySeconds", deployment.Spec["minReadySeconds"]),
                ("selector", selector.Set(["matchLabels", HashLabel], hash)),
                ("template", template.Set(["metadata", "labels"], labels))))));
        return Sized(set, replicas, pace);
    }

    /// <summary>The annotations of a set with those of its deployment, such as the cause of a change, but not what is noted of either alone.</summary>
    public static TreeMap NotesFor(ApiObject deployment, TreeMap annotations)
    {
        foreach (var (key, value) in deployment.Metadata.Annotations)
        {
            annotations = key is LastAppliedAnnotation or RevisionAnnotation or HistoryAnnotation or DesiredAnnotation or MaxAnnotation or RollbackAnnotation
                ? annotations
                : annotations.With(key, value);
        }

        return annotations;
    }

    /// <summary>A set with its size, and a note of the size of the deployment.</summary>
    public static ApiObject Sized(ApiObject set, long replicas, RolloutPace pace) => set
        .Set(["spec", "replicas"], replicas)
        .WithAnnotation(DesiredAnnotation, Print(pace.Replicas))
        .WithAnnotation(MaxAnnotation, Print(pace.MostPods));

    /// <summary>A set whose template is used again gets the next revision and remembers those that it had.</summary>
    public static ApiObject WithRevision(ApiObject set, long revision)
    {
        var had = set.Metadata.Annotation(RevisionAnnotation);
        var history = set.Metadata.Annotation(HistoryAnnotation);
        if (had is { Length: > 0 })
        {
            set = set.WithAnnotation(HistoryAnnotation, string.IsNullOrEmpty(history) ? had : $"{history},{had}");
        }

        return set.WithAnnotation(RevisionAnnotation, Print(revision));
    }

    private static TreeMap WithoutHash(TreeMap template) => template.Set(["metadata", "labels", HashLabel], null);

    private static long? Number(ApiObject set, string annotation) =>
        long.TryParse(set.Metadata.Annotation(annotation), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static string Print(long number) => number.ToString(CultureInfo.InvariantCulture);
}
