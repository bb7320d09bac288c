using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Simulation;
using Sparkwright.World.Aws;
using Sparkwright.World.Spark;
using Sparkwright.World.Spark.Workloads;

namespace Sparkwright.World.Emr;

/// <summary>
/// What the submitter's container does: it checks that role, script, files and templates are there and allowed, and hands all to spark-submit.
/// </summary>
public sealed class Submission(ApiServer api, EmrSettings settings, S3 s3, JobRights rights)
{
    /// <summary>The file beside a job's script that says what the job does.</summary>
    public const string WorkloadName = "workload.yaml";

    /// <summary>Prepares an attempt of a job run, or says why it cannot be.</summary>
    /// <param name="attempt">Counts from 1.</param>
    public SubmissionPlan Plan(JobRun run, int attempt)
    {
        var request = run.Request;
        var identity = JobIdentity.OfRoleArn(request.ExecutionRoleArn)!;
        if ((rights.CannotAssume(run, identity) ?? MissingLogBucket(request) ?? rights.CannotLog(run)) is { } forbidden)
        {
            return Refuse(FailureReason.UserError, forbidden);
        }

        var parameters = SparkSubmitParameters.Read(request.Driver.ParameterText, out var problem);
        if (problem is not null)
        {
            return Refuse(FailureReason.UserError, $"sparkSubmitParameters: {problem}.");
        }

        var conf = JobConf.Of(request, parameters, settings.Region);
        foreach (var file in JobFiles.Libraries(request, parameters))
        {
            if (MissingObject(run, file.Uri) is { } missing)
            {
                return Refuse(FailureReason.UserError, missing);
            }
        }

        var sparkSettings = SparkSettings.Read(conf, request.Release.Spark, request.Driver.Language, out problem);
        if (problem is not null)
        {
            return Refuse(FailureReason.UserError, $"Spark setting {problem}.");
        }

        var driver = UserTemplate(run, conf, "driver", out problem);
        var executor = problem is null ? UserTemplate(run, conf, "executor", out problem) : TreeMap.Empty;
        if (problem is not null)
        {
            return Refuse(FailureReason.ValidationError, problem);
        }

        var workload = FindWorkload(request.Driver.EntryPoint, out problem);
        if (problem is not null)
        {
            return Refuse(FailureReason.UserError, problem);
        }

        var defaults = ContainerDefaults.Of(request, out _);
        var templates = new EmrPodTemplates(run.Names, request, defaults, identity, settings.Region);
        var key = $"{run.Id}/{attempt}";
        return new SubmissionPlan.Ready(new SparkSubmission
        {
            Identity = IdentityOf(run, sparkSettings, request, parameters, api.Chance.For("emr/application", key)),
            Settings = sparkSettings,
            DriverTemplate = templates.Driver(driver),
            ExecutorTemplate = templates.Executor(executor),
            Workload = workload,
            Labels = run.Names.Labels("driver"),
        });
    }

    private static SubmissionPlan.Refused Refuse(string reason, string why) => new(reason, StateDetails.SubmissionFailed(why));

    private static SparkIdentity IdentityOf(JobRun run, SparkSettings settings, JobRunRequest request, SparkSubmitParameters parameters, Draw draw)
    {
        var hex = draw.Next.Hex(16);
        var prefix = SparkNames.ResourcePrefix(settings.ApplicationName, hex, settings.Version);

        // A retry policy makes every attempt's driver a pod of its own name.
        var driverPod = run.Names.DriverPod + (request.MaxAttempts is null ? "" : "-" + draw.NameSuffix(5));
        return new SparkIdentity
        {
            ApplicationId = $"spark-{draw.Hex(32)}",
            Namespace = run.Namespace,
            ResourcePrefix = $"spark-{hex}",
            DriverPod = driverPod,
            DriverService = $"spark-{hex}-driver-svc",
            ExecutorPrefix = SparkNames.ExecutorPrefix(settings.Conf, prefix),
            DriverConfigMap = $"spark-drv-{hex}-conf-map",
            ExecutorConfigMap = $"spark-exec-{hex}-conf-map",
            Arguments = request.Driver switch
            {
                JobDriver.SparkSubmit submit => ["--class", MainClass(submit, parameters), submit.EntryPoint, .. submit.Arguments],
                JobDriver.SparkSql sql => ["--class", "org.apache.spark.sql.hive.thriftserver.SparkSQLCLIDriver", "-f", sql.EntryPoint],
                _ => [],
            },
        };
    }

    private static string MainClass(JobDriver.SparkSubmit submit, SparkSubmitParameters parameters) => submit.Language switch
    {
        ApplicationLanguage.Python => "org.apache.spark.deploy.PythonRunner",
        ApplicationLanguage.R => "org.apache.spark.deploy.RRunner",
        _ => parameters.MainClass ?? "main",
    };

    /// <summary>What is missing of a file that a job names, be it the right to read it; null when it can be had.</summary>
    private string? MissingObject(JobRun run, S3Uri file) =>
        !s3.HasBucket(file.Bucket) ? $"The bucket {file.Bucket} of {file} doesn't exist."
        : rights.CannotRead(run, file) is { } forbidden ? forbidden
        : !s3.Has(file) ? $"The S3 object {file} doesn't exist."
        : null;

    /// <summary>What is missing of the place where the job's logs go in S3; null when it is there, or none is asked for.</summary>
    private string? MissingLogBucket(JobRunRequest request) =>
        request.Monitoring.S3LogUri is { } uri && S3Uri.Parse(uri) is { } logs && !s3.HasBucket(logs.Bucket)
            ? $"The bucket {logs.Bucket} of {uri} (s3MonitoringConfiguration.logUri) doesn't exist."
            : null;

    private TreeMap UserTemplate(JobRun run, SparkConf conf, string role, out string? problem)
    {
        problem = null;
        var setting = $"spark.kubernetes.{role}.podTemplateFile";
        if (conf.Get(setting) is not { } file)
        {
            return TreeMap.Empty;
        }

        if (S3Uri.Parse(file) is not { } uri)
        {
            problem = $"{setting}: '{file}' is not allowed; give an S3 URI.";
            return TreeMap.Empty;
        }

        if (MissingObject(run, uri) is { } missing)
        {
            problem = $"The {role} pod template could not be fetched: {missing}";
            return TreeMap.Empty;
        }

        var text = YamlReader.Read(s3.GetText(uri) ?? "");
        if (text.Error is { } mistake)
        {
            problem = $"The {role} pod template {file} is not YAML: {mistake}";
            return TreeMap.Empty;
        }

        var template = text.Documents.Count > 0 ? text.Documents[0].Root : TreeMap.Empty;
        var main = conf.Get($"spark.kubernetes.{role}.podTemplateContainerName") ?? "";
        if (PodTemplateRules.Check(template, role, main) is { } wrong)
        {
            problem = $"Pod template {file}: {wrong}";
            return TreeMap.Empty;
        }

        return (TreeMap)template;
    }

    /// <summary>The workload description in the script's folder or the nearest one above; null when there is none.</summary>
    private TreeMap? FindWorkload(string entryPoint, out string? problem)
    {
        problem = null;
        if (S3Uri.Parse(entryPoint) is not { } uri)
        {
            return null;
        }

        for (var folder = Parent(uri.Key); folder is not null; folder = folder.Length == 0 ? null : Parent(folder))
        {
            var file = uri with { Key = folder.Length == 0 ? WorkloadName : $"{folder}/{WorkloadName}" };
            if (!s3.Has(file))
            {
                continue;
            }

            var text = YamlReader.Read(s3.GetText(file) ?? "");
            var root = text.Documents.Count > 0 ? text.Documents[0].Root : TreeMap.Empty;
            problem = text.Error is { } mistake ? $"{file}: {mistake}" : WorkloadFile.Read(root, out var wrong) is null ? $"{file}: {wrong}" : null;
            return root as TreeMap;
        }

        return null;
    }

    private static string Parent(string key) => key.LastIndexOf('/') is var slash and >= 0 ? key[..slash] : "";
}

/// <summary>What becomes of an attempt to submit.</summary>
public abstract record SubmissionPlan
{
    private SubmissionPlan()
    {
    }

    public sealed record Ready(SparkSubmission What) : SubmissionPlan;

    /// <param name="Reason">The job run's failureReason.</param>
    public sealed record Refused(string Reason, string Details) : SubmissionPlan;
}
