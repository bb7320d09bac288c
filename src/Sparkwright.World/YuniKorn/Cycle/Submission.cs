using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Scheduling;
using Sparkwright.World.YuniKorn.Applications;
using Sparkwright.World.YuniKorn.Queues;

namespace Sparkwright.World.YuniKorn.Cycle;

/// <summary>Moves applications on once a second: into a queue, to their placeholders, to the asking of their pods.</summary>
internal sealed class Submission(Partition partition, Reservations reservations)
{
    private DateTime Now => partition.Api.Clock.Now;

    /// <summary>Moves every application on by one step.</summary>
    public void Beat()
    {
        foreach (var application in partition.Applications.Values.ToList())
        {
            switch (application.Phase)
            {
                case ApplicationPhase.New when application.OriginatorCreated < Now:
                    Place(application, isForced: false);
                    break;
                case ApplicationPhase.Accepted when application.IsGang && !application.Tasks.Values.Any(task => task is { IsPlaceholder: false, State: not TaskState.New }):
                    reservations.Begin(application);
                    break;
                case ApplicationPhase.Accepted:
                    application.Phase = ApplicationPhase.Running;
                    partition.Touch(application);
                    Submit(application, placeholders: false);
                    break;
                case ApplicationPhase.Reserving:
                    reservations.MakeLostAgain(application);
                    Submit(application, placeholders: true);
                    break;
                case ApplicationPhase.Running:
                    Submit(application, placeholders: false);
                    break;
            }

            if (application.Phase is ApplicationPhase.New or ApplicationPhase.Accepted
                || (application.Phase is ApplicationPhase.Running or ApplicationPhase.Reserving && application.Waiting.Any(task => MayAsk(task) && task.Created >= Now)))
            {
                partition.NeedsTick();
            }
        }
    }

    private static bool MayAsk(PodTask task) =>
        task is { State: TaskState.New, IsReleased: false } && task.IsPlaceholder == (task.Application.Phase == ApplicationPhase.Reserving);

    public void PlaceNow(Application application)
    {
        if (application.Phase == ApplicationPhase.New)
        {
            Place(application, isForced: true);
        }
    }

    /// <summary>Finds the application's queue, or refuses it.</summary>
    private void Place(Application application, bool isForced)
    {
        var home = partition.Api.Store.Get(CoreTypes.Namespace, "", application.Namespace);
        var ask = new PlacementAsk(application.RequestedQueue, application.User, application.Namespace, isForced)
        {
            ParentQueue = home?.Metadata.Annotation(Names.NamespaceParentQueue) ?? "",
        };
        application.Submitted = application.OriginatorCreated;
        application.PlaceholderTimeout = Shortened(application.Parameters.PlaceholderTimeout ?? ApplicationLifecycle.PlaceholdersFor, Now - application.OriginatorCreated);
        partition.Touch(application);
        partition.Records.OfApplication(application, EventChange.Add, EventDetail.ApplicationNew);
        switch (Placement.Place(ask, partition.Queues))
        {
            case PlacementResult.Refused refused:
                Reject(application, $"failed to place application {application.Id}: {refused.Why}");
                break;
            case PlacementResult.Placed placed:
                var queue = partition.Queues.Find(placed.Path) ?? partition.CreateQueue(placed.Path);
                application.QueuePath = queue.Path;
                if (!queue.IsManaged && home is not null && queue.Path != QueueTree.RecoveryQueue)
                {
                    var (max, guaranteed) = (queue.Max, queue.Guaranteed);
                    NamespaceQuota.Apply(home, queue);
                    partition.RecordResources(queue, max, guaranteed);
                }

                if (isForced || WhyNotAsGang(application, queue) is not { } why)
                {
                    partition.Enter(application, queue);
                    application.Phase = ApplicationPhase.Accepted;
                    if (application.IsGang && partition.Settings.TimerStartsAtSubmission)
                    {
                        application.PlaceholderDeadline = Now + application.PlaceholderTimeout;
                    }

                    partition.AreQueuesChanged = true;
                }
                else
                {
                    Reject(application, why);
                }

                break;
        }
    }

    private void Reject(Application application, string why)
    {
        application.RejectedMessage = why;
        if (partition.OriginatorOf(application) is { } pod)
        {
            partition.Events.Warning(pod, "ApplicationRejected", $"Application {application.Id} is rejected by scheduler, reason: {why}", "ApplicationRejected");
        }

        partition.Happen(application, ApplicationEvent.Reject, why);
    }

    private static string? WhyNotAsGang(Application application, Queue queue)
    {
        if (!application.IsGang)
        {
            return null;
        }

        return queue.Properties.IsFair
            ? $"queue {queue.Path} cannot run application {application.Id} with task group request: unsupported sort type"
            : queue.MaxSet() is { } max && !max.Allows(application.PlaceholderAsk)
                ? $"queue {queue.Path} cannot fit application {application.Id}: task group request {application.PlaceholderAsk} larger than max queue allocation {max}"
                : null;
    }

    /// <summary>The time since the first pod was made counts already; something is always left.</summary>
    private static TimeSpan Shortened(TimeSpan timeout, TimeSpan passed) =>
        timeout - passed is var left && left > TimeSpan.FromMilliseconds(1) ? left : TimeSpan.FromMilliseconds(1);

    private void Submit(Application application, bool placeholders)
    {
        foreach (var task in application.Waiting.Where(task => MayAsk(task) && task.IsPlaceholder == placeholders && task.Created < Now).ToList())
        {
            if (partition.Api.Store.Get(CoreTypes.Pod, task.Key) is not { } pod)
            {
                continue;
            }

            if (VolumeNeeds.Of(pod, partition.Api.Store)?.Problem is { } problem)
            {
                partition.Events.Warning(pod, "FailedScheduling", problem, "FailedScheduling");
                continue;
            }

            partition.Ask(task);
            partition.Events.Normal(pod, "Scheduling", $"{task} is queued and waiting for allocation", "Scheduling");
            if (!task.IsPlaceholder && task.Group.Length > 0)
            {
                partition.Events.Normal(pod, "GangScheduling", $"Pod belongs to the taskGroup {task.Group}, it will be scheduled as a gang member", "TaskGroupMatch");
            }
        }
    }
}
