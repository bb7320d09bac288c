using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Store;
using Sparkwright.Simulation;
using Sparkwright.World.Karpenter.Apis;
using Sparkwright.World.Karpenter.Cloud;
using Sparkwright.World.Karpenter.Drift;

namespace Sparkwright.World.Karpenter.NodePools;

/// <summary>Keeps the status of NodePools: whether they may launch nodes, and the capacity of those that they have.</summary>
public sealed class NodePoolController : Worker<string>
{
    /// <summary>Whether nodes of a pool register is for their life cycle to say; until then it is not known.</summary>
    public const string RegistrationHealthy = "NodeRegistrationHealthy";

    private const string Validated = "ValidationSucceeded";
    private const string ClassReady = "NodeClassReady";

    private static readonly TimeSpan CountsAfter = TimeSpan.FromSeconds(1);

    private readonly ApiServer api;
    private readonly Pools pools;
    private readonly ICloudProvider cloud;
    private readonly KarpenterEvents events;
    private readonly HashMigration migration;

    public NodePoolController(EventLoop loop, ApiServer api, Pools pools, ICloudProvider cloud, KarpenterEvents events)
        : base(loop)
    {
        this.api = api;
        this.pools = pools;
        this.cloud = cloud;
        this.events = events;
        migration = new HashMigration(api, PoolHashes.NodePoolHash, PoolHashes.NodePoolHashVersion, PoolHashes.NodePoolVersion);
        foreach (var known in api.Store.List(KarpenterTypes.NodePool))
        {
            Wake(known.Name);
        }

        api.Store.Watch(KarpenterTypes.NodePool, change => Wake(change.Object.Name));
        api.Store.Watch(KarpenterTypes.Ec2NodeClass, change =>
        {
            foreach (var pool in pools.All().Where(pool => pool.Generation == Generation.V1 && pool.NodeClass?.Name == change.Object.Name))
            {
                Wake(pool.Name);
            }
        });
        api.Store.Watch(KarpenterTypes.NodeClaim, change =>
        {
            if (change.Object.Metadata.Label(KarpenterLabels.NodePool) is { } pool
                && (change.Old is null || change.Kind == StoreEventKind.Deleted || !Equals(change.Old.Status["capacity"], change.Object.Status["capacity"])))
            {
                WakeAfter(pool, CountsAfter);
            }
        });
    }

    protected override void Reconcile(string key)
    {
        if (pools.Find(new PoolKey(Generation.V1, key)) is not { } pool || pool.Object.Metadata.IsBeingDeleted)
        {
            return;
        }

        var hash = PoolHashes.Of(pool);
        migration.Run(pool.Object, hash, claim => claim.PoolName == key);
        api.Modify(KarpenterTypes.NodePool, pool.Object.Key, known => known
            .WithAnnotation(PoolHashes.NodePoolHash, hash)
            .WithAnnotation(PoolHashes.NodePoolHashVersion, PoolHashes.NodePoolVersion));
        var nodeClass = pools.NodeClassOf(pool);
        var objection = ObjectionTo(nodeClass);
        var faults = PoolValidation.Faults(pool).ToList();
        var usage = pools.UsageOf(pool.Key);
        api.ModifyStatus(KarpenterTypes.NodePool, pool.Object.Key, status => StatusOf(status, faults, objection, usage));
        if (objection is { } fault)
        {
            events.Warning(pool.Object, "NodeClassNotReady", fault.Message);
        }
        else if (faults.Count == 0 && cloud.ShapesFor(pool, nodeClass!) is { } shapes && (shapes.Matching(pool.Requirements) & shapes.Offered(pool.Requirements)).IsEmpty)
        {
            events.Warning(pool.Object, "NoCompatibleInstanceTypes", "NodePool requirements filtered out all compatible available instance types");
        }
    }

    private TreeMap StatusOf(TreeMap status, List<string> faults, (string Reason, string Message)? objection, Kubernetes.Fitting.ResourceList usage)
    {
        var missing = new List<string>();
        status = status.With("nodes", usage.Of(Pool.NodesResource)).With("resources", Zeros.Merge(usage.ToTree()));
        status = Conditions.Set(status, Validated, faults.Count == 0, faults.Count == 0 ? Validated : "NodePoolValidationFailed", string.Join("; ", faults), Clock.Now);
        status = Conditions.Set(status, ClassReady, objection is null, objection?.Reason ?? ClassReady, objection?.Message ?? "", Clock.Now);
        if (Conditions.Find(status, RegistrationHealthy) is null)
        {
            status = Conditions.Set(status, RegistrationHealthy, "Unknown", "AwaitingReconciliation", "object is awaiting reconciliation", Clock.Now);
        }

        missing.AddRange(faults.Count == 0 ? [] : [Validated]);
        missing.AddRange(objection is null ? [] : [ClassReady]);
        return Readiness.Summarise(status, missing, Clock.Now);
    }

    /// <summary>What every pool counts, even when it has none of it.</summary>
    private static TreeMap Zeros { get; } = TreeMap.Of(("cpu", "0"), ("ephemeral-storage", "0"), ("memory", "0"), ("nodes", "0"), ("pods", "0"));

    private static (string Reason, string Message)? ObjectionTo(NodeClass? nodeClass)
    {
        if (nodeClass is null)
        {
            return ("NodeClassNotFound", "NodeClass not found on cluster");
        }

        if (nodeClass.Object.Metadata.IsBeingDeleted)
        {
            return ("NodeClassTerminating", "NodeClass is Terminating");
        }

        return Conditions.Find(nodeClass.Object.Status, "Ready") switch
        {
            null => ("NodeClassReadinessUnknown", "Node Class Readiness Unknown"),
            var ready when ready["status"]?.Text == "True" => null,
            var ready => (ready["reason"]?.Text ?? "NodeClassNotReady", ready["message"]?.Text ?? ""),
        };
    }
}
