using System.Globalization;
using System.Text.Json;
using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.YuniKorn.Queues;

/// <summary>The limits that a namespace sets, by annotations, on the queue that placement makes for it.</summary>
internal static class NamespaceQuota
{
    public static void Apply(ApiObject home, Queue queue)
    {
        var legacy = TreeMap.Of(("cpu", home.Metadata.Annotation(Names.NamespaceMaxCpu)), ("memory", home.Metadata.Annotation(Names.NamespaceMaxMemory)));
        if ((Read(home.Metadata.Annotation(Names.NamespaceQuota)) ?? (legacy.Count == 0 ? null : legacy)) is { } max)
        {
            queue.Max = Amounts.From(ResourceList.From(max));
        }

        if (Read(home.Metadata.Annotation(Names.NamespaceGuaranteed)) is { } guaranteed)
        {
            queue.Guaranteed = Amounts.From(ResourceList.From(guaranteed));
        }

        if (long.TryParse(home.Metadata.Annotation(Names.NamespaceMaxApplications), NumberStyles.None, CultureInfo.InvariantCulture, out var most) && most > 0)
        {
            queue.MaxApplications = most;
        }
    }

    private static TreeMap? Read(string? json)
    {
        try
        {
            return string.IsNullOrEmpty(json) ? null : TreeJson.Parse(json) as TreeMap;
        }
        catch (Exception broken) when (broken is JsonException or FormatException)
        {
            return null;
        }
    }
}
