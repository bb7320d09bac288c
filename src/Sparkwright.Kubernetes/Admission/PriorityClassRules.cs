using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.Kubernetes.Admission;

/// <summary>PriorityClasses: how far a user's class may go, and that its value stays.</summary>
public sealed class PriorityClassRules : KindRules
{
    /// <summary>Values beyond are kept for the classes of the system.</summary>
    private const long HighestOfUsers = 1_000_000_000;

    public override ApiObject Default(ApiObject candidate) => candidate.With(candidate.Body.OrElse("preemptionPolicy", "PreemptLowerPriority"));

    public override IEnumerable<FieldError> Validate(ApiObject candidate, ApiObject? old)
    {
        var errors = new List<FieldError>();
        var value = candidate.Body["value"]?.Integer ?? 0;
        if (candidate.Name.StartsWith("system-", StringComparison.Ordinal))
        {
            if (SystemFault(candidate, value) is { } fault)
            {
                errors.Add(FieldError.Forbidden("metadata.name", $"priority class names with 'system-' prefix are reserved for system use only. error: {fault}"));
            }
        }
        else if (value > HighestOfUsers)
        {
            errors.Add(FieldError.Forbidden("value", $"maximum allowed value of a user defined priority is {HighestOfUsers}"));
        }

        if (candidate.Body["preemptionPolicy"]?.Text is var policy and not ("PreemptLowerPriority" or "Never"))
        {
            errors.Add(FieldError.Unsupported("preemptionPolicy", policy ?? "", "Never", "PreemptLowerPriority"));
        }

        if (old is not null && value != (old.Body["value"]?.Integer ?? 0))
        {
            errors.Add(FieldError.Forbidden("value", "may not be changed in an update."));
        }

        if (old is not null && !Equals(candidate.Body["preemptionPolicy"], old.Body["preemptionPolicy"]))
        {
            errors.Add(FieldError.Invalid("preemptionPolicy", candidate.Body["preemptionPolicy"], "field is immutable"));
        }

        return errors;
    }

    /// <summary>Why a class is none of the system's; null when it is one.</summary>
    private static string? SystemFault(ApiObject candidate, long value) =>
        !PodPriority.SystemClasses.TryGetValue(candidate.Name, out var fixedValue) ? $"{candidate.Name} is not a known system priority class"
        : value != fixedValue ? $"value of {candidate.Name} PriorityClass must be {fixedValue}"
        : candidate.Body["globalDefault"]?.Boolean == true ? $"globalDefault of {candidate.Name} PriorityClass must be false"
        : null;
}
