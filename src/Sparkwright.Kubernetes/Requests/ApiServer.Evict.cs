using System.Diagnostics;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.Kubernetes.Requests;

public sealed partial class ApiServer
{
    /// <summary>
    /// POST …/eviction: deletes a pod if its disruption budget allows. 429 when it does not (ask again later), 500 when the pod has several
    /// budgets, 404 and 409 as for a deletion; the pod as it is now with 201 when it goes.
    /// </summary>
    public ApiResult Evict(ObjectKey podKey, DeleteOptions? options = null)
    {
        if (Store.Get(CoreTypes.Pod, podKey) is not { } pod)
        {
            return Refuse(ApiStatus.NotFound(CoreTypes.Pod, podKey.Name));
        }

        if (options?.Uid is { } uid && uid != pod.Metadata.Uid)
        {
            return Delete(CoreTypes.Pod, podKey, options);
        }

        switch (EvictionVerdict.Of(pod, [.. DisruptionBudgets.Of(pod, Store)]))
        {
            case EvictionVerdict.Refused refused:
                return Refuse(refused.Status);
            case EvictionVerdict.Charged charged:
                ModifyStatus(CoreTypes.PodDisruptionBudget, charged.Budget.Key, status => Charge(status, pod));
                break;
            case EvictionVerdict.Free:
                break;
            default:
                throw new UnreachableException();
        }

        ModifyStatus(CoreTypes.Pod, podKey, status => Conditions.Set(status, "DisruptionTarget", true, "EvictionByEvictionAPI", "Eviction API: evicting", Clock.Now));
        return Delete(CoreTypes.Pod, podKey, options) is ApiResult.Accepted accepted ? accepted with { Status = 201 } : throw new UnreachableException();
    }

    /// <summary>The budget is charged before its controller sees the pod leave, so that two evictions at once cannot both use the last disruption.</summary>
    private TreeMap Charge(TreeMap status, ApiObject pod) => DisruptionBudgets.WithCondition(
        status
            .With("disruptionsAllowed", (status["disruptionsAllowed"]?.Integer ?? 0) - 1)
            .Set(["disruptedPods", pod.Name], Timestamps.Print(Clock.Now)),
        Clock.Now);
}
