using System.Globalization;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Quantities;

namespace Sparkwright.World.Emr;

/// <summary>What the classification emr-containers-defaults sets.</summary>
public sealed record ContainerDefaults
{
    public const string Classification = "emr-containers-defaults";

    /// <summary>How long a job run may stay SUBMITTED before its driver runs.</summary>
    public TimeSpan JobStartTimeout { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Whether executors log through a fluentd side-car, where logs go anywhere.</summary>
    public bool ExecutorLogging { get; init; } = true;

    public string? LoggingImage { get; init; }

    /// <summary>Fluentd asks for no cpu unless this is set.</summary>
    public string? LoggingRequestCores { get; init; }

    public string LoggingRequestMemory { get; init; } = "200Mi";

    public static ContainerDefaults Of(JobRunRequest request, out string? problem)
    {
        problem = null;
        var defaults = new ContainerDefaults();
        foreach (var (key, value) in request.Configurations.Where(configuration => configuration.Classification == Classification)
            .SelectMany(configuration => configuration.Properties.Members()))
        {
            var text = value.Text ?? "";
            switch (key)
            {
                case "job-start-timeout" when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds > 0:
                    defaults = defaults with { JobStartTimeout = TimeSpan.FromSeconds(seconds) };
                    break;
                case "executor.logging" when text is "DISABLED" or "ENABLED":
                    defaults = defaults with { ExecutorLogging = text == "ENABLED" };
                    break;
                case "logging.image":
                    defaults = defaults with { LoggingImage = text };
                    break;
                case "logging.request.cores" when Quantity.TryParse(text, out _):
                    defaults = defaults with { LoggingRequestCores = text };
                    break;
                case "logging.request.memory" when Quantity.TryParse(text, out _):
                    defaults = defaults with { LoggingRequestMemory = text };
                    break;
                case "logging.eventLog.dir" or "logging.nativeSidecar":
                    break;
                default:
                    problem ??= $"{Classification}: property {key} with value '{text}' is not allowed";
                    break;
            }
        }

        return defaults;
    }
}

/// <summary>What the classification emr-job-submitter sets for the submitter's pod.</summary>
public sealed record JobSubmitterSettings
{
    public const string Classification = "emr-job-submitter";

    private const string TolerationPrefix = "jobsubmitter.node.toleration.";

    public TreeMap NodeSelector { get; init; } = TreeMap.Empty;

    public TreeMap Labels { get; init; } = TreeMap.Empty;

    public TreeMap Annotations { get; init; } = TreeMap.Empty;

    public TreeList Tolerations { get; init; } = TreeList.Empty;

    public string? SchedulerName { get; init; }

    public bool Logging { get; init; } = true;

    public string? LoggingImage { get; init; }

    public string? LoggingRequestCores { get; init; }

    public string LoggingRequestMemory { get; init; } = "200Mi";

    public string? ContainerImage { get; init; }

    public string PullPolicy { get; init; } = "Always";

    public static JobSubmitterSettings Of(JobRunRequest request, out string? problem)
    {
        problem = null;
        var settings = new JobSubmitterSettings();
        var properties = request.Configurations.Where(configuration => configuration.Classification == Classification)
            .Aggregate(TreeMap.Empty, (all, configuration) => all.Merge(configuration.Properties));
        foreach (var (key, value) in properties)
        {
            var text = value.Text ?? "";
            switch (key)
            {
                case "jobsubmitter.scheduler.name":
                    settings = settings with { SchedulerName = text };
                    break;
                case "jobsubmitter.logging" when text is "DISABLED" or "ENABLED":
                    settings = settings with { Logging = text == "ENABLED" };
                    break;
                case "jobsubmitter.logging.image":
                    settings = settings with { LoggingImage = text };
                    break;
                case "jobsubmitter.logging.request.cores" when Quantity.TryParse(text, out _):
                    settings = settings with { LoggingRequestCores = text };
                    break;
                case "jobsubmitter.logging.request.memory" when Quantity.TryParse(text, out _):
                    settings = settings with { LoggingRequestMemory = text };
                    break;
                case "jobsubmitter.container.image":
                    settings = settings with { ContainerImage = text };
                    break;
                case "jobsubmitter.container.image.pullPolicy" when text is "Always" or "IfNotPresent" or "Never":
                    settings = settings with { PullPolicy = text };
                    break;
                case "jobsubmitter.gracefulTermination":
                    break;
                default:
                    if (After(key, "jobsubmitter.node.selector.") is { } selector)
                    {
                        settings = settings with { NodeSelector = settings.NodeSelector.With(selector, text) };
                    }
                    else if (After(key, "jobsubmitter.label.") is { } label)
                    {
                        settings = settings with { Labels = settings.Labels.With(label, text) };
                    }
                    else if (After(key, "jobsubmitter.annotation.") is { } annotation)
                    {
                        settings = settings with { Annotations = settings.Annotations.With(annotation, text) };
                    }
                    else if (!key.StartsWith(TolerationPrefix, StringComparison.Ordinal))
                    {
                        problem ??= $"{Classification}: property {key} with value '{text}' is not allowed";
                    }

                    break;
            }
        }

        return settings with { Tolerations = TolerationsOf(properties) };
    }

    /// <summary>
    /// A key names a taint to tolerate, its value the taint's value; <c>.effect</c> and <c>.tolerationSeconds</c> behind the key say the rest.
    /// </summary>
    private static TreeList TolerationsOf(TreeMap properties)
    {
        var tolerations = new SortedDictionary<string, TreeMap>(StringComparer.Ordinal);
        foreach (var (key, value) in properties)
        {
            if (After(key, TolerationPrefix) is not { } rest)
            {
                continue;
            }

            var (taint, member) = (rest, "value");
            foreach (var suffix in new[] { "effect", "tolerationSeconds" })
            {
                if (rest.EndsWith("." + suffix, StringComparison.Ordinal))
                {
                    (taint, member) = (rest[..^(suffix.Length + 1)], suffix);
                }
            }

            var toleration = tolerations.TryGetValue(taint, out var known) ? known : TreeMap.Of(("key", taint), ("operator", "Exists"));
            var text = value.Text ?? "";
            toleration = member switch
            {
                "effect" => toleration.With("effect", text),
                "tolerationSeconds" => toleration.With(member, long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? seconds : 0),
                _ when text.Length == 0 => toleration,
                _ => toleration.With("operator", "Equal").With("value", text),
            };
            tolerations[taint] = toleration;
        }

        return TreeList.From(tolerations.Values);
    }

    private static string? After(string key, string prefix) => key.Length > prefix.Length && key.StartsWith(prefix, StringComparison.Ordinal) ? key[prefix.Length..] : null;
}
