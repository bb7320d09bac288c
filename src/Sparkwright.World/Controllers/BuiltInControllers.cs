using Sparkwright.Kubernetes.Authentication;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Simulation;

namespace Sparkwright.World.Controllers;

/// <summary>What the built-in controllers need to know of the cluster.</summary>
public sealed record ControllerSettings
{
    /// <summary>The range of the cluster's service addresses.</summary>
    public string ServiceRange { get; init; } = ServiceController.DefaultRange;

    /// <summary>The cluster's certificate authority and the key of its tokens; null where no client ever checks them.</summary>
    public ClusterTrust? Trust { get; init; }
}

/// <summary>
/// All controllers that every cluster has, in the order in which they are built. Built over a store that was loaded from a journal, they go
/// on where they stopped.
/// </summary>
public sealed class BuiltInControllers
{
    /// <param name="types">All resource types, internal ones too; controllers see those that are added to the list later.</param>
    public BuiltInControllers(EventLoop loop, ApiServer api, IReadOnlyList<ResourceType> types, ControllerSettings? settings = null)
    {
        settings ??= new ControllerSettings();

        // Namespaces come first: what the others make lives in them. The garbage collector comes last, when all owners are there.
        Namespaces = new NamespaceController(loop, api, types);
        ServiceAccounts = new ServiceAccountController(loop, api, settings.Trust?.RootCertificate ?? "");
        TokenSecrets = new TokenSecretController(loop, api, settings.Trust);
        Services = new ServiceController(loop, api, settings.ServiceRange);
        Endpoints = new EndpointsController(loop, api);
        Deployments = new DeploymentController(loop, api);
        ReplicaSets = new ReplicaSetController(loop, api);
        DaemonSets = new DaemonSetController(loop, api);
        StatefulSets = new StatefulSetController(loop, api);
        Jobs = new JobController(loop, api);
        CronJobs = new CronJobController(loop, api);
        NodeLifecycle = new NodeLifecycleController(loop, api);
        TaintEviction = new TaintEvictionController(loop, api);
        DisruptionBudgets = new DisruptionBudgetController(loop, api, types);
        ResourceQuotas = new ResourceQuotaController(loop, api);
        Volumes = new VolumeController(loop, api);
        Claims = new ClaimController(loop, api);
        EphemeralClaims = new EphemeralClaims(loop, api);
        ClusterRoles = new ClusterRoleAggregation(loop, api);
        PodGarbage = new PodGarbageCollector(loop, api);
        EventExpiry = new EventExpiry(loop, api);
        Garbage = new GarbageCollector(loop, api, types);
    }

    public NamespaceController Namespaces { get; }

    public ClusterRoleAggregation ClusterRoles { get; }

    public ServiceAccountController ServiceAccounts { get; }

    public TokenSecretController TokenSecrets { get; }

    public ServiceController Services { get; }

    public EndpointsController Endpoints { get; }

    public DeploymentController Deployments { get; }

    public ReplicaSetController ReplicaSets { get; }

    public DaemonSetController DaemonSets { get; }

    public StatefulSetController StatefulSets { get; }

    public JobController Jobs { get; }

    public CronJobController CronJobs { get; }

    public NodeLifecycleController NodeLifecycle { get; }

    public TaintEvictionController TaintEviction { get; }

    public DisruptionBudgetController DisruptionBudgets { get; }

    public ResourceQuotaController ResourceQuotas { get; }

    public VolumeController Volumes { get; }

    public ClaimController Claims { get; }

    public EphemeralClaims EphemeralClaims { get; }

    public PodGarbageCollector PodGarbage { get; }

    public EventExpiry EventExpiry { get; }

    public GarbageCollector Garbage { get; }
}
