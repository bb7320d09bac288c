using System.Collections.Immutable;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Spark;

namespace Sparkwright.World.Emr;

/// <summary>What a StartJobRun asks for, read and found to be of the right shape.</summary>
public sealed record JobRunRequest
{
    public required string VirtualClusterId { get; init; }

    public required string ClientToken { get; init; }

    public string? Name { get; init; }

    public required string ExecutionRoleArn { get; init; }

    public required EmrRelease Release { get; init; }

    public required JobDriver Driver { get; init; }

    public ImmutableArray<Configuration> Configurations { get; init; } = [];

    public Monitoring Monitoring { get; init; } = new();

    public TreeMap Tags { get; init; } = TreeMap.Empty;

    /// <summary>Attempts of a retry policy; null without one.</summary>
    public int? MaxAttempts { get; init; }

    /// <summary>The request as it came.</summary>
    public required TreeMap Source { get; init; }
}

/// <summary>The program that a job run runs.</summary>
public abstract record JobDriver(string EntryPoint)
{
    public sealed record SparkSubmit(string EntryPoint, ImmutableArray<string> Arguments, string Parameters) : JobDriver(EntryPoint);

    public sealed record SparkSql(string EntryPoint, string Parameters) : JobDriver(EntryPoint);

    public ApplicationLanguage Language => this is SparkSql ? ApplicationLanguage.Java : EntryPoint[(EntryPoint.LastIndexOf('.') + 1)..] switch
    {
        "py" => ApplicationLanguage.Python,
        "R" or "r" => ApplicationLanguage.R,
        _ => ApplicationLanguage.Java,
    };

    /// <summary>The text of spark-submit parameters, or of those of spark-sql.</summary>
    public string ParameterText => this switch
    {
        SparkSubmit submit => submit.Parameters,
        SparkSql sql => sql.Parameters,
        _ => "",
    };
}

/// <summary>One entry of applicationConfiguration.</summary>
public sealed record Configuration(string Classification, TreeMap Properties, ImmutableArray<Configuration> Nested);

/// <summary>Where logs go.</summary>
public sealed record Monitoring
{
    public bool PersistentAppUi { get; init; } = true;

    public string? LogGroup { get; init; }

    public string? LogStreamPrefix { get; init; }

    public string? S3LogUri { get; init; }

    /// <summary>Whether logs are sent anywhere, so that fluentd runs beside submitter and executors too.</summary>
    public bool SendsLogs => LogGroup is not null || S3LogUri is not null;
}

/// <summary>Why a request to emr-containers is refused.</summary>
/// <param name="Code">The name of the error in the API: ValidationException, ResourceNotFoundException, …</param>
public sealed record EmrRefusal(string Code, string Message)
{
    public static EmrRefusal Invalid(string message) => new("ValidationException", message);

    public static EmrRefusal NotFound(string message) => new("ResourceNotFoundException", message);

    public static EmrRefusal TokenUsed(string token) => Invalid($"clientToken: '{token}' was used for another request; give each request a token of its own");
}
