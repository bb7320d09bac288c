using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.Kubernetes.Quotas;

/// <summary>Which pods a quota with scopes is about.</summary>
public static class QuotaScopes
{
    public const string BestEffort = "BestEffort";
    public const string NotBestEffort = "NotBestEffort";
    public const string Terminating = "Terminating";
    public const string NotTerminating = "NotTerminating";
    public const string PriorityClass = "PriorityClass";
    public const string CrossNamespacePodAffinity = "CrossNamespacePodAffinity";

    public static bool IsKnown(string scope) =>
        scope is BestEffort or NotBestEffort or Terminating or NotTerminating or PriorityClass or CrossNamespacePodAffinity;

    /// <summary>Whether a standard resource can be limited within a scope.</summary>
    public static bool MayLimit(string scope, string resource) => scope switch
    {
        BestEffort => resource == "pods",
        _ when IsKnown(scope) => resource == "pods" || QuotaResources.IsCompute(resource),
        _ => true,
    };

    /// <summary>Whether an object is within every scope of a quota; without scopes a quota is about everything.</summary>
    public static bool Match(ApiObject quota, ApiObject one)
    {
        foreach (var scope in Tree.ItemsOf(quota.Spec["scopes"]))
        {
            if (!Matches(scope.Text ?? "", "Exists", [], one))
            {
                return false;
            }
        }

        foreach (var required in Tree.ItemsOf(quota.Spec.At("scopeSelector", "matchExpressions")))
        {
            if (!Matches(required["scopeName"]?.Text ?? "", required["operator"]?.Text ?? "", Tree.ItemsOf(required["values"]), one))
            {
                return false;
            }
        }

        return true;
    }

    private static bool Matches(string scope, string @operator, ReadOnlySpan<Tree> values, ApiObject one) => one.Type == CoreTypes.Pod && scope switch
    {
        Terminating => IsTerminating(one.Spec),
        NotTerminating => !IsTerminating(one.Spec),
        BestEffort => one.Status["qosClass"]?.Text == BestEffort,
        NotBestEffort => one.Status["qosClass"]?.Text != BestEffort,
        PriorityClass => MatchesClass(one.Spec["priorityClassName"]?.Text ?? "", @operator, values),
        CrossNamespacePodAffinity => LooksIntoOtherNamespaces(one.Spec),
        _ => false,
    };

    private static bool IsTerminating(TreeMap spec) => spec["activeDeadlineSeconds"]?.Integer >= 0;

    private static bool MatchesClass(string name, string @operator, ReadOnlySpan<Tree> values) => @operator switch
    {
        "Exists" => name.Length > 0,
        "DoesNotExist" => name.Length == 0,
        "In" => name.Length > 0 && Contains(values, name),
        "NotIn" => !Contains(values, name),
        _ => false,
    };

    private static bool Contains(ReadOnlySpan<Tree> values, string name)
    {
        foreach (var value in values)
        {
            if (value.Text == name)
            {
                return true;
            }
        }

        return false;
    }

    private static bool LooksIntoOtherNamespaces(TreeMap spec)
    {
        foreach (var kind in new[] { "podAffinity", "podAntiAffinity" })
        {
            var affinity = spec.At("affinity", kind);
            var terms = Tree.ItemsOf(affinity?["requiredDuringSchedulingIgnoredDuringExecution"]).ToArray()
                .Concat(Tree.ItemsOf(affinity?["preferredDuringSchedulingIgnoredDuringExecution"]).ToArray().Select(term => term["podAffinityTerm"] ?? TreeMap.Empty));
            if (terms.Any(term => Tree.ItemsOf(term["namespaces"]).Length > 0 || term["namespaceSelector"] is not null))
            {
                return true;
            }
        }

        return false;
    }
}
