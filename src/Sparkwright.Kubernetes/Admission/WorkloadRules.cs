using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Selectors;

namespace Sparkwright.Kubernetes.Admission;

/// <summary>Deployments, ReplicaSets, DaemonSets and StatefulSets: a selector, a pod template, and what differs.</summary>
public sealed class WorkloadRules(string kind) : KindRules
{
    public override ApiObject Default(ApiObject candidate)
    {
        var spec = candidate.Spec;
        if (kind != "DaemonSet")
        {
            spec = spec.OrElse("replicas", 1);
        }

        switch (kind)
        {
            case "Deployment":
                spec = spec.OrElse("progressDeadlineSeconds", 600).OrElse("revisionHistoryLimit", 10)
                    .OrElse("strategy", TreeMap.Of(("type", "RollingUpdate")));
                if (spec.At("strategy", "type")?.Text is "RollingUpdate")
                {
                    var rolling = spec.At("strategy", "rollingUpdate") as TreeMap ?? TreeMap.Empty;
                    spec = spec.Set(["strategy", "rollingUpdate"], rolling.OrElse("maxSurge", "25%").OrElse("maxUnavailable", "25%"));
                }

                break;
            case "DaemonSet":
                spec = spec.OrElse("revisionHistoryLimit", 10)
                    .OrElse("updateStrategy", TreeMap.Of(("rollingUpdate", TreeMap.Of(("maxSurge", 0), ("maxUnavailable", 1))), ("type", "RollingUpdate")));
                break;
            case "StatefulSet":
                spec = spec.OrElse("podManagementPolicy", "OrderedReady").OrElse("revisionHistoryLimit", 10)
                    .OrElse("updateStrategy", TreeMap.Of(("rollingUpdate", TreeMap.Of(("partition", 0))), ("type", "RollingUpdate")));
                break;
        }

        return candidate.WithSpec(DefaultTemplate(spec));
    }

    public override IEnumerable<FieldError> Validate(ApiObject candidate, ApiObject? old)
    {
        var spec = candidate.Spec;
        if (spec["replicas"]?.Integer < 0)
        {
            yield return FieldError.Invalid("spec.replicas", spec["replicas"]!.Integer!.Value, "must be greater than or equal to 0");
        }

        if (LabelSelector.From(spec["selector"]) is not { } selector)
        {
            yield return FieldError.Required("spec.selector");
        }
        else
        {
            var labels = spec.At("template", "metadata", "labels") as TreeMap ?? TreeMap.Empty;
            if (!selector.Matches(labels))
            {
                yield return FieldError.Invalid("spec.template.metadata.labels", labels, "`selector` does not match template `labels`");
            }

            if (old is not null && old.Spec["selector"] is { } before && !before.Equals(spec["selector"]))
            {
                yield return FieldError.Invalid("spec.selector", spec["selector"]!, "field is immutable");
            }
        }

        foreach (var error in PodRules.ValidateSpec(spec.At("template", "spec") as TreeMap ?? TreeMap.Empty, "spec.template.spec"))
        {
            yield return error;
        }

        if (spec.At("template", "spec", "restartPolicy")?.Text is { } policy and not "Always")
        {
            yield return FieldError.Unsupported("spec.template.spec.restartPolicy", policy, "Always");
        }
    }

    /// <summary>The spec with the defaults of its pod template.</summary>
    internal static TreeMap DefaultTemplate(TreeMap spec) => spec.At("template", "spec") is TreeMap template
        ? spec.Set(["template", "spec"], PodRules.DefaultSpec(template))
        : spec;
}

/// <summary>Jobs: how many pods must end well, and how often they may fail.</summary>
public sealed class JobRules : KindRules
{
    public override ApiObject Default(ApiObject candidate)
    {
        var spec = candidate.Spec;
        spec = spec["completions"] is null && spec["parallelism"] is null ? spec.With("completions", 1).With("parallelism", 1) : spec.OrElse("parallelism", 1);
        spec = spec.OrElse("backoffLimit", 6).OrElse("completionMode", "NonIndexed").OrElse("suspend", false).OrElse("manualSelector", false)
            .OrElse("podReplacementPolicy", "TerminatingOrFailed");
        if (spec["selector"] is null)
        {
            var uid = candidate.Metadata.Uid;
            var labels = (spec.At("template", "metadata", "labels") as TreeMap ?? TreeMap.Empty)
                .With("batch.kubernetes.io/controller-uid", uid)
                .With("batch.kubernetes.io/job-name", candidate.Name)
                .With("controller-uid", uid)
                .With("job-name", candidate.Name);
            spec = spec.With("selector", TreeMap.Of(("matchLabels", TreeMap.Of(("batch.kubernetes.io/controller-uid", uid)))))
                .Set(["template", "metadata", "labels"], labels);
        }

        return candidate.WithSpec(WorkloadRules.DefaultTemplate(spec));
    }

    public override IEnumerable<FieldError> Validate(ApiObject candidate, ApiObject? old)
    {
        var spec = candidate.Spec;
        foreach (var error in PodRules.ValidateSpec(spec.At("template", "spec") as TreeMap ?? TreeMap.Empty, "spec.template.spec"))
        {
            yield return error;
        }

        if (spec.At("template", "spec", "restartPolicy")?.Text is null or "Always")
        {
            yield return FieldError.Unsupported("spec.template.spec.restartPolicy", spec.At("template", "spec", "restartPolicy")?.Text ?? "", "OnFailure", "Never");
        }

        foreach (var field in new[] { "completions", "parallelism", "backoffLimit" })
        {
            if (spec[field]?.Integer is { } number and < 0)
            {
                yield return FieldError.Invalid($"spec.{field}", number, "must be greater than or equal to 0");
            }
        }

        if (old is not null && !Equals(old.Spec["template"], spec["template"]))
        {
            yield return FieldError.Invalid("spec.template", "", "field is immutable");
        }
    }
}
