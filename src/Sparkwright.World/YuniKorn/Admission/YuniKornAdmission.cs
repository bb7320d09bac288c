using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Store;
using Sparkwright.World.Spark;
using Sparkwright.World.YuniKorn.Configuration;
using Sparkwright.World.YuniKorn.Gang;

namespace Sparkwright.World.YuniKorn.Admission;

/// <summary>
/// YuniKorn's admission controller: gives pods the scheduler's name, an application and their user, and refuses ConfigMaps with a queue
/// configuration that would not work.
/// </summary>
public sealed class YuniKornAdmission(ObjectStore store)
{
    private const string MutatingHook = "admission-webhook.yunikorn.mutate-pods";
    private const string ValidatingHook = "admission-webhook.yunikorn.validate-conf";

    private static readonly string[] Workloads = ["CronJob", "DaemonSet", "Deployment", "Job", "ReplicaSet", "StatefulSet"];

    public AdmissionVerdict Admit(ApiObject candidate, ApiObject? old)
    {
        if (candidate.Type == CoreTypes.Pod)
        {
            return old is null ? AdmitPod(candidate) : AdmitPodUpdate(candidate, old);
        }

        if (candidate.Type == CoreTypes.ConfigMap)
        {
            return AdmitConfigMap(candidate);
        }

        return old is null && Workloads.Contains(candidate.Type.Kind) ? AdmitWorkload(candidate) : AdmissionVerdict.Accept(candidate);
    }

    private AdmissionVerdict AdmitPod(ApiObject pod)
    {
        var settings = YuniKornSettings.Of(store);
        if (UserOf(pod.Metadata.Annotation(Names.UserInfo), Requester.Of(pod), settings, out var user) is { } refusal)
        {
            return Refuse(MutatingHook, refusal);
        }

        pod = user is null ? pod : pod.WithAnnotation(Names.UserInfo, user);
        if (pod.Metadata.Label("app") == Names.Scheduler || !IsProcessed(pod.Namespace, settings))
        {
            return AdmissionVerdict.Accept(pod);
        }

        pod = pod.Set(["spec", "schedulerName"], Names.Scheduler);
        return AdmissionVerdict.Accept(IsLabelled(pod.Namespace, settings)
            ? WithPreemption(WithTaskGroup(WithIds(pod, settings), settings))
            : pod.WithAnnotation(Names.IgnoreApplication, "true"));
    }

    private AdmissionVerdict AdmitPodUpdate(ApiObject pod, ApiObject old)
    {
        var settings = YuniKornSettings.Of(store);
        return pod.Metadata.Label("app") != Names.Scheduler && IsProcessed(pod.Namespace, settings)
            && (IsLabelled(pod.Namespace, settings) || PodMetadata.ApplicationId(pod) is not null)
            && pod.Metadata.Annotation(Names.UserInfo) != old.Metadata.Annotation(Names.UserInfo)
            ? Refuse(MutatingHook, "user info annotation change is not allowed")
            : AdmissionVerdict.Accept(pod);
    }

    /// <summary>The pods of a workload belong to whoever made the workload.</summary>
    private AdmissionVerdict AdmitWorkload(ApiObject workload)
    {
        var settings = YuniKornSettings.Of(store);
        ReadOnlySpan<string> path = workload.Type.Kind == "CronJob"
            ? ["spec", "jobTemplate", "spec", "template", "metadata", "annotations"]
            : ["spec", "template", "metadata", "annotations"];
        if (workload.Metadata.Controller is not null || !IsProcessed(workload.Namespace, settings) || !IsLabelled(workload.Namespace, settings))
        {
            return AdmissionVerdict.Accept(workload);
        }

        var annotations = workload.Body.At(path) as TreeMap ?? TreeMap.Empty;
        if (UserOf(annotations.Get(Names.UserInfo)?.Text, Requester.Of(workload), settings, out var user) is { } refusal)
        {
            return Refuse(MutatingHook, refusal);
        }

        return AdmissionVerdict.Accept(user is null ? workload : workload.Set(path, annotations.With(Names.UserInfo, user)));
    }

    private AdmissionVerdict AdmitConfigMap(ApiObject map)
    {
        if (map.Namespace != Names.Namespace || map.Name is not (YuniKornSettings.DefaultsMap or YuniKornSettings.ConfigsMap))
        {
            return AdmissionVerdict.Accept(map);
        }

        var settings = YuniKornSettings.Of(
            map.Name == YuniKornSettings.DefaultsMap ? map : store.Get(CoreTypes.ConfigMap, Names.Namespace, YuniKornSettings.DefaultsMap),
            map.Name == YuniKornSettings.ConfigsMap ? map : store.Get(CoreTypes.ConfigMap, Names.Namespace, YuniKornSettings.ConfigsMap));
        return ConfigReader.Read(settings.Queues) is ConfigResult.Invalid invalid ? Refuse(ValidatingHook, invalid.Message)
            : YuniKornSettings.MistakeIn(map) is { } mistake ? Refuse(ValidatingHook, mistake)
            : AdmissionVerdict.Accept(map);
    }

    /// <summary>What is wrong with the claim whose pod it is; when nothing is, the user to be added, if any.</summary>
    private static string? UserOf(string? claimed, UserInfo requester, YuniKornSettings settings, out string? user)
    {
        user = null;
        if (settings.BypassAuthentication)
        {
            return null;
        }

        if (claimed is null)
        {
            user = requester.ToJson();
            return null;
        }

        var isAllowed = (settings.TrustControllers && YuniKornSettings.Matches(settings.SystemUsers, requester.Name))
            || YuniKornSettings.Matches(settings.ExternalUsers, requester.Name)
            || requester.Groups.Any(group => YuniKornSettings.Matches(settings.ExternalGroups, group));
        if (!isAllowed && requester.Name != $"system:serviceaccount:{Names.Namespace}:yunikorn-admin")
        {
            return $"user {requester.Name} with groups [{string.Join(',', requester.Groups)}] is not allowed to set user annotation";
        }

        return UserInfo.Read(claimed) is null ? $"invalid user info annotation: {claimed}" : null;
    }

    private static ApiObject WithIds(ApiObject pod, YuniKornSettings settings)
    {
        if (PodMetadata.ApplicationId(pod) is null)
        {
            var id = PodMetadata.GeneratedId(pod, settings.GenerateUniqueApplicationIds);
            pod = pod.WithLabel(Names.ApplicationId, id).WithLabel(Names.LegacyApplicationId, id);
        }
        else if (pod.Metadata.Label(Names.ApplicationId) is { Length: > 0 } known)
        {
            pod = pod.WithLabel(Names.LegacyApplicationId, known);
        }

        return pod.Metadata.Label(Names.Queue) is { Length: > 0 } queue ? pod.WithLabel(Names.LegacyQueue, queue) : pod;
    }

    /// <summary>Spark's pods that say nothing of a gang become members of the one that is made for them.</summary>
    private ApiObject WithTaskGroup(ApiObject pod, YuniKornSettings settings)
    {
        if (!settings.DeriveTaskGroups || settings.DisableGangScheduling || PodMetadata.TaskGroup(pod).Length > 0 || pod.Metadata.Annotation(Names.TaskGroups) is not null)
        {
            return pod;
        }

        return pod.Metadata.Label(SparkNames.RoleLabel) switch
        {
            "driver" => pod.WithAnnotation(Names.TaskGroupName, SparkGang.DriverGroup),
            "executor" when pod.Metadata.OwnerReferences.Any(owner => IsOfDerivedGang(pod.Namespace, owner)) => pod.WithAnnotation(Names.TaskGroupName, SparkGang.ExecutorGroup),
            _ => pod,
        };
    }

    private bool IsOfDerivedGang(string home, OwnerReference owner) =>
        owner.Kind == "Pod" && store.Get(CoreTypes.Pod, home, owner.Name) is { } driver && PodMetadata.TaskGroup(driver) == SparkGang.DriverGroup;

    private ApiObject WithPreemption(ApiObject pod)
    {
        if (pod.Metadata.Annotation(Names.AllowPreemption) is "true" or "false")
        {
            return pod;
        }

        var allowed = pod.Spec["priorityClassName"]?.Text is not { } name
            || store.Get(CoreTypes.PriorityClass, "", name)?.Metadata.Annotation(Names.AllowPreemption) != "false";
        return pod.WithAnnotation(Names.AllowPreemption, allowed ? "true" : "false");
    }

    private bool IsProcessed(string home, YuniKornSettings settings) =>
        TruthOf(home, Names.NamespaceEnabled)
        ?? ((settings.ProcessNamespaces.IsEmpty || YuniKornSettings.Matches(settings.ProcessNamespaces, home))
            && !YuniKornSettings.Matches(settings.BypassNamespaces, home) && home != Names.Namespace);

    private bool IsLabelled(string home, YuniKornSettings settings) =>
        TruthOf(home, Names.NamespaceGeneratesIds)
        ?? ((settings.LabelNamespaces.IsEmpty || YuniKornSettings.Matches(settings.LabelNamespaces, home))
            && !YuniKornSettings.Matches(settings.NoLabelNamespaces, home));

    private bool? TruthOf(string home, string annotation) => store.Get(CoreTypes.Namespace, "", home)?.Metadata.Annotation(annotation) switch
    {
        "true" => true,
        "false" => false,
        _ => null,
    };

    private static AdmissionVerdict Refuse(string hook, string why) =>
        AdmissionVerdict.Refuse(new ApiStatus(400, "", $"admission webhook \"{hook}\" denied the request: {why}"));
}
