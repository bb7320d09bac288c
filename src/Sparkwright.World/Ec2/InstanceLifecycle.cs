using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Simulation;

namespace Sparkwright.World.Ec2;

/// <summary>Turns pending instances into running ones when their time has come.</summary>
public sealed class InstanceLifecycle : Worker<ObjectKey>
{
    private readonly ApiServer api;
    private readonly ModelFigures figures;

    public InstanceLifecycle(EventLoop loop, ApiServer api, ModelFigures figures)
        : base(loop)
    {
        this.api = api;
        this.figures = figures;
        foreach (var known in api.Store.List(Ec2Types.Instance))
        {
            Wake(known.Key);
        }

        api.Store.Watch(Ec2Types.Instance, change => Wake(change.Object.Key));
    }

    protected override void Reconcile(ObjectKey key)
    {
        if (api.Store.Get(Ec2Types.Instance, key) is not { } known || Instance.Of(known) is not { State: "pending" } pending)
        {
            return;
        }

        var running = pending.LaunchedAt + TimeSpan.FromTicks((pending.ReadyAt - pending.LaunchedAt).Ticks * figures.RunningSharePercent / 100);
        if (Clock.Now < running)
        {
            WakeAt(key, running);
            return;
        }

        api.ModifyStatus(Ec2Types.Instance, key, status => status.With("state", "running"));
    }
}
