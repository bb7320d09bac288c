using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Simulation;
using Sparkwright.World.Ec2;
using Sparkwright.World.Spark;

namespace Sparkwright.World.Emr;

/// <summary>The states of a managed endpoint, by the names that the API gives them.</summary>
public static class EndpointState
{
    public const string Creating = "CREATING";
    public const string Active = "ACTIVE";
    public const string Terminating = "TERMINATING";
    public const string Terminated = "TERMINATED";
    public const string TerminatedWithErrors = "TERMINATED_WITH_ERRORS";

    public static string[] All { get; } = [Creating, Active, Terminating, Terminated, TerminatedWithErrors];

    public static bool IsFinal(string state) => state is Terminated or TerminatedWithErrors;
}

/// <summary>Managed endpoints as a state machine: they come and go, and nobody serves notebooks behind them.</summary>
public sealed class ManagedEndpoints : Worker<string>
{
    private readonly ApiServer api;
    private readonly EmrAccess access;
    private readonly EmrResources resources;
    private readonly EmrSettings settings;
    private readonly ModelFigures figures;

    public ManagedEndpoints(EventLoop loop, ApiServer api, EmrAccess access, EmrResources resources, EmrSettings settings, ModelFigures figures)
        : base(loop)
    {
        (this.api, this.access, this.resources, this.settings, this.figures) = (api, access, resources, settings, figures);
        foreach (var known in api.Store.List(EmrTypes.ManagedEndpoint))
        {
            Wake(known.Name);
        }

        api.Store.Watch(EmrTypes.ManagedEndpoint, change => Wake(change.Object.Name));
    }

    /// <param name="request">Members of CreateManagedEndpoint, of the right shape.</param>
    public EmrResult Create(TreeMap request, string caller)
    {
        if (resources.Earlier(EmrTypes.ManagedEndpoint, request) is { } earlier)
        {
            return earlier;
        }

        var home = request["virtualClusterId"]?.Text ?? "";
        if (api.Store.Get(EmrTypes.VirtualCluster, "", home) is not { } cluster)
        {
            return new EmrResult.Refused(EmrRefusal.NotFound($"Virtual cluster {home} doesn't exist."));
        }

        return VirtualCluster.StateOf(cluster) is var state && state != VirtualClusterState.Running
            ? new EmrResult.Refused(EmrRefusal.Invalid($"Virtual cluster state {state} is not valid to create resource ManagedEndpoint."))
            : resources.Create(
                EmrTypes.ManagedEndpoint,
                $"virtualclusters/{home}/endpoints",
                EmrIds.ManagedEndpoint(api.Chance.For("emr/managed-endpoint", api.Store.ResourceVersion + 1)),
                request,
                caller,
                TreeMap.Of(("state", EndpointState.Creating)));
    }

    /// <summary>An endpoint of a virtual cluster; null when there is none of that id.</summary>
    public ApiObject? Find(string virtualClusterId, string id) =>
        api.Store.Get(EmrTypes.ManagedEndpoint, "", id) is { } known && known.Spec.At("request", "virtualClusterId")?.Text == virtualClusterId ? known : null;

    /// <summary>Asks for the end of an endpoint. Answers what stands against it, or null.</summary>
    public EmrRefusal? Delete(string virtualClusterId, string id)
    {
        if (Find(virtualClusterId, id) is not { } endpoint)
        {
            return EmrRefusal.Invalid($"Managed endpoint {id} doesn't exist.");
        }

        if (StateOf(endpoint) is EndpointState.Creating or EndpointState.Active)
        {
            api.ModifyStatus(EmrTypes.ManagedEndpoint, endpoint.Key, static status => status.With("changesAt", null).With("state", EndpointState.Terminating));
        }

        return null;
    }

    public static string StateOf(ApiObject endpoint) => endpoint.Status["state"]?.Text ?? "";

    protected override void Reconcile(string id)
    {
        if (api.Store.Get(EmrTypes.ManagedEndpoint, "", id) is not { } endpoint || StateOf(endpoint) is not (EndpointState.Creating or EndpointState.Terminating))
        {
            return;
        }

        var isComing = StateOf(endpoint) == EndpointState.Creating;
        if (Instants.Read(endpoint.Status["changesAt"]) is not { } due)
        {
            var takes = isComing ? figures.EndpointStart.Draw(api.Chance, "emr/endpoint-start", id) : figures.EndpointStop.Draw(api.Chance, "emr/endpoint-stop", id);
            Change(status => status.With("changesAt", Instants.Print(Clock.Now + takes)));
            return;
        }

        if (due > Clock.Now)
        {
            WakeAt(id, due);
            return;
        }

        if (!isComing)
        {
            Change(static status => status.With("changesAt", null).With("state", EndpointState.Terminated));
            return;
        }

        var home = api.Store.Get(EmrTypes.VirtualCluster, "", endpoint.Spec.At("request", "virtualClusterId")?.Text ?? "") is { } cluster ? VirtualCluster.NamespaceOf(cluster) : "";
        var missing = access.CannotCreate(home, [CoreTypes.Deployment, CoreTypes.Service, CoreTypes.ServiceAccount]);
        Change(status => missing is null
            ? status
                .With("changesAt", null)
                .With("securityGroup", api.Store.List(Ec2Types.SecurityGroup).Select(group => group.Name).FirstOrDefault())
                .With("serverUrl", $"https://k8s-{home}-ingress{id}.{settings.Region}.elb.amazonaws.com:18888")
                .With("state", EndpointState.Active)
                .With("subnetIds", TreeList.OfTexts(api.Store.List(Ec2Types.Subnet).Select(subnet => subnet.Name)))
            : status
                .With("changesAt", null)
                .With("failureReason", FailureReason.ClusterUnavailable)
                .With("state", EndpointState.TerminatedWithErrors)
                .With("stateDetails", $"The endpoint could not be created. {missing}"));

        void Change(Func<TreeMap, TreeMap> change) => api.ModifyStatus(EmrTypes.ManagedEndpoint, new ObjectKey("", id), change);
    }
}
