using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Store;

namespace Sparkwright.World.Emr;

/// <summary>The calls of emr-containers about job runs: they check, and write what <see cref="JobRuns"/> then acts upon.</summary>
public sealed class EmrContainers(ApiServer api, EmrSettings settings, ModelFigures figures, VirtualClusters clusters, JobTemplates templates)
{
    private readonly StoreIndex runsByToken = api.Store.Index(EmrTypes.JobRun, "by-client-token", static known => known.Spec.At("request", "clientToken")?.Text);

    /// <summary>Makes a virtual cluster over a namespace of this cluster.</summary>
    public EmrResult CreateVirtualCluster(string name, string @namespace) => clusters.Create(TreeMap.Of(
        ("containerProvider", TreeMap.Of(
            ("id", settings.ClusterName), ("info", TreeMap.Of(("eksInfo", TreeMap.Of(("namespace", @namespace))))), ("type", "EKS"))),
        ("name", name)));

    /// <summary>The live virtual cluster of a name; null when there is none.</summary>
    public string? FindVirtualCluster(string name) => clusters.Find(name);

    /// <summary>Asks for the end of a virtual cluster; its namespace stays. Answers what stands against it, or null.</summary>
    public EmrRefusal? DeleteVirtualCluster(string id) => clusters.Delete(id);

    /// <summary>The job runs of a virtual cluster, the oldest first.</summary>
    public IEnumerable<JobRun> RunsOf(string virtualClusterId) => api.Store.List(EmrTypes.JobRun)
        .Where(known => known.Spec.At("request", "virtualClusterId")?.Text == virtualClusterId).Select(JobRun.Of);

    /// <summary>Starts a job run. The same clientToken with the same request answers the same job run.</summary>
    public EmrResult StartJobRun(Tree request, string caller = "")
    {
        var asked = request as TreeMap ?? TreeMap.Empty;
        var (whole, unfilled) = templates.Fill(asked);
        if (whole is null)
        {
            return new EmrResult.Refused(unfilled!);
        }

        if (StartJobRunReader.Read(whole, out var refusal) is not { } wanted)
        {
            return new EmrResult.Refused(refusal!);
        }

        if (clusters.Get(wanted.VirtualClusterId) is not { } cluster)
        {
            return new EmrResult.Refused(EmrRefusal.NotFound($"Virtual cluster {wanted.VirtualClusterId} doesn't exist."));
        }

        foreach (var known in runsByToken.Of(wanted.ClientToken))
        {
            if (known.Spec.At("request", "virtualClusterId")?.Text == wanted.VirtualClusterId)
            {
                return (known.Spec["asked"] ?? known.Spec["request"]!).Equals(asked)
                    ? Started(JobRun.Of(known))
                    : new EmrResult.Refused(EmrRefusal.TokenUsed(wanted.ClientToken));
            }
        }

        if (VirtualCluster.StateOf(cluster) is var state && state != VirtualClusterState.Running)
        {
            return new EmrResult.Refused(EmrRefusal.Invalid($"Virtual cluster state {state} is not valid to create resource JobRun."));
        }

        var id = EmrIds.TimeOrdered(api.Clock.Now, api.Chance.For("emr/job-run", api.Store.ResourceVersion + 1));
        var created = api.Create(new ApiObject(
            EmrTypes.JobRun,
            new ObjectMeta { Name = id },
            TreeMap.Of(
                ("spec", TreeMap.Of(
                    ("arn", EmrIds.Arn(settings, EmrIds.JobRunPath(wanted.VirtualClusterId, id))),
                    ("asked", ReferenceEquals(whole, asked) ? null : asked),
                    ("createdBy", caller.Length == 0 ? null : caller),
                    ("namespace", VirtualCluster.NamespaceOf(cluster)),
                    ("request", wanted.Source))),
                ("status", JobRun.Enter(
                    TreeMap.Of(("acceptsAt", Spark.Instants.Print(api.Clock.Now + figures.JobSubmission.Draw(api.Chance, "emr/submission", id)))),
                    JobRunState.Pending,
                    api.Clock.Now)))));
        return created.Object is { } run ? Started(JobRun.Of(run)) : new EmrResult.Refused(new EmrRefusal("InternalServerException", "The job run could not be kept"));
    }

    /// <summary>Asks for the end of a job run.</summary>
    public EmrResult CancelJobRun(string virtualClusterId, string id)
    {
        if (Find(virtualClusterId, id) is not { } run)
        {
            return new EmrResult.Refused(EmrRefusal.Invalid($"Job run {id} doesn't exist."));
        }

        if (!JobRunState.IsCancellable(run.State))
        {
            return new EmrResult.Refused(EmrRefusal.Invalid($"Job run {id} is not in a cancellable state"));
        }

        api.ModifyStatus(EmrTypes.JobRun, new ObjectKey("", id), status => JobRun.Enter(status, JobRunState.CancelPending, api.Clock.Now));
        return Started(run);
    }

    /// <summary>A job run of a virtual cluster; null when there is none of that id.</summary>
    public JobRun? Find(string virtualClusterId, string id) =>
        api.Store.Get(EmrTypes.JobRun, "", id) is { } known && JobRun.Of(known) is var run && run.Request.VirtualClusterId == virtualClusterId ? run : null;

    private static EmrResult.Done Started(JobRun run) => new(run.Id, run.Request.Name, run.Arn, run.Request.VirtualClusterId);
}

/// <summary>What a call answers.</summary>
public abstract record EmrResult
{
    private EmrResult()
    {
    }

    public sealed record Done(string Id, string? Name, string Arn, string VirtualClusterId) : EmrResult;

    public sealed record Refused(EmrRefusal Refusal) : EmrResult;
}
