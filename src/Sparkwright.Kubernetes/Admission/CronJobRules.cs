using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Schedules;

namespace Sparkwright.Kubernetes.Admission;

/// <summary>CronJobs: a schedule and a template of Jobs.</summary>
public sealed class CronJobRules : KindRules
{
    /// <summary>A Job's name, of 63 characters at most, ends with a dash and the minutes since 1970.</summary>
    private const int LongestName = 52;

    public override ApiObject Default(ApiObject candidate)
    {
        var spec = candidate.Spec
            .OrElse("concurrencyPolicy", "Allow")
            .OrElse("failedJobsHistoryLimit", 1)
            .OrElse("successfulJobsHistoryLimit", 3)
            .OrElse("suspend", false);
        return candidate.WithSpec(spec.At("jobTemplate", "spec") is TreeMap job ? spec.Set(["jobTemplate", "spec"], WorkloadRules.DefaultTemplate(job)) : spec);
    }

    public override IEnumerable<FieldError> Validate(ApiObject candidate, ApiObject? old)
    {
        var errors = new List<FieldError>();
        var spec = candidate.Spec;
        if (old is not null && ReferenceEquals(spec, old.Spec))
        {
            return errors;
        }

        var path = FieldPath.Root("spec");
        CheckSchedule(spec, old?.Spec, path, errors);
        WorkloadRules.CheckNotNegative(spec, "startingDeadlineSeconds", path, errors);
        CheckTimeZone(spec["timeZone"]?.Text, path.Child("timeZone"), errors);
        if (spec["concurrencyPolicy"]?.Text is var policy and not ("Allow" or "Forbid" or "Replace"))
        {
            errors.Add(string.IsNullOrEmpty(policy)
                ? FieldError.Required(path.Child("concurrencyPolicy"))
                : FieldError.Unsupported(path.Child("concurrencyPolicy"), policy, "Allow", "Forbid", "Replace"));
        }

        JobRules.CheckFuture(spec.At("jobTemplate", "spec") as TreeMap ?? TreeMap.Empty, path.Child("jobTemplate").Child("spec"), errors);
        foreach (var limit in new[] { "successfulJobsHistoryLimit", "failedJobsHistoryLimit" })
        {
            WorkloadRules.CheckNotNegative(spec, limit, path, errors);
        }

        if (old is null && candidate.Name.Length > LongestName)
        {
            errors.Add(FieldError.Invalid("metadata.name", candidate.Name, $"must be no more than {LongestName} characters"));
        }

        return errors;
    }

    private static void CheckSchedule(TreeMap spec, TreeMap? old, FieldPath path, List<FieldError> errors)
    {
        var at = path.Child("schedule");
        var schedule = spec["schedule"]?.Text ?? "";
        if (schedule.Length == 0)
        {
            errors.Add(FieldError.Required(at));
            return;
        }

        if (CronSchedule.Parse(schedule) is CronParse.Refused refused)
        {
            errors.Add(FieldError.Invalid(at, schedule, refused.Message));
        }

        if (NamesZone(schedule))
        {
            // One that had a zone before the server refused it may keep it.
            if (!NamesZone(old?["schedule"]?.Text ?? ""))
            {
                errors.Add(FieldError.Invalid(at, schedule, "cannot use TZ or CRON_TZ in schedule, use timeZone field instead"));
            }
            else if (spec["timeZone"] is not null)
            {
                errors.Add(FieldError.Invalid(at, schedule, "cannot use both timeZone field and TZ or CRON_TZ in schedule"));
            }
        }
    }

    private static bool NamesZone(string schedule) => schedule.Contains("TZ", StringComparison.Ordinal);

    private static void CheckTimeZone(string? name, FieldPath at, List<FieldError> errors)
    {
        if (name is null)
        {
            return;
        }

        if (name.Length == 0)
        {
            errors.Add(FieldError.Invalid(at, name, "timeZone must be nil or non-empty string"));
        }
        else if (name.Equals("Local", StringComparison.OrdinalIgnoreCase))
        {
            errors.Add(FieldError.Invalid(at, name, "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones"));
        }
        else if (TimeZones.Find(name) is null)
        {
            errors.Add(FieldError.Invalid(at, name, $"unknown time zone {name}"));
        }
    }
}
