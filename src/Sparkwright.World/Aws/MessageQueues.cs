using System.Collections.Immutable;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;

namespace Sparkwright.World.Aws;

/// <summary>The kinds in which SQS's resources lie in the store.</summary>
public static class SqsTypes
{
    private const string Group = "sqs.sparkwright.dev";

    public static ResourceType Queue { get; } = new(Group, "v1", "Queue", "queues", false, true);

    /// <summary>A message that nobody has deleted yet: <c>spec.queue</c>, <c>spec.body</c>, <c>spec.sentTicks</c>.</summary>
    public static ResourceType Message { get; } = new(Group, "v1", "Message", "messages", false, true);

    public static ImmutableArray<ResourceType> All { get; } = [Queue, Message];
}

/// <summary>SQS, as far as Karpenter's interruption queue needs it. A message stays until its reader deletes it, so that a restart loses none.</summary>
public sealed class MessageQueues(ApiServer api)
{
    /// <summary>The most messages that one receive answers.</summary>
    private const int MostAtOnce = 10;

    public void EnsureQueue(string name)
    {
        if (!Exists(name))
        {
            api.Create(new ApiObject(SqsTypes.Queue, new ObjectMeta { Name = name }, TreeMap.Empty));
        }
    }

    public bool Exists(string name) => api.Store.Get(SqsTypes.Queue, "", name) is not null;

    /// <summary>Puts a message into a queue; one to a queue that does not exist is lost, as an EventBridge rule without a target loses it.</summary>
    public void Send(string queue, TreeMap body)
    {
        if (Exists(queue))
        {
            // The ordinal in the name keeps the messages of a queue in the order of their sending.
            api.Create(new ApiObject(
                SqsTypes.Message,
                new ObjectMeta { Name = $"{api.Store.ResourceVersion + 1:d12}" },
                TreeMap.Of(("spec", TreeMap.Of(("body", body), ("queue", queue), ("sentTicks", api.Clock.Now.Ticks))))));
        }
    }

    /// <summary>The oldest messages of a queue, ten at most; they stay until they are deleted.</summary>
    public ImmutableArray<QueueMessage> Receive(string queue) =>
        [.. api.Store.List(SqsTypes.Message).Select(QueueMessage.Of).Where(message => message.Queue == queue).Take(MostAtOnce)];

    public void Delete(QueueMessage message) => api.Delete(SqsTypes.Message, new ObjectKey("", message.Id));
}

/// <summary>A message of a queue.</summary>
/// <param name="Id">Names of later messages are greater, in ordinal order.</param>
/// <param name="Body">What the sender wrote: an event as EventBridge delivers it, with <c>source</c>, <c>detail-type</c>, <c>detail</c> …, or any text.</param>
/// <param name="SentAt">World time.</param>
public sealed record QueueMessage(string Id, string Queue, Tree Body, DateTime SentAt)
{
    public static QueueMessage Of(ApiObject from) => new(
        from.Name,
        from.Spec["queue"]?.Text ?? "",
        from.Spec["body"] ?? TreeNull.Value,
        new DateTime(from.Spec["sentTicks"]?.Integer ?? 0, DateTimeKind.Utc));
}
