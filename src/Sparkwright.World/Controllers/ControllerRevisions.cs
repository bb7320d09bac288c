using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Selectors;

namespace Sparkwright.World.Controllers;

/// <summary>The templates that a StatefulSet or DaemonSet has had: each an object, numbered upwards in the order of their use.</summary>
/// <param name="hashLabel">The label under which a revision has the hash of its template.</param>
public sealed class ControllerRevisions(ApiServer api, string hashLabel)
{
    public static long NumberOf(ApiObject revision) => revision.Body["revision"]?.Integer ?? 0;

    public static TreeMap TemplateOf(ApiObject revision) => (revision.Body.At("data", "spec", "template") as TreeMap ?? TreeMap.Empty).With("$patch", null);

    /// <summary>The revisions of a workload, oldest use first.</summary>
    public IReadOnlyList<ApiObject> Of(ApiObject owner) =>
    [
        .. Adoption.Claim(api, owner, CoreTypes.ControllerRevision, LabelSelector.From(owner.Spec["selector"]))
            .OrderBy(NumberOf)
            .ThenBy(revision => revision.Metadata.CreationTimestamp)
            .ThenBy(revision => revision.Name, StringComparer.Ordinal),
    ];

    /// <summary>The revision of a workload's present template; one that is used again becomes the newest.</summary>
    /// <returns>Null when its name is taken by something else: the owner's status then counts one more collision.</returns>
    public ApiObject? Ensure(ApiObject owner, IReadOnlyList<ApiObject> known)
    {
        var template = PodTemplates.Of(owner);
        var next = known.Select(NumberOf).DefaultIfEmpty(0).Max() + 1;
        if (known.LastOrDefault(revision => TemplateOf(revision).Equals(template)) is { } same)
        {
            return same == known[^1]
                ? same
                : api.Modify(CoreTypes.ControllerRevision, same.Key, current => current.With(current.Body.With("revision", next)));
        }

        var collisions = owner.Status["collisionCount"]?.Integer ?? 0;
        switch (api.Create(New(owner, template, PodTemplates.Hash(template, collisions), next)))
        {
            case ApiResult.Accepted accepted:
                return accepted.Current;
            case ApiResult.Refused { Status.Reason: "AlreadyExists" }:
                api.ModifyStatus(owner.Type, owner.Key, status => status.With("collisionCount", collisions + 1));
                return null;
            default:
                return null;
        }
    }

    /// <summary>Deletes the oldest revisions above the limit of those that nothing uses.</summary>
    public void Truncate(ApiObject owner, IReadOnlyList<ApiObject> known, Func<ApiObject, bool> isUsed)
    {
        var history = known.Where(revision => !isUsed(revision)).ToList();
        var limit = owner.Spec["revisionHistoryLimit"]?.Integer ?? 10;
        foreach (var revision in history.Take((int)Math.Max(0, history.Count - limit)))
        {
            api.Delete(CoreTypes.ControllerRevision, revision.Key, new DeleteOptions { Uid = revision.Metadata.Uid });
        }
    }

    private ApiObject New(ApiObject owner, TreeMap template, string hash, long number) => new(
        CoreTypes.ControllerRevision,
        new ObjectMeta
        {
            Name = $"{owner.Name}-{hash}",
            Namespace = owner.Namespace,
            Labels = PodTemplates.LabelsOf(template).With(hashLabel, hash),
            Annotations = owner.Metadata.Annotations,
            OwnerReferences = [owner.AsOwner()],
        },
        TreeMap.Of(
            ("data", TreeMap.Of(("spec", TreeMap.Of(("template", template.With("$patch", "replace")))))),
            ("revision", number)));
}
