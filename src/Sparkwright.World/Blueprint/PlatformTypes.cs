using System.Collections.Immutable;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Blueprint;

/// <summary>The internal kinds in which the store keeps what of it a blueprint has made, as Terraform's state does.</summary>
public static class PlatformTypes
{
    private const string Group = "platform.sparkwright.dev";

    /// <summary>A resource: <c>spec.module</c>, <c>type</c>, <c>key</c>, <c>attributes</c>, and <c>order</c>, its place in the making.</summary>
    public static ResourceType Resource { get; } = new(Group, "v1", "Resource", "resources", false, false);

    /// <summary>The blueprint that was applied last: <c>spec.files</c>, by name; none of them for an account that has had none.</summary>
    public static ResourceType Source { get; } = new(Group, "v1", "Source", "sources", false, false);

    public static ImmutableArray<ResourceType> All { get; } = [Resource, Source];
}
