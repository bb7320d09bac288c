using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Selectors;

namespace Sparkwright.Kubernetes.Admission;

/// <summary>Deployments, ReplicaSets, DaemonSets and StatefulSets: a selector, a pod template, and what differs.</summary>
public sealed class WorkloadRules(string kind) : KindRules
{
    private const string StatefulSetMayChange = "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";

    public override ApiObject Default(ApiObject candidate)
    {
        var spec = candidate.Spec;
        if (kind != "DaemonSet")
        {
            spec = spec.OrElse("replicas", 1);
        }

        spec = kind switch
        {
            "Deployment" => DeploymentDefaults(spec),
            "DaemonSet" => DaemonSetDefaults(spec),
            "StatefulSet" => StatefulSetDefaults(spec),
            _ => spec,
        };
        return candidate.WithSpec(DefaultTemplate(spec));
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
        foreach (var field in new[] { "replicas", "minReadySeconds", "revisionHistoryLimit" })
        {
            CheckNotNegative(spec, field, path, errors);
        }

        CheckSelector(spec, kind == "ReplicaSet" ? "deployment" : kind.ToLowerInvariant(), path, errors);
        CheckTemplate(spec, path.Child("template"), errors);
        switch (kind)
        {
            case "Deployment":
                RolloutRules.CheckDeployment(spec, path, errors);
                break;
            case "DaemonSet":
                RolloutRules.CheckDaemonSet(spec["updateStrategy"], path.Child("updateStrategy"), errors);
                break;
            case "StatefulSet":
                RolloutRules.CheckStatefulSet(spec, path, errors);
                break;
        }

        if (old is not null)
        {
            CheckUpdate(spec, old.Spec, path, errors);
        }

        return errors;
    }

    /// <summary>The spec with the defaults of its pod template.</summary>
    internal static TreeMap DefaultTemplate(TreeMap spec) => spec.At("template", "spec") is TreeMap template
        ? spec.Set(["template", "spec"], PodDefaults.Template(template))
        : spec;

    internal static void CheckNotNegative(TreeMap spec, string field, FieldPath path, List<FieldError> errors)
    {
        if (spec[field]?.Integer is { } number and < 0)
        {
            errors.Add(FieldError.Invalid(path.Child(field), number, "must be greater than or equal to 0"));
        }
    }

    internal static void CheckImmutable(Tree? now, Tree? before, FieldPath path, List<FieldError> errors)
    {
        if (!Equals(now, before))
        {
            errors.Add(FieldError.Invalid(path, now, "field is immutable"));
        }
    }

    private void CheckUpdate(TreeMap spec, TreeMap old, FieldPath path, List<FieldError> errors)
    {
        if (kind == "StatefulSet")
        {
            static TreeMap Fixed(TreeMap whole) => whole.With("replicas", null).With("ordinals", null).With("template", null).With("updateStrategy", null)
                .With("revisionHistoryLimit", null).With("persistentVolumeClaimRetentionPolicy", null).With("minReadySeconds", null);
            if (!Fixed(spec).Equals(Fixed(old)))
            {
                errors.Add(FieldError.Forbidden(path, StatefulSetMayChange));
            }
        }
        else
        {
            CheckImmutable(spec["selector"], old["selector"], path.Child("selector"), errors);
        }
    }

    private static void CheckSelector(TreeMap spec, string noun, FieldPath path, List<FieldError> errors)
    {
        var at = path.Child("selector");
        if (LabelSelector.From(spec["selector"]) is not { } selector)
        {
            errors.Add(FieldError.Required(at));
            return;
        }

        var before = errors.Count;
        SelectorRules.Check(spec["selector"], at, errors);
        if (selector.IsEmpty)
        {
            errors.Add(FieldError.Invalid(at, spec["selector"], $"empty selector is invalid for {noun}"));
        }
        else if (errors.Count == before)
        {
            var labels = spec.At("template", "metadata", "labels") as TreeMap ?? TreeMap.Empty;
            if (!selector.Matches(labels))
            {
                errors.Add(FieldError.Invalid(path.Child("template").Child("metadata").Child("labels"), labels, "`selector` does not match template `labels`"));
            }
        }
    }

    private static void CheckTemplate(TreeMap spec, FieldPath path, List<FieldError> errors)
    {
        MetadataRules.CheckTemplate(spec.At("template", "metadata"), path, errors);
        var template = spec.At("template", "spec") as TreeMap ?? TreeMap.Empty;
        var at = path.Child("spec");
        PodSpecRules.Check(WithClaims(template, spec["volumeClaimTemplates"]), at, errors);
        if (template["restartPolicy"]?.Text is { Length: > 0 } policy and not "Always")
        {
            errors.Add(FieldError.Unsupported(at.Child("restartPolicy"), policy, "Always"));
        }

        if (template["activeDeadlineSeconds"] is not null)
        {
            errors.Add(FieldError.Forbidden(at.Child("activeDeadlineSeconds"), "activeDeadlineSeconds in ReplicaSet is not Supported"));
        }
    }

    /// <summary>A StatefulSet's pods have a volume of the name of each claim template; containers may mount it though the pod template does not list it.</summary>
    private static TreeMap WithClaims(TreeMap template, Tree? claimTemplates)
    {
        var claims = Tree.ItemsOf(claimTemplates).ToArray().Select(claim => claim.At("metadata", "name")?.Text ?? "").ToList();
        if (claims.Count == 0)
        {
            return template;
        }

        var listed = Tree.ItemsOf(template["volumes"]).ToArray().Where(volume => !claims.Contains(volume["name"]?.Text ?? ""));
        return template.With("volumes", TreeList.From(
            listed.Concat(claims.Select(Tree (string claim) => TreeMap.Of(("name", claim), ("persistentVolumeClaim", TreeMap.Of(("claimName", claim))))))));
    }

    private static TreeMap DeploymentDefaults(TreeMap spec)
    {
        var strategy = (spec["strategy"] as TreeMap ?? TreeMap.Empty).OrElse("type", "RollingUpdate");
        if (strategy["type"]?.Text == "RollingUpdate")
        {
            var rolling = strategy["rollingUpdate"] as TreeMap ?? TreeMap.Empty;
            strategy = strategy.With("rollingUpdate", rolling.OrElse("maxSurge", "25%").OrElse("maxUnavailable", "25%"));
        }

        return spec.OrElse("progressDeadlineSeconds", 600).OrElse("revisionHistoryLimit", 10).With("strategy", strategy);
    }

    private static TreeMap DaemonSetDefaults(TreeMap spec)
    {
        var strategy = (spec["updateStrategy"] as TreeMap ?? TreeMap.Empty).OrElse("type", "RollingUpdate");
        if (strategy["type"]?.Text == "RollingUpdate")
        {
            var rolling = strategy["rollingUpdate"] as TreeMap ?? TreeMap.Empty;
            strategy = strategy.With("rollingUpdate", rolling.OrElse("maxSurge", 0).OrElse("maxUnavailable", 1));
        }

        return spec.OrElse("revisionHistoryLimit", 10).With("updateStrategy", strategy);
    }

    private static TreeMap StatefulSetDefaults(TreeMap spec)
    {
        var strategy = (spec["updateStrategy"] as TreeMap ?? TreeMap.Empty).OrElse("type", "RollingUpdate");
        if (strategy["type"]?.Text == "RollingUpdate")
        {
            strategy = strategy.With("rollingUpdate", (strategy["rollingUpdate"] as TreeMap ?? TreeMap.Empty).OrElse("partition", 0));
        }

        var retention = (spec["persistentVolumeClaimRetentionPolicy"] as TreeMap ?? TreeMap.Empty).OrElse("whenDeleted", "Retain").OrElse("whenScaled", "Retain");
        return spec
            .OrElse("podManagementPolicy", "OrderedReady")
            .OrElse("revisionHistoryLimit", 10)
            .With("persistentVolumeClaimRetentionPolicy", retention)
            .With("updateStrategy", strategy)
            .WithEach("volumeClaimTemplates", claim => claim
                .OrElse("apiVersion", "v1")
                .OrElse("kind", "PersistentVolumeClaim")
                .With("spec", (claim["spec"] as TreeMap ?? TreeMap.Empty).OrElse("volumeMode", "Filesystem"))
                .OrElse("status", TreeMap.Of(("phase", "Pending"))));
    }
}
