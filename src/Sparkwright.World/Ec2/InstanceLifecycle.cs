using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Simulation;

namespace Sparkwright.World.Ec2;

/// <summary>
/// What becomes of instances as time passes: pending ones run when their time has come, stopping ones have stopped a while later, spot instances
/// are warned where the model lets EC2 take some back, and those that EC2 wants back are taken.
/// </summary>
public sealed class InstanceLifecycle : Worker<ObjectKey>
{
    private readonly ApiServer api;
    private readonly ModelFigures figures;
    private readonly Interruptions interruptions;
    private readonly Ec2Catalogue catalogue;

    public InstanceLifecycle(EventLoop loop, ApiServer api, Ec2Catalogue catalogue, ModelFigures figures, Interruptions interruptions)
        : base(loop)
    {
        this.api = api;
        this.catalogue = catalogue;
        this.figures = figures;
        this.interruptions = interruptions;
        foreach (var known in api.Store.List(Ec2Types.Instance))
        {
            Wake(known.Key);
        }

        api.Store.Watch(Ec2Types.Instance, change => Wake(change.Object.Key));
    }

    protected override void Reconcile(ObjectKey key)
    {
        if (api.Store.Get(Ec2Types.Instance, key) is not { } known)
        {
            return;
        }

        var instance = Instance.Of(known);
        if (instance is { State: "stopping", StoppedAt: { } asked })
        {
            if (IsDue(key, asked + figures.InstanceStop.Draw(api.Chance, "ec2/stop", instance.Id)))
            {
                interruptions.Stop(instance);
            }

            return;
        }

        if (instance is { IsAlive: true, ReclaimedAt: { } taken } && IsDue(key, taken))
        {
            interruptions.Terminate(instance);
            return;
        }

        if (instance is { IsAlive: true, ReclaimedAt: null, CapacityType: "spot" } && WarnedAt(instance) is { } warned)
        {
            Announce(instance, warned);
        }

        if (instance.State == "pending"
            && IsDue(key, instance.LaunchedAt + TimeSpan.FromTicks((instance.ReadyAt - instance.LaunchedAt).Ticks * figures.RunningSharePercent / 100)))
        {
            api.ModifyStatus(Ec2Types.Instance, key, status => status.With("state", "running"));
        }
    }

    /// <summary>When the model lets EC2 warn a spot instance; null when it does not.</summary>
    private DateTime? WarnedAt(Instance instance) =>
        figures.SpotInterruptionPercent > 0 && catalogue.Find(instance.TypeName) is { } type && catalogue.InterruptionBand(type) is { } band
            ? instance.LaunchedAt + SpotReclaims.After(band, figures.SpotInterruptionPercent, api.Chance.For("ec2/spot-interruption", instance.Id))
            : null;

    /// <summary>The recommendation comes first, and the warning some minutes later.</summary>
    private void Announce(Instance instance, DateTime warned)
    {
        var key = new ObjectKey("", instance.Id);
        if (instance.RecommendedAt is null && IsDue(key, warned - figures.SpotRebalanceLead.Draw(api.Chance, "ec2/rebalance", instance.Id)))
        {
            interruptions.Interrupt(Interruptions.Rebalance, instance);
        }

        if (IsDue(key, warned))
        {
            interruptions.Interrupt(Interruptions.SpotWarning, instance);
        }
    }

    /// <summary>Whether a time has come; if not, the instance is looked at again then.</summary>
    private bool IsDue(ObjectKey key, DateTime time)
    {
        if (time > Clock.Now)
        {
            WakeAt(key, time);
        }

        return time <= Clock.Now;
    }
}
