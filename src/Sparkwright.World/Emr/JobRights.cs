using Sparkwright.Kubernetes.Store;
using Sparkwright.World.Aws;
using Sparkwright.World.Aws.Access;
using Sparkwright.World.Aws.Logs;

namespace Sparkwright.World.Emr;

/// <summary>
/// What a job run needs in the AWS account: its execution role must trust the job's service accounts, and the role's policies must allow the
/// calls that the job makes. Each answer is the reason why not, or null. A platform that has no IAM roles at all checks none of it.
/// </summary>
/// <param name="issuer">The cluster's OIDC provider, an https URL.</param>
public sealed class JobRights(ObjectStore store, Iam iam, EmrSettings settings, string issuer)
{
    private static readonly string[] Components = ["client", "driver", "executor"];

    private bool HasRoles => store.Count(IamTypes.Role) > 0;

    /// <summary>Whether the tokens of the job's pods are good for the role.</summary>
    public string? CannotAssume(JobRun run, JobIdentity identity)
    {
        var role = run.Request.ExecutionRoleArn;
        if (!HasRoles)
        {
            return null;
        }

        if (iam.FindRole(role) is null)
        {
            return $"The job execution role {role} doesn't exist.";
        }

        if (store.Get(IamTypes.OidcProvider, "", OidcProvider.NameOf(issuer)) is null)
        {
            return $"The job execution role {role} cannot be assumed: no OpenIDConnect provider found in your account for {issuer}.";
        }

        return Array.Find(Components, component => !iam.TrustsToken(settings.Account, role, issuer, $"system:serviceaccount:{run.Namespace}:{identity.ServiceAccount(component)}")) is { } distrusted
            ? $"Not authorized to perform {Iam.AssumeByToken}: the job execution role {role} does not trust the job's service accounts, such as {identity.ServiceAccount(distrusted)}. "
                + $"Its trust policy must admit {identity.TrustedSubject(run.Namespace)}."
            : null;
    }

    public string? CannotRead(JobRun run, S3Uri file) => Lacks(run, "s3:GetObject", $"arn:aws:s3:::{file.Bucket}/{file.Key}");

    /// <summary>Whether the job's logs can go where its request sends them.</summary>
    public string? CannotLog(JobRun run) => CannotLogToCloudWatch(run) ?? CannotLogToS3(run);

    public string? CannotLogToCloudWatch(JobRun run)
    {
        if (run.Request.Monitoring.LogGroup is not { } group)
        {
            return null;
        }

        var within = $"arn:aws:logs:{settings.Region}:{settings.Account}:log-group:{group}:log-stream:";
        if (store.Get(LogTypes.LogGroup, "", group) is null && Lacks(run, "logs:CreateLogGroup", within) is { } missing)
        {
            return $"The log group {group} doesn't exist. {missing}";
        }

        var streams = $"{within}{(run.Request.Monitoring.LogStreamPrefix is { } prefix ? prefix + "/" : "")}{HomeOf(run)}";
        return Lacks(run, "logs:CreateLogStream", streams) ?? Lacks(run, "logs:PutLogEvents", streams);
    }

    public string? CannotLogToS3(JobRun run)
    {
        if (run.Request.Monitoring.S3LogUri is not { } uri || S3Uri.Parse(uri) is not { } logs)
        {
            return null;
        }

        var folder = logs.Key.Length == 0 || logs.Key.EndsWith('/') ? logs.Key : logs.Key + "/";
        return Lacks(run, "s3:ListBucket", $"arn:aws:s3:::{logs.Bucket}") ?? Lacks(run, "s3:PutObject", $"arn:aws:s3:::{logs.Bucket}/{folder}{HomeOf(run)}");
    }

    private static string HomeOf(JobRun run) => $"{run.Request.VirtualClusterId}/jobs/{run.Id}";

    private string? Lacks(JobRun run, string action, string resource)
    {
        if (!HasRoles || JobIdentity.OfRoleArn(run.Request.ExecutionRoleArn) is not { } identity)
        {
            return null;
        }

        var session = $"arn:aws:sts::{identity.Account}:assumed-role/{identity.RoleName}/{run.Id}";
        var request = new AccessRequest(action, resource).With("aws:RequestedRegion", settings.Region);
        return iam.Decide(session, request) is { IsAllowed: false } verdict ? verdict.Refusal(session, request) + "." : null;
    }
}
