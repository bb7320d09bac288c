using System.Collections.Immutable;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.Kubernetes.Requests;

/// <summary>What a DELETE asks for.</summary>
public sealed record DeleteOptions
{
    /// <summary>Seconds for a pod to end by itself; null takes the pod's own.</summary>
    public long? GracePeriodSeconds { get; init; }

    /// <summary>Null leaves it to the finalizers that are there; without any the dependents follow in the background.</summary>
    public PropagationPolicy? Propagation { get; init; }

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
        var finalizers = Finalizers(current, options.Propagation);
        if (metadata.IsBeingDeleted && (metadata.DeletionGracePeriodSeconds ?? 0) <= grace)
        {
            // The second request may still decide otherwise about the dependents.
            return finalizers.AsSpan().SequenceEqual(metadata.Finalizers.AsSpan())
                ? new ApiResult.Accepted(current)
                : Write(current.With(metadata with { Finalizers = finalizers }), current, dryRun: false);
        }

        metadata = metadata with
        {
            DeletionTimestamp = Clock.Now.AddSeconds(grace),
            DeletionGracePeriodSeconds = grace,
            Finalizers = finalizers,
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

    /// <summary>The finalizers with which an object goes: of the garbage collector's two at most the one that is wished for.</summary>
    private static ImmutableArray<string> Finalizers(ApiObject leaving, PropagationPolicy? wish)
    {
        var had = leaving.Metadata.Finalizers;
        if (wish is null)
        {
            return had;
        }

        var wanted = wish switch
        {
            PropagationPolicy.Orphan => OrphanFinalizer,
            PropagationPolicy.Foreground => ForegroundFinalizer,
            _ => null,
        };
        var kept = had.RemoveAll(one => one is OrphanFinalizer or ForegroundFinalizer && one != wanted);
        return wanted is null || kept.Contains(wanted) ? kept : kept.Add(wanted);
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
