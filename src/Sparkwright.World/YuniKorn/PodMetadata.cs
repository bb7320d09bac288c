using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.YuniKorn;

/// <summary>What pods say to YuniKorn in labels and annotations, old and new words alike.</summary>
public static class PodMetadata
{
    /// <summary>The longest generated application id.</summary>
    private const int LongestId = 63;

    /// <summary>Of a namespace in a generated id that also has the pod's uid.</summary>
    private const int LongestNamespace = 26;

    /// <summary>Whether the pod is YuniKorn's business at all.</summary>
    public static bool IsManaged(ApiObject pod) =>
        pod.Spec["schedulerName"]?.Text == Names.Scheduler && pod.Metadata.Annotation(Names.IgnoreApplication) != "true";

    /// <summary>The application that a pod says it belongs to; null when it does not say.</summary>
    public static string? ApplicationId(ApiObject pod) => First(
        pod.Metadata.Label(Names.ApplicationId),
        pod.Metadata.Annotation(Names.ApplicationId),
        pod.Metadata.Label(Names.LegacyApplicationId),
        pod.Metadata.Label(Names.SparkApplication));

    /// <summary>The application of pods that do not say: one a namespace, or one a pod.</summary>
    public static string GeneratedId(ApiObject pod, bool unique)
    {
        var home = pod.Namespace;
        var id = unique ? $"{home[..Math.Min(home.Length, LongestNamespace)]}-{pod.Metadata.Uid}" : $"yunikorn-{home}-autogen";
        return id[..Math.Min(id.Length, LongestId)];
    }

    /// <summary>The queue that a pod asks for; empty when it leaves that to placement.</summary>
    public static string Queue(ApiObject pod) => First(
        pod.Metadata.Label(Names.Queue),
        pod.Metadata.Annotation(Names.Queue),
        pod.Metadata.Label(Names.LegacyQueue)) ?? "";

    public static UserInfo User(ApiObject pod) =>
        pod.Metadata.Annotation(Names.UserInfo) is { Length: > 0 } json && UserInfo.Read(json) is { } user
            ? user
            : pod.Metadata.Label(Names.UserName) is { Length: > 0 } name ? new UserInfo(name, []) : UserInfo.Nobody;

    public static bool IsPlaceholder(ApiObject pod) =>
        pod.Metadata.Annotation(Names.Placeholder) == "true"
        || pod.Metadata.Annotation(Names.LegacyPlaceholder) == "true"
        || pod.Metadata.Label(Names.LegacyPlaceholder) == "true";

    public static string TaskGroup(ApiObject pod) => pod.Metadata.Annotation(Names.TaskGroupName) ?? "";

    /// <summary>What a pod says twice and differently: the word that counts, and those that do not.</summary>
    public static IEnumerable<string> Contradictions(ApiObject pod)
    {
        foreach (var (what, values) in new[]
        {
            ("application ID", new[]
            {
                (Names.ApplicationId + " label", pod.Metadata.Label(Names.ApplicationId)), (Names.ApplicationId + " annotation", pod.Metadata.Annotation(Names.ApplicationId)),
                (Names.LegacyApplicationId + " label", pod.Metadata.Label(Names.LegacyApplicationId)),
            }),
            ("queue", new[]
            {
                (Names.Queue + " label", pod.Metadata.Label(Names.Queue)), (Names.Queue + " annotation", pod.Metadata.Annotation(Names.Queue)),
                (Names.LegacyQueue + " label", pod.Metadata.Label(Names.LegacyQueue)),
            }),
        })
        {
            var said = values.Where(value => !string.IsNullOrEmpty(value.Item2)).ToList();
            var ignored = said.Skip(1).Where(value => value.Item2 != said[0].Item2).ToList();
            if (ignored.Count > 0)
            {
                yield return $"inconsistent {what}: using {said[0].Item2} from {said[0].Item1}, ignoring {string.Join(", ", ignored.Select(value => $"{value.Item2} from {value.Item1}"))}";
            }
        }
    }

    private static string? First(params ReadOnlySpan<string?> values)
    {
        foreach (var value in values)
        {
            if (!string.IsNullOrEmpty(value))
            {
                return value;
            }
        }

        return null;
    }
}
