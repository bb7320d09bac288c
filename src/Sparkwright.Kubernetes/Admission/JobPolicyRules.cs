using System.Globalization;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.Kubernetes.Admission;

/// <summary>The policies of a Job: what its failures and its successes mean.</summary>
internal static class JobPolicyRules
{
    private const int MostRules = 20;
    private const int MostExitCodes = 255;
    private const int MostConditions = 20;
    private const int MostFailedIndexes = 100_000;
    private const int LongestIndexes = 64 * 1024;

    /// <summary>Jobs of more completions, whose failures count by index, are held to the two limits that follow.</summary>
    private const int ManyCompletions = 100_000;
    private const int MostOfMany = 10_000;

    public static void Check(TreeMap spec, FieldPath path, List<FieldError> errors)
    {
        CheckIndexed(spec, path, errors);
        if (spec["podFailurePolicy"] is TreeMap failures)
        {
            CheckFailures(spec, failures, path, errors);
        }

        if (spec["successPolicy"] is TreeMap successes)
        {
            CheckSuccesses(spec, successes, path.Child("successPolicy"), errors);
        }
    }

    private static void CheckIndexed(TreeMap spec, FieldPath path, List<FieldError> errors)
    {
        if (spec["completionMode"]?.Text == "Indexed" && spec["completions"]?.Integer > ManyCompletions && spec["backoffLimitPerIndex"] is not null)
        {
            CheckMany(spec, path, errors);
        }

        if (spec["maxFailedIndexes"]?.Integer is not { } most)
        {
            return;
        }

        if (spec["backoffLimitPerIndex"] is null)
        {
            errors.Add(FieldError.Required(path.Child("backoffLimitPerIndex"), "when maxFailedIndexes is specified"));
        }

        if (spec["completions"]?.Integer < most)
        {
            errors.Add(FieldError.Invalid(path.Child("maxFailedIndexes"), most, "must be less than or equal to completions"));
        }

        if (most > MostFailedIndexes)
        {
            errors.Add(FieldError.Invalid(path.Child("maxFailedIndexes"), most, $"must be less than or equal to {MostFailedIndexes}"));
        }
    }

    private static void CheckMany(TreeMap spec, FieldPath path, List<FieldError> errors)
    {
        if (spec["maxFailedIndexes"] is null)
        {
            errors.Add(FieldError.Required(path.Child("maxFailedIndexes"), $"must be specified when completions is above {ManyCompletions}"));
        }

        foreach (var field in new[] { "parallelism", "maxFailedIndexes" })
        {
            if (spec[field]?.Integer is { } amount and > MostOfMany)
            {
                errors.Add(FieldError.Invalid(path.Child(field), amount, $"must be less than or equal to {MostOfMany} when completions are above {ManyCompletions} and used with backoff limit per index"));
            }
        }
    }

    private static void CheckFailures(TreeMap spec, TreeMap policy, FieldPath path, List<FieldError> errors)
    {
        if (spec.At("template", "spec", "restartPolicy")?.Text is { } restarts and not "Never")
        {
            errors.Add(FieldError.Invalid(
                path.Child("template").Child("spec").Child("restartPolicy"), restarts, "only \"Never\" is supported when podFailurePolicy is specified"));
        }

        if (spec["podReplacementPolicy"]?.Text is { } replacement and not "Failed")
        {
            errors.Add(FieldError.Unsupported(path.Child("podReplacementPolicy"), replacement, "Failed"));
        }

        var rules = Tree.ItemsOf(policy["rules"]);
        var at = path.Child("podFailurePolicy").Child("rules");
        if (rules.Length > MostRules)
        {
            errors.Add(FieldError.TooMany(at, rules.Length, MostRules));
        }

        for (var index = 0; index < rules.Length; index++)
        {
            CheckFailureRule(spec, rules[index], at.Index(index), errors);
        }
    }

    private static void CheckFailureRule(TreeMap spec, Tree rule, FieldPath path, List<FieldError> errors)
    {
        switch (rule["action"]?.Text ?? "")
        {
            case "":
                errors.Add(FieldError.Required(path.Child("action"), "valid values: [\"Count\" \"FailIndex\" \"FailJob\" \"Ignore\"]"));
                break;
            case "FailIndex" when spec["backoffLimitPerIndex"] is null:
                errors.Add(FieldError.Invalid(path.Child("action"), "FailIndex", "requires the backoffLimitPerIndex to be set"));
                break;
            case "Count" or "FailIndex" or "FailJob" or "Ignore":
                break;
            case var action:
                errors.Add(FieldError.Unsupported(path.Child("action"), action, "Count", "FailIndex", "FailJob", "Ignore"));
                break;
        }

        var hasConditions = Tree.ItemsOf(rule["onPodConditions"]).Length > 0;
        CheckConditions(Tree.ItemsOf(rule["onPodConditions"]).ToArray(), path.Child("onPodConditions"), errors);
        if (rule["onExitCodes"] is { } codes)
        {
            CheckExitCodes(spec, codes, path.Child("onExitCodes"), errors);
        }

        if ((rule["onExitCodes"] is not null) == hasConditions)
        {
            errors.Add(new FieldError(path, hasConditions
                ? "Invalid value: specifying both OnExitCodes and OnPodConditions is not supported"
                : "Invalid value: specifying one of OnExitCodes and OnPodConditions is required"));
        }
    }

    private static void CheckConditions(Tree[] patterns, FieldPath path, List<FieldError> errors)
    {
        if (patterns.Length > MostConditions)
        {
            errors.Add(FieldError.TooMany(path, patterns.Length, MostConditions));
        }

        for (var index = 0; index < patterns.Length; index++)
        {
            var (pattern, at) = (patterns[index], path.Index(index));
            var type = pattern["type"]?.Text ?? "";
            errors.AddRange(Formats.QualifiedName(type).Select(fault => FieldError.Invalid(at.Child("type"), type, fault)));
            switch (pattern["status"]?.Text ?? "")
            {
                case "":
                    errors.Add(FieldError.Required(at.Child("status"), "valid values: [\"False\" \"True\" \"Unknown\"]"));
                    break;
                case "False" or "True" or "Unknown":
                    break;
                case var status:
                    errors.Add(FieldError.Unsupported(at.Child("status"), status, "False", "True", "Unknown"));
                    break;
            }
        }
    }

    private static void CheckExitCodes(TreeMap spec, Tree codes, FieldPath path, List<FieldError> errors)
    {
        var @operator = codes["operator"]?.Text ?? "";
        if (@operator.Length == 0)
        {
            errors.Add(FieldError.Required(path.Child("operator"), "valid values: [\"In\" \"NotIn\"]"));
        }
        else if (@operator is not ("In" or "NotIn"))
        {
            errors.Add(FieldError.Unsupported(path.Child("operator"), @operator, "In", "NotIn"));
        }

        var template = spec.At("template", "spec");
        if (codes["containerName"]?.Text is { } name
            && !Tree.ItemsOf(template?["containers"]).ToArray().Concat(Tree.ItemsOf(template?["initContainers"]).ToArray()).Any(container => container["name"]?.Text == name))
        {
            errors.Add(FieldError.Invalid(path.Child("containerName"), name, "must be one of the container or initContainer names in the pod template"));
        }

        var values = Tree.ItemsOf(codes["values"]).ToArray().Select(value => value.Integer ?? 0).ToList();
        var at = path.Child("values");
        if (values.Count == 0)
        {
            errors.Add(FieldError.Invalid(at, codes["values"] ?? TreeList.Empty, "at least one value is required"));
        }
        else if (values.Count > MostExitCodes)
        {
            errors.Add(FieldError.TooMany(at, values.Count, MostExitCodes));
        }

        for (var index = 0; index < values.Count; index++)
        {
            if (@operator == "In" && values[index] == 0)
            {
                errors.Add(FieldError.Invalid(at.Index(index), 0, "must not be 0 for the In operator"));
            }

            if (values.IndexOf(values[index]) < index)
            {
                errors.Add(new FieldError(at.Index(index), $"Duplicate value: {values[index]}"));
            }
        }

        if (!values.SequenceEqual(values.Order()))
        {
            errors.Add(FieldError.Invalid(at, codes["values"], "must be ordered"));
        }
    }

    private static void CheckSuccesses(TreeMap spec, TreeMap policy, FieldPath path, List<FieldError> errors)
    {
        if (spec["completionMode"]?.Text != "Indexed")
        {
            errors.Add(FieldError.Invalid(path, policy, "requires indexed completion mode"));
        }

        var rules = Tree.ItemsOf(policy["rules"]);
        if (rules.Length == 0)
        {
            errors.Add(FieldError.Required(path.Child("rules"), "at least one rules must be specified when the successPolicy is specified"));
        }
        else if (rules.Length > MostRules)
        {
            errors.Add(FieldError.TooMany(path.Child("rules"), rules.Length, MostRules));
        }

        for (var index = 0; index < rules.Length; index++)
        {
            var at = path.Child("rules").Index(index);
            if (rules[index]["succeededCount"] is null && rules[index]["succeededIndexes"] is null)
            {
                errors.Add(FieldError.Required(at, "at least one of succeededCount or succeededIndexes must be specified"));
            }

            CheckSuccessRule(rules[index], spec["completions"]?.Integer ?? 0, at, errors);
        }
    }

    private static void CheckSuccessRule(Tree rule, long completions, FieldPath path, List<FieldError> errors)
    {
        var indexes = rule["succeededIndexes"]?.Text;
        var (total, fault) = CountIndexes(indexes ?? "", completions);
        if (indexes?.Length > LongestIndexes)
        {
            errors.Add(new FieldError(path.Child("succeededIndexes"), $"Too long: may not be more than {LongestIndexes} bytes"));
        }

        if (fault is not null)
        {
            errors.Add(FieldError.Invalid(path.Child("succeededIndexes"), indexes ?? "", $"error parsing succeededIndexes: {fault}"));
        }

        if (rule["succeededCount"]?.Integer is not { } count)
        {
            return;
        }

        var at = path.Child("succeededCount");
        if (count < 0)
        {
            errors.Add(FieldError.Invalid(at, count, "must be greater than or equal to 0"));
        }

        if (count > completions)
        {
            errors.Add(FieldError.Invalid(at, count, $"must be less than or equal to {completions} (the number of specified completions)"));
        }

        if (indexes is not null && count > total)
        {
            errors.Add(FieldError.Invalid(at, count, $"must be less than or equal to {total} (the number of indexes in the specified succeededIndexes field)"));
        }
    }

    /// <summary>How many indexes a list such as <c>0,2-4</c> has, and what is wrong with it.</summary>
    private static (long Total, string? Fault) CountIndexes(string text, long completions)
    {
        long total = 0;
        long? last = null;
        foreach (var part in text.Length == 0 ? [] : text.Split(','))
        {
            var ends = part.Split('-');
            if (ends.Length > 2)
            {
                return (0, $"the fragment \"{part}\" violates the requirement that an index interval can have at most two parts separated by '-'");
            }

            var limits = new List<long>();
            foreach (var end in ends)
            {
                if (!int.TryParse(end, NumberStyles.None, CultureInfo.InvariantCulture, out var index))
                {
                    return (0, $"cannot convert string to integer for index: \"{end}\"");
                }

                if (index >= completions)
                {
                    return (0, $"too large index: \"{end}\"");
                }

                if ((limits.Count > 0 && limits[0] >= index) || (limits.Count == 0 && last >= index))
                {
                    return (0, $"non-increasing order, previous: {(limits.Count > 0 ? limits[0] : last)}, current: {index}");
                }

                limits.Add(index);
            }

            total += limits[^1] - limits[0] + 1;
            last = limits[^1];
        }

        return (total, null);
    }
}
