using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Simulation;
using Sparkwright.World.Spark;

namespace Sparkwright.World.Emr;

/// <summary>
/// Ends virtual clusters whose deletion was asked for: takes away what EMR on EKS has made in the namespace for its job runs. Where it lacks
/// the rights to do so the virtual cluster is ARRESTED, until its deletion is asked for again.
/// </summary>
public sealed class VirtualClusterRemoval : Worker<string>
{
    private static readonly ResourceType[] Left = [CoreTypes.RoleBinding, CoreTypes.Role, CoreTypes.ServiceAccount];

    private readonly ApiServer api;
    private readonly EmrAccess access;
    private readonly ModelFigures figures;

    public VirtualClusterRemoval(EventLoop loop, ApiServer api, EmrAccess access, ModelFigures figures)
        : base(loop)
    {
        (this.api, this.access, this.figures) = (api, access, figures);
        foreach (var known in api.Store.List(EmrTypes.VirtualCluster))
        {
            Wake(known.Name);
        }

        api.Store.Watch(EmrTypes.VirtualCluster, change => Wake(change.Object.Name));
    }

    protected override void Reconcile(string id)
    {
        if (api.Store.Get(EmrTypes.VirtualCluster, "", id) is not { } cluster || VirtualCluster.StateOf(cluster) != VirtualClusterState.Terminating)
        {
            return;
        }

        if (Instants.Read(cluster.Status["endsAt"]) is not { } due)
        {
            // Keyed by the request to end it, for after an arrest there may be another.
            var ends = Clock.Now + figures.VirtualClusterRemoval.Draw(api.Chance, "emr/virtual-cluster-removal", $"{id}/{cluster.Metadata.ResourceVersion}");
            api.ModifyStatus(EmrTypes.VirtualCluster, cluster.Key, status => status.With("endsAt", Instants.Print(ends)));
            return;
        }

        if (due > Clock.Now)
        {
            WakeAt(id, due);
            return;
        }

        var home = VirtualCluster.NamespaceOf(cluster);
        var isArrested = access.CannotRead(home) is not null || access.CannotDelete(home, Left) is not null;
        if (!isArrested)
        {
            foreach (var type in Left)
            {
                foreach (var made in api.Store.List(type, home).Where(known => known.Metadata.Label(JobNames.VirtualClusterLabel) == id).ToArray())
                {
                    api.Delete(type, made.Key);
                }
            }
        }

        api.ModifyStatus(EmrTypes.VirtualCluster, cluster.Key, status => status
            .With("endsAt", null)
            .With("state", isArrested ? VirtualClusterState.Arrested : VirtualClusterState.Terminated));
    }
}
