using Sparkwright.Kubernetes.Objects;
using static Sparkwright.Kubernetes.Tables.Cell;

namespace Sparkwright.Kubernetes.Tables;

/// <summary>Tables of services and what leads to them.</summary>
internal static class NetworkForms
{
    public static TableForm Service { get; } = new(
        "Name | Type | Cluster-IP | External-IP | Port(s) | Age | Selector+",
        static (one, now) =>
        [
            one.Name, one.Spec["type"]?.Text ?? "", OrNone(one.Spec["clusterIP"]?.Text), External(one), Ports(one), Age(one, now), Labels(one.Spec["selector"]),
        ]);

    public static TableForm Endpoints { get; } = new(
        "Name | Endpoints | Age",
        static (one, now) => [one.Name, Few([.. Items(one.Body["subsets"]).SelectMany(Addresses)], None), Age(one, now)]);

    public static TableForm EndpointSlice { get; } = new(
        "Name | AddressType | Ports | Endpoints | Age",
        static (one, now) =>
        [
            one.Name,
            one.Body["addressType"]?.Text ?? "",
            Few([.. Items(one.Body["ports"]).Select(port => port["port"]?.Integer is { } number ? $"{number}" : "*")], Unset),
            Few([.. Items(one.Body["endpoints"]).SelectMany(endpoint => Items(endpoint["addresses"])).Select(address => address.Text ?? "")], Unset),
            Age(one, now),
        ]);

    public static TableForm Ingress { get; } = new(
        "Name | Class | Hosts | Address | Ports | Age",
        static (one, now) =>
        [
            one.Name,
            OrNone(one.Spec["ingressClassName"]?.Text),
            Items(one.Spec["rules"]).Select(rule => rule["host"]?.Text is { Length: > 0 } host ? host : "*").ToList() is { Count: > 0 } hosts ? string.Join(',', hosts) : "*",
            string.Join(',', Balancers(one)),
            Items(one.Spec["tls"]).Length > 0 ? "80, 443" : "80",
            Age(one, now),
        ]);

    public static TableForm IngressClass { get; } = new(
        "Name | Controller | Parameters | Age",
        static (one, now) =>
        [
            one.Name,
            one.Spec["controller"]?.Text ?? "",
            one.Spec["parameters"] is TreeMap its ? $"{its["kind"]?.Text}{(its["apiGroup"]?.Text is { } group ? $".{group}" : "")}/{its["name"]?.Text}" : None,
            Age(one, now),
        ]);

    public static TableForm NetworkPolicy { get; } = new(
        "Name | Pod-Selector | Age", static (one, now) => [one.Name, Selector(one.Spec["podSelector"]), Age(one, now)]);

    private static Tree External(ApiObject service)
    {
        var own = Items(service.Spec["externalIPs"]).Select(address => address.Text);
        return service.Spec["type"]?.Text switch
        {
            "ExternalName" => OrNone(service.Spec["externalName"]?.Text),
            "LoadBalancer" => Balancers(service).Concat(own).ToList() is { Count: > 0 } all ? string.Join(',', all) : "<pending>",
            _ => Joined(own),
        };
    }

    private static IEnumerable<string?> Balancers(ApiObject one) =>
        Items(one.Status.At("loadBalancer", "ingress")).Select(ingress => ingress["ip"]?.Text ?? ingress["hostname"]?.Text);

    private static Tree Ports(ApiObject service) => Joined(Items(service.Spec["ports"]).Select(port =>
        $"{Number(port["port"])}{(port["nodePort"]?.Integer is { } onNode and > 0 ? $":{onNode}" : "")}/{port["protocol"]?.Text ?? "TCP"}"));

    private static IEnumerable<string> Addresses(Tree subset)
    {
        var ports = Items(subset["ports"]);
        return ports.Length == 0
            ? Items(subset["addresses"]).Select(address => address["ip"]?.Text ?? "")
            : ports.SelectMany(port => Items(subset["addresses"]).Select(address => $"{address["ip"]?.Text}:{Number(port["port"])}"));
    }
}
