using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Store;
using Sparkwright.Simulation;
using Sparkwright.World.Spark;

namespace Sparkwright.World.Emr;

/// <summary>
/// Carries job runs from PENDING to their end: makes the job's objects, does what the submitter's container does once it runs, follows the
/// driver, and gives up where EMR on EKS would.
/// </summary>
public sealed class JobRuns : Worker<string>
{
    /// <summary>The kinds of objects that EMR on EKS makes for a job run.</summary>
    private static readonly ResourceType[] Created =
        [CoreTypes.Job, CoreTypes.ConfigMap, CoreTypes.Secret, CoreTypes.ServiceAccount, CoreTypes.Role, CoreTypes.RoleBinding];

    private readonly ApiServer api;
    private readonly EmrSettings settings;
    private readonly ModelFigures figures;
    private readonly EmrAccess access;
    private readonly Submission submission;
    private readonly StoreIndex podsByJob;

    public JobRuns(EventLoop loop, ApiServer api, EmrSettings settings, ModelFigures figures, EmrAccess access, Submission submission)
        : base(loop)
    {
        this.api = api;
        this.settings = settings;
        this.figures = figures;
        this.access = access;
        this.submission = submission;
        podsByJob = api.Store.Index(CoreTypes.Pod, "by-job-run", static pod => pod.Metadata.Label(JobNames.JobLabel));
        foreach (var known in api.Store.List(EmrTypes.JobRun))
        {
            Wake(known.Name);
        }

        api.Store.Watch(EmrTypes.JobRun, change => Wake(change.Object.Name));
        api.Store.Watch(CoreTypes.Pod, change =>
        {
            if (change.Object.Metadata.Label(JobNames.ComponentLabel) is not (null or "executor"))
            {
                WakeFor(change.Object);
            }
            else if (change.Kind == StoreEventKind.Deleted)
            {
                WakeFor(change.Object);
            }
        });
        api.Store.Watch(CoreTypes.Job, change => WakeFor(change.Object));
        api.Store.Watch(SparkTypes.Application, change =>
        {
            if (change.Object.Status["phase"]?.Text != change.Old?.Status["phase"]?.Text)
            {
                WakeFor(change.Object);
            }
        });
    }

    /// <summary>Told when it becomes known how a submitter's containers end.</summary>
    public Action<ObjectKey> PodEndsAreKnown { get; set; } = static _ => { };

    protected override void Reconcile(string id)
    {
        if (api.Store.Get(EmrTypes.JobRun, "", id) is not { } known || JobRunState.IsFinal(known.Status["state"]?.Text ?? ""))
        {
            return;
        }

        var run = JobRun.Of(known);
        switch (run.State)
        {
            case JobRunState.Pending:
                Accept(run);
                break;
            case JobRunState.CancelPending:
                Cancel(run);
                break;
            default:
                Follow(run);
                break;
        }
    }

    private void Accept(JobRun run)
    {
        if (Instants.Read(run.Status["acceptsAt"]) is { } due && due > Clock.Now)
        {
            WakeAt(run.Id, due);
            return;
        }

        var request = run.Request;
        if (JobConf.UnknownClassification(request) is { } classification)
        {
            Fail(run, FailureReason.ValidationError, StateDetails.SubmissionFailed($"Configuration classification {classification} is not supported; allowed are {string.Join(", ", JobConf.Classifications)}."));
            return;
        }

        var defaults = ContainerDefaults.Of(request, out var problem);
        var submitter = JobSubmitterSettings.Of(request, out var submitterProblem);
        if ((problem ?? submitterProblem) is { } wrong)
        {
            Fail(run, FailureReason.ValidationError, StateDetails.SubmissionFailed(wrong + "."));
            return;
        }

        if (api.Store.Get(CoreTypes.Namespace, "", run.Namespace) is not { Metadata.IsBeingDeleted: false })
        {
            Fail(run, FailureReason.ClusterUnavailable, StateDetails.SubmissionFailed($"Namespace {run.Namespace} doesn't exist in EKS cluster {settings.ClusterName}."));
            return;
        }

        if (access.CannotCreate(run.Namespace, Created) is { } unauthorized)
        {
            Fail(run, FailureReason.ClusterUnavailable, StateDetails.SubmissionFailed($"EMR on EKS may not submit the job in namespace {run.Namespace}: {unauthorized}."));
            return;
        }

        var identity = JobIdentity.OfRoleArn(request.ExecutionRoleArn)!;
        var objects = new JobObjects(run.Names, request, run.Namespace, identity, settings.Region);
        foreach (var access in objects.Access().Where(access => api.Store.Get(access.Type, access.Key) is null))
        {
            api.Create(access);
        }

        var created = api.Create(objects.SubmitterJob(submitter));
        if (created.Object is not { } job)
        {
            Fail(run, FailureReason.UserError, StateDetails.SubmissionFailed(((ApiResult.Refused)created).Status.Message));
            return;
        }

        var templates = new EmrPodTemplates(run.Names, request, defaults, identity, settings.Region);
        var conf = JobConf.Of(request, SparkSubmitParameters.Read(request.Driver.ParameterText, out _), settings.Region);
        foreach (var item in objects.Configuration(job, templates.Driver(TreeMap.Empty), templates.Executor(TreeMap.Empty), conf.ToProperties()))
        {
            api.Create(item);
        }

        Change(run, status => JobRun.Enter(status, JobRunState.Submitted, Clock.Now)
            .With("startsBy", Instants.Print(Clock.Now + defaults.JobStartTimeout)));
    }

    /// <summary>SUBMITTED and RUNNING: does the submitter's work, follows the driver, watches the clock.</summary>
    private void Follow(JobRun run)
    {
        if (Instants.Read(run.Status["endsWith"]?["at"]) is not null)
        {
            Finish(run);
            return;
        }

        var job = api.Store.Get(CoreTypes.Job, run.Namespace, run.Names.Job);
        if (job is null || job.Metadata.IsBeingDeleted)
        {
            Fail(run, FailureReason.UserError, $"Trouble monitoring your JobRun. Job {run.Namespace}/{run.Names.Job} was deleted.");
            return;
        }

        if (Conditions.IsTrue(job.Status, "Failed"))
        {
            Fail(run, FailureReason.UserError, $"Trouble monitoring your JobRun. The submitter pod failed: {Conditions.Find(job.Status, "Failed")?["message"]?.Text}");
            return;
        }

        if (run.State == JobRunState.Submitted && Instants.Read(run.Status["startsBy"]) is { } deadline)
        {
            var driver = run.DriverPod is { } name ? api.Store.Get(CoreTypes.Pod, run.Namespace, name) : null;
            if (driver?.Status["phase"]?.Text == "Running")
            {
                Change(run, status => JobRun.Enter(status, JobRunState.Running, Clock.Now));
                return;
            }

            if (deadline <= Clock.Now)
            {
                TimeOut(run, job, driver);
                return;
            }

            WakeAt(run.Id, deadline);
        }

        if (run.ApplicationId is { } application)
        {
            FollowApplication(run, application);
        }
        else if (Submitter(run) is { } pod && pod.Status["phase"]?.Text == "Running")
        {
            Submit(run, job);
        }
    }

    private void Submit(JobRun run, ApiObject job)
    {
        var attempt = run.Attempts + 1;
        var due = Instants.Read(run.Status["submitsAt"]);
        if (due is null)
        {
            due = Clock.Now + figures.SparkSubmit.Draw(api.Chance, "emr/spark-submit", $"{run.Id}/{attempt}");
            Change(run, status => status.With("submitsAt", Instants.Print(due.Value)));
        }

        if (due > Clock.Now)
        {
            WakeAt(run.Id, due.Value);
            return;
        }

        switch (submission.Plan(run, attempt))
        {
            case SubmissionPlan.Refused refused:
                End(run, JobRunState.Failed, refused.Reason, refused.Details, 1);
                break;
            case SubmissionPlan.Ready ready:
                var owner = api.Store.Get(CoreTypes.ConfigMap, run.Namespace, run.Names.SparkDefaultsMap) ?? job;
                var what = ready.What with { Owners = [owner.AsOwner()] };
                var submitted = SparkSubmit.Submit(api, what);
                if (submitted is ApiResult.Refused { Status: var status })
                {
                    End(run, JobRunState.Failed, FailureReason.UserError, StateDetails.SubmissionFailed($"The driver pod could not be created: {status.Message}"), 1);
                    break;
                }

                Change(run, current => current
                    .With("applicationId", what.Identity.ApplicationId)
                    .With("attempts", attempt)
                    .With("driverPod", what.Identity.DriverPod)
                    .With("submitsAt", null));
                break;
        }
    }

    private void FollowApplication(JobRun run, string id)
    {
        var application = api.Store.Get(SparkTypes.Application, "", id);
        var phase = application?.Status["phase"]?.Text;
        if (!ApplicationStatus.IsFinal(phase))
        {
            return;
        }

        var driver = api.Store.Get(CoreTypes.Pod, run.Namespace, run.DriverPod!);
        if (driver is { Metadata.IsBeingDeleted: false } && driver.Status["phase"]?.Text == "Running")
        {
            // The driver has said how it ends; its containers have a moment left.
            return;
        }

        if (phase == ApplicationStatus.Succeeded)
        {
            var started = run.History.FirstOrDefault(step => step.State == JobRunState.Running)?.At ?? run.CreatedAt;
            End(run, JobRunState.Completed, null, StateDetails.Completed(Clock.Now - started), 0);
            return;
        }

        var failure = application?.Status["failure"]?.Text ?? "The driver ended with an error";
        if (run.Request.MaxAttempts is { } attempts && run.Attempts < attempts)
        {
            var again = Clock.Now + RetryDelay.After(run.Attempts);
            Change(run, status => status.With("applicationId", null).With("submitsAt", Instants.Print(again)).With("lastFailure", failure));
            return;
        }

        End(run, JobRunState.Failed, FailureReason.UserError, StateDetails.DriverFailed(failure + "."), 1);
    }

    /// <summary>The driver did not run in time: the job's objects go, and the details name what it waited for.</summary>
    private void TimeOut(JobRun run, ApiObject job, ApiObject? driver)
    {
        var timeout = ContainerDefaults.Of(run.Request, out _).JobStartTimeout;
        var waiting = driver ?? Submitter(run);
        Fail(run, FailureReason.ClusterUnavailable, StateDetails.StartTimedOut(timeout, waiting is null ? WaitingFor.ExplainMissing(job, api.Store) : WaitingFor.Explain(waiting, api.Store)));
        api.Delete(CoreTypes.Job, new ObjectKey(run.Namespace, run.Names.Job));
    }

    private void Cancel(JobRun run)
    {
        var key = new ObjectKey(run.Namespace, run.Names.Job);
        if (api.Store.Get(CoreTypes.Job, key) is { Metadata.IsBeingDeleted: false })
        {
            api.Delete(CoreTypes.Job, key);
        }

        if (podsByJob.CountOf(run.Id) == 0 && api.Store.Get(CoreTypes.Job, key) is null)
        {
            Change(run, status => JobRun.Enter(status.With("stateDetails", StateDetails.Cancelled), JobRunState.Cancelled, Clock.Now));
        }
    }

    /// <summary>Lets the submitter's container end; the job run is final when it has.</summary>
    private void End(JobRun run, string state, string? reason, string details, int exitCode)
    {
        if (exitCode != 0)
        {
            // A submitter that failed for a reason that stays is not started again.
            api.Modify(CoreTypes.Job, new ObjectKey(run.Namespace, run.Names.Job), job => job.Set(["spec", "backoffLimit"], 0));
        }

        Change(run, status => status.With("endsWith", TreeMap.Of(
            ("at", Instants.Print(Clock.Now)), ("exitCode", exitCode), ("reason", reason), ("state", state), ("details", details))));
        foreach (var pod in Submitters(run))
        {
            PodEndsAreKnown(pod.Key);
        }
    }

    private void Finish(JobRun run)
    {
        if (Submitters(run).Any(pod => pod.Status["phase"]?.Text is not ("Succeeded" or "Failed") && !pod.Metadata.IsBeingDeleted))
        {
            return;
        }

        var end = run.Status["endsWith"]!;
        Change(run, status => JobRun.Enter(
            status.With("failureReason", end["reason"]).With("stateDetails", end["details"]), end["state"]?.Text ?? JobRunState.Failed, Clock.Now));
    }

    /// <summary>The job run is over at once, whatever its pods do.</summary>
    private void Fail(JobRun run, string reason, string details) => Change(
        run,
        status => JobRun.Enter(status.With("failureReason", reason).With("stateDetails", details), JobRunState.Failed, Clock.Now));

    private void Change(JobRun run, Func<TreeMap, TreeMap> change) => api.ModifyStatus(EmrTypes.JobRun, new ObjectKey("", run.Id), change);

    private IEnumerable<ApiObject> Submitters(JobRun run) =>
        podsByJob.Of(run.Id).Where(pod => pod.Metadata.Label(JobNames.ComponentLabel) == "job.submitter");

    /// <summary>The submitter pod that is not done, or the last of them.</summary>
    private ApiObject? Submitter(JobRun run)
    {
        var pods = Submitters(run).Where(pod => !pod.Metadata.IsBeingDeleted).ToArray();
        return Array.Find(pods, pod => pod.Status["phase"]?.Text is not ("Succeeded" or "Failed")) ?? pods.LastOrDefault();
    }

    private void WakeFor(ApiObject changed)
    {
        if (changed.Metadata.Label(JobNames.JobLabel) is { } id)
        {
            Wake(id);
        }
    }
}
