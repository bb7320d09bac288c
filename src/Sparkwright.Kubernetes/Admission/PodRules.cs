using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Quantities;

namespace Sparkwright.Kubernetes.Admission;

/// <summary>Pods, and the pod templates of everything that makes pods.</summary>
public sealed class PodRules : KindRules
{
    private static readonly string[] PullPolicies = ["Always", "IfNotPresent", "Never"];

    private static readonly TreeList StandardTolerations = TreeList.Of(
        TreeMap.Of(("effect", "NoExecute"), ("key", "node.kubernetes.io/not-ready"), ("operator", "Exists"), ("tolerationSeconds", 300)),
        TreeMap.Of(("effect", "NoExecute"), ("key", "node.kubernetes.io/unreachable"), ("operator", "Exists"), ("tolerationSeconds", 300)));

    public override ApiObject Default(ApiObject candidate)
    {
        var spec = WithPodDefaults(DefaultSpec(candidate.Spec));
        return candidate.WithSpec(spec).With(candidate.Body.With("spec", spec).Set(["status", "qosClass"], QosClass(spec)));
    }

    public override IEnumerable<FieldError> Validate(ApiObject candidate, ApiObject? old)
    {
        if (old is null)
        {
            return ValidateSpec(candidate.Spec, "spec");
        }

        return Immutable(candidate.Spec).Equals(Immutable(old.Spec)) || IsBinding(candidate, old)
            ? []
            : [FieldError.Forbidden("spec", "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)")];
    }

    /// <summary>The defaults of a pod template's spec; those that only real pods get come on top.</summary>
    public static TreeMap DefaultSpec(TreeMap spec)
    {
        var whole = spec
            .OrElse("dnsPolicy", "ClusterFirst")
            .OrElse("restartPolicy", "Always")
            .OrElse("schedulerName", "default-scheduler")
            .OrElse("securityContext", TreeMap.Empty)
            .OrElse("terminationGracePeriodSeconds", 30);
        if (whole["serviceAccountName"]?.Text is { Length: > 0 } account)
        {
            whole = whole.With("serviceAccount", account);
        }

        foreach (var list in new[] { "containers", "initContainers" })
        {
            if (whole[list] is TreeList containers)
            {
                whole = whole.With(list, TreeList.From(containers.Span.ToArray().Select(container => container is TreeMap map ? Container(map) : container)));
            }
        }

        if (whole["volumes"] is TreeList volumes)
        {
            whole = whole.With("volumes", TreeList.From(volumes.Span.ToArray().Select(volume => volume is TreeMap map ? Volume(map) : volume)));
        }

        return whole;
    }

    public static IEnumerable<FieldError> ValidateSpec(TreeMap spec, string path)
    {
        var containers = Tree.ItemsOf(spec["containers"]).ToArray();
        if (containers.Length == 0)
        {
            yield return FieldError.Required(path + ".containers");
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        var volumes = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (volume, at) in Tree.ItemsOf(spec["volumes"]).ToArray().Select((volume, at) => (volume, at)))
        {
            var name = volume["name"]?.Text ?? "";
            if (!MetadataRules.IsLabel(name))
            {
                yield return name.Length == 0 ? FieldError.Required($"{path}.volumes[{at}].name") : FieldError.Invalid($"{path}.volumes[{at}].name", name, MetadataRules.LabelMessage);
            }
            else if (!volumes.Add(name))
            {
                yield return FieldError.Duplicate($"{path}.volumes[{at}].name", name);
            }
        }

        foreach (var list in new[] { "initContainers", "containers" })
        {
            foreach (var (container, at) in Tree.ItemsOf(spec[list]).ToArray().Select((container, at) => (container, at)))
            {
                foreach (var error in ValidateContainer(container, $"{path}.{list}[{at}]", names, volumes))
                {
                    yield return error;
                }
            }
        }

        if (spec["restartPolicy"]?.Text is { } policy and not ("Always" or "OnFailure" or "Never"))
        {
            yield return FieldError.Unsupported(path + ".restartPolicy", policy, "Always", "OnFailure", "Never");
        }

        foreach (var (toleration, at) in Tree.ItemsOf(spec["tolerations"]).ToArray().Select((toleration, at) => (toleration, at)))
        {
            foreach (var error in ValidateToleration(toleration, $"{path}.tolerations[{at}]"))
            {
                yield return error;
            }
        }

        foreach (var (key, value) in (spec["nodeSelector"] as TreeMap ?? TreeMap.Empty).Members())
        {
            foreach (var error in MetadataRules.Key(key, path + ".nodeSelector").Concat(MetadataRules.LabelValue(value.Text ?? "", path + ".nodeSelector")))
            {
                yield return error;
            }
        }
    }

    private static IEnumerable<FieldError> ValidateContainer(Tree container, string path, HashSet<string> names, HashSet<string> volumes)
    {
        var name = container["name"]?.Text ?? "";
        if (!MetadataRules.IsLabel(name))
        {
            yield return name.Length == 0 ? FieldError.Required(path + ".name") : FieldError.Invalid(path + ".name", name, MetadataRules.LabelMessage);
        }
        else if (!names.Add(name))
        {
            yield return FieldError.Duplicate(path + ".name", name);
        }

        if (string.IsNullOrEmpty(container["image"]?.Text))
        {
            yield return FieldError.Required(path + ".image");
        }

        if (container["imagePullPolicy"]?.Text is { } pull && !PullPolicies.Contains(pull))
        {
            yield return FieldError.Unsupported(path + ".imagePullPolicy", pull, PullPolicies);
        }

        var limits = container.At("resources", "limits") as TreeMap ?? TreeMap.Empty;
        foreach (var (resource, amount) in limits.Members())
        {
            if (Quantity.TryParse(amount.Text ?? amount.ToString(), out var limit) && limit < default(Quantity))
            {
                yield return FieldError.Invalid($"{path}.resources.limits[{resource}]", amount.Text ?? "", "must be greater than or equal to 0");
            }
        }

        foreach (var (resource, amount) in (container.At("resources", "requests") as TreeMap ?? TreeMap.Empty).Members())
        {
            if (!Quantity.TryParse(amount.Text ?? amount.ToString(), out var request))
            {
                continue;
            }

            if (request < default(Quantity))
            {
                yield return FieldError.Invalid($"{path}.resources.requests[{resource}]", amount.Text ?? "", "must be greater than or equal to 0");
            }
            else if (limits.Get(resource)?.Text is { } text && Quantity.TryParse(text, out var limit) && request > limit)
            {
                yield return FieldError.Invalid($"{path}.resources.requests", amount.Text ?? "", $"must be less than or equal to {resource} limit of {text}");
            }
        }

        foreach (var (mount, at) in Tree.ItemsOf(container["volumeMounts"]).ToArray().Select((mount, at) => (mount, at)))
        {
            if (mount["name"]?.Text is { } volume && !volumes.Contains(volume))
            {
                yield return new FieldError($"{path}.volumeMounts[{at}].name", $"Not found: \"{volume}\"");
            }
        }

        foreach (var (port, at) in Tree.ItemsOf(container["ports"]).ToArray().Select((port, at) => (port, at)))
        {
            if (port["containerPort"]?.Integer is not (> 0 and < 65536))
            {
                yield return FieldError.Invalid($"{path}.ports[{at}].containerPort", port["containerPort"]?.Integer ?? 0, "must be between 1 and 65535, inclusive");
            }
        }
    }

    private static IEnumerable<FieldError> ValidateToleration(Tree toleration, string path)
    {
        var key = toleration["key"]?.Text ?? "";
        var comparison = toleration["operator"]?.Text ?? "Equal";
        if (comparison is not ("Exists" or "Equal"))
        {
            yield return FieldError.Unsupported(path + ".operator", comparison, "Equal", "Exists");
        }

        if (key.Length == 0 && comparison != "Exists")
        {
            yield return FieldError.Invalid(path + ".operator", comparison, "operator must be Exists when `key` is empty, which means \"match all values and all keys\"");
        }

        if (comparison == "Exists" && toleration["value"]?.Text is { Length: > 0 } value)
        {
            yield return FieldError.Invalid(path + ".operator", value, "value must be empty when `operator` is 'Exists'");
        }

        if (toleration["effect"]?.Text is { Length: > 0 } effect and not ("NoSchedule" or "PreferNoSchedule" or "NoExecute"))
        {
            yield return FieldError.Unsupported(path + ".effect", effect, "NoSchedule", "PreferNoSchedule", "NoExecute");
        }
    }

    private static TreeMap WithPodDefaults(TreeMap spec)
    {
        var tolerations = Tree.ItemsOf(spec["tolerations"]).ToArray().ToList();
        foreach (var standard in StandardTolerations.Span)
        {
            var key = standard["key"]!.Text;
            if (!tolerations.Exists(one => (one["key"]?.Text ?? "") is var known && (known == key || known.Length == 0) && one["effect"]?.Text is null or "" or "NoExecute"))
            {
                tolerations.Add(standard);
            }
        }

        return spec
            .OrElse("enableServiceLinks", true)
            .OrElse("preemptionPolicy", "PreemptLowerPriority")
            .OrElse("priority", 0)
            .OrElse("serviceAccount", spec["serviceAccountName"] ?? "default")
            .OrElse("serviceAccountName", "default")
            .With("tolerations", TreeList.From(tolerations));
    }

    private static TreeMap Container(TreeMap container)
    {
        var image = container["image"]?.Text ?? "";
        var tag = image.LastIndexOf(':') is var at && at > image.LastIndexOf('/') ? image[(at + 1)..] : "latest";
        var resources = container["resources"] as TreeMap ?? TreeMap.Empty;
        if (resources["limits"] is TreeMap limits)
        {
            var requests = resources["requests"] as TreeMap ?? TreeMap.Empty;
            foreach (var (resource, amount) in limits)
            {
                requests = requests.OrElse(resource, amount);
            }

            resources = resources.With("requests", requests);
        }

        var whole = container
            .OrElse("imagePullPolicy", tag == "latest" && !image.Contains('@', StringComparison.Ordinal) ? "Always" : "IfNotPresent")
            .With("resources", resources)
            .OrElse("terminationMessagePath", "/dev/termination-log")
            .OrElse("terminationMessagePolicy", "File");
        return whole["ports"] is TreeList ports
            ? whole.With("ports", TreeList.From(ports.Span.ToArray().Select(port => port is TreeMap map ? map.OrElse("protocol", "TCP") : port)))
            : whole;
    }

    private static TreeMap Volume(TreeMap volume)
    {
        if (volume.Count == 1)
        {
            return volume.With("emptyDir", TreeMap.Empty);
        }

        if (volume["hostPath"] is TreeMap hostPath)
        {
            return volume.With("hostPath", hostPath.OrElse("type", ""));
        }

        foreach (var source in new[] { "configMap", "secret", "projected", "downwardAPI" })
        {
            if (volume[source] is TreeMap known)
            {
                return volume.With(source, known.OrElse("defaultMode", 420));
            }
        }

        return volume;
    }

    /// <summary>Guaranteed when every container's limits equal its requests for cpu and memory, BestEffort when nothing is asked.</summary>
    private static string QosClass(TreeMap spec)
    {
        var any = false;
        var all = true;
        foreach (var container in Tree.ItemsOf(spec["containers"]).ToArray().Concat(Tree.ItemsOf(spec["initContainers"]).ToArray()))
        {
            foreach (var resource in new[] { "cpu", "memory" })
            {
                var request = container.At("resources", "requests", resource);
                var limit = container.At("resources", "limits", resource);
                any |= request is not null || limit is not null;
                all &= limit is not null && limit.Equals(request);
            }
        }

        return all ? "Guaranteed" : any ? "Burstable" : "BestEffort";
    }

    private static bool IsBinding(ApiObject candidate, ApiObject old) =>
        old.Spec["nodeName"] is null && Immutable(candidate.Spec).With("nodeName", null).Equals(Immutable(old.Spec));

    /// <summary>The spec without the fields that may change.</summary>
    private static TreeMap Immutable(TreeMap spec)
    {
        var rest = spec.With("activeDeadlineSeconds", null).With("tolerations", null).With("schedulingGates", null);
        foreach (var list in new[] { "containers", "initContainers" })
        {
            if (rest[list] is TreeList containers)
            {
                rest = rest.With(list, TreeList.From(containers.Span.ToArray().Select(container => container is TreeMap map ? map.With("image", null) : container)));
            }
        }

        return rest;
    }
}
