using System.Globalization;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.World.Aws.Api;
using Sparkwright.World.Spark;

namespace Sparkwright.World.Emr;

/// <summary>The API emr-containers over the world: its routes, the shapes of its answers, its filters and pages.</summary>
public sealed class EmrService(ApiServer api, EmrContainers emr)
{
    /// <summary>Entries of a page when the caller does not say.</summary>
    private const int PageSize = 100;

    private static readonly string[] VirtualClusterStates = ["RUNNING", "TERMINATING", "TERMINATED", "ARRESTED"];

    private static readonly string[] JobRunStates =
    [
        JobRunState.Pending, JobRunState.Submitted, JobRunState.Running, JobRunState.Failed, JobRunState.Cancelled, JobRunState.CancelPending, JobRunState.Completed,
    ];

    public AwsService Service() => new("emr-containers", AwsProtocol.RestJson, "",
    [
        new("CreateVirtualCluster", "POST", "/virtualclusters", CreateVirtualCluster),
        new("DescribeVirtualCluster", "GET", "/virtualclusters/{id}", DescribeVirtualCluster),
        new("ListVirtualClusters", "GET", "/virtualclusters", ListVirtualClusters),
        new("DeleteVirtualCluster", "DELETE", "/virtualclusters/{id}", DeleteVirtualCluster),
        new("StartJobRun", "POST", "/virtualclusters/{virtualClusterId}/jobruns", StartJobRun),
        new("DescribeJobRun", "GET", "/virtualclusters/{virtualClusterId}/jobruns/{id}", DescribeJobRun),
        new("ListJobRuns", "GET", "/virtualclusters/{virtualClusterId}/jobruns", ListJobRuns),
        new("CancelJobRun", "DELETE", "/virtualclusters/{virtualClusterId}/jobruns/{id}", CancelJobRun),
    ]);

    /// <summary>A refusal as the wire has it: this API's ResourceNotFoundException is a 400.</summary>
    internal static AwsAnswer Refused(EmrRefusal refusal) => AwsAnswer.Refuse(refusal.Code == "InternalServerException" ? 500 : 400, refusal.Code, refusal.Message);

    private AwsAnswer CreateVirtualCluster(AwsCall call)
    {
        var shape = new RequestShape();
        var name = shape.Required(call.Input["name"], "name", 64, EmrPatterns.Name(), "1 to 64 of the characters A-Z a-z 0-9 . - _ / #");
        var token = shape.Required(call.Input["clientToken"], "clientToken", 64);
        var provider = shape.Map(call.Input["containerProvider"], "containerProvider", "type", "id", "info");
        if (shape.Required(provider["type"], "containerProvider.type", 16) is { Length: > 0 } type && type != "EKS")
        {
            shape.Refuse("containerProvider.type", type, "EKS");
        }

        var cluster = shape.Required(provider["id"], "containerProvider.id", 100);
        var home = shape.Required(provider.At("info", "eksInfo", "namespace"), "containerProvider.info.eksInfo.namespace", 63);
        return shape.Problem is { } problem
            ? Refused(EmrRefusal.Invalid(problem))
            : Answer(emr.CreateVirtualCluster(new VirtualClusterRequest(name, cluster, home, call.Input["tags"] as TreeMap, token)), withCluster: false);
    }

    private AwsAnswer DescribeVirtualCluster(AwsCall call) => Cluster(call.Text("id")) is { } known
        ? AwsAnswer.Ok(("virtualCluster", VirtualClusterJson(known)))
        : Refused(EmrRefusal.NotFound($"Virtual cluster {call.Text("id")} doesn't exist."));

    private AwsAnswer ListVirtualClusters(AwsCall call)
    {
        if (WrongState(call, VirtualClusterStates) is { } wrong)
        {
            return wrong;
        }

        var states = call.Texts("states");
        return Page(
            call,
            "virtualClusters",
            [.. api.Store.List(EmrTypes.VirtualCluster)
                .Where(known => states.Count == 0 || states.Contains(known.Status["state"]?.Text ?? ""))
                .Where(known => call.Text("containerProviderId") is not { } id || known.Spec.At("containerProvider", "id")?.Text == id)
                .Where(known => call.Text("containerProviderType") is not { } type || known.Spec.At("containerProvider", "type")?.Text == type)
                .Where(known => IsCreatedWithin(call, known.Metadata.CreationTimestamp))
                .OrderByDescending(known => known.Metadata.CreationTimestamp).ThenBy(known => known.Name, StringComparer.Ordinal)],
            VirtualClusterJson);
    }

    private AwsAnswer DeleteVirtualCluster(AwsCall call) => emr.DeleteVirtualCluster(call.Text("id") ?? "") is { } refusal
        ? Refused(refusal)
        : AwsAnswer.Ok(("id", call.Text("id")));

    private AwsAnswer StartJobRun(AwsCall call) => Answer(emr.StartJobRun(call.Input, call.Caller.Arn), withCluster: true);

    private AwsAnswer DescribeJobRun(AwsCall call)
    {
        var (cluster, id) = (call.Text("virtualClusterId") ?? "", call.Text("id") ?? "");
        return Cluster(cluster) is null ? Refused(EmrRefusal.NotFound($"Virtual cluster {cluster} doesn't exist."))
            : emr.Find(cluster, id) is { } run ? AwsAnswer.Ok(("jobRun", JobRunJson(run)))
            : Refused(EmrRefusal.NotFound($"Job run {id} doesn't exist."));
    }

    private AwsAnswer ListJobRuns(AwsCall call)
    {
        if (WrongState(call, JobRunStates) is { } wrong)
        {
            return wrong;
        }

        var cluster = call.Text("virtualClusterId") ?? "";
        if (Cluster(cluster) is null)
        {
            return Refused(EmrRefusal.Invalid($"Virtual cluster {cluster} doesn't exist."));
        }

        var states = call.Texts("states");
        return Page(
            call,
            "jobRuns",
            [.. emr.RunsOf(cluster)
                .Where(run => states.Count == 0 || states.Contains(run.State))
                .Where(run => call.Text("name") is not { } name || run.Request.Name == name)
                .Where(run => IsCreatedWithin(call, run.CreatedAt))
                .OrderByDescending(run => run.Id, StringComparer.Ordinal)],
            JobRunJson);
    }

    private AwsAnswer CancelJobRun(AwsCall call) => emr.CancelJobRun(call.Text("virtualClusterId") ?? "", call.Text("id") ?? "") switch
    {
        EmrResult.Done done => AwsAnswer.Ok(("id", done.Id), ("virtualClusterId", done.VirtualClusterId)),
        EmrResult.Refused refused => Refused(refused.Refusal),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static AwsAnswer Answer(EmrResult result, bool withCluster) => result switch
    {
        EmrResult.Done done => AwsAnswer.Ok(("arn", done.Arn), ("id", done.Id), ("name", done.Name), ("virtualClusterId", withCluster ? done.VirtualClusterId : null)),
        EmrResult.Refused refused => Refused(refused.Refusal),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static AwsAnswer Page<T>(AwsCall call, string member, IReadOnlyList<T> all, Func<T, TreeMap> print) => AwsPages.Of(all, call, PageSize) is { } page
        ? AwsAnswer.Ok((member, AwsPages.Trees(page, print)), ("nextToken", page.Next))
        : Refused(EmrRefusal.Invalid("nextToken: is none that a list has answered"));

    private static AwsAnswer? WrongState(AwsCall call, string[] known) => call.Texts("states").FirstOrDefault(state => !known.Contains(state)) is { } wrong
        ? Refused(EmrRefusal.Invalid($"1 validation error detected: Value '[{string.Join(", ", call.Texts("states"))}]' at 'states' failed to satisfy constraint: Member must satisfy constraint: [Member must satisfy enum value set: [{string.Join(", ", known)}]]; {wrong} is none of them"))
        : null;

    private static bool IsCreatedWithin(AwsCall call, DateTime created) =>
        !(Time(call, "createdAfter") is { } after && created <= after) && !(Time(call, "createdBefore") is { } before && created >= before);

    private static DateTime? Time(AwsCall call, string member) =>
        DateTime.TryParse(call.Text(member), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at) ? at : null;

    private ApiObject? Cluster(string? id) => api.Store.Get(EmrTypes.VirtualCluster, "", id ?? "");

    private static TreeMap VirtualClusterJson(ApiObject known) => TreeMap.Of(
        ("arn", known.Spec["arn"]),
        ("containerProvider", known.Spec["containerProvider"]),
        ("createdAt", Instants.Print(known.Metadata.CreationTimestamp)),
        ("id", known.Name),
        ("name", known.Spec["name"]),
        ("securityConfigurationId", known.Spec["securityConfigurationId"]),
        ("state", known.Status["state"]),
        ("tags", known.Spec["tags"] ?? TreeMap.Empty));

    private static TreeMap JobRunJson(JobRun run) => TreeMap.Of(
        ("arn", run.Arn),
        ("clientToken", run.Request.ClientToken),
        ("configurationOverrides", run.Request.Source["configurationOverrides"]),
        ("createdAt", Instants.Print(run.CreatedAt)),
        ("createdBy", run.CreatedBy),
        ("executionRoleArn", run.Request.ExecutionRoleArn),
        ("failureReason", run.FailureReason),
        ("finishedAt", run.FinishedAt is { } finished ? Instants.Print(finished) : null),
        ("id", run.Id),
        ("jobDriver", run.Request.Source["jobDriver"]),
        ("name", run.Request.Name),
        ("releaseLabel", run.Request.Release.Label),
        ("retryPolicyConfiguration", run.Request.MaxAttempts is { } most ? TreeMap.Of(("maxAttempts", most)) : null),
        ("retryPolicyExecution", run.Request.MaxAttempts is null ? null : TreeMap.Of(("currentAttemptCount", Math.Max(1, run.Attempts)))),
        ("state", run.State),
        ("stateDetails", run.StateDetails),
        ("tags", run.Request.Tags),
        ("virtualClusterId", run.Request.VirtualClusterId));
}
