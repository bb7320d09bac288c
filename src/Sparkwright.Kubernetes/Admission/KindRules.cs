using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;

namespace Sparkwright.Kubernetes.Admission;

/// <summary>What the server itself knows of a kind: the values it fills in, and the objects it refuses.</summary>
public abstract class KindRules
{
    /// <summary>What a new version keeps of the old one when its writer left it out, such as addresses that were given.</summary>
    public virtual ApiObject Keep(ApiObject candidate, ApiObject old) => candidate;

    /// <summary>The object with its defaults filled in; filling in twice changes nothing.</summary>
    public virtual ApiObject Default(ApiObject candidate) => candidate;

    /// <summary>What is wrong with an object; <paramref name="old"/> is null on create.</summary>
    public virtual IEnumerable<FieldError> Validate(ApiObject candidate, ApiObject? old) => [];

    /// <summary>What a webhook of the kind's own component answers to an object that the server finds nothing wrong with; null = it has no objection.</summary>
    public virtual ApiStatus? Denial(ApiObject candidate) => null;
}

/// <summary>The rules of all kinds, as one admission step.</summary>
public sealed class KindRulesTable
{
    private readonly Dictionary<ResourceType, KindRules> rules = [];
    private readonly List<Func<ApiObject, ApiObject?, ApiObject>> completions = [];

    public void Add(ResourceType type, KindRules of) => rules[type] = of;

    /// <summary>Adds something that fills objects further after their defaults, and before anybody looks for faults.</summary>
    public void AddCompletion(Func<ApiObject, ApiObject?, ApiObject> completion) => completions.Add(completion);

    /// <summary>The rules of a kind; null for kinds that have none beside those of metadata.</summary>
    public KindRules? Of(ResourceType type) => rules.GetValueOrDefault(type);

    /// <summary>An object with the defaults of its kind, and with what it keeps of the one before.</summary>
    public ApiObject Defaulted(ApiObject candidate, ApiObject? old) =>
        Of(candidate.Type) is { } of ? of.Default(old is null ? candidate : of.Keep(candidate, old)) : candidate;

    public AdmissionVerdict Admit(ApiObject candidate, ApiObject? old)
    {
        var whole = Defaulted(candidate, old);
        foreach (var completion in completions)
        {
            whole = completion(whole, old);
        }

        var errors = MetadataRules.Validate(whole, old).Concat(Of(whole.Type)?.Validate(whole, old) ?? []).ToList();
        return errors.Count > 0 ? AdmissionVerdict.Refuse(FieldError.Refusal(whole.Type, whole.Name, errors))
            : Of(whole.Type)?.Denial(whole) is { } denial ? AdmissionVerdict.Refuse(denial)
            : AdmissionVerdict.Accept(whole);
    }
}
