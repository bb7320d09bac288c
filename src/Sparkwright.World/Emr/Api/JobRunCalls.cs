using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Aws.Api;
using Sparkwright.World.Spark;

namespace Sparkwright.World.Emr.Api;

/// <summary>The operations on job runs.</summary>
internal sealed class JobRunCalls(EmrContainers emr, VirtualClusters clusters)
{
    private static readonly string[] States =
    [
        JobRunState.Pending, JobRunState.Submitted, JobRunState.Running, JobRunState.Failed, JobRunState.Cancelled, JobRunState.CancelPending, JobRunState.Completed,
    ];

    public AwsAnswer Start(AwsCall call) => EmrAnswers.Of(
        emr.StartJobRun(call.Input, call.Caller.Arn), static done => EmrAnswers.Made(done).With("virtualClusterId", done.VirtualClusterId));

    public AwsAnswer Describe(AwsCall call)
    {
        if (EmrAnswers.WrongIds(call, "virtualClusterId", "id") is { } wrong)
        {
            return wrong;
        }

        var (cluster, id) = (call.Text("virtualClusterId")!, call.Text("id")!);
        return clusters.Get(cluster) is null ? EmrAnswers.Refuse(EmrRefusal.NotFound($"Virtual cluster {cluster} doesn't exist."))
            : emr.Find(cluster, id) is { } run ? AwsAnswer.Ok(("jobRun", Print(run)))
            : EmrAnswers.Refuse(EmrRefusal.NotFound($"Job run {id} doesn't exist."));
    }

    public AwsAnswer List(AwsCall call)
    {
        if (EmrAnswers.WrongIds(call, "virtualClusterId") is { } wrong)
        {
            return wrong;
        }

        var shape = new RequestShape();
        var name = shape.Text(call.Input["name"], "name", 64, EmrPatterns.Name(), EmrPatterns.NameAllowed);
        var cluster = call.Text("virtualClusterId")!;
        return shape.Problem is { } problem ? EmrAnswers.Invalid(problem)
            : clusters.Get(cluster) is null ? EmrAnswers.Invalid($"Virtual cluster {cluster} doesn't exist.")
            : EmrAnswers.Page(
                call,
                "jobRuns",
                States,
                filter => emr.RunsOf(cluster)
                    .Where(run => filter.Admits(run.State) && filter.Admits(run.CreatedAt) && (name is null || run.Request.Name == name))
                    .OrderByDescending(run => run.Id, StringComparer.Ordinal),
                Print);
    }

    public AwsAnswer Cancel(AwsCall call) => EmrAnswers.WrongIds(call, "virtualClusterId", "id") ?? EmrAnswers.Of(
        emr.CancelJobRun(call.Text("virtualClusterId")!, call.Text("id")!),
        static done => TreeMap.Of(("id", done.Id), ("virtualClusterId", done.VirtualClusterId)));

    private static TreeMap Print(JobRun run) => TreeMap.Of(
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
        ("tags", run.Tags),
        ("virtualClusterId", run.Request.VirtualClusterId));
}
