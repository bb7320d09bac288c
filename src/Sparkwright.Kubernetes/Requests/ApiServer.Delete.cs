using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.Kubernetes.Requests;

/// <summary>What a DELETE asks for.</summary>
public sealed record DeleteOptions
{
    /// <summary>Seconds for a pod to end by itself; null takes the pod's own.</summary>
    public long? GracePeriodSeconds { get; init; }

    public PropagationPolicy Propagation { get; init; } = PropagationPolicy.Background;

    /// <summary>Only an object of this uid is meant.</summary>
    public string? Uid { get; init; }

    /// <summary>Only this version of it is meant.</summary>
    public long? ResourceVersion { get; init; }

    /// <summary>Answers as if it were done, and does nothing.</summary>
    public bool DryRun { get; init; }
}

/// <summary>What becomes of the objects that a deleted one owns.</summary>
public enum PropagationPolicy
{
    Background,
    Foreground,
    Orphan,
}

public sealed partial class ApiServer
{
    /// <summary>The finalizer that makes dependents lose their owner instead of following it.</summary>
    public const string OrphanFinalizer = "orphan";

    /// <summary>The finalizer that keeps an owner until its dependents are gone.</summary>
    public const string ForegroundFinalizer = "foregroundDeletion";

    /// <summary>The finalizer that keeps a CustomResourceDefinition until its instances are gone.</summary>
    public const string CustomCleanupFinalizer = "customresourcecleanup.apiextensions.k8s.io";

    /// <summary>
    /// DELETE: a running pod gets its grace period, an object with finalizers only its deletionTimestamp, a namespace turns Terminating; all
    /// else goes at once.
    /// </summary>
    public ApiResult Delete(ResourceType type, ObjectKey key, DeleteOptions? options = null)
    {
        options ??= new DeleteOptions();
        if (Store.Get(type, key) is not { } current)
        {
            return Refuse(ApiStatus.NotFound(type, key.Name));
        }

        if (type == CoreTypes.Namespace && current.Name is ("default" or "kube-system" or "kube-public"))
        {
            return Refuse(ApiStatus.Forbidden(type, key.Name, "this namespace may not be deleted"));
        }

        if (options.Uid is { } uid && uid != current.Metadata.Uid)
        {
            return Refuse(ApiStatus.Conflict(
                type,
                key.Name,
                $"Precondition failed: UID in precondition: {uid}, UID in object meta: {current.Metadata.Uid}"));
        }

        if (options.ResourceVersion is { } version && version != current.Metadata.ResourceVersion)
        {
            return Refuse(ApiStatus.Conflict(
                type,
                key.Name,
                $"Precondition failed: ResourceVersion in precondition: {version}, ResourceVersion in object meta: {current.Metadata.ResourceVersion}"));
        }

        if (options.DryRun)
        {
            return new ApiResult.Accepted(current);
        }

        var grace = type == CoreTypes.Pod ? GraceSeconds(current, options) : 0;
        var metadata = current.Metadata;
        if (metadata.IsBeingDeleted && (metadata.DeletionGracePeriodSeconds ?? 0) <= grace)
        {
            return new ApiResult.Accepted(current);
        }

        metadata = metadata with
        {
            DeletionTimestamp = Clock.Now.AddSeconds(grace),
            DeletionGracePeriodSeconds = grace,
            Finalizers = options.Propagation switch
            {
                PropagationPolicy.Orphan when !metadata.Finalizers.Contains(OrphanFinalizer) => metadata.Finalizers.Add(OrphanFinalizer),
                PropagationPolicy.Foreground when !metadata.Finalizers.Contains(ForegroundFinalizer) => metadata.Finalizers.Add(ForegroundFinalizer),
                _ => metadata.Finalizers,
            },
            Generation = metadata.Generation == 0 ? 0 : metadata.Generation + 1,
        };
        if (type == CoreTypes.CustomResourceDefinition && !metadata.Finalizers.Contains(CustomCleanupFinalizer))
        {
            metadata = metadata with { Finalizers = metadata.Finalizers.Add(CustomCleanupFinalizer) };
        }

        var leaving = current.With(metadata);
        if (type == CoreTypes.Namespace)
        {
            leaving = leaving.Set(["status", "phase"], "Terminating");
        }

        return grace == 0 && metadata.Finalizers.IsEmpty && IsReadyToGo(leaving)
            ? new ApiResult.Accepted(Store.Remove(type, key)!)
            : new ApiResult.Accepted(Store.Put(leaving), 200);
    }

    /// <summary>A namespace goes only after its content, when its own list of finalizers has been emptied.</summary>
    private static bool IsReadyToGo(ApiObject of) =>
        of.Type != CoreTypes.Namespace || of.Spec.Get("finalizers") is not TreeList { Count: > 0 };

    private static long GraceSeconds(ApiObject pod, DeleteOptions options)
    {
        var phase = pod.Status["phase"]?.Text;
        if (string.IsNullOrEmpty(pod.Spec["nodeName"]?.Text) || phase is "Succeeded" or "Failed")
        {
            return 0;
        }

        return options.GracePeriodSeconds ?? pod.Spec["terminationGracePeriodSeconds"]?.Integer ?? 30;
    }
}
