namespace Sparkwright.Kubernetes.Authorization;

/// <summary>What somebody wants to do: a verb on a resource, or on a path that is none.</summary>
/// <param name="Verb">get, list, watch, create, update, patch, delete, deletecollection; impersonate, bind, escalate, use; for paths the HTTP method in lower case.</param>
public sealed record AccessRequest(string Verb)
{
    public string Group { get; init; } = "";

    public string Resource { get; init; } = "";

    public string Subresource { get; init; } = "";

    /// <summary>Empty for cluster-wide resources and for all namespaces.</summary>
    public string Namespace { get; init; } = "";

    public string Name { get; init; } = "";

    /// <summary>Such as <c>/healthz</c>; null when a resource is meant.</summary>
    public string? Path { get; init; }

    /// <summary>As rules name it: <c>pods</c>, <c>pods/log</c>.</summary>
    public string ResourceAndSubresource => Subresource.Length == 0 ? Resource : $"{Resource}/{Subresource}";

    /// <summary>The message of a 403, as the API server words it.</summary>
    public string Refusal(Identity who)
    {
        if (Path is not null)
        {
            return $"forbidden: User \"{who.Name}\" cannot {Verb} path \"{Path}\"";
        }

        var scope = Namespace.Length == 0 ? " at the cluster scope" : $" in the namespace \"{Namespace}\"";
        return $"{(Group.Length == 0 ? Resource : $"{Resource}.{Group}")}{(Name.Length == 0 ? "" : $" \"{Name}\"")} is forbidden: User \"{who.Name}\" cannot {Verb} resource \"{ResourceAndSubresource}\" in API group \"{Group}\"{scope}";
    }
}
