using System.Collections.Immutable;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.YuniKorn;
using Sparkwright.World.YuniKorn.Applications;

namespace Sparkwright.World.Insight;

/// <summary>What became of an application of YuniKorn, from the record that the scheduler keeps of it.</summary>
public sealed class ApplicationHistory
{
    internal ApplicationHistory(ApiObject record)
    {
        Id = IdOf(record);
        var annotations = record.Spec["annotations"];
        Groups = TaskGroup.Read(annotations?[Names.TaskGroups]?.Text, out _);
        Parameters = SchedulingParameters.Read(annotations?[Names.SchedulingParameters]?.Text);
    }

    public string Id { get; }

    /// <summary>The path of its queue; empty before it has one.</summary>
    public string Queue { get; private set; } = "";

    public ApplicationState State { get; private set; }

    /// <summary>The task groups that it asked for; none for an application that is no gang.</summary>
    public ImmutableArray<TaskGroup> Groups { get; }

    public SchedulingParameters Parameters { get; }

    /// <summary>How long its placeholders may be held from the first one's place on.</summary>
    public TimeSpan PlaceholderTimeout => Parameters.PlaceholderTimeout ?? ApplicationLifecycle.PlaceholdersFor;

    /// <summary>Whether its reservation timed out before it was whole, as far as it fails or goes on without for that.</summary>
    public bool ReservationTimedOut { get; private set; }

    /// <summary>How many executors its driver's configuration asks for, where the scheduler looked at that to give places back.</summary>
    public int? AnnouncedExecutors { get; private set; }

    public bool IsOver => ApplicationLifecycle.IsOver(State);

    internal static string IdOf(ApiObject record) => record.Spec["id"]?.Text ?? "";

    internal void See(ApiObject record)
    {
        Queue = record.Spec["queue"]?.Text is { Length: > 0 } queue ? queue : Queue;
        State = Enum.TryParse<ApplicationState>(record.Spec["state"]?.Text, out var state) ? state : State;
        AnnouncedExecutors = (int?)record.Spec["announcedExecutors"]?.Integer ?? AnnouncedExecutors;

        // Both states may be over within one turn, so that the record never stands in them.
        ReservationTimedOut |= Tree.ItemsOf(record.Spec["log"]).ToArray().Any(entry => entry["state"]?.Text is nameof(ApplicationState.Failing) or nameof(ApplicationState.Resuming));
    }
}
