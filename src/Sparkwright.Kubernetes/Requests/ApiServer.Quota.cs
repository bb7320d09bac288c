using System.Diagnostics;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Quotas;

namespace Sparkwright.Kubernetes.Requests;

public sealed partial class ApiServer
{
    /// <summary>
    /// Writes an object if the quotas of its namespace leave room for it, and charges them in the same turn, so that writes of one instant cannot
    /// use the same room twice.
    /// </summary>
    private ApiResult WithinQuota(ApiObject candidate, ApiObject? old, bool dryRun, Func<ApiResult> write)
    {
        switch (Ask(candidate, old))
        {
            case QuotaVerdict.Refused refused:
                return Refuse(refused.Status);
            case QuotaVerdict.Fits fits:
                var written = write();
                foreach (var quota in dryRun ? [] : fits.Charged)
                {
                    UpdateStatus(quota.With(quota.Metadata with { ResourceVersion = 0 }));
                }

                return written;
            default:
                throw new UnreachableException();
        }
    }

    private QuotaVerdict Ask(ApiObject candidate, ApiObject? old)
    {
        // Pods are charged once, when they are made; of the other kinds only services and claims can grow.
        var isOfInterest = candidate.Type.Namespaced && (old is null || candidate.Type == CoreTypes.Service || candidate.Type == CoreTypes.PersistentVolumeClaim);
        if (!isOfInterest || Store.Count(CoreTypes.ResourceQuota) == 0)
        {
            return new QuotaVerdict.Fits([]);
        }

        var quotas = Store.List(CoreTypes.ResourceQuota, candidate.Namespace).ToList();
        var verdict = QuotaVerdict.Of(candidate, old, [.. quotas.Select(quota => QuotaStatus.IsCurrent(quota) ? quota : Count(quota))], Clock.Now);

        // What was freed in this very instant is not in the status yet.
        return verdict is QuotaVerdict.Refused ? QuotaVerdict.Of(candidate, old, [.. quotas.Select(Count)], Clock.Now) : verdict;
    }

    private ApiObject Count(ApiObject quota) => QuotaStatus.Counted(quota, Store, Clock.Now);
}
