namespace Sparkwright.Kubernetes.Objects;

/// <summary>The built-in kinds that code refers to by name; equal to those of the resource table.</summary>
public static class CoreTypes
{
    public static ResourceType Pod { get; } = new("", "v1", "Pod", "pods", true, true);

    public static ResourceType Node { get; } = new("", "v1", "Node", "nodes", false, true);

    public static ResourceType Namespace { get; } = new("", "v1", "Namespace", "namespaces", false, true);

    public static ResourceType Event { get; } = new("", "v1", "Event", "events", true, false);

    public static ResourceType Service { get; } = new("", "v1", "Service", "services", true, true);

    public static ResourceType ConfigMap { get; } = new("", "v1", "ConfigMap", "configmaps", true, false);

    public static ResourceType Secret { get; } = new("", "v1", "Secret", "secrets", true, false);

    public static ResourceType ServiceAccount { get; } = new("", "v1", "ServiceAccount", "serviceaccounts", true, false);

    public static ResourceType LimitRange { get; } = new("", "v1", "LimitRange", "limitranges", true, false);

    public static ResourceType ResourceQuota { get; } = new("", "v1", "ResourceQuota", "resourcequotas", true, true);

    public static ResourceType PersistentVolumeClaim { get; } = new("", "v1", "PersistentVolumeClaim", "persistentvolumeclaims", true, true);

    public static ResourceType PersistentVolume { get; } = new("", "v1", "PersistentVolume", "persistentvolumes", false, true);

    public static ResourceType HorizontalPodAutoscaler { get; } = new("autoscaling", "v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers", true, true);

    public static ResourceType Deployment { get; } = new("apps", "v1", "Deployment", "deployments", true, true);

    public static ResourceType ReplicaSet { get; } = new("apps", "v1", "ReplicaSet", "replicasets", true, true);

    public static ResourceType DaemonSet { get; } = new("apps", "v1", "DaemonSet", "daemonsets", true, true);

    public static ResourceType StatefulSet { get; } = new("apps", "v1", "StatefulSet", "statefulsets", true, true);

    public static ResourceType ControllerRevision { get; } = new("apps", "v1", "ControllerRevision", "controllerrevisions", true, false);

    public static ResourceType Job { get; } = new("batch", "v1", "Job", "jobs", true, true);

    public static ResourceType CronJob { get; } = new("batch", "v1", "CronJob", "cronjobs", true, true);

    public static ResourceType Role { get; } = new("rbac.authorization.k8s.io", "v1", "Role", "roles", true, false);

    public static ResourceType RoleBinding { get; } = new("rbac.authorization.k8s.io", "v1", "RoleBinding", "rolebindings", true, false);

    public static ResourceType ClusterRole { get; } = new("rbac.authorization.k8s.io", "v1", "ClusterRole", "clusterroles", false, false);

    public static ResourceType ClusterRoleBinding { get; } = new("rbac.authorization.k8s.io", "v1", "ClusterRoleBinding", "clusterrolebindings", false, false);

    public static ResourceType StorageClass { get; } = new("storage.k8s.io", "v1", "StorageClass", "storageclasses", false, false);

    public static ResourceType PriorityClass { get; } = new("scheduling.k8s.io", "v1", "PriorityClass", "priorityclasses", false, false);

    public static ResourceType PodDisruptionBudget { get; } = new("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets", true, true);

    public static ResourceType CustomResourceDefinition { get; } = new("apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions", false, true);

    public static ResourceType CsiNode { get; } = new("storage.k8s.io", "v1", "CSINode", "csinodes", false, false);

    public static ResourceType VolumeAttachment { get; } = new("storage.k8s.io", "v1", "VolumeAttachment", "volumeattachments", false, true);
}
