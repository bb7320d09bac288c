using System.Collections.Immutable;
using Sparkwright.World.YuniKorn.Configuration;

namespace Sparkwright.World.YuniKorn.Queues;

/// <summary>All queues, kept in step with the configuration: what is new appears, what changed changes, what is missing drains.</summary>
public sealed class QueueTree
{
    /// <summary>Where pods go after a restart whose queue is no longer there.</summary>
    public const string RecoveryQueue = "root.@recovery@";

    public QueueTree(PartitionSettings settings)
    {
        Settings = settings;
        Root = new Queue("root", null, false, true);
        Configure(Root, settings.Root, settings.Limits);
    }

    public PartitionSettings Settings { get; private set; }

    public Queue Root { get; }

    /// <summary>Takes over a new configuration.</summary>
    /// <param name="now">From when queues that are above their new maximum have time to shrink.</param>
    public void Update(PartitionSettings settings, DateTime now)
    {
        var before = Root.Downwards().ToDictionary(queue => queue.Path, queue => queue.Max, StringComparer.Ordinal);
        Settings = settings;
        Configure(Root, settings.Root, settings.Limits);
        foreach (var queue in Root.Downwards().Where(queue => queue is { IsManaged: true, Parent: not null }))
        {
            if (before.TryGetValue(queue.Path, out var max) && !Equals(max, queue.Max))
            {
                var isOver = queue.Max is { } limit && !limit.Allows(queue.Allocated);
                queue.QuotaDeadline = settings.QuotaPreemptionEnabled && isOver && queue.Properties.QuotaPreemptionDelay > TimeSpan.Zero
                    ? now + queue.Properties.QuotaPreemptionDelay
                    : null;
            }
        }
    }

    public Queue? Find(string path)
    {
        var parts = path.ToLowerInvariant().Split('.');
        var queue = parts[0] == "root" ? Root : null;
        for (var at = 1; at < parts.Length && queue is not null; at++)
        {
            queue = queue.Children.GetValueOrDefault(parts[at]);
        }

        return queue;
    }

    /// <summary>The queue of a path, or its nearest ancestor that is there.</summary>
    public Queue Nearest(string path)
    {
        for (var known = path; ; known = known[..known.LastIndexOf('.')])
        {
            if (Find(known) is { } queue)
            {
                return queue;
            }
        }
    }

    /// <summary>Makes a leaf and what is missing above it, with the template of the nearest ancestor.</summary>
    public Queue Create(string path)
    {
        var queue = Nearest(path);
        var missing = path[queue.Path.Length..].Split('.', StringSplitOptions.RemoveEmptyEntries);
        for (var at = 0; at < missing.Length; at++)
        {
            var isLeaf = at == missing.Length - 1;
            var parent = queue;
            queue = new Queue(missing[at].ToLowerInvariant(), parent, isLeaf, false) { Template = parent.Template };
            queue.Properties = QueueProperties.Of(isLeaf ? parent.Template.Properties : QueueSettings.NoProperties, parent.Properties);
            if (isLeaf && queue.Path != RecoveryQueue)
            {
                queue.Guaranteed = Read(parent.Template.Guaranteed) ?? Amounts.None;
                queue.Max = Read(parent.Template.Max);
                queue.MaxApplications = parent.Template.MaxApplications;
            }
        }

        return queue;
    }

    /// <summary>Removes the queues that nobody needs, and answers them: empty ones that placement made, and drained ones.</summary>
    public IReadOnlyList<Queue> Clean()
    {
        var leaving = Root.Downwards().Where(queue => queue.Parent is not null && (!queue.IsManaged || queue.IsDraining) && queue.Children.Count == 0 && queue.Applications.Count == 0).ToList();
        foreach (var queue in leaving)
        {
            queue.Parent!.Remove(queue);
        }

        return leaving;
    }

    /// <summary>Whether <see cref="Clean"/> has something to wait for.</summary>
    public bool MayHaveEmpty => Root.Downwards().Any(queue => queue.Parent is not null && (!queue.IsManaged || queue.IsDraining) && queue.Children.Count == 0 && queue.Applications.Count == 0);

    private static void Configure(Queue queue, QueueSettings settings, ImmutableArray<LimitSettings> partitionLimits)
    {
        queue.IsDraining = false;
        queue.IsManaged = true;
        if (queue.Applications.Count == 0)
        {
            queue.IsLeaf = !settings.IsParent && settings.Queues.IsEmpty;
        }

        if (queue.Parent is not null)
        {
            queue.Max = Read(settings.Max);
            queue.Guaranteed = Read(settings.Guaranteed) ?? Amounts.None;
        }

        queue.MaxApplications = settings.MaxApplications;
        queue.Properties = QueueProperties.Of(settings.Properties, queue.Parent?.Properties);
        queue.SubmitAcl = AccessList.Of(settings.SubmitAcl);
        queue.AdminAcl = AccessList.Of(settings.AdminAcl);
        queue.Template = settings.ChildTemplate.IsEmpty ? queue.Parent?.Template ?? settings.ChildTemplate : settings.ChildTemplate;
        queue.Limits = [.. settings.Limits.Concat(partitionLimits).Select(limit => new QueueLimit(limit.Users, limit.Groups, Read(limit.MaxResources), limit.MaxApplications))];
        foreach (var child in settings.Queues)
        {
            var known = queue.Children.GetValueOrDefault(child.Name);
            Configure(known ?? new Queue(child.Name, queue, !child.IsParent && child.Queues.IsEmpty, true), child, []);
        }

        foreach (var gone in queue.Children.Values.Where(child => child.IsManaged && !settings.Queues.Any(known => known.Name == child.Name)))
        {
            foreach (var below in gone.Downwards().Where(below => below.IsManaged))
            {
                below.IsDraining = true;
            }
        }
    }

    /// <summary>Amounts that the configuration's checks have read before; null when nothing is said.</summary>
    private static Amounts? Read(Sparkwright.Kubernetes.Objects.TreeMap? map) =>
        QuantityText.TryReadAll(map, out var amounts, out _) && !amounts.IsEmpty ? amounts : null;
}
