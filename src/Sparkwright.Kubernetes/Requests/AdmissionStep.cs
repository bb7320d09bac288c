using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.Kubernetes.Requests;

/// <summary>
/// Looks at an object before it is written and may change or refuse it: defaults, validation, cluster addresses, quota. Steps run in the
/// order in which they were added, first all changes and then all checks of one step before the next.
/// </summary>
/// <param name="candidate">The object as it would be written.</param>
/// <param name="old">The object as it is now; null on create.</param>
public delegate AdmissionVerdict AdmissionStep(ApiObject candidate, ApiObject? old);

/// <summary>What an admission step says.</summary>
public abstract record AdmissionVerdict
{
    private AdmissionVerdict()
    {
    }

    public static AdmissionVerdict Accept(ApiObject candidate) => new Accepted(candidate);

    public static AdmissionVerdict Refuse(ApiStatus status) => new Refused(status);

    public sealed record Accepted(ApiObject Candidate) : AdmissionVerdict;

    public sealed record Refused(ApiStatus Status) : AdmissionVerdict;
}
