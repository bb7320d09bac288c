using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.Kubernetes.Admission;

/// <summary>The values that the server fills into pods and pod templates.</summary>
internal static class PodDefaults
{
    private static readonly TreeList StandardTolerations = TreeList.Of(
        TreeMap.Of(("effect", "NoExecute"), ("key", "node.kubernetes.io/not-ready"), ("operator", "Exists"), ("tolerationSeconds", 300)),
        TreeMap.Of(("effect", "NoExecute"), ("key", "node.kubernetes.io/unreachable"), ("operator", "Exists"), ("tolerationSeconds", 300)));

    /// <summary>A member where it is absent.</summary>
    public static TreeMap OrElse(this TreeMap map, string key, Tree value) => map.ContainsKey(key) ? map : map.With(key, value);

    /// <summary>A list with a change made to each of its maps; the same map when it has no such list.</summary>
    public static TreeMap WithEach(this TreeMap map, string key, Func<TreeMap, TreeMap> change)
    {
        if (map[key] is not TreeList list)
        {
            return map;
        }

        var items = list.Span.ToArray();
        var changed = false;
        for (var at = 0; at < items.Length; at++)
        {
            if (items[at] is TreeMap item && change(item) is var whole && !ReferenceEquals(whole, item))
            {
                items[at] = whole;
                changed = true;
            }
        }

        return changed ? map.With(key, TreeList.From(items)) : map;
    }

    /// <summary>The spec of a template with its defaults.</summary>
    public static TreeMap Template(TreeMap spec)
    {
        var hostNetwork = spec["hostNetwork"]?.Boolean == true;
        var whole = spec
            .OrElse("dnsPolicy", "ClusterFirst")
            .OrElse("restartPolicy", "Always")
            .OrElse("schedulerName", "default-scheduler")
            .OrElse("securityContext", TreeMap.Empty)
            .OrElse("terminationGracePeriodSeconds", 30);

        // The old name of the service account follows the new one, and gives it when only the old one is there.
        var account = whole["serviceAccountName"]?.Text ?? whole["serviceAccount"]?.Text;
        if (!string.IsNullOrEmpty(account))
        {
            whole = whole.With("serviceAccountName", account).With("serviceAccount", account);
        }

        foreach (var list in new[] { "containers", "initContainers", "ephemeralContainers" })
        {
            whole = whole.WithEach(list, container => Container(container, hostNetwork));
        }

        return whole.WithEach("volumes", Volume);
    }

    /// <summary>The spec of a pod: a template's defaults, requests from limits, and what admission adds to real pods only.</summary>
    public static TreeMap Pod(TreeMap spec)
    {
        var whole = Template(spec)
            .WithEach("containers", RequestsFromLimits)
            .WithEach("initContainers", RequestsFromLimits)
            .OrElse("enableServiceLinks", true);
        var account = whole["serviceAccountName"]?.Text is { Length: > 0 } named ? named : "default";
        return whole
            .With("serviceAccountName", account)
            .With("serviceAccount", account)
            .OrElse("preemptionPolicy", "PreemptLowerPriority")
            .OrElse("priority", 0)
            .With("tolerations", Tolerations(whole["tolerations"]));
    }

    private static TreeList Tolerations(Tree? tolerations)
    {
        var own = tolerations as TreeList ?? TreeList.Empty;
        foreach (var standard in StandardTolerations.Span)
        {
            var key = standard["key"]!.Text;
            var tolerated = false;
            foreach (var one in own.Span)
            {
                tolerated |= one["key"]?.Text is null or "" || one["key"]?.Text == key ? one["effect"]?.Text is null or "" or "NoExecute" : false;
            }

            own = tolerated ? own : own.Add(standard);
        }

        return own;
    }

    private static TreeMap Container(TreeMap container, bool hostNetwork)
    {
        var whole = container
            .OrElse("imagePullPolicy", PullPolicy(container["image"]?.Text ?? ""))
            .OrElse("resources", TreeMap.Empty)
            .OrElse("terminationMessagePath", "/dev/termination-log")
            .OrElse("terminationMessagePolicy", "File")
            .WithEach("ports", port =>
            {
                var named = port.OrElse("protocol", "TCP");
                return hostNetwork && port["containerPort"] is { } number ? named.OrElse("hostPort", number) : named;
            })
            .WithEach("env", variable => variable.At("valueFrom", "fieldRef") is TreeMap field
                ? variable.Set(["valueFrom", "fieldRef"], field.OrElse("apiVersion", "v1"))
                : variable);
        foreach (var probe in new[] { "livenessProbe", "readinessProbe", "startupProbe" })
        {
            if (whole[probe] is TreeMap asked)
            {
                whole = whole.With(probe, Probe(asked));
            }
        }

        foreach (var hook in new[] { "postStart", "preStop" })
        {
            if (whole.At("lifecycle", hook, "httpGet") is TreeMap get)
            {
                whole = whole.Set(["lifecycle", hook, "httpGet"], HttpGet(get));
            }
        }

        return whole;
    }

    private static TreeMap RequestsFromLimits(TreeMap container)
    {
        if (container.At("resources", "limits") is not TreeMap limits)
        {
            return container;
        }

        var requests = container.At("resources", "requests") as TreeMap ?? TreeMap.Empty;
        foreach (var (resource, amount) in limits)
        {
            requests = requests.OrElse(resource, amount);
        }

        return container.Set(["resources", "requests"], requests);
    }

    /// <summary>Always for the tag latest or none, IfNotPresent for other tags and for digests.</summary>
    private static string PullPolicy(string image)
    {
        if (image.Contains('@', StringComparison.Ordinal))
        {
            return "IfNotPresent";
        }

        var colon = image.LastIndexOf(':');
        var tag = colon > image.LastIndexOf('/') ? image[(colon + 1)..] : "latest";
        return tag == "latest" ? "Always" : "IfNotPresent";
    }

    private static TreeMap Probe(TreeMap probe)
    {
        var whole = probe
            .OrElse("failureThreshold", 3)
            .OrElse("periodSeconds", 10)
            .OrElse("successThreshold", 1)
            .OrElse("timeoutSeconds", 1);
        if (whole["httpGet"] is TreeMap get)
        {
            whole = whole.With("httpGet", HttpGet(get));
        }

        return whole["grpc"] is TreeMap grpc ? whole.With("grpc", grpc.OrElse("service", "")) : whole;
    }

    private static TreeMap HttpGet(TreeMap get) => get.OrElse("path", "/").OrElse("scheme", "HTTP");

    private static TreeMap Volume(TreeMap volume)
    {
        if (volume.Count == 1)
        {
            return volume.With("emptyDir", TreeMap.Empty);
        }

        foreach (var source in new[] { "configMap", "secret", "projected", "downwardAPI" })
        {
            if (volume[source] is TreeMap known)
            {
                volume = volume.With(source, known.OrElse("defaultMode", 420));
            }
        }

        if (volume["hostPath"] is TreeMap hostPath)
        {
            volume = volume.With("hostPath", hostPath.OrElse("type", ""));
        }

        if (volume["iscsi"] is TreeMap iscsi)
        {
            volume = volume.With("iscsi", iscsi.OrElse("iscsiInterface", "default"));
        }

        if (volume["projected"] is TreeMap projected)
        {
            volume = volume.With("projected", projected.WithEach("sources", source => FieldVersions(
                source["serviceAccountToken"] is TreeMap token ? source.With("serviceAccountToken", token.OrElse("expirationSeconds", 3600)) : source, "downwardAPI")));
        }

        if (volume.At("ephemeral", "volumeClaimTemplate", "spec") is TreeMap claim)
        {
            volume = volume.Set(["ephemeral", "volumeClaimTemplate", "spec"], claim.OrElse("volumeMode", "Filesystem"));
        }

        return FieldVersions(volume, "downwardAPI");
    }

    /// <summary>The API version of the fields that a downward API volume shows.</summary>
    private static TreeMap FieldVersions(TreeMap source, string key) => source[key] is TreeMap downward
        ? source.With(key, downward.WithEach("items", item => item["fieldRef"] is TreeMap field ? item.With("fieldRef", field.OrElse("apiVersion", "v1")) : item))
        : source;
}
