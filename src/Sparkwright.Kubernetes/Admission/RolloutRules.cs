using System.Globalization;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.Kubernetes.Admission;

/// <summary>How workloads may replace their pods.</summary>
internal static class RolloutRules
{
    public static void CheckDeployment(TreeMap spec, FieldPath path, List<FieldError> errors)
    {
        var strategy = spec["strategy"];
        var at = path.Child("strategy");
        switch (strategy?["type"]?.Text)
        {
            case "Recreate":
                if (strategy["rollingUpdate"] is not null)
                {
                    errors.Add(FieldError.Forbidden(at.Child("rollingUpdate"), "may not be specified when strategy `type` is 'Recreate'"));
                }

                break;
            case "RollingUpdate":
                var rolling = at.Child("rollingUpdate");
                CheckAmount(strategy["rollingUpdate"]?["maxUnavailable"], rolling.Child("maxUnavailable"), mayExceedAll: false, errors);
                CheckAmount(strategy["rollingUpdate"]?["maxSurge"], rolling.Child("maxSurge"), mayExceedAll: true, errors);
                if (IsNothing(strategy["rollingUpdate"]?["maxUnavailable"]) && IsNothing(strategy["rollingUpdate"]?["maxSurge"]))
                {
                    errors.Add(FieldError.Invalid(rolling.Child("maxUnavailable"), strategy["rollingUpdate"]?["maxUnavailable"] ?? 0, "may not be 0 when `maxSurge` is 0"));
                }

                break;
            case var other:
                errors.Add(FieldError.Unsupported(at.Child("type"), other ?? "", "Recreate", "RollingUpdate"));
                break;
        }

        WorkloadRules.CheckNotNegative(spec, "progressDeadlineSeconds", path, errors);
        if (spec["progressDeadlineSeconds"]?.Integer is { } deadline && deadline <= (spec["minReadySeconds"]?.Integer ?? 0))
        {
            errors.Add(FieldError.Invalid(path.Child("progressDeadlineSeconds"), deadline, "must be greater than minReadySeconds"));
        }
    }

    public static void CheckDaemonSet(Tree? strategy, FieldPath path, List<FieldError> errors)
    {
        switch (strategy?["type"]?.Text)
        {
            case "OnDelete":
                break;
            case "RollingUpdate":
                var rolling = path.Child("rollingUpdate");
                var (unavailable, surge) = (strategy["rollingUpdate"]?["maxUnavailable"], strategy["rollingUpdate"]?["maxSurge"]);
                CheckAmount(unavailable, rolling.Child("maxUnavailable"), mayExceedAll: false, errors);
                CheckAmount(surge, rolling.Child("maxSurge"), mayExceedAll: false, errors);
                if (IsNothing(unavailable) && IsNothing(surge))
                {
                    errors.Add(FieldError.Required(rolling.Child("maxUnavailable"), "cannot be 0 when maxSurge is 0"));
                }
                else if (!IsNothing(unavailable) && !IsNothing(surge))
                {
                    errors.Add(FieldError.Invalid(rolling.Child("maxSurge"), surge, "may not be set when maxUnavailable is non-zero"));
                }

                break;
            case var other:
                errors.Add(FieldError.Unsupported(path.Child("type"), other ?? "", "RollingUpdate", "OnDelete"));
                break;
        }
    }

    public static void CheckStatefulSet(TreeMap spec, FieldPath path, List<FieldError> errors)
    {
        if (spec["podManagementPolicy"]?.Text is var policy and not ("OrderedReady" or "Parallel"))
        {
            errors.Add(FieldError.Invalid(path.Child("podManagementPolicy"), policy ?? "", "must be 'OrderedReady' or 'Parallel'"));
        }

        var strategy = spec["updateStrategy"];
        var at = path.Child("updateStrategy");
        switch (strategy?["type"]?.Text)
        {
            case "OnDelete":
                if (strategy["rollingUpdate"] is not null)
                {
                    errors.Add(FieldError.Invalid(at.Child("rollingUpdate"), strategy["rollingUpdate"], "only allowed for updateStrategy 'RollingUpdate'"));
                }

                break;
            case "RollingUpdate":
                if (strategy["rollingUpdate"] is TreeMap rolling)
                {
                    WorkloadRules.CheckNotNegative(rolling, "partition", at.Child("rollingUpdate"), errors);
                }

                break;
            case var other:
                errors.Add(FieldError.Invalid(at.Child("type"), other ?? "", "must be 'RollingUpdate' or 'OnDelete'"));
                break;
        }
    }

    /// <summary>A count or a percentage.</summary>
    internal static void CheckAmount(Tree? amount, FieldPath path, bool mayExceedAll, List<FieldError> errors)
    {
        switch (amount)
        {
            case TreeInteger { Value: < 0 } number:
                errors.Add(FieldError.Invalid(path, number.Value, "must be greater than or equal to 0"));
                break;
            case TreeText text:
                errors.AddRange(Formats.Percent(text.Value).Select(fault => FieldError.Invalid(path, text.Value, fault)));
                if (!mayExceedAll && PercentOf(text.Value) > 100)
                {
                    errors.Add(FieldError.Invalid(path, text.Value, "must not be greater than 100%"));
                }

                break;
        }
    }

    private static bool IsNothing(Tree? amount) => amount switch
    {
        TreeInteger number => number.Value == 0,
        TreeText text => PercentOf(text.Value) == 0,
        _ => true,
    };

    private static long? PercentOf(string text) =>
        text.EndsWith('%') && long.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var percent) ? percent : null;
}
