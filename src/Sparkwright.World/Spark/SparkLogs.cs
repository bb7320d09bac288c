using System.Globalization;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.World.Spark.Workloads;

namespace Sparkwright.World.Spark;

/// <summary>
/// What drivers and executors write: Spark's lines of start, executors, stages, tasks and end. The text is made when somebody reads it, from the
/// application's record, its run as replayed, and the time.
/// </summary>
internal sealed class SparkLogs(ApiServer api, ModelFigures figures)
{
    /// <summary>Tasks of larger stages have no lines of their own in the driver's log.</summary>
    private const int MostTasksTold = 1_000;

    /// <summary>The run that was read last; the executors of an application are read one after another.</summary>
    private (string Application, long Version, Trace Trace)? last;

    /// <summary>The lines of a container of a driver or executor pod, those included of which the time to come is known.</summary>
    public IReadOnlyList<LogLine> Of(ApiObject application, ApiObject pod, TreeMap container, ContainerRun run)
    {
        if (Tree.ItemsOf(pod.Spec["containers"]) is not [var main, ..] || main["name"]?.Text != container["name"]?.Text)
        {
            return [];
        }

        var memory = TraceOf(application, run.EndedAt ?? api.Clock.Now);
        var lines = new List<LogLine> { LogText.Notice(run.StartedAt) };
        lines.AddRange(SparkDrivers.ExecutorOf(pod) is var number and > 0 ? Executor(memory, pod, number, run) : Driver(memory, pod, run));
        return [.. lines.Select(line => line.At < run.StartedAt ? line with { At = run.StartedAt } : line).OrderBy(line => line.At)];
    }

    private static IEnumerable<LogLine> Driver(Trace trace, ApiObject pod, ContainerRun started)
    {
        var (memory, settings) = (trace.Memory, trace.Memory.Application.Settings);
        yield return Info(started.StartedAt, "SparkContext", $"Running Spark version {settings.Version}");
        yield return Info(started.StartedAt, "SparkContext", $"Submitted application: {settings.ApplicationName}");
        if (memory.ContextReadyAt is not { } ready || memory.Run is not { } run)
        {
            yield break;
        }

        yield return Info(ready, "Utils", "Successfully started service 'sparkDriver' on port 7078.");
        yield return Info(ready, "SparkUI", $"Bound SparkUI to 0.0.0.0, and started at http://{memory.Application.Identity.DriverService}.{pod.Namespace}.svc:4040");
        yield return Info(
            ready,
            "ExecutorPodsAllocator",
            $"Going to request {Math.Min(settings.Allocation.BatchSize, settings.InitialExecutors)} executors from Kubernetes for ResourceProfile Id: 0, target: {settings.InitialExecutors}, known: 0.");
        foreach (var one in memory.Events)
        {
            yield return one.Kind switch
            {
                ExecutorEvent.Registered => Info(
                    one.At, "KubernetesClusterSchedulerBackend$KubernetesDriverEndpoint", $"Registered executor with ID {one.Executor},  ResourceProfileId 0"),
                ExecutorEvent.Lost => LogText.Line(one.At, "WARN", "TaskSchedulerImpl", $"Lost executor {one.Executor}: the executor's pod is gone"),
                _ => LogText.Line(one.At, "ERROR", "TaskSchedulerImpl", $"Lost executor {one.Executor}: the executor's container ended with an error"),
            };
        }

        if (run.StartedAt is { } begun)
        {
            yield return Info(begun, "KubernetesClusterSchedulerBackend", run.StartedAt - ready < settings.Scheduler.MaxRegisteredWait
                ? $"SchedulerBackend is ready for scheduling beginning after reached minRegisteredResourcesRatio: {(settings.Scheduler.MinRegisteredPercent / 100m).ToString(CultureInfo.InvariantCulture)}"
                : $"SchedulerBackend is ready for scheduling beginning after waiting maxRegisteredResourcesWaitingTime: {settings.Scheduler.MaxRegisteredWait.Ticks * 100}(ns)");
        }

        foreach (var line in run.Stages.SelectMany(StageLines).Concat(TaskLines(trace)))
        {
            yield return line;
        }

        if (run.EndedAt is { } ended && memory.Phase is not ApplicationStatus.Running)
        {
            if (run.Failure is { } failure)
            {
                yield return LogText.Line(ended, "ERROR", "SparkContext", $"org.apache.spark.SparkException: {failure}");
            }

            yield return Info(ended, "KubernetesClusterSchedulerBackend", "Shutting down all executors");
            if (memory.DriverEndsAt is { } end)
            {
                yield return Info(end, "SparkContext", "Successfully stopped SparkContext");
                yield return Info(end, "ShutdownHookManager", "Shutdown hook called");
            }
        }
    }

    private static IEnumerable<LogLine> StageLines(StageReport stage)
    {
        yield return Info(stage.SubmittedAt, "DAGScheduler", $"Submitting {stage.Tasks} missing tasks from Stage {stage.Number} ({stage.Name})"
            + (stage.AfterFetchFailure ? " again, as shuffle output was lost" : ""));
        yield return Info(stage.SubmittedAt, "TaskSchedulerImpl", $"Adding task set {stage.Number}.{stage.Attempt} with {stage.Tasks} tasks resource profile 0");
        if (stage.CompletedAt is { } completed)
        {
            yield return Info(completed, "TaskSchedulerImpl", $"Removed TaskSet {stage.Number}.{stage.Attempt}, whose tasks have all completed, from pool");
            yield return Info(
                completed, "DAGScheduler", string.Create(CultureInfo.InvariantCulture, $"Stage {stage.Number} ({stage.Name}) finished in {(completed - stage.SubmittedAt).TotalSeconds:F3} s"));
        }
    }

    private static IEnumerable<LogLine> TaskLines(Trace trace)
    {
        var tasks = new Dictionary<(int, int), int>();
        foreach (var stage in trace.Memory.Run!.Stages)
        {
            tasks[(stage.Number, stage.Attempt)] = stage.Tasks;
        }

        var done = new Dictionary<(int, int), int>();
        foreach (var step in trace.Steps)
        {
            var set = (step.Stage, step.StageAttempt);
            if (step.Ran is { } ran && tasks.TryGetValue(set, out var all) && all <= MostTasksTold)
            {
                done[set] = done.GetValueOrDefault(set) + 1;
                yield return Info(
                    step.At, "TaskSetManager", $"Finished {Name(step)} in {(long)ran.TotalMilliseconds} ms on executor {step.Executor} ({done[set]}/{all})");
            }
        }
    }

    private static IEnumerable<LogLine> Executor(Trace trace, ApiObject pod, long number, ContainerRun run)
    {
        var (memory, identity) = (trace.Memory, trace.Memory.Application.Identity);
        yield return Info(run.StartedAt, "CoarseGrainedExecutorBackend", $"Started daemon with process name: 14@{SparkNames.ExecutorHostname(pod.Name)}");
        yield return Info(
            run.StartedAt, "CoarseGrainedExecutorBackend", $"Connecting to driver: spark://CoarseGrainedScheduler@{identity.DriverService}.{pod.Namespace}.svc:7078");
        if (trace.Registered.TryGetValue(number, out var registered))
        {
            yield return Info(registered, "CoarseGrainedExecutorBackend", "Successfully registered with driver");
            yield return Info(registered, "Executor", $"Starting executor ID {number} on host {pod.Status["podIP"]?.Text}");
        }

        foreach (var step in trace.StepsOf(number))
        {
            yield return Info(step.At, "Executor", step.Ran is null ? $"Running {Name(step)}" : $"Finished {Name(step)}.");
        }

        if (memory.Executor(number)?.StopsAt is { } stops)
        {
            yield return Info(stops, "CoarseGrainedExecutorBackend", "Driver commanded a shutdown");
        }
    }

    private static string Name(TaskStep step) => $"task {step.Index}.0 in stage {step.Stage}.{step.StageAttempt} (TID {step.Id})";

    private static LogLine Info(DateTime at, string logger, string message) => LogText.Line(at, "INFO", logger, message);

    /// <summary>The run of an application as far as it has come; its driver's end is the last that can have happened.</summary>
    private Trace TraceOf(ApiObject application, DateTime until)
    {
        if (last is not { } known || known.Application != application.Name || known.Version != application.Metadata.ResourceVersion)
        {
            known = (application.Name, application.Metadata.ResourceVersion, new Trace(application, figures, api.Chance));
            last = known;
        }

        var end = known.Trace.Memory.DriverEndsAt ?? until;
        known.Trace.Memory.Run?.Advance(end < api.Clock.Now ? end : api.Clock.Now);
        return known.Trace;
    }

    /// <summary>A run with all that its tasks did.</summary>
    private sealed class Trace
    {
        private readonly Dictionary<long, List<TaskStep>> byExecutor = [];

        public Trace(ApiObject application, ModelFigures figures, Simulation.Chance chance)
        {
            Memory = new DriverMemory(application, figures, chance, step =>
            {
                Steps.Add(step);
                if (!byExecutor.TryGetValue(step.Executor, out var steps))
                {
                    byExecutor.Add(step.Executor, steps = []);
                }

                steps.Add(step);
            });
            foreach (var one in Memory.Events.Where(one => one.Kind == ExecutorEvent.Registered))
            {
                Registered[one.Executor] = one.At;
            }
        }

        public DriverMemory Memory { get; }

        public List<TaskStep> Steps { get; } = [];

        /// <summary>When each executor registered.</summary>
        public Dictionary<long, DateTime> Registered { get; } = [];

        public IReadOnlyList<TaskStep> StepsOf(long executor) => byExecutor.GetValueOrDefault(executor) ?? [];
    }
}

/// <summary>Lines as Spark's logging writes them on EMR.</summary>
public static class LogText
{
    /// <summary>What every simulated log begins with.</summary>
    public static LogLine Notice(DateTime at) => new(at, "simulated by Sparkwright: script not executed; task times modelled\n");

    /// <summary>A line of the standard error.</summary>
    /// <param name="level">INFO, WARN or ERROR.</param>
    public static LogLine Line(DateTime at, string level, string logger, string message) =>
        new(at, string.Create(CultureInfo.InvariantCulture, $"{at:yy/MM/dd HH:mm:ss} {level} {logger}: {message}\n"), IsError: true);
}
