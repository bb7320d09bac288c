using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Quantities;
using Sparkwright.Kubernetes.Quotas;

namespace Sparkwright.Kubernetes.Admission;

/// <summary>What a container requests and may use.</summary>
internal static class ResourceRules
{
    private const string HugePages = "hugepages-";

    public static void Check(Tree? resources, FieldPath path, List<FieldError> errors)
    {
        var limits = resources?["limits"] as TreeMap ?? TreeMap.Empty;
        var requests = resources?["requests"] as TreeMap ?? TreeMap.Empty;
        foreach (var (name, amount) in limits)
        {
            CheckAmount(name, amount, path.Child("limits").Key(name), errors);
        }

        foreach (var (name, amount) in requests)
        {
            CheckAmount(name, amount, path.Child("requests").Key(name), errors);
            CheckAgainstLimit(name, amount, limits.Get(name), path, errors);
        }

        var asked = limits.Keys.ToArray().Concat(requests.Keys.ToArray()).ToList();
        if (asked.Exists(name => name.StartsWith(HugePages, StringComparison.Ordinal)) && !asked.Exists(name => name is "cpu" or "memory"))
        {
            errors.Add(FieldError.Forbidden(path, "HugePages require cpu or memory"));
        }
    }

    private static void CheckAmount(string name, Tree amount, FieldPath path, List<FieldError> errors)
    {
        CheckName(name, path, errors);
        if (!Quantity.TryParse(amount.Text ?? amount.ToString(), out var quantity))
        {
            return;
        }

        if (quantity < default(Quantity))
        {
            errors.Add(FieldError.Invalid(path, amount.Text ?? amount.ToString(), "must be greater than or equal to 0"));
        }

        if (IsExtended(name) && quantity.MilliValue % 1000 != 0)
        {
            errors.Add(FieldError.Invalid(path, amount.Text ?? amount.ToString(), "must be an integer"));
        }
    }

    /// <summary>Whether a name is that of a resource at all: qualified, or one of those that containers, volumes and quotas count.</summary>
    public static IEnumerable<FieldError> NameFaults(string name, FieldPath path)
    {
        var faults = MetadataRules.Key(name, path).ToList();
        return faults.Count == 0 && !name.Contains('/', StringComparison.Ordinal) && name != "storage" && !QuotaResources.IsStandard(name)
            ? [FieldError.Invalid(path, name, "must be a standard resource type or fully qualified")]
            : faults;
    }

    /// <summary>Whether a name is that of a resource that containers can ask for.</summary>
    public static void CheckName(string name, FieldPath path, List<FieldError> errors)
    {
        errors.AddRange(MetadataRules.Key(name, path));
        if (!name.Contains('/', StringComparison.Ordinal))
        {
            if (name is not ("cpu" or "memory" or "ephemeral-storage") && !name.StartsWith(HugePages, StringComparison.Ordinal))
            {
                errors.Add(FieldError.Invalid(path, name, "must be a standard resource for containers"));
            }
        }
        else if (!IsNative(name) && name.StartsWith("requests.", StringComparison.Ordinal))
        {
            errors.Add(FieldError.Invalid(path, name, "doesn't follow extended resource name standard"));
        }
    }

    /// <summary>Whether a container may be limited to more of a resource than it asked for.</summary>
    public static bool MayBeOvercommitted(string name) => IsNative(name) && !name.StartsWith(HugePages, StringComparison.Ordinal);

    private static void CheckAgainstLimit(string name, Tree amount, Tree? limit, FieldPath path, List<FieldError> errors)
    {
        var mayBeLess = MayBeOvercommitted(name);
        if (limit is null)
        {
            if (!mayBeLess)
            {
                errors.Add(FieldError.Required(path.Child("limits"), "Limit must be set for non overcommitable resources"));
            }

            return;
        }

        var limitText = limit.Text ?? limit.ToString();
        if (!Quantity.TryParse(amount.Text ?? amount.ToString(), out var request) || !Quantity.TryParse(limitText, out var most))
        {
            return;
        }

        if (!mayBeLess && request != most)
        {
            errors.Add(FieldError.Invalid(path.Child("requests"), amount.Text ?? amount.ToString(), $"must be equal to {name} limit of {limitText}"));
        }
        else if (request > most)
        {
            errors.Add(FieldError.Invalid(path.Child("requests"), amount.Text ?? amount.ToString(), $"must be less than or equal to {name} limit of {limitText}"));
        }
    }

    /// <summary>Names without a domain, or in Kubernetes' own, are native; of the others every pod gets what it asks and no more.</summary>
    private static bool IsNative(string name) => !name.Contains('/', StringComparison.Ordinal) || name.Contains("kubernetes.io/", StringComparison.Ordinal);

    public static bool IsExtended(string name) => !IsNative(name) && !name.StartsWith("requests.", StringComparison.Ordinal);
}
