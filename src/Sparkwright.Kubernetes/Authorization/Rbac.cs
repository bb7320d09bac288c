using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Store;

namespace Sparkwright.Kubernetes.Authorization;

/// <summary>Role-based access control over the roles and bindings of a store.</summary>
public sealed class Rbac(ObjectStore store)
{
    public bool Allows(Identity who, AccessRequest request) =>
        who.Groups.Contains(Identity.MastersGroup) || RulesFor(who, request.Namespace).Any(rule => Permits(rule, request));

    /// <summary>The rules that hold for somebody: those of the whole cluster, then those of one namespace.</summary>
    public IEnumerable<Tree> RulesFor(Identity who, string @namespace)
    {
        foreach (var binding in store.List(CoreTypes.ClusterRoleBinding))
        {
            if (Binds(binding, who))
            {
                foreach (var rule in RulesOf(binding))
                {
                    yield return rule;
                }
            }
        }

        if (@namespace.Length == 0)
        {
            yield break;
        }

        foreach (var binding in store.List(CoreTypes.RoleBinding, @namespace))
        {
            if (Binds(binding, who))
            {
                foreach (var rule in RulesOf(binding))
                {
                    yield return rule;
                }
            }
        }
    }

    /// <summary>Whether one rule of a role permits a request.</summary>
    public static bool Permits(Tree rule, AccessRequest request)
    {
        if (!Has(rule["verbs"], request.Verb, "*"))
        {
            return false;
        }

        if (request.Path is { } path)
        {
            foreach (var allowed in Tree.ItemsOf(rule["nonResourceURLs"]))
            {
                if (allowed.Text is { } text && (text == path || text == "*" || (text.EndsWith('*') && path.StartsWith(text[..^1], StringComparison.Ordinal))))
                {
                    return true;
                }
            }

            return false;
        }

        return Has(rule["apiGroups"], request.Group, "*")
            && (Has(rule["resources"], request.ResourceAndSubresource, "*") || (request.Subresource.Length > 0 && Has(rule["resources"], "*/" + request.Subresource, "*")))
            && (rule["resourceNames"] is not TreeList { Count: > 0 } names || Has(names, request.Name, null));
    }

    private IEnumerable<Tree> RulesOf(ApiObject binding)
    {
        var reference = binding.Body["roleRef"];
        var name = reference?["name"]?.Text ?? "";
        var role = reference?["kind"]?.Text == "ClusterRole" ? store.Get(CoreTypes.ClusterRole, "", name) : store.Get(CoreTypes.Role, binding.Namespace, name);
        return Tree.ItemsOf(role?.Body["rules"]).ToArray();
    }

    private static bool Binds(ApiObject binding, Identity who)
    {
        foreach (var subject in Tree.ItemsOf(binding.Body["subjects"]))
        {
            var name = subject["name"]?.Text ?? "";
            var isMeant = subject["kind"]?.Text switch
            {
                "User" => name == who.Name,
                "Group" => who.Groups.Contains(name),
                "ServiceAccount" => who.ServiceAccount is { } account && account.Name == name && account.Namespace == (subject["namespace"]?.Text ?? binding.Namespace),
                _ => false,
            };
            if (isMeant)
            {
                return true;
            }
        }

        return false;
    }

    private static bool Has(Tree? list, string wanted, string? wildcard)
    {
        foreach (var one in Tree.ItemsOf(list))
        {
            if (one.Text == wanted || (wildcard is not null && one.Text == wildcard))
            {
                return true;
            }
        }

        return false;
    }
}
