using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.World.YuniKorn.Applications;
using Sparkwright.World.YuniKorn.Gang;

namespace Sparkwright.World.YuniKorn.Cycle;

/// <summary>The reservation of a gang, from the making of its placeholders to the moment when all have their place or their time is over.</summary>
internal sealed class Reservations(Partition partition)
{
    /// <summary>Makes the placeholders that are missing, all at once; without them the application runs as any other.</summary>
    public void Begin(Application application)
    {
        application.Phase = ApplicationPhase.Reserving;
        partition.Touch(application);
        var existing = application.Tasks.Values.Where(task => task.IsPlaceholder).ToLookup(task => task.Group, StringComparer.Ordinal);
        if (existing.Count > 0)
        {
            partition.NeedsTick();
            WhenChanged(application);
        }
        else
        {
            partition.Tell(application, "Normal", "CreatingPlaceholders", $"Application {application.Id} creating placeholders");
        }

        var made = new List<ApiObject>();
        var originator = partition.OriginatorOf(application);
        foreach (var group in application.TaskGroups)
        {
            for (var number = existing[group.Name].Count(); number < group.MinMember; number++)
            {
                var draw = partition.Api.Chance.For("yunikorn/placeholder", $"{application.Id}/{group.Name}/{partition.Api.Store.ResourceVersion}");
                var wanted = PlaceholderPods.Make(PlaceholderPods.NameOf(application.Id, group.Name, draw), application, group, originator, partition.Settings.PlaceholderImage);
                if (partition.Api.Create(wanted) is ApiResult.Accepted accepted)
                {
                    made.Add(accepted.Current);
                    continue;
                }

                made.ForEach(pod => partition.Api.Delete(CoreTypes.Pod, pod.Key));
                application.Phase = ApplicationPhase.Running;
                partition.Tell(application, "Warning", "PlaceholderCreateFailed", $"Application {application.Id} fall back to normal scheduling");
                partition.NeedsTick();
                return;
            }
        }
    }

    /// <summary>A pod has come to its node.</summary>
    public void WhenBound(PodTask task)
    {
        if (task.IsPlaceholder && task.Application.Phase == ApplicationPhase.Reserving)
        {
            WhenChanged(task.Application);
        }
    }

    /// <summary>When every group has its members' places, the members may ask.</summary>
    private void WhenChanged(Application application)
    {
        partition.Tell(application, "Normal", "PlaceholderAllocated", $"Application {application.Id} placeholder has been allocated.");
        if (application.TaskGroups.All(group => application.BoundPlaceholders(group.Name) >= group.MinMember))
        {
            partition.Tell(application, "Normal", "GangReservationComplete", $"Application {application.Id} all placeholders are allocated. Transitioning to running state.");
            application.Phase = ApplicationPhase.Running;
            partition.Touch(application);
            partition.NeedsTick();
        }
    }

    /// <summary>
    /// The placeholders were held long enough. An application that runs loses those that nobody took; one that waits for the last of them fails or
    /// goes on without, as it chose.
    /// </summary>
    public void End(Application application)
    {
        if (application.State is ApplicationState.Running or ApplicationState.Completing && !application.PlaceholderAllocated.IsZero)
        {
            partition.Release(application.AllocatedPlaceholders.Where(placeholder => !placeholder.IsReleased));
            return;
        }

        partition.Happen(application, application.Parameters.IsHard ? ApplicationEvent.Fail : ApplicationEvent.Resume, "ResourceReservationTimeout");
        partition.Release(application.Tasks.Values.Where(task => task is { IsPlaceholder: true, State: TaskState.New or TaskState.Asking }));
        partition.Release(application.AllocatedPlaceholders);
    }
}
