using Sparkwright.Kubernetes.Objects;
using Sparkwright.World;
using Sparkwright.World.Aws;
using Sparkwright.World.Aws.Api;
using Sparkwright.World.Emr;
using Sparkwright.World.Emr.Api;

namespace Sparkwright.Tests.Emr;

/// <summary>A small world for job runs: simulated nodes that are Ready at once, a team's namespace, a bucket with a script, and a role.</summary>
internal sealed class Platform
{
    public const string Namespace = "team-a";

    /// <summary>Who EMR on EKS is in the cluster.</summary>
    public const string AwsAuth = """
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: aws-auth, namespace: kube-system}
        data:
          mapRoles: |
            - rolearn: arn:aws:iam::111122223333:role/AWSServiceRoleForAmazonEMRContainers
              username: emr-containers
        """;

    public const string Binding = $$"""
        apiVersion: rbac.authorization.k8s.io/v1
        kind: RoleBinding
        metadata: {name: emr-containers, namespace: {{Namespace}}}
        roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: emr-containers}
        subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: emr-containers}]
        """;

    private const string JobPolicy = """
        {"Version": "2012-10-17", "Statement": [
          {"Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket", "s3:PutObject"], "Resource": "*"},
          {"Effect": "Allow", "Action": ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"], "Resource": "arn:aws:logs:*:*:log-group:*"}]}
        """;

    public Platform(long seed = 1, int nodes = 1, string cpu = "64", string? figures = null, EmrQuotas? quotas = null, bool sendsJobLogs = false)
    {
        var fixedFigures = figures is null ? new ModelFigures() : ModelFigures.With(new ModelFigures(), (TreeMap)Yaml.Read(figures)).Figures;
        World = WorldBuilder.Build(new WorldSettings { Seed = seed, Components = ["scheduler"], Figures = fixedFigures, EmrQuotas = quotas, SendsJobLogs = sendsJobLogs }, Blobs);
        Apply($"{{apiVersion: v1, kind: Namespace, metadata: {{name: {Namespace}}}}}");
        Apply(AwsAuth);
        Apply(Role());
        Apply(Binding);
        for (var at = 1; at <= nodes; at++)
        {
            AddNode($"n{at}", cpu);
        }

        World.S3.EnsureBucket("bucket");
        World.S3.Put(new S3Uri("bucket", "job/script.py"), "print('hello')\n");
        var account = World.Settings.Account;
        World.Iam.EnsureOidcProvider(account, World.OidcIssuer);
        RoleArn = World.Iam.EnsureRole(
            account, "team-a", TrustPolicy(new JobIdentity(account, "team-a").TrustedSubject(Namespace)), World.Iam.EnsurePolicy(account, "jobs", "What jobs do", JobPolicy));
        World.Loop.RunUntil(World.Clock.Now);
        VirtualCluster = Assert.IsType<EmrResult.Done>(World.Emr.CreateVirtualCluster("vc-team-a", Namespace)).Id;
    }

    public global::Sparkwright.World.World World { get; }

    /// <summary>Bodies of S3 objects and logs.</summary>
    public MemoryBlobs Blobs { get; } = new();

    public string RoleArn { get; }

    public string VirtualCluster { get; }

    /// <summary>A trust policy for tokens of the cluster.</summary>
    public string TrustPolicy(string subject)
    {
        var provider = World.OidcIssuer["https://".Length..];
        return $$$"""
            {"Version": "2012-10-17", "Statement": [{
              "Effect": "Allow",
              "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/{{{provider}}}"},
              "Action": "sts:AssumeRoleWithWebIdentity",
              "Condition": {"StringLike": {"{{{provider}}}:sub": "{{{subject}}}"}}
            }]}
            """;
    }

    /// <summary>What EMR on EKS may do in the namespace.</summary>
    public static string Role(string jobs = "create, delete, get", string accounts = "create, delete, get") => $$"""
        apiVersion: rbac.authorization.k8s.io/v1
        kind: Role
        metadata: {name: emr-containers, namespace: {{Namespace}}}
        rules:
        - {apiGroups: [""], resources: [namespaces], verbs: [get]}
        - {apiGroups: [""], resources: [serviceaccounts], verbs: [{{accounts}}]}
        - {apiGroups: [""], resources: [configmaps, secrets, pods, services], verbs: [create, delete, get]}
        - {apiGroups: [apps], resources: [deployments], verbs: [create, delete, get]}
        - {apiGroups: [batch], resources: [jobs], verbs: [{{jobs}}]}
        - {apiGroups: [rbac.authorization.k8s.io], resources: [roles, rolebindings], verbs: [create, delete, get]}
        """;

    public void AddNode(string name, string cpu) => Apply(
        $$"""
        apiVersion: v1
        kind: Node
        metadata: {name: {{name}}}
        status:
          allocatable: {cpu: "{{cpu}}", memory: 512Gi, pods: "110"}
          capacity: {cpu: "{{cpu}}", memory: 512Gi, pods: "110"}
        """);

    public void Apply(string yaml)
    {
        var applied = World.Apply(Yaml.Read(yaml));
        Assert.True(applied.IsAccepted, applied.Message);
    }

    /// <summary>What an operation of emr-containers answers; VC in its input stands for the virtual cluster.</summary>
    public AwsAnswer Call(string operation, string input) => World.AwsServices.First(service => service.SigningName == "emr-containers").Operations
        .First(one => one.Name == operation)
        .Answer(new AwsCall(operation, (TreeMap)Yaml.Read(input.Replace("VC", VirtualCluster, StringComparison.Ordinal)), new AwsCaller("arn:aws:iam::111122223333:user/admin", "AIDA", "AKIA")));

    public TreeMap Done(string operation, string input) => Call(operation, input) switch
    {
        AwsAnswer.Done done => done.Output,
        AwsAnswer.Refused refused => throw new InvalidOperationException(refused.Error.Message),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    /// <summary>Code and message of a refusal; <c>done</c> when there is none.</summary>
    public string Refused(string operation, string input) => Call(operation, input) is AwsAnswer.Refused refused ? $"{refused.Error.Code}: {refused.Error.Message}" : "done";

    /// <summary>Starts a job run; more settings of spark-submit may be given, and members of the request be replaced.</summary>
    public string Start(string parameters = "", Func<string, string>? change = null)
    {
        var request = StartJobRunReaderTests.Good
            .Replace("jk518skp01ys9ka8b0npx9nt0", VirtualCluster)
            .Replace("arn:aws:iam::111122223333:role/team-a", RoleArn)
            .Replace("--driver-memory 10g", "--driver-memory 10g " + parameters);
        var answer = World.Emr.StartJobRun(Yaml.Read(change?.Invoke(request) ?? request));
        return Assert.IsType<EmrResult.Done>(answer).Id;
    }

    public JobRun Run(string id) => World.Emr.Find(VirtualCluster, id)!;

    /// <summary>Lets time pass until a job run is final, at most so long.</summary>
    public JobRun Finish(string id, TimeSpan? atMost = null)
    {
        var end = World.Clock.Now + (atMost ?? TimeSpan.FromHours(1));
        while (!JobRunState.IsFinal(Run(id).State) && World.Loop.RunNext(end))
        {
        }

        return Run(id);
    }

    /// <summary>Lets time pass until something holds; fails when it does not within an hour.</summary>
    public void Until(Func<bool> holds)
    {
        var end = World.Clock.Now.AddHours(1);
        while (!holds())
        {
            Assert.True(World.Loop.RunNext(end), "it never came to that");
        }
    }

    public void Pass(TimeSpan time) => World.Loop.RunUntil(World.Clock.Now + time);

    public ApiObject? Pod(string name) => World.Store.Get(CoreTypes.Pod, Namespace, name);

    public IEnumerable<ApiObject> Pods() => World.Store.List(CoreTypes.Pod, Namespace);

    public string PhaseOf(string name) => Pod(name)?.Status["phase"]?.Text ?? "gone";
}
