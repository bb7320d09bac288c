using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.Kubernetes.Admission;

/// <summary>The faults of a container.</summary>
internal static class ContainerRules
{
    private static readonly string[] PullPolicies = ["Always", "IfNotPresent", "Never"];
    private static readonly string[] Protocols = ["SCTP", "TCP", "UDP"];
    private static readonly string[] Handlers = ["exec", "httpGet", "tcpSocket", "grpc"];

    private static readonly string[] EnvironmentFields =
        ["metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"];

    public static void Check(Tree container, bool isInit, ContainerSetting setting, FieldPath path, List<FieldError> errors)
    {
        CheckName(container["name"]?.Text ?? "", setting.Names, path.Child("name"), errors);
        CheckImage(container, path, errors);
        CheckChoice(container["imagePullPolicy"]?.Text, PullPolicies, path.Child("imagePullPolicy"), errors);
        CheckChoice(container["terminationMessagePolicy"]?.Text, ["FallbackToLogsOnError", "File"], path.Child("terminationMessagePolicy"), errors);
        CheckPorts(container["ports"], isInit, setting, path.Child("ports"), errors);
        CheckEnvironment(container["env"], path.Child("env"), errors);
        CheckEnvironmentSources(container["envFrom"], path.Child("envFrom"), errors);
        CheckMounts(container["volumeMounts"], setting.Volumes, path.Child("volumeMounts"), errors);
        ResourceRules.Check(container["resources"], path.Child("resources"), errors);
        CheckRestartPolicy(container["restartPolicy"]?.Text, isInit, path.Child("restartPolicy"), errors);
        var restarts = isInit && container["restartPolicy"]?.Text == "Always";
        foreach (var field in new[] { "livenessProbe", "readinessProbe", "startupProbe" })
        {
            if (container[field] is not { } probe)
            {
                continue;
            }

            if (isInit && !restarts)
            {
                errors.Add(FieldError.Forbidden(path.Child(field), "may not be set for init containers without restartPolicy=Always"));
            }
            else
            {
                CheckProbe(probe, field, path.Child(field), errors);
            }
        }

        if (isInit && !restarts && container["lifecycle"] is not null)
        {
            errors.Add(FieldError.Forbidden(path.Child("lifecycle"), "may not be set for init containers without restartPolicy=Always"));
        }
    }

    public static void CheckImage(Tree container, FieldPath path, List<FieldError> errors)
    {
        var image = container["image"]?.Text ?? "";
        if (image.Length == 0)
        {
            errors.Add(FieldError.Required(path.Child("image")));
        }
        else if (image.Trim() != image)
        {
            errors.Add(FieldError.Invalid(path.Child("image"), image, "must not have leading or trailing whitespace"));
        }
    }

    private static void CheckName(string name, HashSet<string> names, FieldPath path, List<FieldError> errors)
    {
        if (name.Length == 0)
        {
            errors.Add(FieldError.Required(path));
            return;
        }

        errors.AddRange(Formats.Label(name).Select(fault => FieldError.Invalid(path, name, fault)));
        if (!names.Add(name))
        {
            errors.Add(FieldError.Duplicate(path, name));
        }
    }

    private static void CheckChoice(string? choice, string[] allowed, FieldPath path, List<FieldError> errors)
    {
        if (string.IsNullOrEmpty(choice))
        {
            errors.Add(FieldError.Required(path));
        }
        else if (!allowed.Contains(choice))
        {
            errors.Add(FieldError.Unsupported(path, choice, allowed));
        }
    }

    private static void CheckRestartPolicy(string? policy, bool isInit, FieldPath path, List<FieldError> errors)
    {
        if (policy is null)
        {
            return;
        }

        if (!isInit)
        {
            errors.Add(FieldError.Forbidden(path, "may not be set for non-init containers"));
        }
        else if (policy != "Always")
        {
            errors.Add(FieldError.Unsupported(path, policy, "Always"));
        }
    }

    private static void CheckPorts(Tree? ports, bool isInit, ContainerSetting setting, FieldPath path, List<FieldError> errors)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var at = 0; at < Tree.ItemsOf(ports).Length; at++)
        {
            var port = Tree.ItemsOf(ports)[at];
            var here = path.Index(at);
            if (port["name"]?.Text is { Length: > 0 } name)
            {
                errors.AddRange(Formats.PortName(name).Select(fault => FieldError.Invalid(here.Child("name"), name, fault)));
                if (!names.Add(name))
                {
                    errors.Add(FieldError.Duplicate(here.Child("name"), name));
                }
            }

            var number = port["containerPort"]?.Integer ?? 0;
            if (number == 0)
            {
                errors.Add(FieldError.Required(here.Child("containerPort")));
            }
            else
            {
                errors.AddRange(Formats.Port(number).Select(fault => FieldError.Invalid(here.Child("containerPort"), number, fault)));
            }

            CheckChoice(port["protocol"]?.Text, Protocols, here.Child("protocol"), errors);
            if (port["hostPort"]?.Integer is not { } host || host == 0)
            {
                continue;
            }

            errors.AddRange(Formats.Port(host).Select(fault => FieldError.Invalid(here.Child("hostPort"), host, fault)));
            var taken = $"{port["protocol"]?.Text}/{port["hostIP"]?.Text}/{host}";
            if (!isInit && !setting.HostPorts.Add(taken))
            {
                errors.Add(FieldError.Duplicate(here.Child("hostPort"), taken));
            }

            if (setting.HostNetwork && host != number)
            {
                errors.Add(FieldError.Invalid(here.Child("containerPort"), number, "must match `hostPort` when `hostNetwork` is true"));
            }
        }
    }

    private static void CheckEnvironment(Tree? variables, FieldPath path, List<FieldError> errors)
    {
        for (var at = 0; at < Tree.ItemsOf(variables).Length; at++)
        {
            var variable = Tree.ItemsOf(variables)[at];
            var here = path.Index(at);
            var name = variable["name"]?.Text ?? "";
            if (name.Length == 0)
            {
                errors.Add(FieldError.Required(here.Child("name")));
            }
            else
            {
                errors.AddRange(Formats.EnvironmentName(name).Select(fault => FieldError.Invalid(here.Child("name"), name, fault)));
            }

            if (variable["valueFrom"] is TreeMap source)
            {
                CheckValueSource(source, variable["value"]?.Text ?? "", here.Child("valueFrom"), errors);
            }
        }
    }

    private static void CheckValueSource(TreeMap source, string value, FieldPath path, List<FieldError> errors)
    {
        if (source.Count == 0)
        {
            errors.Add(FieldError.Invalid(path, "", "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`"));
        }
        else if (value.Length > 0)
        {
            errors.Add(FieldError.Invalid(path, "", "may not be specified when `value` is not empty"));
        }
        else if (source.Count > 1)
        {
            errors.Add(FieldError.Invalid(path, "", "may not have more than one field specified at a time"));
        }

        if (source["fieldRef"] is { } field)
        {
            CheckFieldPath(field["fieldPath"]?.Text ?? "", path.Child("fieldRef").Child("fieldPath"), errors);
        }

        foreach (var reference in new[] { "configMapKeyRef", "secretKeyRef" })
        {
            if (source[reference] is not { } chosen)
            {
                continue;
            }

            if (string.IsNullOrEmpty(chosen["name"]?.Text))
            {
                errors.Add(FieldError.Required(path.Child(reference).Child("name")));
            }

            var key = chosen["key"]?.Text ?? "";
            errors.AddRange(key.Length == 0
                ? [FieldError.Required(path.Child(reference).Child("key"))]
                : Formats.ConfigKey(key).Select(fault => FieldError.Invalid(path.Child(reference).Child("key"), key, fault)));
        }
    }

    private static void CheckFieldPath(string field, FieldPath path, List<FieldError> errors)
    {
        if (field.Length == 0)
        {
            errors.Add(FieldError.Required(path));
        }
        else if (field.EndsWith("']", StringComparison.Ordinal)
            && (field.StartsWith("metadata.annotations['", StringComparison.Ordinal) || field.StartsWith("metadata.labels['", StringComparison.Ordinal)))
        {
            var key = field[(field.IndexOf('\'', StringComparison.Ordinal) + 1)..^2];
            errors.AddRange(MetadataRules.Key(key.ToLowerInvariant(), path));
        }
        else if (!EnvironmentFields.Contains(field))
        {
            errors.Add(field is "metadata.labels" or "metadata.annotations"
                ? FieldError.Unsupported(path, field, EnvironmentFields)
                : FieldError.Invalid(path, field, $"error converting fieldPath: field label not supported: {field}"));
        }
    }

    private static void CheckEnvironmentSources(Tree? sources, FieldPath path, List<FieldError> errors)
    {
        for (var at = 0; at < Tree.ItemsOf(sources).Length; at++)
        {
            var source = Tree.ItemsOf(sources)[at];
            var count = (source["configMapRef"] is null ? 0 : 1) + (source["secretRef"] is null ? 0 : 1);
            if (count != 1)
            {
                errors.Add(FieldError.Invalid(path, "", count == 0 ? "must specify one of: `configMapRef` or `secretRef`" : "may not have more than one field specified at a time"));
            }

            foreach (var reference in new[] { "configMapRef", "secretRef" })
            {
                if (source[reference] is { } chosen && string.IsNullOrEmpty(chosen["name"]?.Text))
                {
                    errors.Add(FieldError.Required(path.Index(at).Child(reference).Child("name")));
                }
            }
        }
    }

    private static void CheckMounts(Tree? mounts, HashSet<string> volumes, FieldPath path, List<FieldError> errors)
    {
        var places = new HashSet<string>(StringComparer.Ordinal);
        for (var at = 0; at < Tree.ItemsOf(mounts).Length; at++)
        {
            var mount = Tree.ItemsOf(mounts)[at];
            var here = path.Index(at);
            var name = mount["name"]?.Text ?? "";
            if (name.Length == 0)
            {
                errors.Add(FieldError.Required(here.Child("name")));
            }

            if (!volumes.Contains(name))
            {
                errors.Add(FieldError.NotFound(here.Child("name"), name));
            }

            var place = mount["mountPath"]?.Text ?? "";
            if (place.Length == 0)
            {
                errors.Add(FieldError.Required(here.Child("mountPath")));
            }

            if (!places.Add(place))
            {
                errors.Add(FieldError.Invalid(here.Child("mountPath"), place, "must be unique"));
            }

            foreach (var field in new[] { "subPath", "subPathExpr" })
            {
                if (mount[field]?.Text is { Length: > 0 } part)
                {
                    VolumeRules.CheckRelative(part, here.Child(field), errors);
                }
            }

            if (mount["subPath"] is not null && mount["subPathExpr"] is not null)
            {
                errors.Add(FieldError.Invalid(here.Child("subPathExpr"), mount["subPathExpr"]!.Text ?? "", "subPathExpr and subPath are mutually exclusive"));
            }
        }
    }

    private static void CheckProbe(Tree probe, string kind, FieldPath path, List<FieldError> errors)
    {
        var handlers = Handlers.Where(handler => probe[handler] is not null).ToList();
        if (handlers.Count == 0)
        {
            errors.Add(FieldError.Required(path, "must specify a handler type"));
        }

        foreach (var handler in handlers.Skip(1))
        {
            errors.Add(FieldError.Forbidden(path.Child(handler), "may not specify more than 1 handler type"));
        }

        foreach (var handler in new[] { "httpGet", "tcpSocket" })
        {
            if (probe[handler] is { } target)
            {
                CheckPortOrName(target["port"], path.Child(handler).Child("port"), errors);
            }
        }

        if (probe["exec"] is { } exec && Tree.ItemsOf(exec["command"]).Length == 0)
        {
            errors.Add(FieldError.Required(path.Child("exec").Child("command")));
        }

        foreach (var field in new[] { "failureThreshold", "initialDelaySeconds", "periodSeconds", "successThreshold", "timeoutSeconds" })
        {
            if (probe[field]?.Integer is { } number and < 0)
            {
                errors.Add(FieldError.Invalid(path.Child(field), number, "must be greater than or equal to 0"));
            }
        }

        if (kind != "readinessProbe" && probe["successThreshold"]?.Integer is { } successes and not 1)
        {
            errors.Add(FieldError.Invalid(path.Child("successThreshold"), successes, "must be 1"));
        }
    }

    public static void CheckPortOrName(Tree? port, FieldPath path, List<FieldError> errors)
    {
        switch (port)
        {
            case TreeInteger number:
                errors.AddRange(Formats.Port(number.Value).Select(fault => FieldError.Invalid(path, number.Value, fault)));
                break;
            case TreeText name:
                errors.AddRange(Formats.PortName(name.Value).Select(fault => FieldError.Invalid(path, name.Value, fault)));
                break;
            default:
                errors.AddRange(Formats.Port(0).Select(fault => FieldError.Invalid(path, 0, fault)));
                break;
        }
    }
}
