using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Store;
using Sparkwright.World.Spark;

namespace Sparkwright.World.Emr;

/// <summary>
/// What a submitter's container writes: what is submitted, how the driver comes along, and how the job run ends, with the cause when it failed
/// before there was a driver.
/// </summary>
internal static class SubmitterLog
{
    private const string Runner = "JobRunner";
    private const string Watcher = "LoggingPodStatusWatcherImpl";

    /// <summary>The lines of one run of a submitter's container; what was before its start is another's.</summary>
    public static IReadOnlyList<LogLine> Of(JobRun run, ObjectStore store, ContainerRun container) =>
    [
        LogText.Notice(container.StartedAt),
        LogText.Line(
            container.StartedAt, "INFO", Runner, $"Job run {run.Id} of virtual cluster {run.Request.VirtualClusterId}: release {run.Request.Release.Label}, execution role {run.Request.ExecutionRoleArn}"),
        .. Course(run, store).Where(line => line.At >= container.StartedAt).OrderBy(line => line.At),
    ];

    private static IEnumerable<LogLine> Course(JobRun run, ObjectStore store)
    {
        var submission = $"{run.Namespace}:{run.DriverPod}";
        var name = run.Request.Name ?? run.Id;
        if (run.ApplicationId is { } id && store.Get(SparkTypes.Application, "", id) is { } application)
        {
            var submitted = application.Metadata.CreationTimestamp;
            name = SparkApplication.Of(application).Settings.ApplicationName;
            yield return LogText.Line(submitted, "INFO", "Client", $"Submitting {run.Request.Driver.EntryPoint}");
            yield return State(submitted, "Pending");
            yield return LogText.Line(submitted, "INFO", Watcher, $"Waiting for application {name} with submission ID {submission} to finish...");
        }

        foreach (var step in run.History)
        {
            if (step.State == JobRunState.Running)
            {
                yield return State(step.At, "Running");
            }
            else if (step.State == JobRunState.CancelPending)
            {
                yield return LogText.Line(step.At, "WARN", Runner, "The job run is being cancelled");
            }
        }

        var (end, state, reason, details) = run.Status["endsWith"] is { } ends
            ? (Instants.Read(ends["at"]), ends["state"]?.Text, ends["reason"]?.Text, ends["details"]?.Text)
            : (run.FinishedAt, run.State, run.FailureReason, run.StateDetails);
        if (end is not { } ended)
        {
            yield break;
        }

        if (state == JobRunState.Failed)
        {
            yield return LogText.Line(ended, "ERROR", Runner, $"{reason}: {details}");
            yield break;
        }

        if (state == JobRunState.Completed)
        {
            yield return LogText.Line(ended, "INFO", Watcher, $"Application {name} with submission ID {submission} finished");
        }

        yield return LogText.Line(ended, "INFO", Runner, details ?? "");

        LogLine State(DateTime at, string phase) =>
            LogText.Line(at, "INFO", Watcher, $"State changed, new state: pod name: {run.DriverPod}, namespace: {run.Namespace}, phase: {phase}");
    }
}
