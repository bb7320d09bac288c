using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.Kubernetes.Requests;

public sealed partial class ApiServer
{
    /// <summary>POST …/binding: puts a pod on a node, once.</summary>
    public ApiResult Bind(ObjectKey podKey, string nodeName)
    {
        if (Store.Get(CoreTypes.Pod, podKey) is not { } pod)
        {
            return Refuse(ApiStatus.NotFound(CoreTypes.Pod, podKey.Name));
        }

        if (pod.Metadata.IsBeingDeleted)
        {
            return Refuse(ApiStatus.Conflict(CoreTypes.Pod, podKey.Name, $"pod {podKey.Name} is being deleted, cannot be assigned to a host"));
        }

        if (pod.Spec["nodeName"]?.Text is { Length: > 0 } already)
        {
            return Refuse(ApiStatus.Conflict(CoreTypes.Pod, podKey.Name, $"pod {podKey.Name} is already assigned to node \"{already}\""));
        }

        var status = Conditions.Set(pod.Status, "PodScheduled", true, null, null, Clock.Now);
        return new ApiResult.Accepted(Store.Put(pod.With(pod.Body.Set(["spec", "nodeName"], nodeName).With("status", status))), 201);
    }
}
