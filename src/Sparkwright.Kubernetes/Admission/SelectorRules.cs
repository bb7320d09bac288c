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

    private static void CheckRequirement(Tree requirement, FieldPath path, List<FieldError> errors)
    {
        var values = Tree.ItemsOf(requirement["values"]);
        switch (requirement["operator"]?.Text)
        {
            case "In" or "NotIn":
                if (values.Length == 0)
                {
                    errors.Add(FieldError.Required(path.Child("values"), "must be specified when `operator` is 'In' or 'NotIn'"));
                }

                break;
            case "Exists" or "DoesNotExist":
                if (values.Length > 0)
                {
                    errors.Add(FieldError.Forbidden(path.Child("values"), "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
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
}
