using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Store;

namespace Sparkwright.World.Emr;

/// <summary>The calls of emr-containers: they check, and write what <see cref="JobRuns"/> then acts upon.</summary>
public sealed class EmrContainers(ApiServer api, EmrSettings settings, ModelFigures figures)
{
    private readonly StoreIndex runsByToken = api.Store.Index(EmrTypes.JobRun, "by-client-token", static known => known.Spec.At("request", "clientToken")?.Text);

    /// <summary>Makes a virtual cluster over a namespace of this cluster; there may be one live one of them for each.</summary>
    public EmrResult CreateVirtualCluster(string name, string @namespace) =>
        CreateVirtualCluster(new VirtualClusterRequest(name, settings.ClusterName, @namespace, null, ""));

    /// <summary>Makes a virtual cluster. The same clientToken with the same request answers the same one.</summary>
    public EmrResult CreateVirtualCluster(VirtualClusterRequest wanted)
    {
        if (wanted.ClientToken.Length > 0 && api.Store.List(EmrTypes.VirtualCluster).FirstOrDefault(known => known.Spec["clientToken"]?.Text == wanted.ClientToken) is { } same)
        {
            return same.Spec["name"]?.Text == wanted.Name && NamespaceOf(same) == wanted.Namespace
                ? new EmrResult.Done(same.Name, wanted.Name, same.Spec["arn"]?.Text ?? "", same.Name)
                : TokenUsed(wanted.ClientToken);
        }

        if (wanted.Cluster != settings.ClusterName)
        {
            return new EmrResult.Refused(EmrRefusal.Invalid($"EKS cluster {wanted.Cluster} doesn't exist"));
        }

        if (api.Store.Get(CoreTypes.Namespace, "", wanted.Namespace) is null)
        {
            return new EmrResult.Refused(EmrRefusal.Invalid($"Namespace {wanted.Namespace} doesn't exist in EKS cluster {settings.ClusterName}"));
        }

        if (api.Store.List(EmrTypes.VirtualCluster).FirstOrDefault(known => NamespaceOf(known) == wanted.Namespace && StateOf(known) == "RUNNING") is { } other)
        {
            return new EmrResult.Refused(EmrRefusal.Invalid($"A virtual cluster already exists in the given namespace: {other.Name}"));
        }

        var id = EmrIds.VirtualCluster(api.Chance.For("emr/virtual-cluster", api.Store.ResourceVersion + 1));
        var arn = EmrIds.VirtualClusterArn(settings.Region, settings.Account, id);
        var created = api.Create(new ApiObject(
            EmrTypes.VirtualCluster,
            new ObjectMeta { Name = id },
            TreeMap.Of(
                ("spec", TreeMap.Of(
                    ("arn", arn),
                    ("clientToken", wanted.ClientToken.Length == 0 ? null : wanted.ClientToken),
                    ("containerProvider", TreeMap.Of(
                        ("id", settings.ClusterName), ("info", TreeMap.Of(("eksInfo", TreeMap.Of(("namespace", wanted.Namespace))))), ("type", "EKS"))),
                    ("name", wanted.Name),
                    ("tags", wanted.Tags))),
                ("status", TreeMap.Of(("state", "RUNNING"))))));
        return created.IsAccepted ? new EmrResult.Done(id, wanted.Name, arn, id) : new EmrResult.Refused(new EmrRefusal("InternalServerException", "The virtual cluster could not be kept"));
    }

    /// <summary>The live virtual cluster of a name; null when there is none.</summary>
    public string? FindVirtualCluster(string name) =>
        api.Store.List(EmrTypes.VirtualCluster).FirstOrDefault(known => known.Spec["name"]?.Text == name && StateOf(known) == "RUNNING")?.Name;

    /// <summary>Ends a virtual cluster; the namespace stays. Answers what stands against it, or null.</summary>
    public EmrRefusal? DeleteVirtualCluster(string id)
    {
        if (api.Store.Get(EmrTypes.VirtualCluster, "", id) is not { } cluster)
        {
            return EmrRefusal.Invalid($"Virtual cluster {id} doesn't exist.");
        }

        if (StateOf(cluster) == "TERMINATED")
        {
            return null;
        }

        if (RunsOf(id).FirstOrDefault(run => !JobRunState.IsFinal(run.State)) is { } active)
        {
            return EmrRefusal.Invalid($"Virtual cluster {id} has job runs that have not ended, such as {active.Id}; cancel them first.");
        }

        api.ModifyStatus(EmrTypes.VirtualCluster, cluster.Key, static status => status.With("state", "TERMINATED"));
        return null;
    }

    /// <summary>The job runs of a virtual cluster, the oldest first.</summary>
    public IEnumerable<JobRun> RunsOf(string virtualClusterId) => api.Store.List(EmrTypes.JobRun)
        .Where(known => known.Spec.At("request", "virtualClusterId")?.Text == virtualClusterId).Select(JobRun.Of);

    /// <summary>Starts a job run. The same clientToken with the same request answers the same job run.</summary>
    public EmrResult StartJobRun(Tree request, string caller = "")
    {
        if (StartJobRunReader.Read(request, out var refusal) is not { } wanted)
        {
            return new EmrResult.Refused(refusal!);
        }

        if (api.Store.Get(EmrTypes.VirtualCluster, "", wanted.VirtualClusterId) is not { } cluster)
        {
            return new EmrResult.Refused(EmrRefusal.NotFound($"Virtual cluster {wanted.VirtualClusterId} doesn't exist."));
        }

        if (StateOf(cluster) is var state && state != "RUNNING")
        {
            return new EmrResult.Refused(EmrRefusal.Invalid($"Virtual cluster state {state} is not valid to create resource JobRun."));
        }

        foreach (var known in runsByToken.Of(wanted.ClientToken))
        {
            if (known.Spec.At("request", "virtualClusterId")?.Text == wanted.VirtualClusterId)
            {
                return known.Spec["request"]!.Equals(wanted.Source)
                    ? Started(JobRun.Of(known))
                    : TokenUsed(wanted.ClientToken);
            }
        }

        var id = EmrIds.JobRun(api.Clock.Now, api.Chance.For("emr/job-run", api.Store.ResourceVersion + 1));
        var created = api.Create(new ApiObject(
            EmrTypes.JobRun,
            new ObjectMeta { Name = id },
            TreeMap.Of(
                ("spec", TreeMap.Of(
                    ("arn", EmrIds.JobRunArn(settings.Region, settings.Account, wanted.VirtualClusterId, id)),
                    ("createdBy", caller.Length == 0 ? null : caller),
                    ("namespace", NamespaceOf(cluster)),
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

    private static EmrResult.Refused TokenUsed(string token) =>
        new(EmrRefusal.Invalid($"clientToken: '{token}' was used for another request; give each request a token of its own"));

    private static EmrResult.Done Started(JobRun run) => new(run.Id, run.Request.Name, run.Arn, run.Request.VirtualClusterId);

    private static string NamespaceOf(ApiObject cluster) => cluster.Spec.At("containerProvider", "info", "eksInfo", "namespace")?.Text ?? "";

    private static string StateOf(ApiObject cluster) => cluster.Status["state"]?.Text ?? "";
}

/// <summary>What CreateVirtualCluster is asked.</summary>
/// <param name="Cluster">The name of the EKS cluster.</param>
/// <param name="ClientToken">Empty for none.</param>
public sealed record VirtualClusterRequest(string Name, string Cluster, string Namespace, TreeMap? Tags, string ClientToken);

/// <summary>What a call answers.</summary>
public abstract record EmrResult
{
    private EmrResult()
    {
    }

    public sealed record Done(string Id, string? Name, string Arn, string VirtualClusterId) : EmrResult;

    public sealed record Refused(EmrRefusal Refusal) : EmrResult;
}
