using System.Diagnostics;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.Kubernetes.Requests;

public sealed partial class ApiServer
{
    private const string Modified = "the object has been modified; please apply your changes to the latest version and try again";

    /// <summary>
    /// PUT: replaces spec and metadata; <c>status</c> stays as it is where it is a subresource. A resourceVersion in the metadata must be the
    /// current one. What changes nothing keeps its resourceVersion.
    /// </summary>
    /// <param name="dryRun">Whether to answer as if it were written, and write nothing.</param>
    public ApiResult Update(ApiObject candidate, bool dryRun = false)
    {
        if (Current(candidate) is not ApiResult.Accepted { Current: var current })
        {
            return Current(candidate);
        }

        var type = candidate.Type;
        var body = type.HasStatus ? candidate.Body.With("status", current.Body.Get("status")) : candidate.Body;
        var metadata = candidate.Metadata with
        {
            Name = current.Name,
            Namespace = current.Namespace,
            GenerateName = current.Metadata.GenerateName,
            Uid = current.Metadata.Uid,
            CreationTimestamp = current.Metadata.CreationTimestamp,
            DeletionTimestamp = current.Metadata.DeletionTimestamp,
            DeletionGracePeriodSeconds = current.Metadata.DeletionGracePeriodSeconds,
            Generation = current.Metadata.Generation,
            ManagedFields = candidate.Metadata.ManagedFields ?? current.Metadata.ManagedFields,
            ResourceVersion = current.Metadata.ResourceVersion,
        };
        var wanted = new ApiObject(type, metadata, body);
        switch (Admit(wanted, current))
        {
            case AdmissionVerdict.Refused refused:
                return Refuse(refused.Status);
            case AdmissionVerdict.Accepted accepted:
                wanted = accepted.Candidate;
                break;
            default:
                throw new UnreachableException();
        }

        if (CountsGenerations(type) && !DesiredState(wanted).Equals(DesiredState(current)))
        {
            wanted = wanted.With(wanted.Metadata with { Generation = current.Metadata.Generation + 1 });
        }

        return WithinQuota(wanted, current, dryRun, () => Write(wanted, current, dryRun));
    }

    /// <summary>PUT …/status: replaces the status alone (and, for our internal kinds, nothing else either), and who owns its fields.</summary>
    /// <param name="dryRun">Whether to answer as if it were written, and write nothing.</param>
    public ApiResult UpdateStatus(ApiObject candidate, bool dryRun = false)
    {
        if (Current(candidate) is not ApiResult.Accepted { Current: var current })
        {
            return Current(candidate);
        }

        var metadata = current.Metadata with { ManagedFields = candidate.Metadata.ManagedFields ?? current.Metadata.ManagedFields };
        return Write(new ApiObject(current.Type, metadata, current.Body.With("status", candidate.Body.Get("status"))), current, dryRun);
    }

    /// <summary>Reads, changes and writes an object's spec or metadata in one turn; null when it is not there or the change was refused.</summary>
    public ApiObject? Modify(ResourceType type, ObjectKey key, Func<ApiObject, ApiObject> change) =>
        Store.Get(type, key) is { } current ? Update(change(current)).Object : null;

    /// <summary>Reads, changes and writes an object's status in one turn; null when it is not there.</summary>
    public ApiObject? ModifyStatus(ResourceType type, ObjectKey key, Func<TreeMap, TreeMap> change) =>
        Store.Get(type, key) is { } current ? UpdateStatus(current.WithStatus(change(current.Status))).Object : null;

    private static TreeMap DesiredState(ApiObject of) => of.Body.With("status", null);

    private ApiResult Current(ApiObject candidate)
    {
        var current = Store.Get(candidate.Type, candidate.Namespace, candidate.Name);
        if (current is null)
        {
            return Refuse(ApiStatus.NotFound(candidate.Type, candidate.Name));
        }

        if (candidate.Metadata.ResourceVersion != 0 && candidate.Metadata.ResourceVersion != current.Metadata.ResourceVersion)
        {
            return Refuse(ApiStatus.Conflict(candidate.Type, candidate.Name, Modified));
        }

        if (candidate.Metadata.Uid.Length > 0 && candidate.Metadata.Uid != current.Metadata.Uid)
        {
            return Refuse(ApiStatus.Conflict(
                candidate.Type,
                candidate.Name,
                $"Precondition failed: UID in precondition: {candidate.Metadata.Uid}, UID in object meta: {current.Metadata.Uid}"));
        }

        return new ApiResult.Accepted(current);
    }

    private ApiResult.Accepted Write(ApiObject wanted, ApiObject current, bool dryRun)
    {
        if (dryRun)
        {
            return new ApiResult.Accepted(wanted);
        }

        if (wanted.Metadata.IsBeingDeleted && wanted.Metadata.Finalizers.IsEmpty && wanted.Metadata.DeletionGracePeriodSeconds is null or 0 && IsReadyToGo(wanted))
        {
            return new ApiResult.Accepted(Store.Remove(wanted.Type, wanted.Key)!);
        }

        return new ApiResult.Accepted(wanted.SameAs(current) ? current : Store.Put(wanted));
    }
}
