using System.Collections.Immutable;
using System.Text.Json;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Karpenter.Interruption;

/// <summary>Reads the bodies of the interruption queue, which are events as EventBridge delivers them.</summary>
public static class InterruptionParser
{
    /// <summary>The only version of events that is read.</summary>
    private const string Version = "0";

    /// <summary>What a body says; null when it cannot be read at all.</summary>
    /// <param name="body">JSON as text, or what was read from it. An empty text says nothing, and is no mistake.</param>
    public static InterruptionMessage? Parse(Tree body)
    {
        if (body.Text is not { } text)
        {
            return body is TreeMap read ? Understand(read) : null;
        }

        if (text.Length == 0)
        {
            return InterruptionMessage.NoOp;
        }

        try
        {
            return TreeJson.Parse(text) is TreeMap parsed ? Understand(parsed) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static InterruptionMessage? Understand(TreeMap body)
    {
        if (!AreTextsOrAbsent(body, "version", "source", "detail-type"))
        {
            return null;
        }

        var detail = body.Get("detail");
        return (body["version"]?.Text, body["source"]?.Text, body["detail-type"]?.Text) switch
        {
            (Version, "aws.ec2", "EC2 Spot Instance Interruption Warning") => OfInstance(InterruptionKind.SpotInterrupted, detail),
            (Version, "aws.ec2", "EC2 Instance Rebalance Recommendation") => OfInstance(InterruptionKind.RebalanceRecommendation, detail),
            (Version, "aws.ec2", "EC2 Capacity Reservation Instance Interruption Warning") => OfInstance(InterruptionKind.CapacityReservationInterrupted, detail),
            (Version, "aws.ec2", "EC2 Instance State-change Notification") => OfState(detail),
            (Version, "aws.health", "AWS Health Event") => OfHealth(detail),
            _ => InterruptionMessage.NoOp,
        };
    }

    private static InterruptionMessage? OfInstance(InterruptionKind kind, Tree? detail) => IsRecord(detail, "instance-id")
        ? new InterruptionMessage(kind, Named(detail?["instance-id"]))
        : null;

    private static InterruptionMessage? OfState(Tree? detail)
    {
        if (!IsRecord(detail, "instance-id", "state"))
        {
            return null;
        }

        InterruptionKind? kind = detail?["state"]?.Text?.ToLowerInvariant() switch
        {
            "stopping" or "stopped" => InterruptionKind.InstanceStopped,
            "shutting-down" or "terminated" => InterruptionKind.InstanceTerminated,
            _ => null,
        };
        return kind is { } known ? OfInstance(known, detail) : InterruptionMessage.NoOp;
    }

    private static InterruptionMessage? OfHealth(Tree? detail)
    {
        if (!IsRecord(detail, "service", "eventTypeCategory"))
        {
            return null;
        }

        if (detail?["service"]?.Text != "EC2" || detail["eventTypeCategory"]?.Text != "scheduledChange")
        {
            return InterruptionMessage.NoOp;
        }

        return detail["affectedEntities"] switch
        {
            null or TreeNull => new InterruptionMessage(InterruptionKind.ScheduledChange, []),
            TreeList entities when entities.Span.ToArray().All(entity => IsRecord(entity, "entityValue")) =>
                new InterruptionMessage(InterruptionKind.ScheduledChange, [.. entities.Span.ToArray().SelectMany(entity => Named(entity["entityValue"]))]),
            _ => null,
        };
    }

    private static ImmutableArray<string> Named(Tree? id) => id?.Text is { Length: > 0 } name ? [name] : [];

    /// <summary>A decoder into fixed types takes what is missing or null for empty, and refuses what has another type.</summary>
    private static bool IsRecord(Tree? tree, params ReadOnlySpan<string> texts) => tree is null or TreeNull || (tree is TreeMap map && AreTextsOrAbsent(map, texts));

    private static bool AreTextsOrAbsent(TreeMap map, params ReadOnlySpan<string> keys)
    {
        foreach (var key in keys)
        {
            if (map.Get(key) is not (null or TreeNull or TreeText))
            {
                return false;
            }
        }

        return true;
    }
}
