using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Schema;

namespace Sparkwright.Kubernetes.Tables;

/// <summary>Which table each kind has.</summary>
public static class TableForms
{
    private static readonly Dictionary<string, TableForm> BuiltIn = new(StringComparer.Ordinal)
    {
        ["Pod"] = PodCells.Form,
        ["PodTemplate"] = WorkloadForms.PodTemplate,
        ["Node"] = ClusterForms.Node,
        ["Namespace"] = ClusterForms.Namespace,
        ["Event"] = ClusterForms.Event,
        ["Event.events.k8s.io"] = ClusterForms.Event,
        ["ConfigMap"] = ClusterForms.ConfigMap,
        ["Secret"] = ClusterForms.Secret,
        ["ServiceAccount"] = ClusterForms.ServiceAccount,
        ["LimitRange"] = ClusterForms.CreatedAt,
        ["ResourceQuota"] = ClusterForms.ResourceQuota,
        ["ReplicationController"] = WorkloadForms.ReplicationController,
        ["Service"] = NetworkForms.Service,
        ["Endpoints"] = NetworkForms.Endpoints,
        ["PersistentVolume"] = StorageForms.PersistentVolume,
        ["PersistentVolumeClaim"] = StorageForms.PersistentVolumeClaim,
        ["Deployment.apps"] = WorkloadForms.Deployment,
        ["ReplicaSet.apps"] = WorkloadForms.ReplicaSet,
        ["StatefulSet.apps"] = WorkloadForms.StatefulSet,
        ["DaemonSet.apps"] = WorkloadForms.DaemonSet,
        ["ControllerRevision.apps"] = WorkloadForms.ControllerRevision,
        ["Job.batch"] = WorkloadForms.Job,
        ["CronJob.batch"] = WorkloadForms.CronJob,
        ["HorizontalPodAutoscaler.autoscaling"] = WorkloadForms.HorizontalPodAutoscaler,
        ["RoleBinding.rbac.authorization.k8s.io"] = ClusterForms.RoleBinding,
        ["ClusterRoleBinding.rbac.authorization.k8s.io"] = ClusterForms.RoleBinding,
        ["PodDisruptionBudget.policy"] = ClusterForms.PodDisruptionBudget,
        ["PriorityClass.scheduling.k8s.io"] = ClusterForms.PriorityClass,
        ["Lease.coordination.k8s.io"] = ClusterForms.Lease,
        ["RuntimeClass.node.k8s.io"] = ClusterForms.RuntimeClass,
        ["StorageClass.storage.k8s.io"] = StorageForms.StorageClass,
        ["CSINode.storage.k8s.io"] = StorageForms.CsiNode,
        ["CSIDriver.storage.k8s.io"] = StorageForms.CsiDriver,
        ["VolumeAttachment.storage.k8s.io"] = StorageForms.VolumeAttachment,
        ["EndpointSlice.discovery.k8s.io"] = NetworkForms.EndpointSlice,
        ["Ingress.networking.k8s.io"] = NetworkForms.Ingress,
        ["IngressClass.networking.k8s.io"] = NetworkForms.IngressClass,
        ["NetworkPolicy.networking.k8s.io"] = NetworkForms.NetworkPolicy,
        ["MutatingWebhookConfiguration.admissionregistration.k8s.io"] = ClusterForms.Webhooks,
        ["ValidatingWebhookConfiguration.admissionregistration.k8s.io"] = ClusterForms.Webhooks,
        ["APIService.apiregistration.k8s.io"] = ClusterForms.ApiService,
        ["CertificateSigningRequest.certificates.k8s.io"] = ClusterForms.CertificateSigningRequest,
    };

    /// <summary>The table of a kind; built-in kinds without one of their own show when an object was made.</summary>
    /// <param name="served">An object's document in the version that the client asks for.</param>
    public static TableForm For(ServedResource resource, Func<ApiObject, TreeMap> served) =>
        resource.IsCustom ? CustomForm.Of(resource.PrinterColumns, served) : BuiltIn.GetValueOrDefault(resource.Type.QualifiedKind, ClusterForms.CreatedAt);
}
