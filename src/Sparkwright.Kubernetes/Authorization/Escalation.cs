using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Schema;
using Sparkwright.Kubernetes.Store;

namespace Sparkwright.Kubernetes.Authorization;

/// <summary>
/// Nobody grants what he does not have: whoever writes a role must hold its rules (or the verb escalate on it), whoever binds one must hold
/// what it grants (or the verb bind on it).
/// </summary>
public sealed class Escalation(ObjectStore store)
{
    private static readonly Tree[] Everything =
    [
        TreeMap.Of(("apiGroups", TreeList.Of("*")), ("resources", TreeList.Of("*")), ("verbs", TreeList.Of("*"))),
        TreeMap.Of(("nonResourceURLs", TreeList.Of("*")), ("verbs", TreeList.Of("*"))),
    ];

    private readonly Rbac rbac = new(store);

    /// <summary>Why somebody may not write an object; null when he may.</summary>
    /// <param name="old">The object as it is; null when it is new.</param>
    public ApiStatus? RefusalOf(Identity who, ApiObject candidate, ApiObject? old)
    {
        // A write of finalizers and owners alone grants nothing: the garbage collector does that.
        if (who.Groups.Contains(Identity.MastersGroup) || (old is not null && candidate.Body.Equals(old.Body) && candidate.Metadata.Labels.Equals(old.Metadata.Labels)))
        {
            return null;
        }

        return candidate.Type switch
        {
            var type when type == CoreTypes.Role || type == CoreTypes.ClusterRole => OfRole(who, candidate, old),
            var type when type == CoreTypes.RoleBinding || type == CoreTypes.ClusterRoleBinding => OfBinding(who, candidate),
            _ => null,
        };
    }

    private ApiStatus? OfRole(Identity who, ApiObject role, ApiObject? old)
    {
        var (rules, aggregation) = (role.Body["rules"], role.Body["aggregationRule"]);
        if (rbac.Allows(who, Asked("escalate", role.Type, role.Namespace, role.Name)))
        {
            return null;
        }

        if (aggregation is not null && !aggregation.Equals(old?.Body["aggregationRule"]) && Missing(who, "", Everything).Count > 0)
        {
            return ApiStatus.Forbidden(role.Type, role.Name, "must have cluster-admin privileges to use the aggregationRule");
        }

        return old is not null && Equals(rules, old.Body["rules"]) ? null : OfRules(who, role, Tree.ItemsOf(rules).ToArray());
    }

    private ApiStatus? OfBinding(Identity who, ApiObject binding)
    {
        var reference = binding.Body["roleRef"];
        var type = reference?["kind"]?.Text switch
        {
            "ClusterRole" => CoreTypes.ClusterRole,
            "Role" => CoreTypes.Role,
            _ => null,
        };
        var name = reference?["name"]?.Text ?? "";
        if (type is null || name.Length == 0 || rbac.Allows(who, Asked("bind", type, binding.Namespace, name)))
        {
            return null;
        }

        return store.Get(type, type.Namespaced ? binding.Namespace : "", name) is { } role
            ? OfRules(who, binding, Tree.ItemsOf(role.Body["rules"]).ToArray())
            : ApiStatus.NotFound(type, name);
    }

    private ApiStatus? OfRules(Identity who, ApiObject granting, Tree[] rules)
    {
        var missing = Missing(who, granting.Namespace, rules);
        return missing.Count == 0 ? null : ApiStatus.Forbidden(
            granting.Type,
            granting.Name,
            $"user {GoSyntax.Quote(who.Name)} (groups={Quoted(who.Groups)}) is attempting to grant RBAC permissions not currently held:\n{string.Join('\n', missing)}");
    }

    private static AccessRequest Asked(string verb, ResourceType type, string @namespace, string name) =>
        new(verb) { Group = type.Group, Resource = type.Plural, Namespace = @namespace, Name = name };

    /// <summary>The rights of some rules that somebody does not have, each resource's verbs together, as the API server prints them.</summary>
    private IReadOnlyList<string> Missing(Identity who, string @namespace, IEnumerable<Tree> rules)
    {
        var held = rbac.RulesFor(who, @namespace).ToList();
        return
        [
            .. rules.SelectMany(Single).Where(right => !held.Any(rule => Covers(rule, right)))
                .GroupBy(right => right with { Verb = "" })
                .Select(same => Print(same.Key, same.Select(right => right.Verb)))
                .Distinct().Order(StringComparer.Ordinal),
        ];
    }

    /// <summary>The rights that a rule gives, one by one.</summary>
    private static IEnumerable<Right> Single(Tree rule)
    {
        string?[] names = Texts(rule["resourceNames"]) is { Count: > 0 } some ? [.. some] : [null];
        foreach (var group in Texts(rule["apiGroups"]))
        {
            foreach (var resource in Texts(rule["resources"]))
            {
                foreach (var verb in Texts(rule["verbs"]))
                {
                    foreach (var name in names)
                    {
                        yield return new Right(verb, group, resource, name, null);
                    }
                }
            }
        }

        foreach (var path in Texts(rule["nonResourceURLs"]))
        {
            foreach (var verb in Texts(rule["verbs"]))
            {
                yield return new Right(verb, null, null, null, path);
            }
        }
    }

    /// <summary>Whether a rule gives a right. A wildcard is only covered by a wildcard.</summary>
    private static bool Covers(Tree rule, Right right)
    {
        if (!HasOrAll(rule["verbs"], right.Verb))
        {
            return false;
        }

        if (right.Path is { } path)
        {
            return Texts(rule["nonResourceURLs"]).Any(one => one == path || one == "*" || (one.EndsWith('*') && path.StartsWith(one[..^1], StringComparison.Ordinal)));
        }

        var slash = right.Resource!.IndexOf('/', StringComparison.Ordinal);
        return HasOrAll(rule["apiGroups"], right.Group!)
            && (HasOrAll(rule["resources"], right.Resource) || (slash >= 0 && Texts(rule["resources"]).Contains("*" + right.Resource[slash..])))
            && (Texts(rule["resourceNames"]) is not { Count: > 0 } names || (right.Name is not null && names.Contains(right.Name)));
    }

    private static bool HasOrAll(Tree? list, string wanted) => Texts(list) is var texts && (texts.Contains(wanted) || texts.Contains("*"));

    private static string Print(Right right, IEnumerable<string> verbs)
    {
        (string Name, IEnumerable<string?> Values)[] parts = right.Path is { } path
            ? [("NonResourceURLs", [path]), ("Verbs", verbs)]
            : [("APIGroups", [right.Group]), ("Resources", [right.Resource]), ("ResourceNames", right.Name is null ? [] : [right.Name]), ("Verbs", verbs)];
        return $"{{{string.Join(", ", parts.Where(part => part.Values.Any()).Select(part => $"{part.Name}:{Quoted(part.Values)}"))}}}";
    }

    private static string Quoted(IEnumerable<string?> texts) => $"[{string.Join(' ', texts.Select(text => GoSyntax.Quote(text!)))}]";

    private static List<string> Texts(Tree? list) => [.. Tree.ItemsOf(list).ToArray().Select(one => one.Text ?? "")];

    /// <param name="Group">Null for a path.</param>
    /// <param name="Name">Null for all names.</param>
    /// <param name="Path">Null for a resource.</param>
    private sealed record Right(string Verb, string? Group, string? Resource, string? Name, string? Path);
}
