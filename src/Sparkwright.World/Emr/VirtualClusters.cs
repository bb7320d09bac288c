using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;

namespace Sparkwright.World.Emr;

/// <summary>The states of a virtual cluster, by the names that the API gives them.</summary>
public static class VirtualClusterState
{
    public const string Running = "RUNNING";
    public const string Terminating = "TERMINATING";
    public const string Terminated = "TERMINATED";

    /// <summary>Its end was asked for, and EMR on EKS lacks the rights to bring it about.</summary>
    public const string Arrested = "ARRESTED";

    public static string[] All { get; } = [Running, Terminating, Terminated, Arrested];
}

/// <summary>A virtual cluster as it lies in the store.</summary>
public static class VirtualCluster
{
    public static string NamespaceOf(ApiObject cluster) => cluster.Spec.At("request", "containerProvider", "info", "eksInfo", "namespace")?.Text ?? "";

    public static string StateOf(ApiObject cluster) => cluster.Status["state"]?.Text ?? "";
}

/// <summary>Makes virtual clusters over namespaces and ends them.</summary>
public sealed class VirtualClusters(ApiServer api, EmrSettings settings, EmrAccess access, EmrResources resources)
{
    /// <summary>Makes a virtual cluster; there may be one for each namespace that is not terminated.</summary>
    /// <param name="request">Members of CreateVirtualCluster, of the right shape.</param>
    public EmrResult Create(TreeMap request)
    {
        if (resources.Earlier(EmrTypes.VirtualCluster, request) is { } earlier)
        {
            return earlier;
        }

        var home = request.At("containerProvider", "info", "eksInfo", "namespace")?.Text ?? "";
        return Refusal(request, home) is { } refusal
            ? new EmrResult.Refused(refusal)
            : resources.Create(
                EmrTypes.VirtualCluster,
                "virtualclusters",
                EmrIds.VirtualCluster(api.Chance.For("emr/virtual-cluster", api.Store.ResourceVersion + 1)),
                request,
                "",
                TreeMap.Of(("state", VirtualClusterState.Running)));
    }

    /// <summary>The live virtual cluster of a name; null when there is none.</summary>
    public string? Find(string name) => api.Store.List(EmrTypes.VirtualCluster)
        .FirstOrDefault(known => known.Spec["name"]?.Text == name && VirtualCluster.StateOf(known) == VirtualClusterState.Running)?.Name;

    public ApiObject? Get(string id) => api.Store.Get(EmrTypes.VirtualCluster, "", id);

    /// <summary>Asks for the end of a virtual cluster; its namespace stays. Answers what stands against it, or null.</summary>
    public EmrRefusal? Delete(string id)
    {
        if (Get(id) is not { } cluster)
        {
            return EmrRefusal.Invalid($"Virtual cluster {id} doesn't exist.");
        }

        if (VirtualCluster.StateOf(cluster) is VirtualClusterState.Terminating or VirtualClusterState.Terminated)
        {
            return null;
        }

        if (Lives(EmrTypes.JobRun, static state => !JobRunState.IsFinal(state)) is { } run)
        {
            return EmrRefusal.Invalid($"Virtual cluster {id} has job runs that have not ended, such as {run.Name}; cancel them first.");
        }

        if (Lives(EmrTypes.ManagedEndpoint, static state => !EndpointState.IsFinal(state)) is { } endpoint)
        {
            return EmrRefusal.Invalid($"Virtual cluster {id} has managed endpoints that have not ended, such as {endpoint.Name}; delete them first.");
        }

        api.ModifyStatus(EmrTypes.VirtualCluster, cluster.Key, static status => status.With("state", VirtualClusterState.Terminating));
        return null;

        ApiObject? Lives(ResourceType type, Func<string, bool> isAlive) => api.Store.List(type).FirstOrDefault(known =>
            known.Spec.At("request", "virtualClusterId")?.Text == id && isAlive(known.Status["state"]?.Text ?? ""));
    }

    private EmrRefusal? Refusal(TreeMap request, string home)
    {
        var cluster = request.At("containerProvider", "id")?.Text;
        if (cluster != settings.ClusterName)
        {
            return EmrRefusal.Invalid($"EKS cluster {cluster} doesn't exist");
        }

        if (access.CannotRead(home) is { } unauthorized)
        {
            return EmrRefusal.Invalid(unauthorized);
        }

        if (api.Store.Get(CoreTypes.Namespace, "", home) is null)
        {
            return EmrRefusal.Invalid($"Namespace {home} doesn't exist in EKS cluster {settings.ClusterName}");
        }

        if (request["securityConfigurationId"]?.Text is { } security && api.Store.Get(EmrTypes.SecurityConfiguration, "", security) is null)
        {
            return EmrRefusal.NotFound($"Security configuration {security} doesn't exist.");
        }

        return api.Store.List(EmrTypes.VirtualCluster)
            .FirstOrDefault(known => VirtualCluster.NamespaceOf(known) == home && VirtualCluster.StateOf(known) != VirtualClusterState.Terminated) is { } other
            ? EmrRefusal.Invalid($"A virtual cluster already exists in the given namespace: {other.Name}")
            : null;
    }
}
