using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.Kubernetes.Admission;

/// <summary>The syntax of label selectors.</summary>
internal static class SelectorRules
{
    public static void Check(Tree? selector, FieldPath path, List<FieldError> errors)
    {
        if (selector is null)
        {
            return;
        }

        MetadataRules.CheckLabels(selector["matchLabels"], path.Child("matchLabels"), errors);
        var expressions = path.Child("matchExpressions");
        for (var at = 0; at < Tree.ItemsOf(selector["matchExpressions"]).Length; at++)
        {
            CheckRequirement(Tree.ItemsOf(selector["matchExpressions"])[at], expressions.Index(at), errors);
        }
    }

    /// <summary>In and NotIn need values, Exists and DoesNotExist take none: so in label and in node selectors.</summary>
    internal static void CheckValueCount(Tree requirement, FieldPath path, List<FieldError> errors)
    {
        var any = Tree.ItemsOf(requirement["values"]).Length > 0;
        var needsValues = requirement["operator"]?.Text is "In" or "NotIn";
        if (needsValues && !any)
        {
            errors.Add(FieldError.Required(path.Child("values"), "must be specified when `operator` is 'In' or 'NotIn'"));
        }
        else if (!needsValues && any)
        {
            errors.Add(FieldError.Forbidden(path.Child("values"), "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
        }
    }

    private static void CheckRequirement(Tree requirement, FieldPath path, List<FieldError> errors)
    {
        var values = Tree.ItemsOf(requirement["values"]);
        switch (requirement["operator"]?.Text)
        {
            case "In" or "NotIn" or "Exists" or "DoesNotExist":
                CheckValueCount(requirement, path, errors);
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
}
