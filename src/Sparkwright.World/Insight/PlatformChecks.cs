using System.Globalization;
using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Aws.Eks;
using Sparkwright.World.Blueprint;
using Sparkwright.World.Emr;
using Sparkwright.World.Karpenter.Apis;
using Sparkwright.World.Nodes;

namespace Sparkwright.World.Insight;

/// <summary>Something that has to hold of a platform.</summary>
/// <param name="Name">What is looked at.</param>
/// <param name="Found">How it is.</param>
/// <param name="Mend">What to do where it does not hold.</param>
public sealed record PlatformCheck(string Name, bool Ok, string Found, string Mend)
{
    public TreeMap ToTree() => TreeMap.Of(("found", Found), ("mend", Ok ? null : Mend), ("name", Name), ("ok", Ok));
}

/// <summary>The check list of a platform: what the tutorial looks at once everything is built, and what its jobs need beside.</summary>
public static class PlatformChecks
{
    /// <param name="blueprint">What ought to be there.</param>
    public static IReadOnlyList<PlatformCheck> Of(World world, PlatformBlueprint blueprint) =>
    [
        Cluster(world, blueprint),
        .. blueprint.PrometheusWorkspace is { } alias ? [Workspace(world, alias)] : Array.Empty<PlatformCheck>(),
        .. blueprint.NodeGroups.Select(group => Nodes(world, group)),
        .. blueprint.Teams.Select(team => Namespace(world, team)),
        .. blueprint.Addons.Select(addon => Addon(world, addon)),
        .. blueprint.Manifests.OfType<TreeMap>().Where(static manifest => manifest["kind"]?.Text is "Provisioner" or "NodePool").Select(pool => Pool(world, pool)),
        .. blueprint.Teams.Where(static team => team.VirtualCluster is not null).Select(team => VirtualCluster(world, team)),
        .. blueprint.Teams.Select(team => Role(world, team)),
    ];

    private static PlatformCheck Cluster(World world, PlatformBlueprint blueprint)
    {
        var isThere = world.Store.Get(EksTypes.Cluster, "", blueprint.ClusterName) is not null;
        return new PlatformCheck($"EKS cluster {blueprint.ClusterName}", isThere, isThere ? $"ACTIVE, Kubernetes {world.Settings.KubernetesVersion}" : "there is none", Build(PlatformModule.Cluster));
    }

    private static PlatformCheck Workspace(World world, string alias)
    {
        var isThere = world.Settings.Blueprint?.PrometheusWorkspace == alias;
        return new PlatformCheck($"Prometheus workspace {alias}", isThere, isThere ? "ACTIVE" : "there is none", Build(PlatformModule.Observability));
    }

    private static PlatformCheck Nodes(World world, NodeGroupPlan group)
    {
        var nodes = world.Store.List(CoreTypes.Node).Where(node => node.Metadata.Label(ManagedNodeGroups.GroupLabel) == group.Name).ToList();
        var ready = nodes.Count(static node => NodeView.Of(node).IsReady);
        return new PlatformCheck(
            $"node group {group.Name}",
            ready >= group.DesiredSize,
            $"{Number(ready)} of {Number(group.DesiredSize)} nodes are Ready",
            nodes.Count < group.DesiredSize ? $"{Build(PlatformModule.Cluster)}; new nodes need a minute or two" : "kubectl describe nodes shows what they wait for");
    }

    private static PlatformCheck Namespace(World world, TeamPlan team)
    {
        var phase = world.Store.Get(CoreTypes.Namespace, "", team.Name)?.Status["phase"]?.Text;
        return new PlatformCheck($"namespace {team.Name}", phase == "Active", phase ?? "there is none", Build(PlatformModule.Teams));
    }

    private static PlatformCheck Addon(World world, AddonPlan addon)
    {
        var type = addon.Kind == "Deployment" ? CoreTypes.Deployment : CoreTypes.DaemonSet;
        var name = $"{addon.Name} in {addon.Namespace}";
        if (world.Store.Get(type, addon.Namespace, addon.Name) is not { } workload)
        {
            return new PlatformCheck(name, false, $"there is no {addon.Kind}", Build(PlatformModule.Addons));
        }

        var (wanted, running) = addon.Kind == "Deployment"
            ? (workload.Spec["replicas"]?.Integer ?? 1, workload.Status["availableReplicas"]?.Integer ?? 0)
            : (workload.Status["desiredNumberScheduled"]?.Integer ?? 0, workload.Status["numberAvailable"]?.Integer ?? 0);
        return new PlatformCheck(
            name,
            running >= wanted && wanted > 0,
            $"{Number(running)} of {Number(wanted)} pods are Running",
            wanted == 0 ? $"there is no node for it, or it was scaled to none; {Build(PlatformModule.Addons)}" : $"kubectl describe pods --namespace={addon.Namespace} shows what they wait for");
    }

    private static PlatformCheck Pool(World world, TreeMap manifest)
    {
        var name = $"{manifest["kind"]?.Text} {manifest.At("metadata", "name")?.Text}";
        if (world.ReadManifest(manifest).Read is not { } meant || world.Store.Get(meant.Type, meant.Key) is not { } pool)
        {
            return new PlatformCheck(name, false, "there is none", Build(PlatformModule.Addons));
        }

        // A Provisioner is taken or refused when it is applied; a NodePool says itself whether its class can be used.
        var refusal = pool.Type == KarpenterTypes.NodePool ? Conditions.Find(pool.Status, "Ready") : null;
        var isOk = pool.Type != KarpenterTypes.NodePool || refusal?["status"]?.Text == "True";
        return new PlatformCheck(name, isOk, isOk ? "accepted" : $"not Ready: {refusal?["message"]?.Text ?? "Karpenter has not looked at it yet"}", $"kubectl describe {pool.Type.Kind} {pool.Name} shows what is wrong with it");
    }

    private static PlatformCheck VirtualCluster(World world, TeamPlan team)
    {
        var states = world.Store.List(EmrTypes.VirtualCluster).Where(known => known.Spec["name"]?.Text == team.VirtualCluster).Select(static known => known.Status["state"]?.Text ?? "").ToList();
        var isRunning = states.Contains("RUNNING");
        return new PlatformCheck($"virtual cluster {team.VirtualCluster}", isRunning, isRunning ? "RUNNING" : states.LastOrDefault() ?? "there is none", Build(PlatformModule.Teams));
    }

    private static PlatformCheck Role(World world, TeamPlan team)
    {
        var (name, arn) = ($"role {team.ExecutionRole}", $"arn:aws:iam::{world.Settings.Account}:role/{team.ExecutionRole}");
        if (world.Iam.FindRole(arn) is null)
        {
            return new PlatformCheck(name, false, "there is none", Build(PlatformModule.Teams));
        }

        var job = new JobIdentity(world.Settings.Account, team.ExecutionRole);
        var refused = new[] { job.SubmitterAccount, job.DriverAccount, job.ExecutorAccount }
            .FirstOrDefault(account => !world.Iam.TrustsToken(world.Settings.Account, arn, world.OidcIssuer, $"system:serviceaccount:{team.Name}:{account}"));
        return new PlatformCheck(
            name,
            refused is null,
            refused is null ? $"trusts EMR's service accounts in {team.Name}" : $"does not trust {team.Name}/{refused}",
            $"aws emr-containers update-role-trust-policy --cluster-name {world.Settings.ClusterName} --namespace {team.Name} --role-name {team.ExecutionRole}, or {Build(PlatformModule.Teams)}");
    }

    private static string Build(PlatformModule module) => $"sparkwright apply --only {PlatformModules.NameOf(module)}";

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
