using System.Collections.Immutable;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Spark;

namespace Sparkwright.World.Emr;

/// <summary>A job run as it lies in the store, typed: what was asked and how far it has come.</summary>
public sealed class JobRun
{
    private JobRun(ApiObject known)
    {
        Id = known.Name;
        CreatedAt = known.Metadata.CreationTimestamp;
        Status = known.Status;
        Namespace = known.Spec["namespace"]?.Text ?? "";
        Arn = known.Spec["arn"]?.Text ?? "";
        CreatedBy = known.Spec["createdBy"]?.Text;
        Tags = known.Spec["tags"] as TreeMap;
        Request = known.Spec.View(static spec => StartJobRunReader.Read(spec["request"] ?? TreeMap.Empty, out _)
            ?? throw new Simulation.InvariantBrokenException("the request of a job run was accepted and cannot be read"));
        History =
        [
            .. Tree.ItemsOf(Status["history"]).ToArray().Select(entry => new JobRunStep(entry["state"]?.Text ?? "", Instants.Read(entry["at"]) ?? default)),
        ];
    }

    public string Id { get; }

    public string Arn { get; }

    /// <summary>The ARN of the caller; null for one that was not started through the API.</summary>
    public string? CreatedBy { get; }

    public string Namespace { get; }

    public JobRunRequest Request { get; }

    /// <summary>Its tags today: those that it was started with, until somebody changes them.</summary>
    public TreeMap Tags => field ?? Request.Tags;

    public TreeMap Status { get; }

    public DateTime CreatedAt { get; }

    public string State => Status["state"]?.Text ?? JobRunState.Pending;

    public string? StateDetails => Status["stateDetails"]?.Text;

    public string? FailureReason => Status["failureReason"]?.Text;

    /// <summary>The states that it has had, with their times.</summary>
    public ImmutableArray<JobRunStep> History { get; }

    public DateTime? FinishedAt => JobRunState.IsFinal(State) && !History.IsEmpty ? History[^1].At : null;

    /// <summary>The current Spark application; null before the first is submitted.</summary>
    public string? ApplicationId => Status["applicationId"]?.Text;

    /// <summary>The name of the current driver pod; null before the first is made.</summary>
    public string? DriverPod => Status["driverPod"]?.Text;

    /// <summary>Attempts made so far, the current one included.</summary>
    public int Attempts => (int)(Status["attempts"]?.Integer ?? 0);

    public JobNames Names => new(Id, Request.VirtualClusterId);

    public static JobRun Of(ApiObject known) => new(known);

    /// <summary>A status with a new state and its time in the history.</summary>
    internal static TreeMap Enter(TreeMap status, string state, DateTime now) => status
        .With("state", state)
        .With("history", (status["history"] as TreeList ?? TreeList.Empty).Add(TreeMap.Of(("at", Instants.Print(now)), ("state", state))));
}

/// <summary>A state and when the job run entered it.</summary>
public sealed record JobRunStep(string State, DateTime At);
