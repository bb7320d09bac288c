using Sparkwright.Kubernetes.Objects;
using Sparkwright.World;
using Sparkwright.World.Aws;
using Sparkwright.World.Emr;

namespace Sparkwright.Tests.Emr;

/// <summary>A small world for job runs: simulated nodes that are Ready at once, a team's namespace, a bucket with a script, and a role.</summary>
internal sealed class Platform
{
    public const string Namespace = "team-a";

    public Platform(long seed = 1, int nodes = 1, string cpu = "64", string? figures = null, bool sendsJobLogs = false)
    {
        var fixedFigures = figures is null ? new ModelFigures() : ModelFigures.With(new ModelFigures(), (TreeMap)Yaml.Read(figures)).Figures;
        World = WorldBuilder.Build(new WorldSettings { Seed = seed, Components = ["scheduler"], Figures = fixedFigures, SendsJobLogs = sendsJobLogs }, Blobs);
        Apply($"{{apiVersion: v1, kind: Namespace, metadata: {{name: {Namespace}}}}}");
        for (var at = 1; at <= nodes; at++)
        {
            AddNode($"n{at}", cpu);
        }

        World.S3.EnsureBucket("bucket");
        World.S3.Put(new S3Uri("bucket", "job/script.py"), "print('hello')\n");
        RoleArn = World.Iam.EnsureRole(World.Settings.Account, "team-a");
        World.Loop.RunUntil(World.Clock.Now);
        VirtualCluster = Assert.IsType<EmrResult.Done>(World.Emr.CreateVirtualCluster("vc-team-a", Namespace)).Id;
    }

    public global::Sparkwright.World.World World { get; }

    /// <summary>Bodies of S3 objects and logs.</summary>
    public MemoryBlobs Blobs { get; } = new();

    public string RoleArn { get; }

    public string VirtualCluster { get; }

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
