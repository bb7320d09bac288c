using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Store;
using Sparkwright.World.Nodes;
using Sparkwright.World.Spark;

namespace Sparkwright.World.Emr;

/// <summary>The containers of submitter pods: they run until their job run has an end.</summary>
public sealed class SubmitterProgram(ObjectStore store) : IPodProgram
{
    public bool Runs(ApiObject pod) => pod.Metadata.Label(JobNames.ComponentLabel) == "job.submitter" && RunOf(pod) is not null;

    public ContainerEnd? EndOf(ApiObject pod, TreeMap container, DateTime startedAt) =>
        RunOf(pod)!.Status["endsWith"] is { } end && Instants.Read(end["at"]) is { } at
            ? new ContainerEnd(at > startedAt ? at : startedAt, (int)(end["exitCode"]?.Integer ?? 1))
            : null;

    public IReadOnlyList<LogLine> OutputOf(ApiObject pod, TreeMap container, ContainerRun run) =>
        container["name"]?.Text == JobObjects.SubmitterContainer && RunOf(pod) is { } known ? SubmitterLog.Of(JobRun.Of(known), store, run) : [];

    private ApiObject? RunOf(ApiObject pod) => pod.Metadata.Label(JobNames.JobLabel) is { } id ? store.Get(EmrTypes.JobRun, "", id) : null;
}
