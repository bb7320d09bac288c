using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Aws;
using Sparkwright.World.Aws.Api;
using Sparkwright.World.Emr;

namespace Sparkwright.Tests.Emr;

/// <summary>What can be wrong with a job run, and the state, the reason and the details with which it ends.</summary>
public sealed class FailureTests
{
    private const string AllOfS3 = """{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}""";
    private const string AllOfLogs = """{"Effect": "Allow", "Action": "logs:*", "Resource": "*"}""";
    private const string ReadsScripts = """{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::bucket/job/*"}""";
    private const string Nowhere = "--conf spark.kubernetes.node.selector.pool=none";
    private const string Logs = "    s3MonitoringConfiguration: {logUri: s3://bucket/logs}";

    private readonly Platform platform = new();

    public FailureTests()
    {
        platform.World.S3.Put(new S3Uri("bucket", "job/good.yaml"), "spec: {}");
        platform.World.S3.Put(new S3Uri("bucket", "job/command.yaml"), "spec: {containers: [{name: spark-kubernetes-driver, command: [sh]}]}");
        platform.World.S3.Put(new S3Uri("bucket", "other/good.yaml"), "spec: {}");
    }

    [Theory]
    //          what is wrong               reason                details
    [InlineData("no aws-auth entry", "CLUSTER_UNAVAILABLE", "kube-system/aws-auth maps arn:aws:iam::111122223333:role/AWSServiceRoleForAmazonEMRContainers to no user of the cluster")]
    [InlineData("no binding", "CLUSTER_UNAVAILABLE", "jobs.batch is forbidden: User \"emr-containers\" cannot create resource \"jobs\" in API group \"batch\" in the namespace \"team-a\"")]
    [InlineData("role without jobs", "CLUSTER_UNAVAILABLE", "jobs.batch is forbidden: User \"emr-containers\" cannot create resource \"jobs\"")]
    [InlineData("namespace gone", "CLUSTER_UNAVAILABLE", "Namespace team-a doesn't exist in EKS cluster sparkwright")]
    [InlineData("no execution role", "USER_ERROR", "The job execution role arn:aws:iam::111122223333:role/none doesn't exist.")]
    [InlineData("role of another namespace", "USER_ERROR", "Not authorized to perform sts:AssumeRoleWithWebIdentity: the job execution role arn:aws:iam::111122223333:role/special does not trust the job's service accounts")]
    [InlineData("role that trusts nobody", "USER_ERROR", "Its trust policy must admit system:serviceaccount:team-a:emr-containers-sa-*-*-111122223333-")]
    [InlineData("role that trusts drivers only", "USER_ERROR", "does not trust the job's service accounts, such as emr-containers-sa-spark-client-111122223333-")]
    [InlineData("no OIDC provider", "USER_ERROR", "no OpenIDConnect provider found in your account for https://oidc.eks.us-west-2.amazonaws.com/id/")]
    [InlineData("no right to the script", "USER_ERROR", "is not authorized to perform: s3:GetObject on resource: arn:aws:s3:::bucket/job/script.py because no identity-based policy allows the s3:GetObject action")]
    [InlineData("script denied", "USER_ERROR", "is not authorized to perform: s3:GetObject on resource: arn:aws:s3:::bucket/job/script.py with an explicit deny in an identity-based policy")]
    [InlineData("no right to the template", "VALIDATION_ERROR", "The driver pod template could not be fetched: User: arn:aws:sts::111122223333:assumed-role/special/")]
    [InlineData("no right to put logs", "USER_ERROR", "is not authorized to perform: s3:PutObject on resource: arn:aws:s3:::bucket/logs/")]
    [InlineData("no right to list the log bucket", "USER_ERROR", "is not authorized to perform: s3:ListBucket on resource: arn:aws:s3:::bucket because")]
    [InlineData("no log bucket", "USER_ERROR", "The bucket nowhere of s3://nowhere/logs (s3MonitoringConfiguration.logUri) doesn't exist.")]
    [InlineData("no right to log streams", "USER_ERROR", "is not authorized to perform: logs:CreateLogStream on resource: arn:aws:logs:us-west-2:111122223333:log-group:/emr-on-eks-logs/team-a:log-stream:taxidata/")]
    [InlineData("no log group", "USER_ERROR", "The log group /emr-on-eks-logs/team-a doesn't exist. User: arn:aws:sts::111122223333:assumed-role/special/")]
    [InlineData("no right to put log events", "USER_ERROR", "is not authorized to perform: logs:PutLogEvents on resource: arn:aws:logs:")]
    [InlineData("no script", "USER_ERROR", "The S3 object s3://bucket/job/none.py doesn't exist.")]
    [InlineData("no bucket", "USER_ERROR", "The bucket nowhere of s3://nowhere/script.py doesn't exist.")]
    [InlineData("no template", "VALIDATION_ERROR", "The executor pod template could not be fetched: The S3 object s3://bucket/none.yaml doesn't exist.")]
    [InlineData("forbidden field", "VALIDATION_ERROR", "field command is not allowed in container spark-kubernetes-driver of the driver pod template")]
    [InlineData("unknown classification", "VALIDATION_ERROR", "Configuration classification spark-default is not supported")]
    [InlineData("wrong setting", "USER_ERROR", "Spark setting spark.driver.memory: '1.5g' is not allowed")]
    [InlineData("no room for the driver", "CLUSTER_UNAVAILABLE", "The driver did not run within 900 seconds (job-start-timeout). Pod team-a/spark-")]
    [InlineData("no room, short time-out", "CLUSTER_UNAVAILABLE", "The driver did not run within 120 seconds (job-start-timeout). Pod team-a/spark-")]
    [InlineData("quota without the driver", "USER_ERROR", "exceeded quota: few, requested: pods=1, used: pods=1, limited: pods=1")]
    [InlineData("quota without the submitter", "CLUSTER_UNAVAILABLE", "No submitter pod was created. FailedCreate: Error creating: pods ")]
    public void A_job_run_fails_with_a_reason_and_says_what_is_missing(string wrong, string reason, string details)
    {
        var id = Start(wrong);
        var run = platform.Finish(id);
        Assert.Equal((JobRunState.Failed, reason), (run.State, run.FailureReason));
        Assert.StartsWith("JobRun submission failed. ", run.StateDetails, StringComparison.Ordinal);
        Assert.Contains(details, run.StateDetails, StringComparison.Ordinal);

        // What the submitter finds ends its pod; the job is not tried again.
        platform.Pass(TimeSpan.FromMinutes(10));
        Assert.Null(platform.Pod($"spark-{id}-driver"));
        Assert.All(platform.Pods().Where(pod => pod.Metadata.Label(JobNames.ComponentLabel) == "job.submitter"), pod => Assert.Equal("Failed", pod.Status["phase"]?.Text));
        Assert.True(platform.Pods().Count() <= 1);
    }

    [Theory]
    [InlineData("all rights")]
    [InlineData("only the rights needed")]
    [InlineData("an account without roles")]
    public void With_its_rights_a_job_run_completes(string what)
    {
        var run = platform.Finish(Start(what));
        Assert.Equal((JobRunState.Completed, null), (run.State, run.FailureReason));
    }

    [Fact]
    public void A_release_that_does_not_exist_is_refused_at_once() => Assert.StartsWith(
        "ResourceNotFoundException: Release emr-6.99.0-latest doesn't exist.",
        platform.Refused("StartJobRun", StartJobRunReaderTests.Good.Replace("jk518skp01ys9ka8b0npx9nt0", "VC").Replace("emr-6.7.0-latest", "emr-6.99.0-latest")),
        StringComparison.Ordinal);

    [Fact]
    public void A_cancelled_job_run_says_so()
    {
        var id = platform.Start(Nowhere);
        platform.Pass(TimeSpan.FromMinutes(1));
        Assert.Equal("done", platform.Refused("CancelJobRun", $"{{virtualClusterId: VC, id: {id}}}"));
        var run = platform.Finish(id);
        Assert.Equal((JobRunState.Cancelled, null, "JobRun cancelled successfully."), (run.State, run.FailureReason, run.StateDetails));
    }

    [Fact]
    public void A_namespace_that_goes_takes_a_running_job_along()
    {
        var id = platform.Start();
        platform.Until(() => platform.Run(id).State == JobRunState.Running);
        platform.World.Api.Delete(CoreTypes.Namespace, new ObjectKey("", Platform.Namespace));
        var run = platform.Finish(id);
        Assert.Equal((JobRunState.Failed, FailureReason.UserError), (run.State, run.FailureReason));
        Assert.StartsWith("Trouble monitoring your JobRun. ", run.StateDetails, StringComparison.Ordinal);
    }

    private string Start(string what)
    {
        switch (what)
        {
            case "no aws-auth entry":
                platform.World.Api.Delete(CoreTypes.ConfigMap, new ObjectKey("kube-system", "aws-auth"));
                return platform.Start();
            case "no binding":
                platform.World.Api.Delete(CoreTypes.RoleBinding, new ObjectKey(Platform.Namespace, "emr-containers"));
                return platform.Start();
            case "role without jobs":
                platform.Apply(Platform.Role(jobs: "get"));
                return platform.Start();
            case "namespace gone":
                platform.World.Api.Delete(CoreTypes.Namespace, new ObjectKey("", Platform.Namespace));
                return platform.Start();
            case "no execution role":
                return As("none");
            case "role of another namespace":
                return WithRole("team-b", AllOfS3, AllOfLogs);
            case "role that trusts nobody":
                platform.World.Iam.EnsureRole("111122223333", "special");
                return As("special");
            case "role that trusts drivers only":
                return WithTrust("system:serviceaccount:team-a:emr-containers-sa-spark-driver-*", new Members("", ""), AllOfS3, AllOfLogs);
            case "no OIDC provider":
                platform.World.Api.Delete(IamTypes.OidcProvider, platform.World.Store.List(IamTypes.OidcProvider)[0].Key);
                return platform.Start();
            case "no right to the script":
                return WithRole("team-a", AllOfLogs);
            case "script denied":
                return WithRole("team-a", AllOfS3, AllOfLogs, """{"Effect": "Deny", "Action": "s3:Get*", "Resource": "arn:aws:s3:::bucket/job/*"}""");
            case "no right to the template":
                return WithRole("team-a", new Members("--conf spark.kubernetes.driver.podTemplateFile=s3://bucket/other/good.yaml", ""), ReadsScripts, AllOfLogs);
            case "no right to put logs":
                return WithRole("team-a", new Members("", Logs), ReadsScripts, AllOfLogs, """{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*"}""");
            case "no right to list the log bucket":
                return WithRole("team-a", new Members("", Logs), ReadsScripts, AllOfLogs, """{"Effect": "Allow", "Action": "s3:PutObject", "Resource": "*"}""");
            case "no log bucket":
                return platform.Start(change: request => request + "\n" + Logs.Replace("bucket", "nowhere"));
            case "no right to log streams":
                return WithRole("team-a", AllOfS3, """{"Effect": "Allow", "Action": ["logs:CreateLogGroup", "logs:PutLogEvents"], "Resource": "*"}""");
            case "no log group":
                return WithRole("team-a", AllOfS3, """{"Effect": "Allow", "Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": "*"}""");
            case "no right to put log events":
                MakeLogGroup();
                return WithRole("team-a", AllOfS3, """{"Effect": "Allow", "Action": "logs:CreateLogStream", "Resource": "*"}""");
            case "no script":
                return platform.Start(change: request => request.Replace("job/script.py", "job/none.py"));
            case "no bucket":
                return platform.Start(change: request => request.Replace("s3://bucket/job/script.py", "s3://nowhere/script.py"));
            case "no template":
                return platform.Start("--conf spark.kubernetes.executor.podTemplateFile=s3://bucket/none.yaml");
            case "forbidden field":
                return platform.Start("--conf spark.kubernetes.driver.podTemplateFile=s3://bucket/job/command.yaml");
            case "unknown classification":
                return platform.Start(change: request => request.Replace("classification: spark-defaults", "classification: spark-default"));
            case "wrong setting":
                return platform.Start(change: request => request.Replace("--driver-memory 10g", "--driver-memory 1.5g"));
            case "no room for the driver":
                return platform.Start(Nowhere);
            case "no room, short time-out":
                return platform.Start(Nowhere, request => request.Replace(
                    "- classification: spark-defaults", "- {classification: emr-containers-defaults, properties: {job-start-timeout: \"120\"}}\n  - classification: spark-defaults"));
            case "quota without the driver":
                return WithQuota(1);
            case "quota without the submitter":
                return WithQuota(0);
            case "only the rights needed":
                MakeLogGroup();
                return WithRole(
                    "team-a",
                    new Members("--conf spark.kubernetes.driver.podTemplateFile=s3://bucket/job/good.yaml", Logs),
                    ReadsScripts,
                    """{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::bucket"}""",
                    """{"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::bucket/logs/*"}""",
                    """{"Effect": "Allow", "Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": "arn:aws:logs:us-west-2:111122223333:log-group:/emr-on-eks-logs/*"}""");
            case "an account without roles":
                platform.World.Api.Delete(IamTypes.Role, new ObjectKey("", "team-a"));
                return As("none");
            default:
                return WithRole("team-a", new Members("", Logs), AllOfS3, AllOfLogs);
        }
    }

    private void MakeLogGroup() => platform.World.AwsServices.First(service => service.SigningName == "logs").Operations.First(one => one.Name == "CreateLogGroup")
        .Answer(new AwsCall("CreateLogGroup", TreeMap.Of(("logGroupName", "/emr-on-eks-logs/team-a")), AwsCaller.Nobody));

    private string WithQuota(int pods)
    {
        platform.Apply($"{{apiVersion: v1, kind: ResourceQuota, metadata: {{name: few, namespace: {Platform.Namespace}}}, spec: {{hard: {{pods: \"{pods}\"}}}}}}");
        platform.Pass(TimeSpan.FromSeconds(1));
        return platform.Start();
    }

    /// <summary>Starts a job run under a role that trusts the service accounts of a namespace and has these statements.</summary>
    private string WithRole(string trusted, params string[] statements) => WithRole(trusted, new Members("", ""), statements);

    private string WithRole(string trusted, Members members, params string[] statements) =>
        WithTrust(new JobIdentity("111122223333", "special").TrustedSubject(trusted), members, statements);

    private string WithTrust(string subject, Members members, params string[] statements)
    {
        var policy = platform.World.Iam.EnsurePolicy("111122223333", "special", "", $$"""{"Version": "2012-10-17", "Statement": [{{string.Join(", ", statements)}}]}""");
        platform.World.Iam.EnsureRole("111122223333", "special", platform.TrustPolicy(subject), policy);
        return As("special", members.Parameters, members.More);
    }

    private string As(string role, string parameters = "", string more = "") =>
        platform.Start(parameters, request => request.Replace("role/team-a", $"role/{role}") + "\n" + more);

    /// <summary>What a request says beside the usual.</summary>
    /// <param name="More">Lines behind the monitoring configuration.</param>
    private sealed record Members(string Parameters, string More);
}
