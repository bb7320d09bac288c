using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.Kubernetes.Admission;

/// <summary>Roles and ClusterRoles: what each rule must name.</summary>
public sealed class RoleRules(bool namespaced) : KindRules
{
    public override IEnumerable<FieldError> Validate(ApiObject candidate, ApiObject? old)
    {
        var errors = new List<FieldError>();
        var rules = Tree.ItemsOf(candidate.Body["rules"]);
        for (var at = 0; at < rules.Length; at++)
        {
            CheckRule(rules[at], FieldPath.Root("rules").Index(at), errors);
        }

        SelectorsOf(candidate.Body["aggregationRule"], errors);
        return errors;
    }

    private void CheckRule(Tree rule, FieldPath path, List<FieldError> errors)
    {
        if (Tree.ItemsOf(rule["verbs"]).Length == 0)
        {
            errors.Add(FieldError.Required(path.Child("verbs"), "verbs must contain at least one value"));
        }

        if (Tree.ItemsOf(rule["nonResourceURLs"]).Length > 0)
        {
            if (namespaced)
            {
                errors.Add(FieldError.Invalid(path.Child("nonResourceURLs"), rule["nonResourceURLs"], "namespaced rules cannot apply to non-resource URLs"));
            }

            if (Tree.ItemsOf(rule["apiGroups"]).Length + Tree.ItemsOf(rule["resources"]).Length + Tree.ItemsOf(rule["resourceNames"]).Length > 0)
            {
                errors.Add(FieldError.Invalid(path.Child("nonResourceURLs"), rule["nonResourceURLs"], "rules cannot apply to both regular resources and non-resource URLs"));
            }

            return;
        }

        if (Tree.ItemsOf(rule["apiGroups"]).Length == 0)
        {
            errors.Add(FieldError.Required(path.Child("apiGroups"), "resource rules must supply at least one api group"));
        }

        if (Tree.ItemsOf(rule["resources"]).Length == 0)
        {
            errors.Add(FieldError.Required(path.Child("resources"), "resource rules must supply at least one resource"));
        }
    }

    private static void SelectorsOf(Tree? aggregation, List<FieldError> errors)
    {
        if (aggregation is null)
        {
            return;
        }

        var path = FieldPath.Root("aggregationRule").Child("clusterRoleSelectors");
        var selectors = Tree.ItemsOf(aggregation["clusterRoleSelectors"]);
        if (selectors.Length == 0)
        {
            errors.Add(FieldError.Required(path, "at least one clusterRoleSelector required if aggregationRule is non-nil"));
        }

        for (var at = 0; at < selectors.Length; at++)
        {
            SelectorRules.Check(selectors[at], path.Index(at), errors);
        }
    }
}

/// <summary>RoleBindings and ClusterRoleBindings: which role goes to whom; the role cannot be changed later.</summary>
public sealed class RoleBindingRules(bool namespaced) : KindRules
{
    private const string Group = "rbac.authorization.k8s.io";

    public override ApiObject Default(ApiObject candidate)
    {
        var body = candidate.Body;
        if (body["roleRef"] is TreeMap role)
        {
            body = body.With("roleRef", role["apiGroup"]?.Text is null or "" ? role.With("apiGroup", Group) : role);
        }

        return candidate.With(body.WithEach("subjects", subject => subject["kind"]?.Text is "User" or "Group" ? subject.OrElse("apiGroup", Group) : subject));
    }

    public override IEnumerable<FieldError> Validate(ApiObject candidate, ApiObject? old)
    {
        var errors = new List<FieldError>();
        var path = FieldPath.Root("roleRef");
        var role = candidate.Body["roleRef"];
        if (role?["apiGroup"]?.Text is var group and not Group)
        {
            errors.Add(FieldError.Unsupported(path.Child("apiGroup"), group ?? "", Group));
        }

        if (role?["kind"]?.Text is var kind && !(kind == "ClusterRole" || (namespaced && kind == "Role")))
        {
            errors.Add(FieldError.Unsupported(path.Child("kind"), kind ?? "", namespaced ? ["ClusterRole", "Role"] : ["ClusterRole"]));
        }

        var name = role?["name"]?.Text ?? "";
        errors.AddRange(name.Length == 0
            ? [FieldError.Required(path.Child("name"))]
            : Formats.PathSegment(name).Select(fault => FieldError.Invalid(path.Child("name"), name, fault)));
        var subjects = Tree.ItemsOf(candidate.Body["subjects"]);
        for (var at = 0; at < subjects.Length; at++)
        {
            CheckSubject(subjects[at], FieldPath.Root("subjects").Index(at), errors);
        }

        if (old is not null && !Equals(role, old.Body["roleRef"]))
        {
            errors.Add(FieldError.Invalid(path, role, "cannot change roleRef"));
        }

        return errors;
    }

    private void CheckSubject(Tree subject, FieldPath path, List<FieldError> errors)
    {
        var name = subject["name"]?.Text ?? "";
        if (name.Length == 0)
        {
            errors.Add(FieldError.Required(path.Child("name")));
        }

        var group = subject["apiGroup"]?.Text ?? "";
        switch (subject["kind"]?.Text)
        {
            case "ServiceAccount":
                errors.AddRange(name.Length == 0 ? [] : Formats.Subdomain(name).Select(fault => FieldError.Invalid(path.Child("name"), name, fault)));
                if (group.Length > 0)
                {
                    errors.Add(FieldError.Unsupported(path.Child("apiGroup"), group, ""));
                }

                if (string.IsNullOrEmpty(subject["namespace"]?.Text))
                {
                    errors.Add(FieldError.Required(path.Child("namespace")));
                }

                break;
            case "User" or "Group":
                if (group != Group)
                {
                    errors.Add(FieldError.Unsupported(path.Child("apiGroup"), group, Group));
                }

                break;
            case var kind:
                errors.Add(FieldError.Unsupported(path.Child("kind"), kind ?? "", "Group", "ServiceAccount", "User"));
                break;
        }
    }
}
