using Sparkwright.Kubernetes.Objects;
using Sparkwright.Simulation;

namespace Sparkwright.Kubernetes.Requests;

/// <summary>
/// Writes Event objects: what is said of the same object with the same reason and message by the same component is counted, not repeated.
/// </summary>
/// <param name="component">The reporting component, as <c>kubectl describe</c> shows it in the From column.</param>
public sealed class EventRecorder(ApiServer api, string component)
{
    /// <param name="action">What was done or failed, for components that say it.</param>
    public void Normal(ApiObject about, string reason, string message, string? action = null) => Record(about, "Normal", reason, message, action);

    /// <param name="action">What was done or failed, for components that say it.</param>
    public void Warning(ApiObject about, string reason, string message, string? action = null) => Record(about, "Warning", reason, message, action);

    private void Record(ApiObject about, string kind, string reason, string message, string? action)
    {
        var @namespace = about.Namespace.Length == 0 ? "default" : about.Namespace;
        var hash = StableHash.Of(component, StableHash.Of(reason, StableHash.Of(message, StableHash.Of(kind, StableHash.Of(about.Metadata.Uid)))));
        var name = $"{about.Name}.{StableHash.Mix(hash):x16}";
        var now = Timestamps.Print(api.Clock.Now);
        if (api.Store.Get(CoreTypes.Event, @namespace, name) is { } known)
        {
            var body = known.Body
                .With("count", (known.Body["count"]?.Integer ?? 1) + 1)
                .With("lastTimestamp", now);
            api.Update(known.With(body));
            return;
        }

        api.Create(new ApiObject(
            CoreTypes.Event,
            new ObjectMeta { Name = name, Namespace = @namespace },
            TreeMap.Of(
                ("action", action),
                ("count", 1),
                ("firstTimestamp", now),
                ("involvedObject", TreeMap.Of(
                    ("apiVersion", about.Type.ApiVersion),
                    ("kind", about.Type.Kind),
                    ("name", about.Name),
                    ("namespace", about.Namespace.Length == 0 ? null : about.Namespace),
                    ("resourceVersion", about.Metadata.ResourceVersion.ToString(System.Globalization.CultureInfo.InvariantCulture)),
                    ("uid", about.Metadata.Uid))),
                ("lastTimestamp", now),
                ("message", message),
                ("reason", reason),
                ("reportingComponent", component),
                ("reportingInstance", ""),
                ("source", TreeMap.Of(("component", component))),
                ("type", kind))));
    }
}
