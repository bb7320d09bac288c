using System.Globalization;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Store;

namespace Sparkwright.World.Controllers;

/// <summary>
/// Gives services their cluster addresses and node ports while they are written. Which ones are taken is read off the services themselves.
/// </summary>
public sealed class ServiceAddresses
{
    private const string None = "None";
    private const int FirstNodePort = 30000;
    private const int LastNodePort = 32767;

    /// <summary>The low part of the port range is left to those who name their port (KEP-3668: 86 of 2768).</summary>
    private const int PortsKeptForChoice = 86;

    private readonly ApiServer api;
    private readonly AddressRange range;
    private readonly StoreIndex byAddress;

    public ServiceAddresses(ApiServer api, AddressRange range)
    {
        this.api = api;
        this.range = range;
        byAddress = api.Store.Index(CoreTypes.Service, "controllers/cluster-ip", AddressOf);
    }

    /// <summary>The low part of the range is left to those who name their address (KEP-3070: a sixteenth, 16 to 256 addresses).</summary>
    private long AddressesKeptForChoice => Math.Min(Math.Max(16, range.Size / 16), 256);

    public AdmissionVerdict Admit(ApiObject candidate, ApiObject? old)
    {
        if (candidate.Type != CoreTypes.Service || candidate.Metadata.IsBeingDeleted)
        {
            return AdmissionVerdict.Accept(candidate);
        }

        var spec = KeepAllocated(candidate.Spec, old?.Spec);
        if (TypeOf(spec) == "ExternalName")
        {
            return AdmissionVerdict.Accept(candidate);
        }

        var asked = spec["clusterIP"]?.Text is { Length: > 0 } single ? single : FirstText(spec["clusterIPs"]);
        if (old is not null && AddressOf(old) is { } kept && asked is not null && kept != asked)
        {
            return Invalid(candidate, $"spec.clusterIPs[0]: Invalid value: [\"{asked}\"]: may not change once set");
        }

        if (asked is not null && asked != None && asked != (old is null ? null : AddressOf(old)))
        {
            var why = !range.Holds(asked) ? "the provided IP is not in the valid range"
                : byAddress.CountOf(asked) > 0 ? "provided IP is already allocated"
                : null;
            if (why is not null)
            {
                return Invalid(candidate, $"spec.clusterIPs: Invalid value: [\"{asked}\"]: failed to allocate IP {asked}: {why}");
            }
        }

        var address = asked ?? FreeAddress(candidate.Key);
        if (address is null)
        {
            return AdmissionVerdict.Refuse(new ApiStatus(500, "InternalError", "Internal error occurred: failed to allocate a serviceIP: range is full"));
        }

        spec = spec
            .With("clusterIP", address)
            .With("clusterIPs", TreeList.Of(address))
            .With("ipFamilies", spec["ipFamilies"] ?? TreeList.Of("IPv4"))
            .With("ipFamilyPolicy", spec["ipFamilyPolicy"] ?? "SingleStack");
        return WithNodePorts(candidate, spec, old);
    }

    /// <summary>The address that a service has or asks for; null where it has none.</summary>
    private static string? AddressOf(ApiObject service) => service.Spec["clusterIP"]?.Text is { Length: > 0 } address ? address : null;

    private static string? FirstText(Tree? list) => Tree.ItemsOf(list) is [var first, ..] ? first.Text : null;

    private static string TypeOf(TreeMap spec) => spec["type"]?.Text ?? "ClusterIP";

    private static AdmissionVerdict Invalid(ApiObject candidate, string what) =>
        AdmissionVerdict.Refuse(new ApiStatus(422, "Invalid", $"Service \"{candidate.Name}\" is invalid: {what}"));

    private static bool WantsNodePorts(TreeMap spec) =>
        TypeOf(spec) == "NodePort" || (TypeOf(spec) == "LoadBalancer" && spec["allocateLoadBalancerNodePorts"]?.Boolean != false);

    /// <summary>A write that leaves out what the server had allocated keeps it.</summary>
    private static TreeMap KeepAllocated(TreeMap spec, TreeMap? old)
    {
        if (old is null || TypeOf(spec) == "ExternalName" || TypeOf(old) == "ExternalName")
        {
            return spec;
        }

        if (spec["clusterIP"]?.Text is null or "" && FirstText(spec["clusterIPs"]) is null)
        {
            spec = spec.With("clusterIP", old["clusterIP"]).With("clusterIPs", old["clusterIPs"]);
        }

        if (!WantsNodePorts(spec))
        {
            return spec;
        }

        var before = Tree.ItemsOf(old["ports"]).ToArray();
        return spec.With("ports", TreeList.From(Tree.ItemsOf(spec["ports"]).ToArray().Select(port =>
            port is TreeMap map && NodePortOf(map) == 0 && before.FirstOrDefault(other => SamePort(other, map)) is { } same && NodePortOf(same) != 0
                ? map.With("nodePort", NodePortOf(same))
                : port)));
    }

    private static bool SamePort(Tree one, Tree other) =>
        one["port"]?.Integer == other["port"]?.Integer && (one["protocol"]?.Text ?? "TCP") == (other["protocol"]?.Text ?? "TCP");

    private static long NodePortOf(Tree port) => port["nodePort"]?.Integer ?? 0;

    private AdmissionVerdict WithNodePorts(ApiObject candidate, TreeMap spec, ApiObject? old)
    {
        if (!WantsNodePorts(spec))
        {
            return AdmissionVerdict.Accept(candidate.WithSpec(spec));
        }

        var taken = new HashSet<long>(api.Store.List(CoreTypes.Service)
            .Where(other => other.Key != candidate.Key)
            .SelectMany(other => Tree.ItemsOf(other.Spec["ports"]).ToArray().Select(NodePortOf))
            .Where(port => port != 0));
        var ports = Tree.ItemsOf(spec["ports"]).ToArray();
        var had = new HashSet<long>(old is null ? [] : Tree.ItemsOf(old.Spec["ports"]).ToArray().Select(NodePortOf));
        for (var at = 0; at < ports.Length; at++)
        {
            var port = NodePortOf(ports[at]);
            if (port == 0 || had.Contains(port))
            {
                continue;
            }

            var field = string.Create(CultureInfo.InvariantCulture, $"spec.ports[{at}].nodePort: Invalid value: {port}");
            if (port is < FirstNodePort or > LastNodePort)
            {
                return Invalid(candidate, $"{field}: provided port is not in the valid range. The range of valid ports is 30000-32767");
            }

            if (taken.Contains(port))
            {
                return Invalid(candidate, $"{field}: provided port is already allocated");
            }
        }

        taken.UnionWith(ports.Select(NodePortOf));
        for (var at = 0; at < ports.Length; at++)
        {
            if (NodePortOf(ports[at]) != 0 || ports[at] is not TreeMap port)
            {
                continue;
            }

            if (FreePort(candidate.Key, at, taken) is not { } free)
            {
                return AdmissionVerdict.Refuse(new ApiStatus(500, "InternalError", "Internal error occurred: failed to allocate a nodePort: range is full"));
            }

            taken.Add(free);
            ports[at] = port.With("nodePort", free);
        }

        return AdmissionVerdict.Accept(candidate.WithSpec(spec.With("ports", TreeList.From(ports))));
    }

    /// <summary>A free address of the upper part of the range, else of the lower one; where the search starts is drawn by the name.</summary>
    private string? FreeAddress(ObjectKey key)
    {
        var kept = AddressesKeptForChoice;
        var (low, high) = (1 + kept, range.Size - 2);
        return Search(low, high) ?? Search(1, Math.Min(kept, high));

        string? Search(long least, long most)
        {
            var count = most - least + 1;
            var start = count > 0 ? api.Chance.For("services/cluster-ip", key.ToString()).Below(count) : 0;
            for (long step = 0; step < count; step++)
            {
                var address = range[least + ((start + step) % count)];
                if (byAddress.CountOf(address) == 0)
                {
                    return address;
                }
            }

            return null;
        }
    }

    private long? FreePort(ObjectKey key, int at, HashSet<long> taken)
    {
        const int First = FirstNodePort + PortsKeptForChoice;
        const int Count = LastNodePort - First + 1;
        var start = api.Chance.For("services/node-port", string.Create(CultureInfo.InvariantCulture, $"{key}/{at}")).Below(Count);
        for (var step = 0; step < Count; step++)
        {
            var port = First + ((start + step) % Count);
            if (!taken.Contains(port))
            {
                return port;
            }
        }

        for (long port = FirstNodePort; port < First; port++)
        {
            if (!taken.Contains(port))
            {
                return port;
            }
        }

        return null;
    }
}
