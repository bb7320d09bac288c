using System.Globalization;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Schedules;
using Sparkwright.Kubernetes.Schema;
using Sparkwright.Kubernetes.Store;
using Sparkwright.Simulation;

namespace Sparkwright.World.Controllers;

/// <summary>Makes a Job at each time of a schedule and takes old ones away.</summary>
public sealed class CronJobController : Controller
{
    private const string ScheduledAnnotation = "batch.kubernetes.io/cronjob-scheduled-timestamp";

    /// <summary>How long after a scheduled time the controller looks, so that the time is certain to have come.</summary>
    private static readonly TimeSpan LookAfter = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan RetryAfterRefusal = TimeSpan.FromSeconds(10);

    private readonly StoreIndex jobsByController;

    public CronJobController(EventLoop loop, ApiServer api)
        : base(loop, api, "cronjob-controller")
    {
        jobsByController = PodIndexes.ByController(Store, CoreTypes.Job);
        FollowDesired(CoreTypes.CronJob);
        Store.Watch(CoreTypes.Job, change =>
        {
            if (change.Object.Metadata.Controller is { Kind: "CronJob" } owner)
            {
                Wake(new ObjectKey(change.Object.Namespace, owner.Name));
            }
        });
    }

    protected override void Reconcile(ObjectKey key)
    {
        if (Store.Get(CoreTypes.CronJob, key) is not { } cron)
        {
            return;
        }

        var status = NoteJobs(cron);
        if (!cron.Metadata.IsBeingDeleted && cron.Spec["suspend"]?.Boolean != true && ScheduleOf(cron) is { } schedule)
        {
            status = Advance(cron, schedule, status);
            if (schedule.Next(Clock.Now) is { } next)
            {
                WakeAt(key, next + LookAfter);
            }
        }

        Api.ModifyStatus(CoreTypes.CronJob, key, _ => status);
        if (!cron.Metadata.IsBeingDeleted)
        {
            RemoveOld(cron, "Complete", cron.Spec["successfulJobsHistoryLimit"]?.Integer);
            RemoveOld(cron, "Failed", cron.Spec["failedJobsHistoryLimit"]?.Integer);
        }
    }

    private CronSchedule? ScheduleOf(ApiObject cron)
    {
        var text = cron.Spec["schedule"]?.Text ?? "";
        var zone = TimeZones.Find(cron.Spec["timeZone"]?.Text ?? "");
        if (zone is null)
        {
            var name = cron.Spec["timeZone"]?.Text ?? "";
            Events.Warning(cron, "UnknownTimeZone", $"invalid timeZone: {GoSyntax.Quote(name)}: unknown time zone {name}");
            return null;
        }

        switch (CronSchedule.Parse(text, zone))
        {
            case CronParse.Parsed parsed:
                return parsed.Schedule;
            case CronParse.Refused refused:
                Events.Warning(cron, "UnparseableSchedule", $"unparseable schedule: {GoSyntax.Quote(text)} : {refused.Message}");
                return null;
            default:
                return null;
        }
    }

    /// <summary>The status with the Jobs that have ended or gone no longer among the active ones.</summary>
    private TreeMap NoteJobs(ApiObject cron)
    {
        var status = cron.Status;
        var jobs = jobsByController.Of(cron.Metadata.Uid);
        var active = Tree.ItemsOf(status["active"]).ToArray().ToList();
        foreach (var job in jobs)
        {
            var isListed = active.Exists(item => item["uid"]?.Text == job.Metadata.Uid);
            var isFinished = JobStatus.FinishedAt(job) is not null;
            if (!isListed && !isFinished)
            {
                Events.Warning(cron, "UnexpectedJob", $"Saw a job that the controller did not create or forgot: {job.Name}");
            }
            else if (isListed && isFinished)
            {
                active.RemoveAll(item => item["uid"]?.Text == job.Metadata.Uid);
                Events.Normal(cron, "SawCompletedJob", $"Saw completed job: {job.Name}, condition: {(Conditions.IsTrue(job.Status, "Complete") ? "Complete" : "Failed")}");
            }

            if (Conditions.IsTrue(job.Status, "Complete")
                && Timestamps.Read(job.Status["completionTime"]) is { } completed
                && completed > (Timestamps.Read(status["lastSuccessfulTime"]) ?? DateTime.MinValue))
            {
                status = status.With("lastSuccessfulTime", Timestamps.Print(completed));
            }
        }

        foreach (var gone in active.Where(item => jobs.All(job => job.Metadata.Uid != item["uid"]?.Text)).ToList())
        {
            active.Remove(gone);
            Events.Normal(cron, "MissingJob", $"Active job went missing: {gone["name"]?.Text}");
        }

        return WithActive(status, active);
    }

    private TreeMap Advance(ApiObject cron, CronSchedule schedule, TreeMap status)
    {
        var step = CronPlan.Next(
            new CronSnapshot
            {
                Schedule = schedule,
                CreatedAt = cron.Metadata.CreationTimestamp,
                LastScheduled = Timestamps.Read(status["lastScheduleTime"]),
                StartingDeadline = cron.Spec["startingDeadlineSeconds"]?.Integer is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
                ForbidsOverlap = cron.Spec["concurrencyPolicy"]?.Text == "Forbid",
                Active = Tree.ItemsOf(status["active"]).Length,
            },
            Clock.Now);
        if (step.MissedMany)
        {
            Events.Warning(cron, "TooManyMissedTimes", "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew");
        }

        switch (step)
        {
            case CronStep.TooLate late:
                var text = late.Scheduled.ToString("ddd, dd MMM yyyy HH:mm:ss '+0000'", CultureInfo.InvariantCulture);
                Events.Warning(cron, "MissSchedule", $"Missed scheduled time to start a job: {text}");
                return status;
            case CronStep.Overlaps:
                Events.Normal(cron, "JobAlreadyActive", "Not starting job because prior execution is running and concurrency policy is Forbid");
                return status;
            case CronStep.Start start:
                return Start(cron, start.Scheduled, status);
            default:
                return status;
        }
    }

    private TreeMap Start(ApiObject cron, DateTime scheduled, TreeMap status)
    {
        var active = Tree.ItemsOf(status["active"]).ToArray().ToList();
        if (cron.Spec["concurrencyPolicy"]?.Text == "Replace")
        {
            foreach (var job in jobsByController.Of(cron.Metadata.Uid).Where(job => active.Exists(item => item["uid"]?.Text == job.Metadata.Uid)))
            {
                Delete(cron, job);
            }

            active.Clear();
        }

        switch (Api.Create(JobAt(cron, scheduled)))
        {
            case ApiResult.Accepted { Current: var made }:
                Events.Normal(cron, "SuccessfulCreate", $"Created job {made.Name}");
                active.Add(TreeMap.Of(
                    ("apiVersion", made.Type.ApiVersion),
                    ("kind", made.Type.Kind),
                    ("name", made.Name),
                    ("namespace", made.Namespace),
                    ("resourceVersion", made.Metadata.ResourceVersion.ToString(CultureInfo.InvariantCulture)),
                    ("uid", made.Metadata.Uid)));
                return WithActive(status, active).With("lastScheduleTime", Timestamps.Print(scheduled));
            case ApiResult.Refused refused:
                Events.Warning(cron, "FailedCreate", $"Error creating job: {refused.Status.Message}");
                WakeAfter(cron.Key, RetryAfterRefusal);
                return WithActive(status, active);
            default:
                return status;
        }
    }

    private static TreeMap WithActive(TreeMap status, List<Tree> active) => status.With("active", active.Count == 0 ? null : TreeList.From(active));

    private static ApiObject JobAt(ApiObject cron, DateTime scheduled)
    {
        var template = ObjectMeta.From(cron.Spec.At("jobTemplate", "metadata"));
        var zone = TimeZones.Find(cron.Spec["timeZone"]?.Text ?? "") ?? TimeZoneInfo.Utc;
        var offset = zone.GetUtcOffset(scheduled);
        var local = (scheduled + offset).ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture);
        var suffix = offset == TimeSpan.Zero ? "Z" : (offset < TimeSpan.Zero ? "-" : "+") + offset.ToString("hh':'mm", CultureInfo.InvariantCulture);
        return new ApiObject(
            CoreTypes.Job,
            new ObjectMeta
            {
                Name = string.Create(CultureInfo.InvariantCulture, $"{cron.Name}-{(scheduled - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMinute}"),
                Namespace = cron.Namespace,
                Labels = template.Labels,
                Annotations = template.Annotations.With(ScheduledAnnotation, local + suffix),
                OwnerReferences = [cron.AsOwner()],
            },
            TreeMap.Of(("spec", cron.Spec.At("jobTemplate", "spec"))));
    }

    /// <summary>Deletes the ended Jobs of one outcome that are above the limit, those first that began first.</summary>
    private void RemoveOld(ApiObject cron, string outcome, long? limit)
    {
        var ended = jobsByController.Of(cron.Metadata.Uid).Where(job => Conditions.IsTrue(job.Status, outcome) && !job.Metadata.IsBeingDeleted).ToList();
        var surplus = ended
            .OrderBy(job => Timestamps.Read(job.Status["startTime"]) ?? DateTime.MaxValue)
            .ThenBy(job => job.Name, StringComparer.Ordinal)
            .Take((int)Math.Max(0, ended.Count - (limit ?? int.MaxValue)));
        foreach (var job in surplus)
        {
            Delete(cron, job);
        }
    }

    private void Delete(ApiObject cron, ApiObject job)
    {
        var options = new DeleteOptions { Propagation = PropagationPolicy.Background, Uid = job.Metadata.Uid };
        if (Api.Delete(CoreTypes.Job, job.Key, options).IsAccepted)
        {
            Events.Normal(cron, "SuccessfulDelete", $"Deleted job {job.Name}");
        }
    }
}
