using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.World.Karpenter.Apis;

namespace Sparkwright.World.Karpenter;

/// <summary>The Provisioners of the store, read once a version, and the capacity of the nodes of each.</summary>
public sealed class Provisioners
{
    private readonly ApiServer api;
    private readonly Dictionary<string, Provisioner> read = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ResourceList> usage = new(StringComparer.Ordinal);

    public Provisioners(ApiServer api)
    {
        this.api = api;
        foreach (var node in api.Store.List(CoreTypes.Node))
        {
            Count(null, node);
        }

        api.Store.Watch(CoreTypes.Node, change => Count(change.Old, change.Kind == Kubernetes.Store.StoreEventKind.Deleted ? null : change.Object));
    }

    /// <summary>Those that launch nodes, in the order in which they are tried: by weight, then by name.</summary>
    public IEnumerable<Provisioner> InOrder() => api.Store.List(KarpenterTypes.Provisioner)
        .Where(known => !known.Metadata.IsBeingDeleted)
        .Select(Read)
        .OrderByDescending(known => known.Weight)
        .ThenBy(known => known.Name, StringComparer.Ordinal);

    public Provisioner? Find(string name) => api.Store.Get(KarpenterTypes.Provisioner, "", name) is { } known ? Read(known) : null;

    /// <summary>The AWSNodeTemplate that a Provisioner names, or the settings that stand in itself; null when the template is not there.</summary>
    public TreeMap? NodeTemplateOf(Provisioner pool) => pool.ProviderRef is { } name
        ? api.Store.Get(KarpenterTypes.AwsNodeTemplate, "", name)?.Spec
        : pool.Object.Spec["provider"] as TreeMap;

    /// <summary>The capacity of a provisioner's nodes together.</summary>
    public ResourceList UsageOf(string provisioner) => usage.GetValueOrDefault(provisioner, ResourceList.Zero);

    private Provisioner Read(ApiObject known)
    {
        if (!read.TryGetValue(known.Name, out var provisioner) || !ReferenceEquals(provisioner.Object, known))
        {
            read[known.Name] = provisioner = Provisioner.Of(known);
        }

        return provisioner;
    }

    private void Count(ApiObject? old, ApiObject? now)
    {
        var (before, after) = (PoolOf(old), PoolOf(now));
        if (before == after && old is not null && now is not null && ReferenceEquals(old.Status["capacity"], now.Status["capacity"]))
        {
            return;
        }

        if (before is not null)
        {
            usage[before] = UsageOf(before) - ResourceList.From(old!.Status["capacity"]);
        }

        if (after is not null)
        {
            usage[after] = UsageOf(after) + ResourceList.From(now!.Status["capacity"]);
        }
    }

    private static string? PoolOf(ApiObject? node) => node?.Metadata.Label(KarpenterLabels.ProvisionerName);
}
