using System.Collections.Immutable;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Aws.Logs;

/// <summary>The kinds in which CloudWatch Logs' resources lie in the store; what was logged is in blobs.</summary>
public static class LogTypes
{
    public const string Group = "logs.sparkwright.dev";

    public static ResourceType LogGroup { get; } = new(Group, "v1", "LogGroup", "loggroups", false, false);

    /// <summary>Named by group and stream with a colon between, which neither may have.</summary>
    public static ResourceType LogStream { get; } = new(Group, "v1", "LogStream", "logstreams", false, false);

    public static ImmutableArray<ResourceType> All { get; } = [LogGroup, LogStream];
}
