using System.Collections.Immutable;
using Sparkwright.World.Emr;

namespace Sparkwright.World.Insight;

/// <summary>What a report has to know of a job run.</summary>
public sealed record JobFacts
{
    public required string Id { get; init; }

    public required string Namespace { get; init; }

    public string? Name { get; init; }

    public required string State { get; init; }

    public string? FailureReason { get; init; }

    public string? StateDetails { get; init; }

    public ImmutableArray<JobRunStep> History { get; init; } = [];

    public static JobFacts Of(JobRun job) => new()
    {
        Id = job.Id,
        Namespace = job.Namespace,
        Name = job.Request.Name,
        State = job.State,
        FailureReason = job.FailureReason,
        StateDetails = job.StateDetails,
        History = job.History,
    };

    /// <summary>Whether a pod is the job's: it carries its id, or holds a place for it.</summary>
    public bool Owns(PodHistory pod) =>
        pod.Namespace == Namespace && (pod.Labels.Get(JobNames.JobLabel)?.Text == Id || pod.Role == PodRole.Placeholder);
}
