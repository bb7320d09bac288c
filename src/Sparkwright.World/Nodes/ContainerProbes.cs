using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Nodes;

/// <summary>
/// When the probes of a container succeed. Nothing listens in a simulated container, so each probe is taken to succeed from one period after
/// its initial delay on, and a liveness probe never to fail.
/// </summary>
public static class ContainerProbes
{
    /// <summary>The period of a probe that names none (the API's default).</summary>
    private const long DefaultPeriodSeconds = 10;

    /// <summary>When a running container counts as started: once its startup probe has succeeded.</summary>
    public static DateTime StartedFrom(TreeMap container, DateTime runsSince) =>
        container["startupProbe"] is { } probe ? SucceedsFrom(probe, runsSince, runsSince) : runsSince;

    /// <summary>When a running container counts as ready: once its readiness probe, which waits for the startup probe, has succeeded.</summary>
    public static DateTime ReadyFrom(TreeMap container, DateTime runsSince)
    {
        var started = StartedFrom(container, runsSince);
        return container["readinessProbe"] is { } probe ? SucceedsFrom(probe, runsSince, started) : started;
    }

    /// <param name="begins">Before this moment the probe does not run; its initial delay counts from the container's start all the same.</param>
    private static DateTime SucceedsFrom(Tree probe, DateTime runsSince, DateTime begins)
    {
        var delayed = runsSince.AddSeconds(probe["initialDelaySeconds"]?.Integer ?? 0);
        var period = probe["periodSeconds"]?.Integer ?? DefaultPeriodSeconds;
        return (delayed > begins ? delayed : begins).AddSeconds(period * (probe["successThreshold"]?.Integer ?? 1));
    }
}
