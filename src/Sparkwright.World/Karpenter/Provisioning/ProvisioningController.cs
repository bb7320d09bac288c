using System.Globalization;
using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Simulation;
using Sparkwright.World.Karpenter.Apis;
using Sparkwright.World.Karpenter.Solver;

namespace Sparkwright.World.Karpenter.Provisioning;

/// <summary>
/// Collects pending pods for a moment, plans nodes for all of them at once, and launches those. What finds no place is tried again every
/// ten seconds.
/// </summary>
public sealed class ProvisioningController : Worker<string>
{
    private const string Batch = "batch";
    /// <summary>One second, and a moment for what arrives at its very end: that still belongs to the batch.</summary>
    private static readonly TimeSpan BatchIdle = TimeSpan.FromMilliseconds(1001);

    private static readonly TimeSpan BatchMax = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan RetryEvery = TimeSpan.FromSeconds(10);

    private readonly ApiServer api;
    private readonly AwsCloud cloud;
    private readonly Snapshot snapshot;
    private readonly EventRecorder events;
    private readonly string region;
    private DateTime? opened;
    private DateTime due;

    public ProvisioningController(EventLoop loop, ApiServer api, AwsCloud cloud, Snapshot snapshot, string region)
        : base(loop)
    {
        this.api = api;
        this.cloud = cloud;
        this.snapshot = snapshot;
        this.region = region;
        events = new EventRecorder(api, "karpenter");
        if (api.Store.List(CoreTypes.Pod).Any(Snapshot.IsProvisionable))
        {
            Trigger();
        }

        api.Store.Watch(CoreTypes.Pod, change =>
        {
            if (change.Kind != Kubernetes.Store.StoreEventKind.Deleted && Snapshot.IsProvisionable(change.Object))
            {
                Trigger();
            }
        });
    }

    protected override void Reconcile(string key)
    {
        if (opened is not null && due > Clock.Now)
        {
            WakeAt(Batch, due);
            return;
        }

        opened = null;
        if (snapshot.Take() is not { } input)
        {
            return;
        }

        Loop.Compute(input, static known => PackingSolver.Solve(known.Solver), plan => Carry(plan, input));
    }

    /// <summary>Opens the window, or keeps it open for another second, ten at most.</summary>
    private void Trigger()
    {
        opened ??= Clock.Now;
        due = Clock.Now + BatchIdle is var idle && idle < opened.Value + BatchMax ? idle : opened.Value + BatchMax;
        WakeAt(Batch, due);
    }

    private void Carry(SolverPlan plan, SnapshotInput input)
    {
        var failed = !plan.Unplaced.IsEmpty;
        foreach (var unplaced in plan.Unplaced)
        {
            if (api.Store.Get(CoreTypes.Pod, unplaced.Pod.Key) is { } pod)
            {
                events.Warning(pod, "FailedScheduling", $"Failed to schedule pod, {unplaced.Message}");
            }
        }

        foreach (var planned in plan.OnNodes)
        {
            snapshot.Nominate(planned.Node);
            Nominated(planned.Pod, planned.Node);
        }

        foreach (var claim in plan.Claims)
        {
            failed |= !Launch(claim, input.Provisioners[claim.Pool.Name], input.Templates[claim.Pool.Name]);
        }

        if (failed)
        {
            // What is left stays pending and comes again.
            WakeAfter(Batch, RetryEvery);
        }
    }

    private bool Launch(PlannedClaim claim, Provisioner pool, TreeMap template)
    {
        if (Exceeded(pool) is { } limit)
        {
            Failed(claim, $"limits exceeded: {limit}");
            return false;
        }

        var labels = NodeLabels(claim, pool);
        var taints = TreeList.From(pool.Taints.Concat(pool.StartupTaints).Select(taint => taint.ToTree()));
        switch (cloud.Launch(claim, template, pool.Name, TreeMap.Of(("labels", labels), ("taints", taints))))
        {
            case LaunchOutcome.Launched launched:
                CreateNode(claim, pool, launched, labels);
                return true;
            case LaunchOutcome.Failed failed:
                Failed(claim, $"launching node, creating cloud provider instance, {failed.Code}: {failed.Message}");
                return false;
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    /// <summary>The Provisioner makes the Node itself, right after the launch, not ready yet.</summary>
    private void CreateNode(PlannedClaim claim, Provisioner pool, LaunchOutcome.Launched launched, TreeMap labels)
    {
        var instance = launched.Instance;
        var type = claim.Types.First(candidate => candidate.Type.Name == instance.TypeName);
        var notReady = new Taint("node.kubernetes.io/not-ready", "", Taint.NoSchedule);
        foreach (var label in type.Labels.All)
        {
            labels = label.Single is { } value ? labels.With(label.Key, value) : labels;
        }

        labels = labels
            .With(KarpenterLabels.Zone, instance.Zone)
            .With(KarpenterLabels.Region, region)
            .With(KarpenterLabels.CapacityType, instance.CapacityType)
            .With("topology.ebs.csi.aws.com/zone", null)
            .With(KarpenterLabels.Hostname, instance.NodeName);
        var node = new ApiObject(
            CoreTypes.Node,
            new ObjectMeta
            {
                Name = instance.NodeName,
                Labels = labels,
                Annotations = pool.Annotations,
                Finalizers = [NodeController.Finalizer],
                OwnerReferences = [pool.Object.AsOwner(controller: false) with { BlocksDeletion = true }],
            },
            TreeMap.Of(
                ("spec", TreeMap.Of(
                    ("providerID", instance.ProviderId),
                    ("taints", TreeList.From(pool.Taints.Concat(pool.StartupTaints).Append(notReady).Select(taint => taint.ToTree()))))),
                ("status", TreeMap.Of(
                    ("addresses", TreeList.Of(
                        TreeMap.Of(("address", instance.PrivateIp), ("type", "InternalIP")),
                        TreeMap.Of(("address", instance.NodeName), ("type", "InternalDNS")),
                        TreeMap.Of(("address", instance.NodeName), ("type", "Hostname")))),
                    ("allocatable", type.Allocatable.ToTree()),
                    ("capacity", type.Capacity.ToTree())))));
        api.Create(node);
        snapshot.Nominate(instance.NodeName);
        Record(claim, launched);
        foreach (var pod in claim.Pods)
        {
            Nominated(pod, instance.NodeName);
        }
    }

    /// <summary>Keeps why this node was bought beside it, for reports and explanations.</summary>
    private void Record(PlannedClaim claim, LaunchOutcome.Launched launched)
    {
        var spec = TreeMap.Of(
            ("capacityType", launched.Instance.CapacityType),
            ("instanceId", launched.Instance.Id),
            ("instanceType", launched.Instance.TypeName),
            ("offers", TreeList.From(launched.Offers.Select(offer => TreeMap.Of(
                ("instanceType", offer.Type.Type.Name),
                ("usdPerHour", offer.Offering.UsdPerHour.ToString(CultureInfo.InvariantCulture)),
                ("zone", offer.Offering.Zone))))),
            ("pods", TreeList.OfTexts(claim.Pods.Select(pod => pod.Key.ToString()))),
            ("pool", claim.Pool.Name),
            ("requests", claim.Requests.ToTree()),
            ("requirements", claim.Requirements.ToString()),
            ("typesLeft", launched.TypesLeft),
            ("typesInPool", claim.Pool.Types.Length));
        api.Create(new ApiObject(KarpenterTypes.LaunchRecord, new ObjectMeta { Name = launched.Instance.Id }, TreeMap.Of(("spec", spec))));
    }

    private TreeMap NodeLabels(PlannedClaim claim, Provisioner pool)
    {
        var labels = pool.Labels.With(KarpenterLabels.ProvisionerName, pool.Name);
        foreach (var requirement in claim.Requirements.All.Where(requirement => !KarpenterLabels.WellKnown(Generation.V1Alpha5).Contains(requirement.Key)))
        {
            // A custom label with several values gets one of them, and the node shows which.
            if (!requirement.IsComplement && !requirement.Values.IsEmpty)
            {
                var draw = api.Chance.For("karpenter/label", $"{pool.Name}/{requirement.Key}/{api.Store.ResourceVersion}");
                labels = labels.With(requirement.Key, requirement.Values[(int)draw.Below(requirement.Values.Count)]);
            }
        }

        return labels;
    }

    private string? Exceeded(Provisioner pool)
    {
        var usage = snapshot.Usage(pool.Name);
        foreach (var (resource, limit) in pool.Limits)
        {
            if (usage.Of(resource) >= limit)
            {
                return $"{resource} usage {usage.Of(resource)} exceeds limit {limit}";
            }
        }

        return null;
    }

    private void Nominated(SolverPod planned, string node)
    {
        if (api.Store.Get(CoreTypes.Pod, planned.Key) is { } pod)
        {
            events.Normal(pod, "Nominated", $"Pod should schedule on {node}");
        }
    }

    private void Failed(PlannedClaim claim, string why)
    {
        foreach (var planned in claim.Pods)
        {
            if (api.Store.Get(CoreTypes.Pod, planned.Key) is { } pod)
            {
                events.Warning(pod, "FailedScheduling", $"Failed to schedule pod, {why}");
            }
        }
    }
}
