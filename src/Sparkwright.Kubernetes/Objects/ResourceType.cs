namespace Sparkwright.Kubernetes.Objects;

/// <summary>A kind of object that the API serves: its group, version, kind and plural name.</summary>
/// <param name="Group">The API group; empty for core.</param>
/// <param name="Version">The version that objects are stored in.</param>
/// <param name="Plural">The resource name in paths, lower case.</param>
/// <param name="Namespaced">Whether objects of this kind live in a namespace.</param>
/// <param name="HasStatus">Whether <c>status</c> is a subresource, so that plain writes leave it alone.</param>
public sealed record ResourceType(string Group, string Version, string Kind, string Plural, bool Namespaced, bool HasStatus)
{
    public string ApiVersion => Group.Length == 0 ? Version : Group + "/" + Version;

    /// <summary>The name as error texts give it: <c>pods</c>, <c>deployments.apps</c>.</summary>
    public string QualifiedPlural => Group.Length == 0 ? Plural : Plural + "." + Group;

    public string QualifiedKind => Group.Length == 0 ? Kind : Kind + "." + Group;

    public override string ToString() => QualifiedPlural;
}
