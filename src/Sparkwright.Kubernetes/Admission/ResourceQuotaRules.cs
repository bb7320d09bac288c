using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Quantities;
using Sparkwright.Kubernetes.Quotas;

namespace Sparkwright.Kubernetes.Admission;

/// <summary>ResourceQuotas: names that can be limited, whole and non-negative amounts, and scopes that go together.</summary>
public sealed class ResourceQuotaRules : KindRules
{
    private static readonly (string, string)[] Opposites =
        [(QuotaScopes.BestEffort, QuotaScopes.NotBestEffort), (QuotaScopes.NotTerminating, QuotaScopes.Terminating)];

    public override IEnumerable<FieldError> Validate(ApiObject candidate, ApiObject? old)
    {
        var errors = new List<FieldError>();
        var spec = candidate.Spec;
        var path = FieldPath.Root("spec");
        var hard = spec["hard"] as TreeMap ?? TreeMap.Empty;
        foreach (var (name, amount) in hard)
        {
            CheckHard(name, amount.Text ?? amount.ToString(), path.Child("hard").Key(name), errors);
        }

        CheckScopes(spec["scopes"], hard, path.Child("scopes"), errors);
        CheckSelector(spec, hard, path.Child("scopeSelector").Child("matchExpressions"), errors);
        if (old is not null && !NamesOf(spec["scopes"]).SequenceEqual(NamesOf(old.Spec["scopes"])))
        {
            errors.Add(FieldError.Invalid(path.Child("scopes"), spec["scopes"] ?? TreeList.Empty, "field is immutable"));
        }

        return errors;
    }

    private static void CheckHard(string name, string amount, FieldPath path, List<FieldError> errors)
    {
        var faults = ResourceRules.NameFaults(name, path).ToList();
        errors.AddRange(faults);
        if (!name.Contains('/', StringComparison.Ordinal) && !QuotaResources.IsStandard(name))
        {
            errors.Add(FieldError.Invalid(path, name, "must be a standard resource for quota"));
        }

        if (!Quantity.TryParse(amount, out var quantity))
        {
            return;
        }

        if (quantity < default(Quantity))
        {
            errors.Add(FieldError.Invalid(path, amount, "must be greater than or equal to 0"));
        }

        if (QuotaResources.IsWhole(name) && quantity.MilliValue % 1000 != 0)
        {
            errors.Add(FieldError.Invalid(path, amount, "must be an integer"));
        }
    }

    private static void CheckScopes(Tree? scopes, TreeMap hard, FieldPath path, List<FieldError> errors)
    {
        foreach (var item in Tree.ItemsOf(scopes))
        {
            var scope = item.Text ?? "";
            if (!QuotaScopes.IsKnown(scope))
            {
                errors.Add(FieldError.Invalid(path, scopes, "unsupported scope"));
            }

            CheckResources(scope, hard, scopes, path, errors);
        }

        CheckOpposites(NamesOf(scopes), scopes, path, errors);
    }

    private static void CheckSelector(TreeMap spec, TreeMap hard, FieldPath path, List<FieldError> errors)
    {
        var names = new List<string>();
        foreach (var required in Tree.ItemsOf(spec.At("scopeSelector", "matchExpressions")))
        {
            var (scope, @operator) = (required["scopeName"]?.Text ?? "", required["operator"]?.Text ?? "");
            if (!QuotaScopes.IsKnown(scope))
            {
                errors.Add(FieldError.Invalid(path.Child("scopeName"), scope, "unsupported scope"));
            }

            CheckResources(scope, hard, spec["scopeSelector"], path, errors);
            if (scope != QuotaScopes.PriorityClass && QuotaScopes.IsKnown(scope) && @operator != "Exists")
            {
                errors.Add(FieldError.Invalid(
                    path.Child("operator"),
                    @operator,
                    "must be 'Exist' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity"));
            }

            CheckOperator(@operator, required["values"], path, errors);
            names.Add(scope);
        }

        CheckOpposites(names, spec["scopes"] ?? TreeList.Empty, path, errors);
    }

    private static void CheckOperator(string @operator, Tree? values, FieldPath path, List<FieldError> errors)
    {
        var hasValues = Tree.ItemsOf(values).Length > 0;
        switch (@operator)
        {
            case "In" or "NotIn" when !hasValues:
                errors.Add(FieldError.Required(path.Child("values"), "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"));
                break;
            case "Exists" or "DoesNotExist" when hasValues:
                errors.Add(FieldError.Invalid(path.Child("values"), values, "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"));
                break;
            case "In" or "NotIn" or "Exists" or "DoesNotExist":
                break;
            default:
                errors.Add(FieldError.Invalid(path.Child("operator"), @operator, "not a valid selector operator"));
                break;
        }
    }

    private static void CheckResources(string scope, TreeMap hard, Tree? shown, FieldPath path, List<FieldError> errors)
    {
        if (hard.Keys.ToArray().Any(name => QuotaResources.IsStandard(name) && !QuotaScopes.MayLimit(scope, name)))
        {
            errors.Add(FieldError.Invalid(path, shown, "unsupported scope applied to resource"));
        }
    }

    private static void CheckOpposites(IReadOnlyList<string> scopes, Tree? shown, FieldPath path, List<FieldError> errors)
    {
        foreach (var (one, other) in Opposites)
        {
            if (scopes.Contains(one) && scopes.Contains(other))
            {
                errors.Add(FieldError.Invalid(path, shown, "conflicting scopes"));
            }
        }
    }

    private static List<string> NamesOf(Tree? scopes) =>
        [.. Tree.ItemsOf(scopes).ToArray().Select(scope => scope.Text ?? "").Distinct().Order(StringComparer.Ordinal)];
}
