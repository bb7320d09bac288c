using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.World.Ec2;
using Sparkwright.World.Karpenter.Apis;
using Sparkwright.World.Karpenter.Cloud;
using Sparkwright.World.Karpenter.InstanceTypes;
using Sparkwright.World.Karpenter.Metrics;
using Sparkwright.World.Karpenter.Provisioning;
using Sparkwright.World.Karpenter.Requirements;

namespace Sparkwright.World.Karpenter.NodeClaims;

/// <summary>
/// Buys the machine of a NodeClaim. What cannot be had makes the claim go, so that its pods are planned for anew; any other failure is tried
/// again after 1 s, 2 s, 4 s and so on, until the claim's time to launch is over.
/// </summary>
public sealed class ClaimLaunch(ApiServer api, Pools pools, ICloudProvider cloud, KarpenterEvents events, LaunchRecords records, KarpenterMetrics metrics)
{
    /// <summary>The mark of a node that its NodeClaim does not know yet.</summary>
    public static readonly Kubernetes.Fitting.Taint Unregistered = new("karpenter.sh/unregistered", "", Kubernetes.Fitting.Taint.NoExecute);

    private const string NodeClassNotReady = "NodeClassNotReady";

    private const int LongestMessage = 300;

    /// <summary>When the n-th attempt is due after the claim's creation: 0, 1 s, 3 s, 7 s, 15 s…</summary>
    public static TimeSpan AttemptAt(int attempt) => TimeSpan.FromSeconds((1L << attempt) - 1);

    /// <summary>The first attempt that is due after a time.</summary>
    public static DateTime NextAttempt(DateTime created, DateTime after)
    {
        var attempt = 0;
        while (created + AttemptAt(attempt) <= after)
        {
            attempt++;
        }

        return created + AttemptAt(attempt);
    }

    /// <summary>Tries once; what came of it is in the claim's status, or the claim is being deleted.</summary>
    public void Try(ApiObject claim)
    {
        var view = NodeClaim.Of(claim);
        if (pools.Ec2NodeClass(view.NodeClassName) is not { } nodeClass)
        {
            GiveUp(claim, "InsufficientCapacityError", $"creating instance, insufficient capacity, resolving ec2nodeclass, EC2NodeClass.karpenter.k8s.aws \"{view.NodeClassName}\" not found");
            return;
        }

        if (Conditions.Find(nodeClass.Object.Status, "Ready") is { } ready && ready["status"]?.Text == "False")
        {
            GiveUp(claim, NodeClassNotReady, $"resolving ec2nodeclass, {ready["message"]?.Text}");
            return;
        }

        var pool = PoolOf(claim, view);
        var labels = LabelsOf(claim, view);
        var choices = cloud.ShapesFor(pool, nodeClass) is { } shapes ? LaunchChoice.Of(shapes, view.Requirements, view.Requests) : [];
        var outcome = cloud.Launch(new LaunchRequest
        {
            Pool = pool,
            NodeClass = nodeClass,
            Choices = choices,
            KeepsVariety = view.Requirements.All.Any(requirement => requirement.MinValues is not null),
            Registration = new NodeRegistration(labels, [Unregistered, .. view.Taints, .. view.StartupTaints]),
            ClaimName = claim.Name,
        });
        switch (outcome)
        {
            case LaunchOutcome.Launched launched:
                Record(claim, labels, launched, nodeClass);
                break;
            case LaunchOutcome.Failed { IsCapacity: true } failed:
                GiveUp(claim, "InsufficientCapacityError", $"creating instance, insufficient capacity, {failed}");
                break;
            case LaunchOutcome.Failed failed:
                var message = Short($"creating instance, {failed}");
                api.ModifyStatus(KarpenterTypes.NodeClaim, claim.Key, status =>
                    ClaimConditions.Unknown(claim, status, ClaimConditions.Launched, "LaunchFailed", message, api.Clock.Now));
                foreach (var pod in records.PodsOf(claim))
                {
                    events.FailedScheduling(pod, $"launching nodeclaim, {message}");
                }

                break;
        }
    }

    /// <summary>A claim that was made by hand stands for a pool of its own.</summary>
    private Pool PoolOf(ApiObject claim, NodeClaim view) => view.PoolName is { } name && pools.Find(new PoolKey(Generation.V1, name)) is { } known
        ? known
        : Pool.Of(new ApiObject(
            KarpenterTypes.NodePool,
            new ObjectMeta { Name = view.PoolName ?? claim.Name },
            TreeMap.Of(("spec", TreeMap.Of(("template", TreeMap.Of(("spec", claim.Spec))))))));

    private void GiveUp(ApiObject claim, string reason, string message)
    {
        events.Warning(claim, reason, $"NodeClaim {claim.Name} event: {Short(message)}");
        foreach (var pod in records.PodsOf(claim))
        {
            events.FailedScheduling(pod, $"launching nodeclaim, {Short(message)}");
        }

        metrics.ClaimDisrupted(claim, reason == NodeClassNotReady ? "nodeclass_not_ready" : "insufficient_capacity");
        api.Delete(KarpenterTypes.NodeClaim, claim.Key);
    }

    private static string Short(string message) => message.Length < LongestMessage ? message : message[..LongestMessage] + "...";

    /// <summary>The claim's labels, and one value for each further label that its requirements speak of and that no machine brings along.</summary>
    private TreeMap LabelsOf(ApiObject claim, NodeClaim view)
    {
        var labels = claim.Metadata.Labels;
        var wellKnown = GenerationRules.Of(Generation.V1).WellKnownLabels;
        foreach (var requirement in view.Requirements.All.Where(requirement => !labels.ContainsKey(requirement.Key) && !wellKnown.Contains(requirement.Key)))
        {
            if (ValueFor(requirement, claim) is { } value)
            {
                labels = labels.With(requirement.Key, value);
            }
        }

        return labels;
    }

    /// <summary>Any value that the requirement allows; for one that only excludes values a number, as upstream has it.</summary>
    private string? ValueFor(Requirement requirement, ApiObject claim)
    {
        var draw = api.Chance.For("karpenter/label", $"{claim.Metadata.Uid}/{requirement.Key}");
        if (!requirement.IsComplement)
        {
            return requirement.Values.IsEmpty ? null : requirement.Values[(int)draw.Below(requirement.Values.Count)];
        }

        var (least, most) = ((requirement.GreaterThan ?? -1) + 1, requirement.LessThan ?? long.MaxValue);
        return (least + draw.Below(most - least)).ToString(System.Globalization.CultureInfo.InvariantCulture);
    }

    private void Record(ApiObject claim, TreeMap labels, LaunchOutcome.Launched launched, NodeClass nodeClass)
    {
        var (instance, shape) = (launched.Instance, launched.Shape);
        foreach (var label in shape.Labels.All)
        {
            labels = label.Single is { } value && !labels.ContainsKey(label.Key) ? labels.With(label.Key, value) : labels;
        }

        labels = labels.With(KarpenterLabels.Zone, instance.Zone).With(KarpenterLabels.ZoneId, ZoneIds.Of(instance.Zone)).With(KarpenterLabels.CapacityType, instance.CapacityType);
        var annotations = claim.Metadata.Annotations;
        foreach (var key in new[] { "karpenter.k8s.aws/ec2nodeclass-hash", "karpenter.k8s.aws/ec2nodeclass-hash-version" })
        {
            annotations = nodeClass.Object.Metadata.Annotation(key) is { } value ? annotations.With(key, value) : annotations;
        }

        cloud.WillRegister(instance.ProviderId, NodeOf(instance.CapacityType, instance.Zone, shape, labels, claim));
        api.Modify(KarpenterTypes.NodeClaim, claim.Key, known => known.With(known.Metadata with { Labels = labels, Annotations = annotations }));
        api.ModifyStatus(KarpenterTypes.NodeClaim, claim.Key, status => ClaimConditions.True(
            claim,
            status
                .With("allocatable", shape.Allocatable.ToTree())
                .With("capacity", shape.Capacity.ToTree())
                .With("imageID", launched.ImageId)
                .With("providerID", instance.ProviderId),
            ClaimConditions.Launched,
            api.Clock.Now));
        records.Bought(claim, launched);
    }

    /// <summary>What the kubelet of the machine will register.</summary>
    private static TreeMap NodeOf(string capacityType, string zone, NodeShape shape, TreeMap labels, ApiObject claim) => TreeMap.Of(
        ("allocatable", shape.Allocatable.ToTree()),
        ("capacity", shape.Capacity.ToTree()),
        ("labels", labels.With(KarpenterLabels.CapacityType, capacityType).With(KarpenterLabels.Zone, zone)),
        ("taints", TreeList.From(new[] { Unregistered }.Concat(NodeClaim.Of(claim).Taints).Concat(NodeClaim.Of(claim).StartupTaints).Select(taint => taint.ToTree()))));
}
