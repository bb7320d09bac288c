using System.Text;
using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.Kubernetes.Admission;

/// <summary>The rules of the remaining built-in kinds, and the table of all.</summary>
public static class CoreRules
{
    public static KindRulesTable Table()
    {
        var table = new KindRulesTable();
        table.Add(CoreTypes.Pod, new PodRules());
        table.Add(CoreTypes.Deployment, new WorkloadRules("Deployment"));
        table.Add(CoreTypes.ReplicaSet, new WorkloadRules("ReplicaSet"));
        table.Add(CoreTypes.DaemonSet, new WorkloadRules("DaemonSet"));
        table.Add(CoreTypes.StatefulSet, new WorkloadRules("StatefulSet"));
        table.Add(CoreTypes.Job, new JobRules());
        table.Add(CoreTypes.Namespace, new NamespaceRules());
        table.Add(CoreTypes.Node, new NodeRules());
        table.Add(CoreTypes.Service, new ServiceRules());
        table.Add(CoreTypes.Secret, new SecretRules());
        table.Add(CoreTypes.ConfigMap, new ConfigMapRules());
        return table;
    }

    /// <summary>A member where it is absent.</summary>
    public static TreeMap OrElse(this TreeMap map, string key, Tree value) => map.ContainsKey(key) ? map : map.With(key, value);

    private sealed class NamespaceRules : KindRules
    {
        public override ApiObject Default(ApiObject candidate)
        {
            var whole = candidate.WithLabel("kubernetes.io/metadata.name", candidate.Name);
            return whole.With(whole.Body.OrElse("status", TreeMap.Of(("phase", "Active"))).OrElse("spec", TreeMap.Of(("finalizers", TreeList.Of("kubernetes")))));
        }
    }

    private sealed class NodeRules : KindRules
    {
        public override ApiObject Default(ApiObject candidate) => candidate.With(candidate.Body.OrElse("spec", TreeMap.Empty));

        public override IEnumerable<FieldError> Validate(ApiObject candidate, ApiObject? old)
        {
            var seen = new HashSet<(string, string)>();
            foreach (var (item, at) in Tree.ItemsOf(candidate.Spec["taints"]).ToArray().Select((item, at) => (item, at)))
            {
                var taint = Taint.From(item);
                foreach (var error in MetadataRules.Key(taint.Key, $"spec.taints[{at}].key").Concat(MetadataRules.LabelValue(taint.Value, $"spec.taints[{at}].value")))
                {
                    yield return error;
                }

                if (taint.Effect is not (Taint.NoSchedule or Taint.PreferNoSchedule or Taint.NoExecute))
                {
                    yield return FieldError.Unsupported($"spec.taints[{at}].effect", taint.Effect, Taint.NoSchedule, Taint.PreferNoSchedule, Taint.NoExecute);
                }

                if (!seen.Add((taint.Key, taint.Effect)))
                {
                    yield return FieldError.Duplicate($"spec.taints[{at}]", $"{taint.Key}:{taint.Effect}");
                }
            }
        }
    }

    private sealed class ServiceRules : KindRules
    {
        public override ApiObject Default(ApiObject candidate)
        {
            var spec = candidate.Spec.OrElse("type", "ClusterIP").OrElse("sessionAffinity", "None");
            if (spec["type"]?.Text != "ExternalName")
            {
                spec = spec.OrElse("internalTrafficPolicy", "Cluster").OrElse("ipFamilies", TreeList.Of("IPv4")).OrElse("ipFamilyPolicy", "SingleStack");
            }

            if (spec["ports"] is TreeList ports)
            {
                spec = spec.With("ports", TreeList.From(ports.Span.ToArray().Select(port => port is TreeMap map
                    ? map.OrElse("protocol", "TCP").OrElse("targetPort", map["port"] ?? 0)
                    : port)));
            }

            return candidate.WithSpec(spec);
        }

        public override IEnumerable<FieldError> Validate(ApiObject candidate, ApiObject? old)
        {
            var spec = candidate.Spec;
            var ports = Tree.ItemsOf(spec["ports"]).ToArray();
            if (ports.Length == 0 && spec["type"]?.Text != "ExternalName" && spec["clusterIP"]?.Text != "None")
            {
                yield return FieldError.Required("spec.ports");
            }

            foreach (var (port, at) in ports.Select((port, at) => (port, at)))
            {
                if (port["port"]?.Integer is not (> 0 and < 65536))
                {
                    yield return FieldError.Invalid($"spec.ports[{at}].port", port["port"]?.Integer ?? 0, "must be between 1 and 65535, inclusive");
                }

                if (ports.Length > 1 && string.IsNullOrEmpty(port["name"]?.Text))
                {
                    yield return FieldError.Required($"spec.ports[{at}].name");
                }
            }

            // A write that leaves the address out keeps it: the allocation step fills it in.
            if (old?.Spec["clusterIP"]?.Text is { Length: > 0 } before && spec["clusterIP"]?.Text is { Length: > 0 } asked && asked != before)
            {
                yield return FieldError.Invalid("spec.clusterIPs[0]", asked, "field is immutable");
            }
        }
    }

    private sealed class SecretRules : KindRules
    {
        public override ApiObject Default(ApiObject candidate)
        {
            var body = candidate.Body.OrElse("type", "Opaque");
            if (body["stringData"] is TreeMap texts)
            {
                var data = body["data"] as TreeMap ?? TreeMap.Empty;
                foreach (var (key, value) in texts)
                {
                    data = data.With(key, Convert.ToBase64String(Encoding.UTF8.GetBytes(value.Text ?? "")));
                }

                body = body.With("data", data).With("stringData", null);
            }

            return candidate.With(body);
        }
    }

    private sealed class ConfigMapRules : KindRules
    {
        public override IEnumerable<FieldError> Validate(ApiObject candidate, ApiObject? old) =>
            old?.Body["immutable"]?.Boolean == true && !(Equals(old.Body["data"], candidate.Body["data"]) && Equals(old.Body["binaryData"], candidate.Body["binaryData"]))
                ? [FieldError.Forbidden("data", "field is immutable when `immutable` is set")]
                : [];
    }
}
