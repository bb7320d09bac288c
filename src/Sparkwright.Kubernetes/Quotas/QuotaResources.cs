using Sparkwright.Kubernetes.Admission;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.Kubernetes.Quotas;

/// <summary>The names that a ResourceQuota can limit without a domain.</summary>
public static class QuotaResources
{
    public const string RequestsPrefix = "requests.";
    public const string LimitsPrefix = "limits.";
    public const string CountPrefix = "count/";
    public const string Storage = "requests.storage";

    /// <summary>After the name of a StorageClass: what claims of that class come to.</summary>
    public const string ClassInfix = ".storageclass.storage.k8s.io/";

    private static readonly string[] Compute = ["cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory"];

    private static readonly string[] LocalStorage = ["ephemeral-storage", "requests.ephemeral-storage", "limits.ephemeral-storage"];

    /// <summary>Things counted one by one.</summary>
    private static readonly string[] Things =
    [
        "pods", "resourcequotas", "services", "replicationcontrollers", "secrets", "configmaps", "persistentvolumeclaims", "services.nodeports", "services.loadbalancers",
    ];

    /// <summary>What a quota on pods may demand that every container names.</summary>
    public static bool IsCompute(string name) => Compute.Contains(name);

    /// <summary>Whether a quota knows the name.</summary>
    public static bool IsStandard(string name) => IsCompute(name) || LocalStorage.Contains(name) || Things.Contains(name) || name == Storage || IsHugePages(name);

    /// <summary>Whether the amount must be whole.</summary>
    public static bool IsWhole(string name) => Things.Contains(name) || ResourceRules.IsExtended(name);

    /// <summary>Kinds that are counted under their plain name too.</summary>
    private static readonly string[] Plain = ["configmaps", "replicationcontrollers", "resourcequotas", "secrets"];

    /// <summary>The name under which the objects of a kind are counted, whatever their state: <c>count/jobs.batch</c>.</summary>
    public static string CountOf(ResourceType type) => CountPrefix + type.QualifiedPlural;

    /// <summary>The older name for the same, which few kinds have; null for the others.</summary>
    public static string? PlainNameOf(ResourceType type) => type.Group.Length == 0 && Plain.Contains(type.Plural) ? type.Plural : null;

    /// <summary>Whether objects of a kind are what a resource counts. Events are never limited.</summary>
    public static bool Counts(ResourceType type, string resource) => type switch
    {
        _ when type == CoreTypes.Event => false,
        _ when type == CoreTypes.Pod => IsOfPods(resource),
        _ when type == CoreTypes.Service => resource is "count/services" or "services" or "services.nodeports" or "services.loadbalancers",
        _ when type == CoreTypes.PersistentVolumeClaim => resource is "count/persistentvolumeclaims" or "persistentvolumeclaims" or Storage
            || resource.EndsWith(ClassInfix + "persistentvolumeclaims", StringComparison.Ordinal)
            || resource.EndsWith(ClassInfix + Storage, StringComparison.Ordinal),
        _ => resource == CountOf(type) || resource == PlainNameOf(type),
    };

    /// <summary>Whether anything at all counts towards a resource.</summary>
    public static bool IsCounted(string resource) =>
        IsStandard(resource) || IsOfPods(resource) || Counts(CoreTypes.PersistentVolumeClaim, resource) || resource.StartsWith(CountPrefix, StringComparison.Ordinal);

    /// <summary>Whether the name is one that pods use.</summary>
    public static bool IsOfPods(string name) =>
        IsCompute(name) || LocalStorage.Contains(name) || name is "pods" or "count/pods" || IsHugePages(name)
        || (name.StartsWith(RequestsPrefix, StringComparison.Ordinal) && ResourceRules.IsExtended(name[RequestsPrefix.Length..]));

    public static bool IsHugePages(string name) =>
        name.StartsWith("hugepages-", StringComparison.Ordinal) || name.StartsWith("requests.hugepages-", StringComparison.Ordinal);
}
