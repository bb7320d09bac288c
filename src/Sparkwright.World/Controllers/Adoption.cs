using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Selectors;

namespace Sparkwright.World.Controllers;

/// <summary>Brings what a workload manages into line with its selector.</summary>
public static class Adoption
{
    /// <summary>
    /// Takes matching objects that nobody manages, lets those go that match no longer, and returns what is managed now, by name.
    /// </summary>
    /// <param name="isMember">What else an object must have beside matching labels; null when that is enough.</param>
    public static IReadOnlyList<ApiObject> Claim(ApiServer api, ApiObject owner, ResourceType type, LabelSelector? selector, Func<ApiObject, bool>? isMember = null)
    {
        var mine = PodIndexes.ByController(api.Store, type).Of(owner.Metadata.Uid);
        if (owner.Metadata.IsBeingDeleted || selector is null)
        {
            return mine;
        }

        var claimed = new List<ApiObject>(mine.Count);
        foreach (var known in mine)
        {
            if (selector.Matches(known.Metadata.Labels) && isMember?.Invoke(known) != false)
            {
                claimed.Add(known);
            }
            else if (!known.Metadata.IsBeingDeleted)
            {
                api.Modify(type, known.Key, current => current.With(current.Metadata with
                {
                    OwnerReferences = [.. current.Metadata.OwnerReferences.Where(reference => reference.Uid != owner.Metadata.Uid)],
                }));
            }
        }

        var orphans = PodIndexes.OrphansByNamespace(api.Store, type).Of(owner.Namespace);
        var adopted = false;
        foreach (var orphan in orphans)
        {
            if (orphan.Metadata.IsBeingDeleted
                || !selector.Matches(orphan.Metadata.Labels)
                || isMember?.Invoke(orphan) == false
                || (type == CoreTypes.Pod && PodState.IsFinished(orphan)))
            {
                continue;
            }

            var taken = api.Modify(type, orphan.Key, current => current.With(current.Metadata with
            {
                OwnerReferences = current.Metadata.OwnerReferences.Add(owner.AsOwner()),
            }));
            if (taken is not null)
            {
                claimed.Add(taken);
                adopted = true;
            }
        }

        return adopted ? [.. claimed.OrderBy(known => known.Name, StringComparer.Ordinal)] : claimed;
    }
}
