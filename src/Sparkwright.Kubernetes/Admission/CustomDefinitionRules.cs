using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Schema;

namespace Sparkwright.Kubernetes.Admission;

/// <summary>What the server fills into CustomResourceDefinitions, and the ones that it refuses.</summary>
public sealed class CustomDefinitionRules : KindRules
{
    public override ApiObject Default(ApiObject candidate)
    {
        var names = candidate.Spec["names"] as TreeMap ?? TreeMap.Empty;
        if (names["kind"]?.Text is { } kind)
        {
#pragma warning disable CA1308 // Names of resources are lower case.
            names = names["singular"]?.Text is { Length: > 0 } ? names : names.With("singular", kind.ToLowerInvariant());
#pragma warning restore CA1308
            names = names["listKind"]?.Text is { Length: > 0 } ? names : names.With("listKind", kind + "List");
        }

        var spec = candidate.Spec.With("names", names);
        return candidate.WithSpec(spec["conversion"] is null ? spec.With("conversion", TreeMap.Of(("strategy", "None"))) : spec);
    }

    public override IEnumerable<FieldError> Validate(ApiObject candidate, ApiObject? old)
    {
        var spec = candidate.Spec;
        var (group, plural) = (spec["group"]?.Text ?? "", spec.At("names", "plural")?.Text ?? "");
        if (candidate.Name != $"{plural}.{group}")
        {
            yield return FieldError.Invalid("metadata.name", candidate.Name, "must be spec.names.plural+\".\"+spec.group");
        }

        if (IsProtected(group) && candidate.Metadata.Annotation("api-approved.kubernetes.io") is null)
        {
            yield return FieldError.Required(
                "metadata.annotations[api-approved.kubernetes.io]",
                "protected groups must have approval annotation \"api-approved.kubernetes.io\", see https://github.com/kubernetes/enhancements/pull/1111");
        }

        foreach (var (path, value) in new[] { ("spec.group", group), ("spec.names.plural", plural), ("spec.names.kind", spec.At("names", "kind")?.Text ?? "") })
        {
            if (value.Length == 0)
            {
                yield return FieldError.Required(path);
            }
        }

        if (group.Length > 0 && !group.Contains('.', StringComparison.Ordinal))
        {
            yield return FieldError.Invalid("spec.group", group, "should be a domain with at least one dot");
        }

        switch (spec["scope"]?.Text)
        {
            case null or "":
                yield return FieldError.Required("spec.scope");
                break;
            case not ("Cluster" or "Namespaced") and var scope:
                yield return FieldError.Unsupported("spec.scope", scope, "Cluster", "Namespaced");
                break;
        }

        foreach (var error in Versions(spec).Concat(old is null ? [] : Unchangeable(spec, old.Spec)))
        {
            yield return error;
        }

        if (spec.At("conversion", "strategy")?.Text is "Webhook")
        {
            yield return FieldError.Forbidden("spec.conversion.strategy", "Sparkwright calls no webhooks: versions must differ in name only (strategy None)");
        }
    }

    /// <summary>What an accepted definition asks for and does not get.</summary>
    public static IEnumerable<string> Warnings(ApiObject written)
    {
        if (written.Type != CoreTypes.CustomResourceDefinition)
        {
            yield break;
        }

        foreach (var version in Tree.ItemsOf(written.Spec["versions"]).ToArray())
        {
            if (version.ToString().Contains("\"x-kubernetes-validations\":", StringComparison.Ordinal))
            {
                yield return $"version {version["name"]?.Text}: x-kubernetes-validations are stored and not enforced by Sparkwright";
            }
        }
    }

    private static IEnumerable<FieldError> Versions(TreeMap spec)
    {
        var versions = Tree.ItemsOf(spec["versions"]).ToArray();
        var shown = $"[{string.Join(", ", versions.Select(one => GoSyntax.Quote(one["name"]?.Text ?? "")))}]";
        if (versions.Count(one => one["storage"]?.Boolean == true) != 1)
        {
            yield return new FieldError("spec.versions", $"Invalid value: {shown}: must have exactly one version marked as storage version");
        }

        if (versions.Select(one => one["name"]?.Text).Distinct(StringComparer.Ordinal).Count() != versions.Length)
        {
            yield return new FieldError("spec.versions", $"Invalid value: {shown}: must contain unique version names");
        }

        foreach (var (version, at) in versions.Select((version, at) => (version, at)))
        {
            var path = $"spec.versions[{at}]";
            if (version["name"]?.Text is not { Length: > 0 })
            {
                yield return FieldError.Required($"{path}.name");
            }

            if (version.At("schema", "openAPIV3Schema") is not TreeMap schema)
            {
                yield return FieldError.Required($"{path}.schema.openAPIV3Schema", "schemas are required");
                continue;
            }

            var root = $"{path}.schema.openAPIV3Schema";
            if (schema["type"]?.Text is not "object")
            {
                yield return schema["type"]?.Text is { Length: > 0 } other
                    ? FieldError.Invalid($"{root}.type", other, "must be object at the root")
                    : FieldError.Required($"{root}.type", "must not be empty at the root");
            }

            foreach (var error in Structure(schema, root))
            {
                yield return error;
            }
        }
    }

    /// <summary>A schema is structural when each field says its type, and a map is either free or has named fields.</summary>
    private static IEnumerable<FieldError> Structure(TreeMap schema, string path)
    {
        if (schema["properties"] is TreeMap { Count: > 0 } && schema["additionalProperties"] is not null)
        {
            yield return FieldError.Forbidden($"{path}.additionalProperties", "additionalProperties and properties are mutual exclusive");
        }

        foreach (var (name, part) in Compositions(schema))
        {
            if (schema["x-kubernetes-int-or-string"]?.Boolean == true && part["type"]?.Text is "integer" or "string")
            {
                continue;
            }

            foreach (var word in (string[])["additionalProperties", "default", "description", "nullable", "title", "type"])
            {
                if (part[word] is not null)
                {
                    yield return FieldError.Forbidden($"{path}.{name}.{word}", "must be empty to be structural");
                }
            }
        }

        if (schema["type"]?.Text == "array" && schema["items"] is not TreeMap)
        {
            yield return FieldError.Required($"{path}.items", "must be specified");
        }

        foreach (var (name, part) in schema["properties"] as TreeMap ?? TreeMap.Empty)
        {
            foreach (var error in Part(part, $"{path}.properties[{name}]", "must not be empty for specified object fields"))
            {
                yield return error;
            }
        }

        foreach (var error in Part(schema["items"], $"{path}.items", "must not be empty for specified array items")
            .Concat(Part(schema["additionalProperties"], $"{path}.additionalProperties", "must not be empty for specified object fields")))
        {
            yield return error;
        }
    }

    /// <summary>The schemas that a schema is composed of, which may say what values are allowed and nothing else.</summary>
    private static IEnumerable<(string Name, Tree Part)> Compositions(TreeMap schema)
    {
        foreach (var name in (string[])["allOf", "anyOf", "oneOf"])
        {
            foreach (var (part, at) in Tree.ItemsOf(schema[name]).ToArray().Select((part, at) => (part, at)))
            {
                yield return ($"{name}[{at}]", part);
            }
        }

        if (schema["not"] is { } not)
        {
            yield return ("not", not);
        }
    }

    private static IEnumerable<FieldError> Part(Tree? part, string path, string untyped)
    {
        if (part is not TreeMap schema)
        {
            yield break;
        }

        if (schema["type"]?.Text is not { Length: > 0 } && schema["x-kubernetes-int-or-string"]?.Boolean != true && schema["x-kubernetes-preserve-unknown-fields"]?.Boolean != true)
        {
            yield return FieldError.Required($"{path}.type", untyped);
        }

        foreach (var error in Structure(schema, path))
        {
            yield return error;
        }
    }

    private static IEnumerable<FieldError> Unchangeable(TreeMap spec, TreeMap old)
    {
        foreach (var (path, now, before) in new[]
        {
            ("spec.group", spec["group"], old["group"]), ("spec.names.kind", spec.At("names", "kind"), old.At("names", "kind")),
            ("spec.names.plural", spec.At("names", "plural"), old.At("names", "plural")), ("spec.scope", spec["scope"], old["scope"]),
        })
        {
            if (!Equals(now, before))
            {
                yield return FieldError.Invalid(path, now, "field is immutable");
            }
        }
    }

    private static bool IsProtected(string group) =>
        group is "k8s.io" or "kubernetes.io" || group.EndsWith(".k8s.io", StringComparison.Ordinal) || group.EndsWith(".kubernetes.io", StringComparison.Ordinal);
}
