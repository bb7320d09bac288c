using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.Kubernetes.Admission;

/// <summary>What a pod asks of its node: tolerations, node selectors, affinities and spreading.</summary>
internal static class SchedulingRules
{
    private static readonly string[] Effects = [Taint.NoSchedule, Taint.PreferNoSchedule, Taint.NoExecute];

    public static void Check(TreeMap spec, FieldPath path, List<FieldError> errors)
    {
        MetadataRules.CheckLabels(spec["nodeSelector"], path.Child("nodeSelector"), errors);
        Each(spec["tolerations"], path.Child("tolerations"), (toleration, at) => CheckToleration(toleration, at, errors));
        if (spec["affinity"] is TreeMap affinity)
        {
            CheckNodeAffinity(affinity["nodeAffinity"], path.Child("affinity").Child("nodeAffinity"), errors);
            CheckPodAffinity(affinity["podAffinity"], path.Child("affinity").Child("podAffinity"), errors);
            CheckPodAffinity(affinity["podAntiAffinity"], path.Child("affinity").Child("podAntiAffinity"), errors);
        }

        CheckSpread(spec["topologySpreadConstraints"], path.Child("topologySpreadConstraints"), errors);
    }

    /// <param name="mayBeAbsent">Whether no effect means all effects, as in tolerations.</param>
    public static void CheckEffect(string? effect, bool mayBeAbsent, FieldPath path, List<FieldError> errors)
    {
        if (string.IsNullOrEmpty(effect))
        {
            if (!mayBeAbsent)
            {
                errors.Add(FieldError.Required(path));
            }
        }
        else if (!Effects.Contains(effect))
        {
            errors.Add(FieldError.Unsupported(path, effect, Effects));
        }
    }

    private static void CheckToleration(Tree toleration, FieldPath path, List<FieldError> errors)
    {
        var key = toleration["key"]?.Text ?? "";
        var value = toleration["value"]?.Text ?? "";
        var comparison = toleration["operator"]?.Text ?? "";
        var effect = toleration["effect"]?.Text ?? "";
        if (key.Length > 0)
        {
            errors.AddRange(MetadataRules.Key(key, path.Child("key")));
        }
        else if (comparison != "Exists")
        {
            errors.Add(FieldError.Invalid(path.Child("operator"), comparison, "operator must be Exists when `key` is empty, which means \"match all values and all keys\""));
        }

        if (toleration["tolerationSeconds"] is not null && effect != Taint.NoExecute)
        {
            errors.Add(FieldError.Invalid(path.Child("effect"), effect, "effect must be 'NoExecute' when `tolerationSeconds` is set"));
        }

        switch (comparison)
        {
            case "" or "Equal":
                var faults = string.Join(";", Formats.LabelValue(value));
                if (faults.Length > 0)
                {
                    errors.Add(FieldError.Invalid(path.Child("operator"), value, faults));
                }

                break;
            case "Exists":
                if (value.Length > 0)
                {
                    errors.Add(FieldError.Invalid(path.Child("operator"), toleration, "value must be empty when `operator` is 'Exists'"));
                }

                break;
            default:
                errors.Add(FieldError.Unsupported(path.Child("operator"), comparison, "Equal", "Exists"));
                break;
        }

        CheckEffect(effect, mayBeAbsent: true, path.Child("effect"), errors);
    }

    private static void CheckNodeAffinity(Tree? affinity, FieldPath path, List<FieldError> errors)
    {
        const string required = "requiredDuringSchedulingIgnoredDuringExecution";
        const string preferred = "preferredDuringSchedulingIgnoredDuringExecution";
        if (affinity?[required] is { } selector)
        {
            var terms = path.Child(required).Child("nodeSelectorTerms");
            if (Tree.ItemsOf(selector["nodeSelectorTerms"]).Length == 0)
            {
                errors.Add(FieldError.Required(terms, "must have at least one node selector term"));
            }

            Each(selector["nodeSelectorTerms"], terms, (term, at) => CheckNodeTerm(term, at, errors));
        }

        Each(affinity?[preferred], path.Child(preferred), (term, at) =>
        {
            CheckWeight(term, at, errors);
            CheckNodeTerm(term["preference"], at.Child("preference"), errors);
        });
    }

    private static void CheckNodeTerm(Tree? term, FieldPath path, List<FieldError> errors)
    {
        Each(term?["matchExpressions"], path.Child("matchExpressions"), (requirement, at) => CheckNodeRequirement(requirement, at, errors));
        Each(term?["matchFields"], path.Child("matchFields"), (requirement, at) =>
        {
            var comparison = requirement["operator"]?.Text ?? "";
            if (comparison is not ("In" or "NotIn"))
            {
                errors.Add(FieldError.Invalid(at.Child("operator"), comparison, "not a valid selector operator"));
            }
            else if (Tree.ItemsOf(requirement["values"]).Length != 1)
            {
                errors.Add(FieldError.Required(at.Child("values"), "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"));
            }

            if (requirement["key"]?.Text is var key and not "metadata.name")
            {
                errors.Add(FieldError.Invalid(at.Child("key"), key ?? "", "not a valid field selector key"));
            }
        });
    }

    private static void CheckNodeRequirement(Tree requirement, FieldPath path, List<FieldError> errors)
    {
        var values = Tree.ItemsOf(requirement["values"]);
        switch (requirement["operator"]?.Text)
        {
            case "In" or "NotIn" or "Exists" or "DoesNotExist":
                SelectorRules.CheckValueCount(requirement, path, errors);
                break;
            case "Gt" or "Lt":
                if (values.Length != 1)
                {
                    errors.Add(FieldError.Required(path.Child("values"), "must be specified single value when `operator` is 'Lt' or 'Gt'"));
                }

                break;
            case var other:
                errors.Add(FieldError.Invalid(path.Child("operator"), other ?? "", "not a valid selector operator"));
                break;
        }

        errors.AddRange(MetadataRules.Key(requirement["key"]?.Text ?? "", path.Child("key")));
        for (var at = 0; at < values.Length; at++)
        {
            errors.AddRange(MetadataRules.LabelValue(values[at].Text ?? "", path.Child("values").Index(at)));
        }
    }

    private static void CheckPodAffinity(Tree? affinity, FieldPath path, List<FieldError> errors)
    {
        const string required = "requiredDuringSchedulingIgnoredDuringExecution";
        const string preferred = "preferredDuringSchedulingIgnoredDuringExecution";
        Each(affinity?[required], path.Child(required), (term, at) => CheckPodTerm(term, at, errors));
        Each(affinity?[preferred], path.Child(preferred), (term, at) =>
        {
            CheckWeight(term, at, errors);
            CheckPodTerm(term["podAffinityTerm"] ?? TreeMap.Empty, at.Child("podAffinityTerm"), errors);
        });
    }

    private static void CheckPodTerm(Tree term, FieldPath path, List<FieldError> errors)
    {
        SelectorRules.Check(term["labelSelector"], path.Child("labelSelector"), errors);
        SelectorRules.Check(term["namespaceSelector"], path.Child("namespaceSelector"), errors);
        Each(term["namespaces"], path.Child("namespaces"), (name, at) =>
            errors.AddRange(Formats.Label(name.Text ?? "").Select(fault => FieldError.Invalid(path.Child("namespaces"), name.Text ?? "", fault))));
        CheckTopologyKey(term, path, errors);
    }

    private static void CheckSpread(Tree? constraints, FieldPath path, List<FieldError> errors)
    {
        var seen = new HashSet<(string, string)>();
        Each(constraints, path, (constraint, at) =>
        {
            if (constraint["maxSkew"]?.Integer is var skew and not > 0)
            {
                errors.Add(FieldError.Invalid(at.Child("maxSkew"), skew ?? 0, "must be greater than zero"));
            }

            CheckTopologyKey(constraint, at, errors);
            var action = constraint["whenUnsatisfiable"]?.Text ?? "";
            if (action is not ("DoNotSchedule" or "ScheduleAnyway"))
            {
                errors.Add(FieldError.Unsupported(at.Child("whenUnsatisfiable"), action, "DoNotSchedule", "ScheduleAnyway"));
            }

            var key = constraint["topologyKey"]?.Text ?? "";
            if (!seen.Add((key, action)))
            {
                errors.Add(FieldError.Duplicate(at.Child("{topologyKey, whenUnsatisfiable}"), $"{{{key}, {action}}}"));
            }

            if (constraint["minDomains"]?.Integer is { } domains)
            {
                if (domains <= 0)
                {
                    errors.Add(FieldError.Invalid(at.Child("minDomains"), domains, "must be greater than zero"));
                }

                if (action == "ScheduleAnyway")
                {
                    errors.Add(FieldError.Invalid(at.Child("minDomains"), domains, "can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ScheduleAnyway"));
                }
            }

            SelectorRules.Check(constraint["labelSelector"], at.Child("labelSelector"), errors);
        });
    }

    private static void CheckTopologyKey(Tree term, FieldPath path, List<FieldError> errors)
    {
        var key = term["topologyKey"]?.Text ?? "";
        if (key.Length == 0)
        {
            errors.Add(FieldError.Required(path.Child("topologyKey"), "can not be empty"));
        }
        else
        {
            errors.AddRange(MetadataRules.Key(key, path.Child("topologyKey")));
        }
    }

    private static void CheckWeight(Tree term, FieldPath path, List<FieldError> errors)
    {
        if (term["weight"]?.Integer is var weight and not (>= 1 and <= 100))
        {
            errors.Add(FieldError.Invalid(path.Child("weight"), weight ?? 0, "must be in the range 1-100"));
        }
    }

    private static void Each(Tree? list, FieldPath path, Action<Tree, FieldPath> check)
    {
        var items = Tree.ItemsOf(list);
        for (var at = 0; at < items.Length; at++)
        {
            check(items[at], path.Index(at));
        }
    }
}
