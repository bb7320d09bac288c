using System.Globalization;
using System.Text.RegularExpressions;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.YuniKorn.Applications;
using Sparkwright.World.YuniKorn.Configuration;
using Sparkwright.World.YuniKorn.Cycle;
using Sparkwright.World.YuniKorn.Queues;

namespace Sparkwright.World.YuniKorn.Rest;

/// <summary>What the REST service answers.</summary>
/// <param name="Body">A text for what is not JSON, such as the queue configuration.</param>
public sealed record RestAnswer(int Code, Tree Body);

/// <summary>The reading endpoints of YuniKorn's web service, from a path to its answer; they change nothing.</summary>
public static partial class RestService
{
    /// <summary>Answers a request; null when there is nothing at this path.</summary>
    /// <param name="path">Below the root, its parts unescaped, such as ws, v1, partitions.</param>
    /// <param name="query">The value of a query parameter; null when it is not there.</param>
    public static RestAnswer? Get(YuniKornScheduler scheduler, string[] path, Func<string, string?> query, DateTime now) => path switch
    {
        ["ws", "v1", "clusters"] => Ok(TreeList.Of(ClusterJson.Of(scheduler))),
        ["ws", "v1", "config"] => Ok(scheduler.ConfigurationText),
        ["ws", "v1", "history", "apps"] => Ok(UsageHistory.Applications(scheduler, now)),
        ["ws", "v1", "history", "containers"] => Ok(UsageHistory.Containers(scheduler, now)),
        ["ws", "v1", "partitions"] => Ok(TreeList.Of(YuniKornState.Partition(scheduler))),
        ["ws", "v1", "partition", var partition, .. var rest] => Names.Partition == WithoutCluster(partition)
            ? InPartition(scheduler, rest, query)
            : Error(404, "Partition not found"),
        ["ws", "v1", "events", "batch"] => EventBatch(scheduler, query),
        ["ws", "v1", "scheduler", "healthcheck"] => Ok(HealthJson.Of(scheduler)),
        ["ws", "v1", "scheduler", "node-utilizations"] => Ok(NodeUtilization.Of(scheduler)),
        ["debug", "fullstatedump"] => Ok(YuniKornState.Dump(scheduler, now)),
        _ => null,
    };

    /// <summary>Whether a queue configuration would be taken, as the admission controller asks before a ConfigMap is changed.</summary>
    public static RestAnswer Validate(string configuration) => Ok(ConfigReader.Read(configuration) switch
    {
        ConfigResult.Invalid invalid => TreeMap.Of(("allowed", false), ("reason", invalid.Message)),
        _ => TreeMap.Of(("allowed", true), ("reason", "")),
    });

    /// <summary>A refusal in the service's form.</summary>
    public static RestAnswer Error(int code, string message) =>
        new(code, TreeMap.Of(("description", message), ("message", message), ("status_code", code)));

    private static RestAnswer Ok(Tree body) => new(200, body);

    private static RestAnswer? InPartition(YuniKornScheduler scheduler, string[] path, Func<string, string?> query) => path switch
    {
        ["placementrules"] => Ok(ClusterJson.PlacementRules(scheduler.Queues.Settings)),
        ["queues"] => Ok(QueueJson.Whole(scheduler.Queues.Root)),
        ["queue", var name] => WithQueue(scheduler, name, queue => Ok(query("subtree") is null ? QueueJson.Of(queue) : QueueJson.Whole(queue))),
        ["queue", var name, "applications"] => WithQueue(scheduler, name, queue => Ok(List(queue.Applications.Values))),
        ["queue", var name, "applications", var state] => WithQueue(scheduler, name, queue => InState(scheduler, state, query("status"), application => application.QueuePath == queue.Path)),
        ["queue", var name, "application", var id] => WithQueue(scheduler, name, queue =>
            Known(scheduler, id) is { } known && known.QueuePath == queue.Path ? Ok(ApplicationJson.Of(known)) : Error(404, "Application not found")),
        ["application", var id] => Known(scheduler, id) is { } known ? Ok(ApplicationJson.Of(known)) : Error(404, "Application not found"),
        ["applications", var state] => InState(scheduler, state, query("status"), static _ => true),
        ["nodes"] => Ok(YuniKornState.Nodes(scheduler)),
        ["node", var name] => YuniKornState.Nodes(scheduler).Items.ToArray().FirstOrDefault(node => node["nodeID"]?.Text == name) is { } node ? Ok(node) : Error(404, "Node not found"),
        ["usage", "users"] => Ok(TreeList.From(scheduler.Users.Everybody.Select(user => UsageJson.OfUser(scheduler, user)))),
        ["usage", "user", var name] => scheduler.Users.Everybody.FirstOrDefault(user => user.Name == name) is { } user ? Ok(UsageJson.OfUser(scheduler, user)) : Error(404, "User not found"),
        ["usage", "groups"] => Ok(TreeList.From(scheduler.Users.Groups(scheduler.Queues.Root).Select(group => UsageJson.OfGroup(scheduler, group)))),
        ["usage", "group", var name] => scheduler.Users.Groups(scheduler.Queues.Root).Contains(name) ? Ok(UsageJson.OfGroup(scheduler, name)) : Error(404, "Group not found"),
        _ => null,
    };

    private static RestAnswer WithQueue(YuniKornScheduler scheduler, string name, Func<Queue, RestAnswer> answer)
    {
        if (name.Split('.').FirstOrDefault(part => !QueueName().IsMatch(part)) is { } wrong)
        {
            return Error(400, $"problem in queue query parameter parsing as queue param {name} contains invalid queue name {wrong}. Queue name must only have alphanumeric characters, - or _, and be no longer than 64 characters");
        }

        return scheduler.Queues.Find(name) is { } queue ? answer(queue) : Error(404, "Queue not found");
    }

    /// <summary>Applications by where they are: active ones (of one state where that is asked), rejected or completed ones.</summary>
    private static RestAnswer InState(YuniKornScheduler scheduler, string state, string? status, Func<Application, bool> isAsked)
    {
        switch (state.ToLowerInvariant())
        {
            case "active" when status is null:
                return Ok(List(scheduler.Applications.Where(isAsked)));
            case "active":
                return Enum.TryParse<ApplicationState>(status, ignoreCase: true, out var wanted) && wanted is <= ApplicationState.Completing or ApplicationState.Failing or ApplicationState.Resuming
                    ? Ok(List(scheduler.Applications.Where(application => application.State == wanted && isAsked(application))))
                    : Error(400, "Only following active statuses are allowed: new, accepted, running, completing, failing, resuming");
            case "rejected":
                return Ok(List(scheduler.Finished.Where(application => application.State == ApplicationState.Rejected && isAsked(application))));
            case "completed":
                return Ok(List(scheduler.Finished.Where(application => application.State != ApplicationState.Rejected && isAsked(application))));
            default:
                return Error(400, "Only following application states are allowed: active, rejected, completed");
        }
    }

    private static RestAnswer EventBatch(YuniKornScheduler scheduler, Func<string, string?> query)
    {
        if (!Number(query("count"), 10_000, out var count) || count == 0)
        {
            return Error(400, "problem parsing the \"count\" parameter: it must be a number above 0");
        }

        return Number(query("start"), 0, out var start)
            ? Ok(EventRecords.Batch(scheduler, start, Math.Min(count, 10_000)))
            : Error(400, "problem parsing the \"start\" parameter: it must be a number of at least 0");
    }

    private static bool Number(string? text, long standard, out long number)
    {
        number = standard;
        return text is null || long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }

    private static Application? Known(YuniKornScheduler scheduler, string id) =>
        scheduler.Applications.FirstOrDefault(application => application.Id == id) ?? scheduler.Finished.LastOrDefault(application => application.Id == id);

    private static TreeList List(IEnumerable<Application> applications) => TreeList.From(applications.Select(ApplicationJson.Of));

    /// <summary>A partition may be named with the cluster before it: <c>[mycluster]default</c>.</summary>
    private static string WithoutCluster(string partition) => partition[(partition.LastIndexOf(']') + 1)..];

    [GeneratedRegex("^[a-zA-Z0-9_:#/@-]{1,64}$")]
    private static partial Regex QueueName();
}
