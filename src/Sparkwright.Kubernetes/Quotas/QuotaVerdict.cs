using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Quantities;
using Sparkwright.Kubernetes.Requests;

namespace Sparkwright.Kubernetes.Quotas;

/// <summary>Whether the quotas of a namespace leave room for an object, and what they count afterwards.</summary>
public abstract record QuotaVerdict
{
    private QuotaVerdict()
    {
    }

    /// <summary>The object may be written.</summary>
    /// <param name="Charged">The quotas whose used amounts grow, with their new status.</param>
    public sealed record Fits(IReadOnlyList<ApiObject> Charged) : QuotaVerdict;

    public sealed record Refused(ApiStatus Status) : QuotaVerdict;

    /// <param name="old">The object before an update; null when it is new.</param>
    /// <param name="quotas">The quotas of the namespace, by name, each with a status that is about its spec.</param>
    public static QuotaVerdict Of(ApiObject candidate, ApiObject? old, IReadOnlyList<ApiObject> quotas, DateTime now)
    {
        var concerned = new List<(ApiObject Quota, QuantityMap Hard)>();
        foreach (var quota in quotas)
        {
            var hard = QuantityMap.From(quota.Status["hard"]);
            if (!hard.Names.Any(name => QuotaResources.Counts(candidate.Type, name)) || !QuotaScopes.Match(quota, candidate))
            {
                continue;
            }

            if (candidate.Type == CoreTypes.Pod && Unnamed(candidate.Spec, hard) is { Length: > 0 } unnamed)
            {
                return Refuse(candidate, $"failed quota: {quota.Name}: must specify {unnamed}");
            }

            concerned.Add((quota, hard));
        }

        if (concerned.Count == 0)
        {
            return new Fits([]);
        }

        var asked = QuotaUsage.Of(candidate, now);
        asked = (old is null ? asked : asked - QuotaUsage.Of(old, now)).Positive();
        var charged = new List<ApiObject>();
        foreach (var (quota, hard) in concerned)
        {
            var requested = asked.Where(name => hard[name] is not null);
            var used = QuantityMap.From(quota.Status["used"]);
            var then = used + requested;
            if (requested.Where(name => then[name] > hard[name]) is { IsEmpty: false } exceeded)
            {
                return Refuse(
                    candidate,
                    $"exceeded quota: {quota.Name}, requested: {exceeded}, used: {used.Where(IsExceeded)}, limited: {hard.Where(IsExceeded)}");
            }

            if (!requested.IsEmpty)
            {
                charged.Add(quota.WithStatus(QuotaStatus.Print(hard, then)));
            }

            bool IsExceeded(string name) => exceeded[name] is not null;
        }

        return new Fits(charged);
    }

    /// <summary>The limited resources that some containers do not name: a quota can only count what is said.</summary>
    private static string Unnamed(TreeMap spec, QuantityMap hard)
    {
        var required = hard.Names.Where(QuotaResources.IsCompute).ToList();
        var containers = Tree.ItemsOf(spec["containers"]).ToArray().Concat(Tree.ItemsOf(spec["initContainers"]).ToArray())
            .Select(container => (
                Name: container["name"]?.Text ?? "",
                Usage: QuotaUsage.Compute(QuantityMap.From(container.At("resources", "requests")), QuantityMap.From(container.At("resources", "limits")))))
            .OrderBy(container => container.Name, StringComparer.Ordinal)
            .ToList();
        return string.Join("; ", required
            .Select(name => (Resource: name, Containers: string.Join(',', containers.Where(container => container.Usage[name] is null).Select(container => container.Name))))
            .Where(missing => missing.Containers.Length > 0)
            .Select(missing => $"{missing.Resource} for: {missing.Containers}"));
    }

    private static Refused Refuse(ApiObject candidate, string why) => new(ApiStatus.Forbidden(candidate.Type, candidate.Name, why));
}
