using System.Globalization;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.Kubernetes.Admission;

/// <summary>Services; their addresses are given elsewhere.</summary>
public sealed class ServiceRules : KindRules
{
    private static readonly string[] Kinds = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];
    private static readonly string[] Protocols = ["SCTP", "TCP", "UDP"];

    public override ApiObject Default(ApiObject candidate)
    {
        var spec = candidate.Spec.OrElse("type", "ClusterIP").OrElse("sessionAffinity", "None");
        if (spec["type"]?.Text != "ExternalName")
        {
            spec = spec.OrElse("internalTrafficPolicy", "Cluster").OrElse("ipFamilies", TreeList.Of("IPv4")).OrElse("ipFamilyPolicy", "SingleStack");
        }

        if (spec["type"]?.Text is "NodePort" or "LoadBalancer")
        {
            spec = spec.OrElse("externalTrafficPolicy", "Cluster");
        }

        if (spec["type"]?.Text == "LoadBalancer")
        {
            spec = spec.OrElse("allocateLoadBalancerNodePorts", true);
        }

        if (spec["sessionAffinity"]?.Text == "ClientIP" && spec.At("sessionAffinityConfig", "clientIP", "timeoutSeconds") is null)
        {
            // Three hours, as kube-proxy keeps a session.
            spec = spec.Set(["sessionAffinityConfig", "clientIP", "timeoutSeconds"], 10800);
        }

        return candidate.WithSpec(spec.WithEach("ports", port =>
        {
            var named = port.OrElse("protocol", "TCP");
            return named["targetPort"] is null or TreeInteger { Value: 0 } or TreeText { Value: "" } ? named.With("targetPort", port["port"] ?? 0) : named;
        }));
    }

    public override IEnumerable<FieldError> Validate(ApiObject candidate, ApiObject? old)
    {
        var errors = new List<FieldError>();
        var path = FieldPath.Root("spec");
        var spec = candidate.Spec;
        var kind = spec["type"]?.Text ?? "";
        var isHeadless = spec["clusterIP"]?.Text == "None";
        if (!Kinds.Contains(kind))
        {
            errors.Add(FieldError.Unsupported(path.Child("type"), kind, Kinds));
        }

        if (spec["sessionAffinity"]?.Text is var affinity and not ("None" or "ClientIP"))
        {
            errors.Add(FieldError.Unsupported(path.Child("sessionAffinity"), affinity ?? "", "ClientIP", "None"));
        }

        MetadataRules.CheckLabels(spec["selector"], path.Child("selector"), errors);
        if (isHeadless && kind is "NodePort" or "LoadBalancer")
        {
            errors.Add(FieldError.Invalid(path.Child("clusterIPs").Index(0), "None", $"may not be set to 'None' for {kind} services"));
        }

        if (kind == "ExternalName")
        {
            CheckExternalName(spec["externalName"]?.Text ?? "", path.Child("externalName"), errors);
        }

        var ports = Tree.ItemsOf(spec["ports"]).ToArray();
        if (ports.Length == 0 && !isHeadless && kind != "ExternalName")
        {
            errors.Add(FieldError.Required(path.Child("ports")));
        }

        CheckPorts(ports, kind, path.Child("ports"), errors);
        return errors;
    }

    private static void CheckExternalName(string name, FieldPath path, List<FieldError> errors)
    {
        var bare = name.TrimEnd('.');
        errors.AddRange(bare.Length == 0 ? [FieldError.Required(path)] : Formats.Subdomain(bare).Select(fault => FieldError.Invalid(path, bare, fault)));
    }

    private static void CheckPorts(Tree[] ports, string kind, FieldPath path, List<FieldError> errors)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var taken = new HashSet<(string, long)>();
        for (var at = 0; at < ports.Length; at++)
        {
            var port = ports[at];
            var here = path.Index(at);
            var name = port["name"]?.Text ?? "";
            if (name.Length == 0)
            {
                if (ports.Length > 1)
                {
                    errors.Add(FieldError.Required(here.Child("name")));
                }
            }
            else
            {
                errors.AddRange(Formats.Label(name).Select(fault => FieldError.Invalid(here.Child("name"), name, fault)));
                if (!names.Add(name))
                {
                    errors.Add(FieldError.Duplicate(here.Child("name"), name));
                }
            }

            var number = port["port"]?.Integer ?? 0;
            errors.AddRange(Formats.Port(number).Select(fault => FieldError.Invalid(here.Child("port"), number, fault)));
            var protocol = port["protocol"]?.Text ?? "";
            if (!Protocols.Contains(protocol))
            {
                errors.Add(FieldError.Unsupported(here.Child("protocol"), protocol, Protocols));
            }

            ContainerRules.CheckPortOrName(port["targetPort"], here.Child("targetPort"), errors);
            if (port["nodePort"]?.Integer is { } outside && outside != 0 && kind == "ClusterIP")
            {
                errors.Add(FieldError.Forbidden(here.Child("nodePort"), "may not be used when `type` is 'ClusterIP'"));
            }

            if (!taken.Add((protocol, number)))
            {
                errors.Add(new FieldError(here, $"Duplicate value: {{\"protocol\":\"{protocol}\",\"port\":{number.ToString(CultureInfo.InvariantCulture)}}}"));
            }
        }
    }
}
