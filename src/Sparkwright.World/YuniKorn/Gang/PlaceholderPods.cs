using Sparkwright.Kubernetes.Objects;
using Sparkwright.Simulation;
using Sparkwright.World.YuniKorn.Applications;

namespace Sparkwright.World.YuniKorn.Gang;

/// <summary>Makes the pods that hold places for the members of a gang.</summary>
public static class PlaceholderPods
{
    private const int LongestId = 28;
    private const int LongestGroup = 20;
    private const int RandomCharacters = 10;

    /// <summary><c>tg-&lt;application&gt;-&lt;group&gt;-&lt;10 random characters&gt;</c>.</summary>
    public static string NameOf(string application, string group, Draw draw) =>
        $"tg-{application[..Math.Min(LongestId, application.Length)]}-{group[..Math.Min(LongestGroup, group.Length)]}-{draw.Base36(RandomCharacters)}";

    /// <summary>The placeholder of one member.</summary>
    /// <param name="originator">The pod that the application began with; null when it is gone.</param>
    public static ApiObject Make(string name, Application application, TaskGroup group, ApiObject? originator, string image)
    {
        var shape = group.Shape;
        var resources = TreeMap.Of(("limits", group.MinResource), ("requests", group.MinResource));
        var container = TreeMap.Of(
            ("image", image),
            ("imagePullPolicy", "IfNotPresent"),
            ("name", "pause"),
            ("resources", resources),
            ("securityContext", TreeMap.Of(
                ("allowPrivilegeEscalation", false),
                ("capabilities", TreeMap.Of(("drop", TreeList.Of("ALL")))),
                ("privileged", false),
                ("readOnlyRootFilesystem", true))));
        return new ApiObject(
            CoreTypes.Pod,
            new ObjectMeta
            {
                Name = name,
                Namespace = application.Namespace,
                Labels = Texts(shape["labels"]).With(Names.ApplicationId, application.Id).With(Names.Queue, application.RequestedQueue.Length == 0 ? application.QueuePath : application.RequestedQueue),
                Annotations = Texts(shape["annotations"]).Merge(application.GangAnnotations).With(Names.Placeholder, "true").With(Names.TaskGroupName, group.Name),
                OwnerReferences = originator is null ? [] : [originator.AsOwner(controller: false) with { BlocksDeletion = true }],
            },
            TreeMap.Of(("spec", TreeMap.Of(
                ("affinity", shape["affinity"] as TreeMap),
                ("containers", TreeList.Of(container)),
                ("imagePullSecrets", originator?.Spec["imagePullSecrets"]),
                ("nodeSelector", shape["nodeSelector"] as TreeMap),
                ("priorityClassName", originator?.Spec["priorityClassName"]),
                ("restartPolicy", "Never"),
                ("schedulerName", Names.Scheduler),
                ("securityContext", TreeMap.Of(("runAsNonRoot", true), ("seccompProfile", TreeMap.Of(("type", "RuntimeDefault"))))),
                ("terminationGracePeriodSeconds", 0),
                ("tolerations", shape["tolerations"] as TreeList),
                ("topologySpreadConstraints", shape["topologySpreadConstraints"] as TreeList)))));
    }

    private static TreeMap Texts(Tree? tree) => tree as TreeMap ?? TreeMap.Empty;
}
