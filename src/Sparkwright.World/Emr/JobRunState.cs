using System.Globalization;

namespace Sparkwright.World.Emr;

/// <summary>The states of a job run, by the names that the API gives them.</summary>
public static class JobRunState
{
    /// <summary>Validating the request and creating the job's objects.</summary>
    public const string Pending = "PENDING";

    /// <summary>The job's objects are in the cluster; its driver does not run yet.</summary>
    public const string Submitted = "SUBMITTED";

    public const string Running = "RUNNING";
    public const string Completed = "COMPLETED";
    public const string Failed = "FAILED";
    public const string CancelPending = "CANCEL_PENDING";
    public const string Cancelled = "CANCELLED";

    public static bool IsFinal(string state) => state is Completed or Failed or Cancelled;

    public static bool IsCancellable(string state) => state is Pending or Submitted or Running;
}

/// <summary>Why a job run failed, as the API classes it.</summary>
public static class FailureReason
{
    public const string InternalError = "INTERNAL_ERROR";
    public const string UserError = "USER_ERROR";
    public const string ValidationError = "VALIDATION_ERROR";
    public const string ClusterUnavailable = "CLUSTER_UNAVAILABLE";
}

/// <summary>The texts of <c>stateDetails</c>.</summary>
public static class StateDetails
{
    public static string Completed(TimeSpan ran) =>
        $"JobRun completed successfully. It ran for {((long)ran.TotalSeconds).ToString(CultureInfo.InvariantCulture)} seconds";

    /// <summary>The job failed before its driver ran.</summary>
    public static string SubmissionFailed(string why) => $"JobRun submission failed. {why}";

    /// <summary>The driver ran and ended badly, or went away.</summary>
    public static string DriverFailed(string why) => $"JobRun failed. {why}";

    public static string StartTimedOut(TimeSpan timeout, string waitingFor) => SubmissionFailed(
        $"The driver did not run within {(long)timeout.TotalSeconds} seconds (job-start-timeout). {waitingFor}");

    public static string Cancelled => "JobRun cancelled successfully.";
}

/// <summary>The pauses between attempts of a job run with a retry policy: 10 s, 20 s, 40 s and so on, at most 6 minutes.</summary>
public static class RetryDelay
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(6);

    /// <param name="failedAttempts">Attempts that have failed so far, at least one.</param>
    public static TimeSpan After(int failedAttempts) =>
        failedAttempts > 6 ? Longest : TimeSpan.FromTicks(Math.Min(Longest.Ticks, First.Ticks << (failedAttempts - 1)));
}
