using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Store;
using Sparkwright.Simulation;

namespace Sparkwright.World.Controllers;

/// <summary>
/// Runs the pods of jobs to their end. Each pod carries a finalizer until its outcome has been added to the job's status, so that a pod that
/// is deleted counts too, and none counts twice.
/// </summary>
public sealed class JobController : Controller
{
    private readonly StoreIndex podsByController;
    private readonly StoreIndex tracked;

    // How often in a row the server refused pods of a job, by its uid. Lost in a restart, as the real controller's is.
    private readonly Dictionary<string, int> refusals = [];

    public JobController(EventLoop loop, ApiServer api)
        : base(loop, api, "job-controller")
    {
        podsByController = PodIndexes.ByController(Store, CoreTypes.Pod);
        tracked = Store.Index(CoreTypes.Pod, "controllers/tracked-by-job", TrackingJob);
        FollowDesired(CoreTypes.Job);
        Store.Watch(CoreTypes.Pod, Observe);
        foreach (var pod in Store.List(CoreTypes.Pod))
        {
            if (pod.Metadata.Controller is { Kind: "Job" } owner)
            {
                Wake(new ObjectKey(pod.Namespace, owner.Name));
            }
        }
    }

    protected override void Reconcile(ObjectKey key)
    {
        var job = Store.Get(CoreTypes.Job, key);
        foreach (var pod in tracked.Of(key.ToString()))
        {
            // The job that counted on it is gone, or another one has its name now.
            if (job is null || pod.Metadata.Controller?.Uid != job.Metadata.Uid)
            {
                StopTracking(pod);
            }
        }

        if (job is null)
        {
            return;
        }

        if (JobStatus.FinishedAt(job) is { } finished)
        {
            refusals.Remove(job.Metadata.Uid);
            foreach (var pod in podsByController.Of(job.Metadata.Uid))
            {
                StopTracking(pod);
            }

            DeleteWhenOld(job, finished);
            return;
        }

        if (!job.Metadata.IsBeingDeleted)
        {
            Sync(job);
        }
        else
        {
            foreach (var pod in podsByController.Of(job.Metadata.Uid).Where(pod => pod.Metadata.IsBeingDeleted))
            {
                StopTracking(pod);
            }
        }
    }

    private void Sync(ApiObject job)
    {
        var pods = podsByController.Of(job.Metadata.Uid);
        var before = job.Status;
        var status = Settle(job, before, pods);
        var snapshot = JobStatus.Snapshot(job, status, pods);
        switch (JobPlan.Next(snapshot, Clock.Now))
        {
            case JobStep.Finish finish:
                PodBatch.Delete(Api, Events, job, pods.Where(PodState.IsActive));
                pods = podsByController.Of(job.Metadata.Uid);
                status = Settle(job, status, pods);
                foreach (var pod in pods.Where(pod => pod.Metadata.IsBeingDeleted))
                {
                    StopTracking(pod);
                }

                status = Finish(job, status, pods, finish);
                break;
            case JobStep.Suspend:
                PodBatch.Delete(Api, Events, job, pods.Where(PodState.IsActive));
                status = Settle(job, status, podsByController.Of(job.Metadata.Uid));
                foreach (var pod in podsByController.Of(job.Metadata.Uid).Where(pod => pod.Metadata.IsBeingDeleted))
                {
                    StopTracking(pod);
                }

                status = Conditions.Set(status, "Suspended", true, "JobSuspended", "Job suspended", Clock.Now);
                if (!Conditions.IsTrue(before, "Suspended"))
                {
                    Events.Normal(job, "Suspended", "Job suspended");
                }

                break;
            case JobStep.Run run:
                status = Run(job, status, pods, run);
                break;
        }

        Api.UpdateStatus(job.With(job.Metadata with { ResourceVersion = 0 }).WithStatus(status));
    }

    /// <summary>
    /// Adds the outcomes of ended pods to the counters, in the steps that a reader sees: the pods are named as uncounted, they lose their
    /// finalizer, and the status that is returned has them counted.
    /// </summary>
    private TreeMap Settle(ApiObject job, TreeMap status, IReadOnlyList<ApiObject> pods)
    {
        var ended = pods.Where(pod => JobStatus.IsCountable(job, pod) && pod.Metadata.Finalizers.Contains(JobPods.TrackingFinalizer)).ToList();
        if (ended.Count == 0)
        {
            return JobStatus.Count(job.WithStatus(status), pods, Clock.Now);
        }

        Api.ModifyStatus(CoreTypes.Job, job.Key, _ => status.With("uncountedTerminatedPods", JobStatus.Uncounted(ended)));
        foreach (var pod in ended)
        {
            StopTracking(pod);
        }

        return JobStatus.Count(job.WithStatus(status), pods, Clock.Now);
    }

    private TreeMap Run(ApiObject job, TreeMap status, IReadOnlyList<ApiObject> pods, JobStep.Run run)
    {
        if (Conditions.IsTrue(status, "Suspended"))
        {
            // The deadline counts from here: a job is as old as it has been active without a break.
            status = Conditions.Set(status.With("startTime", Timestamps.Print(Clock.Now)), "Suspended", false, "JobResumed", "Job resumed", Clock.Now);
            Events.Normal(job, "Resumed", "Job resumed");
        }

        var active = pods.Where(PodState.IsActive).ToList();
        if (run.NextLook is { } look)
        {
            WakeAt(job.Key, look);
        }

        if (run.Create > 0)
        {
            Create(job, status, pods, active, run.Create);
        }

        PodBatch.Delete(Api, Events, job, ReplicaScaling.LeastAdvancedFirst(active).Take(run.Delete));
        return JobStatus.Count(job.WithStatus(status), podsByController.Of(job.Metadata.Uid), Clock.Now);
    }

    /// <summary>Makes pods, those of an Indexed job for its lowest free indexes; where failures count by index, each index waits for itself.</summary>
    private void Create(ApiObject job, TreeMap status, IReadOnlyList<ApiObject> pods, IReadOnlyList<ApiObject> active, int count)
    {
        Func<int, ApiObject> pod = _ => JobPods.New(job, null, null);
        if (JobPods.IsIndexed(job))
        {
            var failures = JobIndexFailures.AreCounted(job) ? JobIndexFailures.Of(job, pods) : null;
            var leaving = pods.Where(one => one.Metadata.IsBeingDeleted && !JobStatus.IsCountable(job, one));
            var free = JobStatus.FreeIndexes(job, status, active.Concat(leaving)).ToLookup(index => failures?.GetValueOrDefault(index)?.Resumes > Clock.Now);
            if (free[true].Select(index => failures![index].Resumes).Min() is { } resumes)
            {
                WakeAt(job.Key, resumes);
            }

            var indexes = free[false].Take(count).ToList();
            count = indexes.Count;
            pod = at => JobPods.New(job, indexes[at], failures is null ? null : failures.GetValueOrDefault(indexes[at], IndexFailures.None));
        }

        if (PodBatch.Create(Api, Events, job, count, pod).Refusal is not null)
        {
            var tries = refusals[job.Metadata.Uid] = refusals.GetValueOrDefault(job.Metadata.Uid) + 1;
            WakeAfter(job.Key, JobPlan.RetryAfterRefusal(tries));
        }
        else
        {
            refusals.Remove(job.Metadata.Uid);
        }
    }

    /// <summary>Writes first that the outcome is known and, once no pod is left running, the outcome itself.</summary>
    private TreeMap Finish(ApiObject job, TreeMap status, IReadOnlyList<ApiObject> pods, JobStep.Finish finish)
    {
        status = Conditions.Set(status, finish.Success ? "SuccessCriteriaMet" : "FailureTarget", true, finish.Reason, finish.Message, Clock.Now);
        if (pods.Any(pod => !PodState.IsFinished(pod)))
        {
            return status;
        }

        status = Conditions.Set(status, finish.Success ? "Complete" : "Failed", true, finish.Reason, finish.Message, Clock.Now);
        if (finish.Success)
        {
            var last = pods.Where(pod => PodState.Phase(pod) == "Succeeded").Select(PodState.FinishedAt).DefaultIfEmpty(Clock.Now).Max();
            status = status.With("completionTime", Timestamps.Print(last));
            Events.Normal(job, "Completed", "Job completed");
        }
        else
        {
            Events.Warning(job, finish.Reason, finish.Message);
        }

        // A status alone does not wake this controller, and the time to live begins now.
        Wake(job.Key);
        return status;
    }

    private void DeleteWhenOld(ApiObject job, DateTime finished)
    {
        if (job.Metadata.IsBeingDeleted || job.Spec["ttlSecondsAfterFinished"]?.Integer is not { } seconds)
        {
            return;
        }

        var due = finished.AddSeconds(seconds);
        if (due > Clock.Now)
        {
            WakeAt(job.Key, due);
        }
        else
        {
            Api.Delete(CoreTypes.Job, job.Key, new DeleteOptions { Propagation = PropagationPolicy.Foreground, Uid = job.Metadata.Uid });
        }
    }

    private void StopTracking(ApiObject pod)
    {
        if (pod.Metadata.Finalizers.Contains(JobPods.TrackingFinalizer))
        {
            Api.Modify(CoreTypes.Pod, pod.Key, current => current.With(
                current.Metadata with { Finalizers = current.Metadata.Finalizers.Remove(JobPods.TrackingFinalizer) }));
        }
    }

    private static string? TrackingJob(ApiObject pod) =>
        pod.Metadata.Controller is { Kind: "Job" } owner && pod.Metadata.Finalizers.Contains(JobPods.TrackingFinalizer)
            ? new ObjectKey(pod.Namespace, owner.Name).ToString()
            : null;

    private void Observe(StoreEvent change)
    {
        if (change.Object.Metadata.Controller is { Kind: "Job" } owner
            && (change.Kind == StoreEventKind.Deleted || PodState.ChangedForItsOwner(change.Old, change.Object)))
        {
            WakeInPace(new ObjectKey(change.Object.Namespace, owner.Name), podsByController.CountOf(owner.Uid));
        }
    }
}
