using System.Globalization;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Quantities;

namespace Sparkwright.Kubernetes.Admission;

/// <summary>LimitRanges: the bounds that follow from others, and bounds that contradict each other.</summary>
public sealed class LimitRangeRules : KindRules
{
    public const string Container = "Container";
    public const string Pod = "Pod";
    public const string Claim = "PersistentVolumeClaim";

    private const string Storage = "storage";

    /// <summary>A container's default limit is its maximum, its default request its default limit or else its minimum, where nothing else is said.</summary>
    public override ApiObject Default(ApiObject candidate) => candidate.WithSpec(candidate.Spec.WithEach("limits", limit =>
    {
        if (limit["type"]?.Text != Container)
        {
            return limit;
        }

        var whole = WithMissing(limit, "default", limit["max"]);
        whole = WithMissing(whole, "defaultRequest", whole["default"]);
        return WithMissing(whole, "defaultRequest", whole["min"]);
    }));

    public override IEnumerable<FieldError> Validate(ApiObject candidate, ApiObject? old)
    {
        var errors = new List<FieldError>();
        var seen = new List<string>();
        var items = Tree.ItemsOf(candidate.Spec["limits"]);
        for (var at = 0; at < items.Length; at++)
        {
            var path = FieldPath.Root("spec.limits").Index(at);
            var type = items[at]["type"]?.Text ?? "";
            if (seen.Contains(type))
            {
                errors.Add(FieldError.Duplicate(path.Child("type"), type));
            }

            seen.Add(type);
            errors.AddRange(CheckType(type, path.Child("type")));
            Check(items[at], type, path, errors);
        }

        return errors;
    }

    private static TreeMap WithMissing(TreeMap limit, string key, Tree? from)
    {
        if (from is not TreeMap { Count: > 0 } amounts)
        {
            return limit;
        }

        var whole = limit[key] as TreeMap ?? TreeMap.Empty;
        foreach (var (name, amount) in amounts)
        {
            whole = whole.OrElse(name, amount);
        }

        return limit.With(key, whole);
    }

    private static IEnumerable<FieldError> CheckType(string type, FieldPath path)
    {
        var faults = Formats.QualifiedName(type).Select(fault => FieldError.Invalid(path, type, fault)).ToList();
        return faults.Count == 0 && !type.Contains('/', StringComparison.Ordinal) && type is not (Container or Pod or Claim)
            ? [FieldError.Invalid(path, type, "must be a standard limit type or fully qualified")]
            : faults;
    }

    private static void Check(Tree limit, string type, FieldPath path, List<FieldError> errors)
    {
        if (type == Pod)
        {
            foreach (var field in new[] { "default", "defaultRequest" })
            {
                if (limit[field] is TreeMap { Count: > 0 })
                {
                    errors.Add(FieldError.Forbidden(path.Child(field), "may not be specified when `type` is 'Pod'"));
                }
            }
        }

        foreach (var field in new[] { "max", "min", "default", "defaultRequest", "maxLimitRequestRatio" })
        {
            foreach (var (name, _) in limit[field] as TreeMap ?? TreeMap.Empty)
            {
                CheckName(type, name, path.Child(field).Key(name), errors);
            }
        }

        if (type == Claim && limit.At("min", Storage) is null && limit.At("max", Storage) is null)
        {
            errors.Add(FieldError.Required(path.Child("limits"), "either minimum or maximum storage value is required, but neither was provided"));
        }

        var (min, max) = (QuantityMap.From(limit["min"]), QuantityMap.From(limit["max"]));
        var (standard, standardRequest) = type == Pod
            ? (QuantityMap.Empty, QuantityMap.Empty)
            : (QuantityMap.From(limit["default"]), QuantityMap.From(limit["defaultRequest"]));
        var ratio = QuantityMap.From(limit["maxLimitRequestRatio"]);
        foreach (var name in (IEnumerable<string>)[.. min.Names.Union(max.Names).Union(standard.Names).Union(standardRequest.Names).Union(ratio.Names).Order(StringComparer.Ordinal)])
        {
            NotAbove(min[name], max[name], "min value", "max value", min[name], "min");
            NotAbove(min[name], standardRequest[name], "min value", "default request value", standardRequest[name], "defaultRequest");
            NotAbove(standardRequest[name], max[name], "default request value", "max value", standardRequest[name], "defaultRequest");
            NotAbove(standardRequest[name], standard[name], "default request value", "default limit value", standardRequest[name], "defaultRequest");
            NotAbove(min[name], standard[name], "min value", "default value", min[name], "default");
            NotAbove(standard[name], max[name], "default value", "max value", max[name], "default");
            if (ratio[name] is { } most)
            {
                CheckRatio(most, min[name], max[name], path.Child("maxLimitRequestRatio").Key(name), errors);
            }

            if (!ResourceRules.MayBeOvercommitted(name) && standard[name] is { } limited && standardRequest[name] is { } requested && limited != requested)
            {
                errors.Add(FieldError.Invalid(
                    path.Child("defaultRequest").Key(name),
                    requested.ToString(),
                    $"default value {limited} must equal to defaultRequest value {requested} in {name}"));
            }

            void NotAbove(Quantity? low, Quantity? high, string lowName, string highName, Quantity? shown, string field)
            {
                if (low > high)
                {
                    errors.Add(FieldError.Invalid(path.Child(field).Key(name), shown!.Value.ToString(), $"{lowName} {low} is greater than {highName} {high}"));
                }
            }
        }
    }

    private static void CheckName(string type, string name, FieldPath path, List<FieldError> errors)
    {
        if (type is Container or Pod)
        {
            ResourceRules.CheckName(name, path, errors);
        }
        else
        {
            errors.AddRange(ResourceRules.NameFaults(name, path));
        }
    }

    private static void CheckRatio(Quantity ratio, Quantity? min, Quantity? max, FieldPath path, List<FieldError> errors)
    {
        if (ratio < Quantity.FromUnits(1))
        {
            errors.Add(FieldError.Invalid(path, ratio.ToString(), $"ratio {ratio} is less than 1"));
        }

        if (min is not { } low || max is not { } high || low == default)
        {
            return;
        }

        var (most, possible) = (ratio.MilliValue / 1000m, (decimal)high.MilliValue / low.MilliValue);
        if (most > possible)
        {
            errors.Add(FieldError.Invalid(path, ratio.ToString(), $"ratio {ratio} is greater than max/min = {possible.ToString("F6", CultureInfo.InvariantCulture)}"));
        }
    }
}
