using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.World.Nodes;

namespace Sparkwright.World.Spark;

/// <summary>
/// The containers of driver and executor pods: they run until their driver says that they end. Side-cars see the main container end and end
/// with it.
/// </summary>
public sealed class SparkProgram(ApiServer api, ModelFigures figures) : IPodProgram
{
    private readonly SparkLogs logs = new(api, figures);

    public bool Runs(ApiObject pod) => ApplicationOf(pod) is not null;

    public ContainerEnd? EndOf(ApiObject pod, TreeMap container, DateTime startedAt)
    {
        var status = ApplicationOf(pod)!.Status;
        if (SparkDrivers.ExecutorOf(pod) is var number and > 0)
        {
            var stops = Instants.Read(status.At(DriverMemory.PathOf(number))?["stopsAt"]);
            return stops is { } at ? new ContainerEnd(at, 0) : null;
        }

        return ApplicationStatus.IsFinal(status["phase"]?.Text) && Instants.Read(status["driverEndsAt"]) is { } end
            ? new ContainerEnd(end, (int)(status["exitCode"]?.Integer ?? 1))
            : null;
    }

    public IReadOnlyList<LogLine> OutputOf(ApiObject pod, TreeMap container, ContainerRun run) => logs.Of(ApplicationOf(pod)!, pod, container, run);

    private ApiObject? ApplicationOf(ApiObject pod) =>
        pod.Metadata.Label(SparkNames.ApplicationLabel) is { } id ? api.Store.Get(SparkTypes.Application, "", id) : null;
}
