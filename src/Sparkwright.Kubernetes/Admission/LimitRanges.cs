using System.Globalization;
using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Quantities;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Store;

namespace Sparkwright.Kubernetes.Admission;

/// <summary>
/// Holds new pods and claims to the LimitRanges of their namespace: gives containers the requests and limits that they left out, and refuses what
/// is out of bounds.
/// </summary>
public sealed class LimitRanges(ObjectStore store)
{
    /// <summary>Says on a pod what it was given.</summary>
    public const string Annotation = "kubernetes.io/limit-ranger";

    /// <summary>Gives a new pod the default requests and limits of each LimitRange, the first by name before the others.</summary>
    public ApiObject Complete(ApiObject candidate, ApiObject? old)
    {
        if (candidate.Type != CoreTypes.Pod || old is not null)
        {
            return candidate;
        }

        foreach (var range in store.List(CoreTypes.LimitRange, candidate.Namespace))
        {
            candidate = WithDefaultsOf(range, candidate);
        }

        return candidate;
    }

    public AdmissionVerdict Admit(ApiObject candidate, ApiObject? old)
    {
        var isClaim = candidate.Type == CoreTypes.PersistentVolumeClaim;
        if (!(isClaim || (candidate.Type == CoreTypes.Pod && old is null)) || candidate.Metadata.IsBeingDeleted)
        {
            return AdmissionVerdict.Accept(candidate);
        }

        foreach (var range in store.List(CoreTypes.LimitRange, candidate.Namespace))
        {
            List<string> faults = [.. (isClaim ? ClaimFaults(candidate, range) : PodFaults(candidate, range)).Distinct()];
            if (faults.Count > 0)
            {
                return AdmissionVerdict.Refuse(ApiStatus.Forbidden(
                    candidate.Type, candidate.Name, faults is [var only] ? only : $"[{string.Join(", ", faults)}]"));
            }
        }

        return AdmissionVerdict.Accept(candidate);
    }

    private static ApiObject WithDefaultsOf(ApiObject range, ApiObject pod)
    {
        var (limits, requests) = (TreeMap.Empty, TreeMap.Empty);
        foreach (var item in OfType(range, LimitRangeRules.Container))
        {
            limits = limits.Merge(item["default"] as TreeMap ?? TreeMap.Empty);
            requests = requests.Merge(item["defaultRequest"] as TreeMap ?? TreeMap.Empty);
        }

        var given = new List<string>();
        var spec = pod.Spec
            .WithEach("containers", container => Complete(container, "container"))
            .WithEach("initContainers", container => Complete(container, "init container"));
        return given.Count == 0 ? pod : PodRules.WithQosClass(pod.WithSpec(spec)).WithAnnotation(Annotation, $"LimitRanger plugin set: {string.Join("; ", given)}");

        TreeMap Complete(TreeMap container, string kind)
        {
            var whole = WithMissing(container, "requests", requests, kind, "request");
            return WithMissing(whole, "limits", limits, kind, "limit");
        }

        TreeMap WithMissing(TreeMap container, string list, TreeMap standard, string kind, string word)
        {
            var own = container.At("resources", list) as TreeMap ?? TreeMap.Empty;
            var missing = standard.Members().Where(amount => !own.ContainsKey(amount.Key)).ToList();
            if (missing.Count == 0)
            {
                return container;
            }

            given.Add($"{string.Join(", ", missing.Select(amount => amount.Key))} {word} for {kind} {container["name"]?.Text}");
            return container.Set(["resources", list], missing.Aggregate(own, (all, amount) => all.With(amount.Key, amount.Value)));
        }
    }

    private static IEnumerable<string> PodFaults(ApiObject pod, ApiObject range)
    {
        var view = PodSpecView.Of(pod);
        foreach (var item in Tree.ItemsOf(range.Spec["limits"]).ToArray())
        {
            var of = item["type"]?.Text switch
            {
                LimitRangeRules.Container => view.Containers.Concat(view.InitContainers).Select(container =>
                    (Requests: QuantityMap.From(container.At("resources", "requests")), Limits: QuantityMap.From(container.At("resources", "limits")))),
                LimitRangeRules.Pod => [(PodSums.Requests(view), PodSums.Limits(view))],
                _ => [],
            };
            foreach (var fault in of.SelectMany(one => Faults(item, one.Requests, one.Limits)))
            {
                yield return fault;
            }
        }
    }

    private static IEnumerable<string> ClaimFaults(ApiObject claim, ApiObject range)
    {
        var requests = QuantityMap.From(claim.Spec.At("resources", "requests"));
        return OfType(range, LimitRangeRules.Claim).SelectMany(item =>
            LeastFaults(item, requests, QuantityMap.Empty).Concat(Bounds(item, "max").Select(bound => MostRequestFault(item, bound, requests))).OfType<string>());
    }

    /// <summary>What is wrong with the requests and limits of a container or of a whole pod.</summary>
    private static IEnumerable<string> Faults(Tree item, QuantityMap requests, QuantityMap limits) => LeastFaults(item, requests, limits)
        .Concat(Bounds(item, "max").Select(bound => MostFault(item, bound, requests, limits)))
        .Concat(Bounds(item, "maxLimitRequestRatio").Select(bound => RatioFault(item, bound, requests, limits)))
        .OfType<string>();

    private static IEnumerable<string?> LeastFaults(Tree item, QuantityMap requests, QuantityMap limits) => Bounds(item, "min").Select(bound =>
    {
        var says = $"minimum {bound.Name} usage per {item["type"]?.Text} is {bound.Amount}";
        return requests[bound.Name] is not { } request ? $"{says}.  No request is specified"
            : request < bound.Amount ? $"{says}, but request is {request}"
            : limits[bound.Name] is { } limit && limit < bound.Amount ? $"{says}, but limit is {limit}"
            : null;
    });

    private static string? MostFault(Tree item, (string Name, Quantity Amount) bound, QuantityMap requests, QuantityMap limits)
    {
        var says = $"maximum {bound.Name} usage per {item["type"]?.Text} is {bound.Amount}";
        return limits[bound.Name] is not { } limit ? $"{says}.  No limit is specified"
            : limit > bound.Amount ? $"{says}, but limit is {limit}"
            : requests[bound.Name] is { } request && request > bound.Amount ? $"{says}, but request is {request}"
            : null;
    }

    private static string? MostRequestFault(Tree item, (string Name, Quantity Amount) bound, QuantityMap requests)
    {
        var says = $"maximum {bound.Name} usage per {item["type"]?.Text} is {bound.Amount}";
        return requests[bound.Name] is not { } request ? $"{says}.  No request is specified"
            : request > bound.Amount ? $"{says}, but request is {request}"
            : null;
    }

    private static string? RatioFault(Tree item, (string Name, Quantity Amount) bound, QuantityMap requests, QuantityMap limits)
    {
        var says = $"{bound.Name} max limit to request ratio per {item["type"]?.Text} is {bound.Amount}";
        if (requests[bound.Name] is not { } request || request == default)
        {
            return $"{says}, but no request is specified or request is 0";
        }

        if (limits[bound.Name] is not { } limit || limit == default)
        {
            return $"{says}, but no limit is specified or limit is 0";
        }

        var ratio = (decimal)limit.MilliValue / request.MilliValue;
        return ratio * 1000 > bound.Amount.MilliValue ? $"{says}, but provided ratio is {ratio.ToString("F6", CultureInfo.InvariantCulture)}" : null;
    }

    private static IEnumerable<(string Name, Quantity Amount)> Bounds(Tree item, string field)
    {
        var bounds = QuantityMap.From(item[field]);
        return bounds.Names.Select(name => (name, bounds[name]!.Value));
    }

    private static IEnumerable<Tree> OfType(ApiObject range, string type) =>
        Tree.ItemsOf(range.Spec["limits"]).ToArray().Where(item => item["type"]?.Text == type);
}
