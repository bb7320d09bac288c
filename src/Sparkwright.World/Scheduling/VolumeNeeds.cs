using System.Collections.Immutable;
using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Store;

namespace Sparkwright.World.Scheduling;

/// <summary>
/// What a pod's volumes ask of a node: disks that only one pod may use, the number of volumes that a node takes, claims that are bound to
/// volumes of certain zones, and claims whose volume follows the pod.
/// </summary>
internal sealed class VolumeNeeds
{
    private static readonly Refusal DiskConflict = Refusal.ForNow("node(s) had no available disk", FilterName.Volumes);
    private static readonly Refusal OnePodOnly =
        Refusal.ForNow("node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode", FilterName.Volumes);
    private static readonly Refusal TooMany = Refusal.ForNow("node(s) exceed max volume count", FilterName.Volumes);
    private static readonly Refusal WrongZone = Refusal.Final("node(s) had no available volume zone", FilterName.Volumes);

    private const string NotReachable = "node(s) had volume node affinity conflict";
    private const string NothingToBind = "node(s) didn't find available persistent volumes to bind";
    private const string LostVolume = "node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)";

    private static readonly string[] ZoneLabels =
        ["topology.kubernetes.io/zone", "topology.kubernetes.io/region", "failure-domain.beta.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/region"];

    private readonly ApiObject pod;
    private readonly ObjectStore store;
    private readonly ImmutableArray<ApiObject> claims;
    private readonly ImmutableArray<ApiObject> usersOfOwn = [];

    private VolumeNeeds(ApiObject pod, ObjectStore store)
    {
        this.pod = pod;
        this.store = store;
        var found = ImmutableArray.CreateBuilder<ApiObject>();
        foreach (var volume in Tree.ItemsOf(pod.Spec["volumes"]))
        {
            var isEphemeral = volume["ephemeral"] is not null;
            if ((isEphemeral ? ClaimNames.OfEphemeral(pod, volume) : volume.At("persistentVolumeClaim", "claimName")?.Text) is not { } name)
            {
                continue;
            }

            var claim = store.Get(CoreTypes.PersistentVolumeClaim, pod.Namespace, name);
            Problem ??= ProblemWith(claim, name, isEphemeral);
            if (claim is not null)
            {
                found.Add(claim);
            }
        }

        claims = found.ToImmutable();
        Unbound = [.. claims.Where(claim => !Claims.IsBound(claim))];
        if (Unbound.Any(claim => !Claims.WaitsForConsumer(claim, store)))
        {
            Problem ??= "pod has unbound immediate PersistentVolumeClaims";
        }

        var own = claims.Where(claim => Tree.ItemsOf(claim.Spec["accessModes"]).ToArray().Any(mode => mode.Text == "ReadWriteOncePod")).Select(claim => claim.Name).ToList();
        if (own.Count > 0)
        {
            usersOfOwn = [.. store.List(CoreTypes.Pod, pod.Namespace).Where(other => PodSpecView.Of(other).NodeName.Length > 0
                && other.Status["phase"]?.Text is not ("Succeeded" or "Failed") && ClaimNames.Of(other).Any(own.Contains))];
        }
    }

    /// <summary>Why the pod cannot go to any node, whatever the nodes are; null when only nodes decide.</summary>
    public string? Problem { get; }

    /// <summary>The claims whose volumes are found or made for the node that the pod gets.</summary>
    public ImmutableArray<ApiObject> Unbound { get; }

    /// <summary>Null for a pod whose volumes ask nothing of a node.</summary>
    public static VolumeNeeds? Of(ApiObject pod, ObjectStore store)
    {
        foreach (var volume in Tree.ItemsOf(pod.Spec["volumes"]))
        {
            if (volume["persistentVolumeClaim"] is not null || volume["ephemeral"] is not null || Disks.Of(volume) is not null)
            {
                return new VolumeNeeds(pod, store);
            }
        }

        return null;
    }

    /// <summary>What a node says, in the order of upstream's filters; null when the volumes suit it.</summary>
    public Refusal? Check(NodeState node)
    {
        if (node.Pods.Values.Any(other => Disks.Conflict(pod, other)))
        {
            return DiskConflict;
        }

        // Wherever the other pod is: the claim is for one pod of the cluster.
        if (usersOfOwn.Any(user => PodSpecView.Of(user).NodeName != node.View.Name || node.Pods.ContainsKey(user.Key)))
        {
            return OnePodOnly;
        }

        return CheckLimits(node) ?? CheckBinding(node.View) ?? CheckZone(node.View);
    }

    /// <summary>The free volumes that claims take on a node, by claim; a claim that is not named gets a new one. Null when one can have neither.</summary>
    public IReadOnlyDictionary<ObjectKey, ApiObject>? Choose(NodeView node)
    {
        var chosen = new Dictionary<ObjectKey, ApiObject>();
        foreach (var claim in Unbound)
        {
            if (claim.Metadata.Annotation(Claims.SelectedNode) is { } selected)
            {
                if (selected != node.Name)
                {
                    return null;
                }
            }
            else if (VolumeMatch.BestOn(node, claim, store.List(CoreTypes.PersistentVolume), [.. chosen.Values.Select(volume => volume.Name)]) is { } free)
            {
                chosen.Add(claim.Key, free);
                continue;
            }

            if (!Claims.CanBeMadeFor(claim, node, store))
            {
                return null;
            }
        }

        return chosen;
    }

    private string? ProblemWith(ApiObject? claim, string name, bool isEphemeral) =>
        claim is null
            ? isEphemeral
                ? $"waiting for ephemeral volume controller to create the persistentvolumeclaim \"{name}\""
                : $"persistentvolumeclaim \"{name}\" not found"
        : claim.Status["phase"]?.Text == "Lost" ? $"persistentvolumeclaim \"{name}\" bound to non-existent persistentvolume \"{Claims.VolumeOf(claim)}\""
        : claim.Metadata.IsBeingDeleted ? $"persistentvolumeclaim \"{name}\" is being deleted"
        : isEphemeral && claim.Metadata.Controller?.Uid != pod.Metadata.Uid ? $"PVC {claim.Key} was not created for pod {pod.Key} (pod is not owner)"
        : null;

    private Refusal? CheckBinding(NodeView node)
    {
        var volumes = claims.Where(Claims.IsBound).Select(claim => store.Get(CoreTypes.PersistentVolume, "", Claims.VolumeOf(claim))).ToList();
        var reasons = ImmutableArray.CreateBuilder<string>();
        if (volumes.Any(volume => volume is not null && !VolumeMatch.IsReachedFrom(node, volume)))
        {
            reasons.Add(NotReachable);
        }

        if (Choose(node) is null)
        {
            reasons.Add(NothingToBind);
        }

        if (volumes.Contains(null))
        {
            reasons.Add(LostVolume);
        }

        return reasons.Count == 0 ? null : new Refusal(reasons.ToImmutable(), false, FilterName.Volumes);
    }

    /// <summary>How many volumes of each driver the node takes, as its CSINode says; without that there is no limit.</summary>
    private Refusal? CheckLimits(NodeState node)
    {
        if (store.Get(CoreTypes.CsiNode, "", node.View.Name) is not { } csiNode)
        {
            return null;
        }

        var asked = HandlesOf(pod).ToHashSet();
        foreach (var driver in Tree.ItemsOf(csiNode.Spec["drivers"]))
        {
            if (driver.At("allocatable", "count")?.Integer is not { } limit || !asked.Any(one => one.Driver == driver["name"]?.Text))
            {
                continue;
            }

            var there = node.Pods.Values.SelectMany(HandlesOf).Where(one => one.Driver == driver["name"]?.Text).ToHashSet();
            var more = asked.Count(one => one.Driver == driver["name"]?.Text && !there.Contains(one));
            if (more > 0 && there.Count + more > limit)
            {
                return TooMany;
            }
        }

        return null;
    }

    /// <summary>The volumes of a pod by driver and handle; one that is still to be made counts under its claim's name.</summary>
    private IEnumerable<(string Driver, string Handle)> HandlesOf(ApiObject of)
    {
        foreach (var name in ClaimNames.Of(of))
        {
            if (store.Get(CoreTypes.PersistentVolumeClaim, of.Namespace, name) is not { } claim)
            {
                continue;
            }

            if (store.Get(CoreTypes.PersistentVolume, "", Claims.VolumeOf(claim)) is { } volume)
            {
                if (volume.Spec["csi"] is { } csi)
                {
                    yield return (csi["driver"]?.Text ?? "", csi["volumeHandle"]?.Text ?? "");
                }
                else if (volume.Spec["awsElasticBlockStore"] is { } disk)
                {
                    yield return ("ebs.csi.aws.com", disk["volumeID"]?.Text ?? "");
                }
            }
            else if (Claims.ClassOf(claim, store)?.Body["provisioner"]?.Text is { } provisioner)
            {
                yield return (provisioner == "kubernetes.io/aws-ebs" ? "ebs.csi.aws.com" : provisioner, claim.Key.ToString());
            }
        }
    }

    private Refusal? CheckZone(NodeView node)
    {
        if (!ZoneLabels.Any(node.Labels.ContainsKey))
        {
            return null;
        }

        foreach (var claim in claims)
        {
            if (store.Get(CoreTypes.PersistentVolume, "", Claims.VolumeOf(claim)) is { } volume
                && ZoneLabels.Any(label => volume.Metadata.Label(label) is { } zones && !zones.Split("__").Contains(node.Labels.Get(label)?.Text, StringComparer.Ordinal)))
            {
                return WrongZone;
            }
        }

        return null;
    }
}
