using System.Diagnostics.CodeAnalysis;

namespace Sparkwright.Kubernetes.Requests;

/// <summary>What a URL of the API names: a collection, an object, or a subresource of one.</summary>
/// <param name="Group">Empty for core.</param>
/// <param name="Plural">The resource, as it stands in paths.</param>
/// <param name="Namespace">Empty for cluster-wide kinds and for a list over all namespaces.</param>
/// <param name="Name">Empty for a collection.</param>
/// <param name="Subresource">Empty for the object itself.</param>
public sealed record ResourcePath(string Group, string Version, string Plural, string Namespace, string Name, string Subresource)
{
    /// <summary>Reads <c>/api/v1/…</c> and <c>/apis/GROUP/VERSION/…</c>; other paths name no resource.</summary>
    /// <param name="path">Not percent-encoded any more. What follows <c>proxy</c> is the business of what stands behind it.</param>
    public static bool TryParse(string path, [NotNullWhen(true)] out ResourcePath? parsed)
    {
        parsed = null;
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        string[] rest;
        string group, version;
        switch (parts)
        {
            case ["api", var core, _, ..]:
                (group, version, rest) = ("", core, parts[2..]);
                break;
            case ["apis", var named, var its, _, ..]:
                (group, version, rest) = (named, its, parts[3..]);
                break;
            default:
                return false;
        }

        // namespaces/NAME/status and namespaces/NAME/finalize belong to the namespace itself.
        var isInNamespace = rest is ["namespaces", _, _, ..] && !(group.Length == 0 && rest is ["namespaces", _, "status" or "finalize"]);
        var home = isInNamespace ? rest[1] : "";
        if (isInNamespace)
        {
            rest = rest[2..];
        }

        var name = rest.Length > 1 ? rest[1] : "";
        parsed = new ResourcePath(group, version, rest[0], home, name, Subresource: rest.Length < 3 ? "" : rest[2] == "proxy" ? rest[2] : string.Join('/', rest[2..]));
        return true;
    }
}
