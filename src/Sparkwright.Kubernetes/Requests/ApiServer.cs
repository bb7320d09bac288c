using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Store;
using Sparkwright.Simulation;

namespace Sparkwright.Kubernetes.Requests;

/// <summary>
/// The front door of the store: every write goes through one of its verbs, which know Kubernetes' rules for names, versions, finalizers,
/// grace periods and status. Controllers hand in objects; documents that users wrote are decoded against the schema first.
/// </summary>
public sealed partial class ApiServer(ObjectStore store, Clock clock, Chance chance)
{
    private readonly List<AdmissionStep> admission = [];

    public ObjectStore Store { get; } = store;

    public Clock Clock { get; } = clock;

    public Chance Chance { get; } = chance;

    /// <summary>An object with what the server fills in before anybody in admission sees it.</summary>
    public Func<ApiObject, ApiObject?, ApiObject> Defaults { get; init; } = static (candidate, _) => candidate;

    /// <summary>Adds a step that every create and update of spec or metadata passes.</summary>
    public void AddAdmission(AdmissionStep step) => admission.Add(step);

    public ApiObject? Get(ResourceType type, string @namespace, string name) => Store.Get(type, @namespace, name);

    private AdmissionVerdict Admit(ApiObject candidate, ApiObject? old)
    {
        foreach (var step in admission)
        {
            switch (step(candidate, old))
            {
                case AdmissionVerdict.Refused refused:
                    return refused;
                case AdmissionVerdict.Accepted accepted:
                    candidate = accepted.Candidate;
                    break;
            }
        }

        return AdmissionVerdict.Accept(candidate);
    }

    /// <summary>Kinds whose metadata.generation counts the changes of their spec.</summary>
    private static bool CountsGenerations(ResourceType type) =>
        type.Group is not ("" or "events.k8s.io" or "rbac.authorization.k8s.io" or "storage.k8s.io" or "coordination.k8s.io" or "scheduling.k8s.io");
}
