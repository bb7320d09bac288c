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
        var existing = application.Tasks.Values.Where(task => task.IsPlaceholder).ToLookup(task => task.Group, StringComparer.Ordinal);
        if (existing.Count == 0 && IsTooLate(application))
        {
            GiveUp(application);
            return;
        }

        application.Phase = ApplicationPhase.Reserving;
        partition.Touch(application);
        if (existing.Count > 0)
        {
            partition.NeedsTick();
            WhenChanged(application);
        }
        else
        {
            partition.Tell(application, "Normal", "CreatingPlaceholders", $"Application {application.Id} creating placeholders");
        }

        Make(application, group => group.MinMember - existing[group.Name].Count());
    }

    /// <summary>Makes placeholders anew that went before the gang was whole, if the settings want that and somebody is there to take them.</summary>
    public void MakeLostAgain(Application application)
    {
        if (!partition.Settings.RecreateLostPlaceholders || partition.OriginatorOf(application) is not { Metadata.IsBeingDeleted: false })
        {
            return;
        }

        var lost = application.Placeholders.Where(group => group.Value.Lost > 0).ToDictionary(group => group.Key, group => group.Value.Lost, StringComparer.Ordinal);
        if (lost.Count == 0)
        {
            return;
        }

        foreach (var data in application.Placeholders.Values)
        {
            data.Lost = 0;
        }

        partition.Touch(application);
        TellBeyond(application, "PlaceholdersRecreated", $"Application {application.Id} makes {lost.Values.Sum()} lost placeholders again");
        Make(application, group => lost.GetValueOrDefault(group.Name));
    }

    /// <summary>
    /// The driver runs, and its configuration says how many executors it may have. Places beyond these are given back, if the settings want that;
    /// it is looked at once.
    /// </summary>
    public void ReleaseSurplus(Application application, ApiObject driver)
    {
        if (!partition.Settings.ReleaseSurplusPlaceholders || application.AnnouncedExecutors is not null || application.Phase != ApplicationPhase.Running
            || application.TaskGroups.Where(group => group.Name != PodMetadata.TaskGroup(driver)).ToList() is not [var executors]
            || SparkGang.SettingsOf(driver, partition.Api.Store) is not { } spark)
        {
            return;
        }

        var announced = SparkGang.MostExecutors(spark);
        application.AnnouncedExecutors = announced;
        partition.Touch(application);
        var come = application.Tasks.Values.Count(task => !task.IsPlaceholder && task.Group == executors.Name && task.Node.Length > 0);
        var held = application.PlaceholdersOf(executors.Name).Where(placeholder => !placeholder.IsReleased).ToList();
        var surplus = held.Count - Math.Max(0, announced - come);
        if (surplus <= 0)
        {
            return;
        }

        TellBeyond(application, "SurplusReleased", $"The driver's configuration asks for {announced} executors: {surplus} places of {executors.Name} are given back");

        // Nodes with the fewest places empty first.
        partition.Release(
            held.GroupBy(placeholder => placeholder.Node, StringComparer.Ordinal)
                .OrderBy(node => node.Count())
                .ThenBy(node => node.Key, StringComparer.Ordinal)
                .SelectMany(node => node)
                .Take(surplus),
            isTimeout: false);
    }

    /// <summary>Makes so many placeholders of each group; when one cannot be made, none is and the application runs as any other.</summary>
    private void Make(Application application, Func<TaskGroup, long> wantedOf)
    {
        var made = new List<ApiObject>();
        var originator = partition.OriginatorOf(application);
        foreach (var group in application.TaskGroups)
        {
            for (var number = wantedOf(group); number > 0; number--)
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

        GiveUp(application);
    }

    /// <summary>Whether the time that its placeholders were given has passed before one was made, where that matters.</summary>
    private bool IsTooLate(Application application) => partition.Settings.RefuseLateReservations
        && application.Parameters.PlaceholderTimeout is { } timeout && partition.Api.Clock.Now - application.OriginatorCreated >= timeout;

    /// <summary>The gang does not become whole: it fails or goes on without, as it chose.</summary>
    private void GiveUp(Application application)
    {
        partition.Happen(application, application.Parameters.IsHard ? ApplicationEvent.Fail : ApplicationEvent.Resume, "ResourceReservationTimeout");
        partition.Release(application.Tasks.Values.Where(task => task is { IsPlaceholder: true, State: TaskState.New or TaskState.Asking }));
        partition.Release(application.AllocatedPlaceholders);
        partition.EndIfNothingIsHeld(application);
    }

    /// <summary>Tells what YuniKorn itself would not do.</summary>
    private void TellBeyond(Application application, string reason, string message)
    {
        if (partition.OriginatorOf(application) is { } pod)
        {
            new EventRecorder(partition.Api, "sparkwright").Normal(pod, reason, message);
        }
    }
}
