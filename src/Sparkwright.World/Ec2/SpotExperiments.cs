using System.Collections.Immutable;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Simulation;

namespace Sparkwright.World.Ec2;

/// <summary>The kinds in which the resources of AWS' Fault Injection Service lie in the store.</summary>
public static class FaultTypes
{
    public const string Group = "fis.sparkwright.dev";

    public static ResourceType Template { get; } = new(Group, "v1", "ExperimentTemplate", "experimenttemplates", false, false);

    public static ResourceType Experiment { get; } = new(Group, "v1", "Experiment", "experiments", false, true);

    public static ImmutableArray<ResourceType> All { get; } = [Template, Experiment];
}

/// <summary>One action of an experiment: which spot instances it interrupts, and when.</summary>
/// <param name="WarnsAt">Two minutes before they go.</param>
/// <param name="EndsAt">When they go, which is the action's end.</param>
public sealed record SpotAction(string Name, ImmutableArray<string> Instances, DateTime WarnsAt, DateTime EndsAt)
{
    internal static SpotAction Of(Tree tree) => new(
        tree["name"]!.Text!,
        [.. tree["instances"]!.Items.ToArray().Select(id => id.Text!)],
        new DateTime(tree["warnsTicks"]!.Integer!.Value, DateTimeKind.Utc),
        new DateTime(tree["endsTicks"]!.Integer!.Value, DateTimeKind.Utc));

    internal TreeMap ToTree() => TreeMap.Of(("endsTicks", EndsAt.Ticks), ("instances", TreeList.OfTexts(Instances)), ("name", Name), ("warnsTicks", WarnsAt.Ticks));
}

/// <summary>
/// Experiments of the Fault Injection Service with aws:ec2:send-spot-instance-interruptions: at once a rebalance recommendation, and two minutes
/// before the interruption its warning.
/// </summary>
public sealed class SpotExperiments : Worker<string>
{
    private readonly ApiServer api;
    private readonly Interruptions interruptions;

    public SpotExperiments(EventLoop loop, ApiServer api, Interruptions interruptions)
        : base(loop)
    {
        this.api = api;
        this.interruptions = interruptions;
        foreach (var known in api.Store.List(FaultTypes.Experiment))
        {
            Wake(known.Name);
        }
    }

    public static IEnumerable<SpotAction> ActionsOf(ApiObject experiment) => Tree.ItemsOf(experiment.Spec["actions"]).ToArray().Select(SpotAction.Of);

    /// <summary>When an experiment was stopped by its user; null for the others.</summary>
    public static DateTime? StoppedAt(ApiObject experiment) =>
        experiment.Status["stoppedTicks"]?.Integer is { } ticks ? new DateTime(ticks, DateTimeKind.Utc) : null;

    /// <summary>Starts an experiment; the instances of its actions must be there.</summary>
    public ApiObject Start(string id, TreeMap spec, IReadOnlyList<SpotAction> actions)
    {
        var experiment = api.Create(new ApiObject(FaultTypes.Experiment, new ObjectMeta { Name = id }, TreeMap.Of(
            ("spec", spec.With("actions", TreeList.From(actions.Select(action => action.ToTree())))),
            ("status", TreeMap.Of(("warned", 0)))))).Object!;
        foreach (var instance in actions.SelectMany(action => action.Instances))
        {
            Interrupt(Interruptions.Rebalance, instance);
        }

        Wake(id);
        return experiment;
    }

    /// <summary>Stops an experiment: what was warned goes, what was not stays.</summary>
    public void Stop(string id) => api.ModifyStatus(FaultTypes.Experiment, new ObjectKey("", id), status => status.With("stoppedTicks", Clock.Now.Ticks));

    protected override void Reconcile(string id)
    {
        if (api.Store.Get(FaultTypes.Experiment, "", id) is not { } known || StoppedAt(known) is not null)
        {
            return;
        }

        var waiting = ActionsOf(known).OrderBy(action => action.WarnsAt).ThenBy(action => action.Name, StringComparer.Ordinal).Skip((int)known.Status["warned"]!.Integer!.Value).ToList();
        var due = waiting.TakeWhile(action => action.WarnsAt <= Clock.Now).ToList();
        if (due.Count > 0)
        {
            foreach (var instance in due.SelectMany(action => action.Instances))
            {
                Interrupt(Interruptions.SpotWarning, instance);
            }

            api.ModifyStatus(FaultTypes.Experiment, known.Key, status => status.With("warned", status["warned"]!.Integer!.Value + due.Count));
        }

        if (waiting.Count > due.Count)
        {
            WakeAt(id, waiting[due.Count].WarnsAt);
        }
    }

    private void Interrupt(string kind, string id)
    {
        if (api.Store.Get(Ec2Types.Instance, "", id) is { } known)
        {
            interruptions.Interrupt(kind, Instance.Of(known));
        }
    }
}
