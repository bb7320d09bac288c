using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Store;

namespace Sparkwright.Kubernetes.Admission;

/// <summary>
/// Gives a new pod the number and the preemption policy of its PriorityClass, or those of the default class, of which there is one at most.
/// </summary>
public sealed class PodPriority(ObjectStore store)
{
    /// <summary>The classes that every cluster has.</summary>
    internal static readonly IReadOnlyDictionary<string, long> SystemClasses = new Dictionary<string, long>(StringComparer.Ordinal)
    {
        ["system-cluster-critical"] = 2_000_000_000,
        ["system-node-critical"] = 2_000_001_000,
    };

    public AdmissionVerdict Admit(ApiObject candidate, ApiObject? old)
    {
        if (candidate.Type == CoreTypes.PriorityClass)
        {
            return AdmitClass(candidate);
        }

        if (candidate.Type != CoreTypes.Pod || old is not null)
        {
            return AdmissionVerdict.Accept(candidate);
        }

        var (name, value, policy) = candidate.Spec["priorityClassName"]?.Text is { Length: > 0 } asked ? Named(asked) : Standard();
        if (value is not { } priority)
        {
            return AdmissionVerdict.Refuse(ApiStatus.Forbidden(CoreTypes.Pod, candidate.Name, $"no PriorityClass with name {name} was found"));
        }

        if (candidate.Spec["priority"]?.Integer is { } given && given != priority)
        {
            return AdmissionVerdict.Refuse(ApiStatus.Forbidden(
                CoreTypes.Pod,
                candidate.Name,
                $"the integer value of priority ({given}) must not be provided in pod spec; priority admission controller computed {priority} from the given PriorityClass name"));
        }

        if (candidate.Spec["preemptionPolicy"]?.Text is { } wanted && wanted != policy)
        {
            return AdmissionVerdict.Refuse(ApiStatus.Forbidden(
                CoreTypes.Pod,
                candidate.Name,
                $"the string value of PreemptionPolicy ({wanted}) must not be provided in pod spec; priority admission controller computed {policy} from the given PriorityClass name"));
        }

        return AdmissionVerdict.Accept(candidate.WithSpec(candidate.Spec
            .With("priority", priority)
            .With("preemptionPolicy", policy)
            .With("priorityClassName", name.Length == 0 ? null : name)));
    }

    private (string Name, long? Value, string Policy) Named(string name) =>
        store.Get(CoreTypes.PriorityClass, "", name) is { } known ? Read(known)
        : SystemClasses.TryGetValue(name, out var value) ? (name, value, "PreemptLowerPriority")
        : (name, null, "");

    /// <summary>What pods get that name no class.</summary>
    private (string Name, long? Value, string Policy) Standard() =>
        StandardClass() is { } standard ? Read(standard) : ("", 0, "PreemptLowerPriority");

    private ApiObject? StandardClass() => store.List(CoreTypes.PriorityClass)
        .Where(known => known.Body["globalDefault"]?.Boolean == true)
        .OrderBy(known => known.Body["value"]?.Integer)
        .ThenBy(known => known.Name, StringComparer.Ordinal)
        .FirstOrDefault();

    private AdmissionVerdict AdmitClass(ApiObject candidate) =>
        candidate.Body["globalDefault"]?.Boolean == true && StandardClass() is { } standard && standard.Name != candidate.Name
            ? AdmissionVerdict.Refuse(ApiStatus.Forbidden(
                CoreTypes.PriorityClass, candidate.Name, $"PriorityClass {standard.Name} is already marked as default. Only one default can exist"))
            : AdmissionVerdict.Accept(candidate);

    private static (string Name, long? Value, string Policy) Read(ApiObject of) =>
        (of.Name, of.Body["value"]?.Integer ?? 0, of.Body["preemptionPolicy"]?.Text ?? "PreemptLowerPriority");
}
