using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Selectors;

namespace Sparkwright.Kubernetes.Admission;

/// <summary>Jobs: how many pods must end well, and how often they may fail.</summary>
public sealed class JobRules : KindRules
{
    public const string ControllerUidLabel = "batch.kubernetes.io/controller-uid";
    public const string JobNameLabel = "batch.kubernetes.io/job-name";

    private const int MostParallelIndexes = 100_000;

    /// <summary>What may change in the template of a Job that is suspended and has not run: where its pods may go.</summary>
    private static readonly string[] Directives = ["affinity", "nodeSelector", "schedulingGates", "tolerations"];

    /// <summary>A write that leaves out what the server made up for a Job keeps it.</summary>
    public override ApiObject Keep(ApiObject candidate, ApiObject old)
    {
        var (spec, before) = (candidate.Spec, old.Spec);
        if (spec["selector"] is not null || spec["manualSelector"]?.Boolean == true)
        {
            return candidate;
        }

        var labels = spec.At("template", "metadata", "labels") as TreeMap ?? TreeMap.Empty;
        foreach (var (key, value) in before.At("template", "metadata", "labels") as TreeMap ?? TreeMap.Empty)
        {
            labels = key is ControllerUidLabel or JobNameLabel or "controller-uid" or "job-name" ? labels.OrElse(key, value) : labels;
        }

        return candidate.WithSpec(spec.With("selector", before["selector"]).Set(["template", "metadata", "labels"], labels));
    }

    public override ApiObject Default(ApiObject candidate)
    {
        var spec = candidate.Spec;
        spec = spec["completions"] is null && spec["parallelism"] is null ? spec.With("completions", 1).With("parallelism", 1) : spec.OrElse("parallelism", 1);
        spec = spec
            .OrElse("backoffLimit", spec["backoffLimitPerIndex"] is null ? 6 : int.MaxValue)
            .OrElse("completionMode", "NonIndexed")
            .OrElse("manualSelector", false)
            .OrElse("podReplacementPolicy", spec["podFailurePolicy"] is null ? "TerminatingOrFailed" : "Failed")
            .OrElse("suspend", false);
        if (spec["podFailurePolicy"] is TreeMap policy)
        {
            spec = spec.With("podFailurePolicy", policy.WithEach("rules", rule => rule.WithEach("onPodConditions", pattern => pattern.OrElse("status", "True"))));
        }

        var whole = candidate.WithSpec(WorkloadRules.DefaultTemplate(WithSelector(spec, candidate)));

        // A Job without labels of its own has those of its pods.
        return whole.Metadata.Labels.Count == 0 && whole.Spec.At("template", "metadata", "labels") is TreeMap labels
            ? whole.With(whole.Metadata with { Labels = labels })
            : whole;
    }

    public override IEnumerable<FieldError> Validate(ApiObject candidate, ApiObject? old)
    {
        var errors = new List<FieldError>();
        var spec = candidate.Spec;
        if (old is not null && ReferenceEquals(spec, old.Spec))
        {
            return errors;
        }

        var path = FieldPath.Root("spec");
        CheckAmounts(spec, path, errors);
        CheckMode(spec, path, errors);
        JobPolicyRules.Check(spec, path, errors);
        CheckSelector(candidate, path, errors);
        CheckTemplate(spec, path.Child("template"), errors);
        if (old is not null)
        {
            CheckUpdate(spec, old, path, errors);
        }

        return errors;
    }

    /// <summary>The rules of a Job that is not there yet: the one that a CronJob will make.</summary>
    internal static void CheckFuture(TreeMap spec, FieldPath path, List<FieldError> errors)
    {
        if (spec["selector"] is not null)
        {
            errors.Add(FieldError.Invalid(path.Child("selector"), spec["selector"], "`selector` will be auto-generated"));
        }

        if (spec["manualSelector"]?.Boolean == true)
        {
            errors.Add(new FieldError(path.Child("manualSelector"), "Unsupported value: true: supported values: \"nil\", \"false\""));
        }

        CheckAmounts(spec, path, errors);
        CheckMode(spec.OrElse("completionMode", "NonIndexed"), path, errors);
        JobPolicyRules.Check(spec, path, errors);
        CheckTemplate(spec, path.Child("template"), errors);
    }

    private static void CheckAmounts(TreeMap spec, FieldPath path, List<FieldError> errors)
    {
        foreach (var field in new[] { "parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished", "backoffLimitPerIndex", "maxFailedIndexes" })
        {
            WorkloadRules.CheckNotNegative(spec, field, path, errors);
        }
    }

    private static TreeMap WithSelector(TreeMap spec, ApiObject job)
    {
        if (spec["manualSelector"]?.Boolean == true)
        {
            return spec;
        }

        var labels = spec.At("template", "metadata", "labels") as TreeMap ?? TreeMap.Empty;
        foreach (var (key, value) in Generated(job))
        {
            labels = labels.OrElse(key, value);
        }

        var selected = (spec.At("selector", "matchLabels") as TreeMap ?? TreeMap.Empty).OrElse(ControllerUidLabel, job.Metadata.Uid);
        return spec.Set(["selector", "matchLabels"], selected).Set(["template", "metadata", "labels"], labels);
    }

    /// <summary>The labels by which a Job finds its pods, unless it chooses them itself.</summary>
    private static (string Key, string Value)[] Generated(ApiObject job) =>
    [
        (ControllerUidLabel, job.Metadata.Uid),
        (JobNameLabel, job.Name),
        ("controller-uid", job.Metadata.Uid),
        ("job-name", job.Name),
    ];

    private static void CheckMode(TreeMap spec, FieldPath path, List<FieldError> errors)
    {
        var mode = spec["completionMode"]?.Text ?? "";
        if (mode is not ("NonIndexed" or "Indexed"))
        {
            errors.Add(FieldError.Unsupported(path.Child("completionMode"), mode, "Indexed", "NonIndexed"));
        }
        else if (mode == "Indexed" && spec["completions"] is null)
        {
            errors.Add(FieldError.Required(path.Child("completions"), "when completion mode is Indexed"));
        }

        if (mode == "Indexed" && spec["parallelism"]?.Integer is { } parallelism and > MostParallelIndexes)
        {
            errors.Add(FieldError.Invalid(path.Child("parallelism"), parallelism, $"must be less than or equal to {MostParallelIndexes} when completion mode is Indexed"));
        }

        if (spec["backoffLimitPerIndex"] is not null && mode != "Indexed")
        {
            errors.Add(FieldError.Invalid(path.Child("backoffLimitPerIndex"), spec["backoffLimitPerIndex"], "requires indexed completion mode"));
        }

        if (spec["podReplacementPolicy"]?.Text is { } replacement and not ("Failed" or "TerminatingOrFailed"))
        {
            errors.Add(FieldError.Unsupported(path.Child("podReplacementPolicy"), replacement, "Failed", "TerminatingOrFailed"));
        }
    }

    private static void CheckSelector(ApiObject job, FieldPath path, List<FieldError> errors)
    {
        var spec = job.Spec;
        var at = path.Child("selector");
        if (LabelSelector.From(spec["selector"]) is not { } selector)
        {
            errors.Add(FieldError.Required(at));
            return;
        }

        SelectorRules.Check(spec["selector"], at, errors);
        if (spec["manualSelector"]?.Boolean != true)
        {
            CheckGenerated(job, selector, path, errors);
        }

        var labels = spec.At("template", "metadata", "labels") as TreeMap ?? TreeMap.Empty;
        if (!selector.Matches(labels))
        {
            errors.Add(FieldError.Invalid(path.Child("template").Child("metadata").Child("labels"), labels, "`selector` does not match template `labels`"));
        }
    }

    private static void CheckGenerated(ApiObject job, LabelSelector selector, FieldPath path, List<FieldError> errors)
    {
        var expected = TreeMap.Empty;
        foreach (var (key, value) in Generated(job))
        {
            expected = expected.With(key, value);
            var labels = path.Child("template").Child("metadata").Child("labels");
            var actual = job.Spec.At("template", "metadata", "labels", key)?.Text;
            if (actual is null)
            {
                errors.Add(FieldError.Required(labels.Key(key), $"must be '{value}'"));
            }
            else if (actual != value)
            {
                errors.Add(FieldError.Invalid(labels.Key(key), job.Spec.At("template", "metadata", "labels"), $"must be '{value}'"));
            }
        }

        if (!selector.Matches(expected))
        {
            errors.Add(FieldError.Invalid(path.Child("selector"), job.Spec["selector"], "`selector` not auto-generated"));
        }
    }

    private static void CheckTemplate(TreeMap spec, FieldPath path, List<FieldError> errors)
    {
        MetadataRules.CheckTemplate(spec.At("template", "metadata"), path, errors);
        var template = spec.At("template", "spec") as TreeMap ?? TreeMap.Empty;
        PodSpecRules.Check(template, path.Child("spec"), errors);
        if (template["restartPolicy"]?.Text is null or "" or "Always")
        {
            errors.Add(FieldError.Required(path.Child("spec").Child("restartPolicy"), "valid values: \"OnFailure\", \"Never\""));
        }
    }

    private static void CheckUpdate(TreeMap spec, ApiObject old, FieldPath path, List<FieldError> errors)
    {
        var before = old.Spec;
        var mayGrow = spec["completionMode"]?.Text == "Indexed" && Equals(spec["completions"], spec["parallelism"]);
        if (!mayGrow)
        {
            WorkloadRules.CheckImmutable(spec["completions"], before["completions"], path.Child("completions"), errors);
        }

        foreach (var field in new[] { "selector", "completionMode", "podFailurePolicy", "backoffLimitPerIndex", "managedBy", "successPolicy" })
        {
            WorkloadRules.CheckImmutable(spec[field], before[field], path.Child(field), errors);
        }

        var isWaiting = before["suspend"]?.Boolean == true && old.Status["startTime"] is null;
        var (template, earlier) = (spec["template"] as TreeMap ?? TreeMap.Empty, before["template"] as TreeMap ?? TreeMap.Empty);
        if (isWaiting)
        {
            (template, earlier) = (WithoutDirectives(template), WithoutDirectives(earlier));
        }

        if (!template.Equals(earlier))
        {
            errors.Add(FieldError.Invalid(path.Child("template"), spec["template"], "field is immutable"));
        }
    }

    private static TreeMap WithoutDirectives(TreeMap template)
    {
        var rest = template.Set(["metadata", "labels"], null).Set(["metadata", "annotations"], null);
        foreach (var directive in Directives)
        {
            rest = rest.Set(["spec", directive], null);
        }

        return rest;
    }
}
