using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.Kubernetes.Admission;

/// <summary>The table of the rules of all built-in kinds, and those too small for a file of their own.</summary>
public static class CoreRules
{
    public static KindRulesTable Table()
    {
        var table = new KindRulesTable();
        table.Add(CoreTypes.Pod, new PodRules());
        table.Add(CoreTypes.Deployment, new WorkloadRules("Deployment"));
        table.Add(CoreTypes.ReplicaSet, new WorkloadRules("ReplicaSet"));
        table.Add(CoreTypes.DaemonSet, new WorkloadRules("DaemonSet"));
        table.Add(CoreTypes.StatefulSet, new WorkloadRules("StatefulSet"));
        table.Add(CoreTypes.Job, new JobRules());
        table.Add(CoreTypes.CronJob, new CronJobRules());
        table.Add(CoreTypes.Namespace, new NamespaceRules());
        table.Add(CoreTypes.Node, new NodeRules());
        table.Add(CoreTypes.Service, new ServiceRules());
        table.Add(CoreTypes.Secret, new SecretRules());
        table.Add(CoreTypes.ConfigMap, new ConfigMapRules());
        table.Add(CoreTypes.Role, new RoleRules(namespaced: true));
        table.Add(CoreTypes.ClusterRole, new RoleRules(namespaced: false));
        table.Add(CoreTypes.RoleBinding, new RoleBindingRules(namespaced: true));
        table.Add(CoreTypes.ClusterRoleBinding, new RoleBindingRules(namespaced: false));
        table.Add(CoreTypes.PriorityClass, new PriorityClassRules());
        table.Add(CoreTypes.CustomResourceDefinition, new CustomDefinitionRules());
        table.Add(CoreTypes.LimitRange, new LimitRangeRules());
        table.Add(CoreTypes.ResourceQuota, new ResourceQuotaRules());
        table.Add(CoreTypes.PodDisruptionBudget, new DisruptionBudgetRules());
        table.Add(CoreTypes.HorizontalPodAutoscaler, new AutoscalerRules());
        table.Add(CoreTypes.StorageClass, new StorageClassRules());
        table.Add(CoreTypes.PersistentVolume, new PersistentVolumeRules());
        table.Add(CoreTypes.PersistentVolumeClaim, new ClaimRules());
        return table;
    }

    private sealed class NamespaceRules : KindRules
    {
        public override ApiObject Default(ApiObject candidate)
        {
            var whole = candidate.WithLabel("kubernetes.io/metadata.name", candidate.Name);
            return whole.With(whole.Body.OrElse("status", TreeMap.Of(("phase", "Active"))).OrElse("spec", TreeMap.Of(("finalizers", TreeList.Of("kubernetes")))));
        }
    }
}
