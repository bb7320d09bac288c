using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Aws;
using Sparkwright.World.Blueprint;
using Sparkwright.World.Ec2;
using Sparkwright.World.Emr;
using Sparkwright.World.Insight;

namespace Sparkwright.World;

/// <summary>
/// One job run from the platform's first second to its last node: brings the platform up, submits the request, lets time pass, and reports.
/// </summary>
public sealed class JobSession
{
    /// <summary>The platform is up when its nodes and add-ons are; later than this, the job is submitted all the same.</summary>
    private static readonly TimeSpan LongestBringUp = TimeSpan.FromMinutes(30);

    /// <summary>How long nodes may outlive their job before the report is made without waiting for them.</summary>
    private static readonly TimeSpan LongestAfterlife = TimeSpan.FromHours(1);

    /// <summary>A job run older than this is reported as it is.</summary>
    private static readonly TimeSpan LongestJob = TimeSpan.FromHours(24);

    private readonly World world;
    private readonly History history;
    private readonly PlatformBlueprint blueprint;
    private JobRun? run;

    public JobSession(PlatformBlueprint blueprint, long seed)
    {
        this.blueprint = blueprint;
        world = WorldBuilder.Build(WorldSettings.For(blueprint, seed));
        history = History.Of(world);
    }

    public History History => history;

    /// <summary>The job run's state; null before it was submitted.</summary>
    public string? State => run?.State;

    public World World => world;

    /// <summary>Puts a file where the job finds it.</summary>
    public void Upload(string bucket, string key, ReadOnlyMemory<byte> body)
    {
        world.S3.EnsureBucket(bucket);
        world.S3.Put(new S3Uri(bucket, key), body);
    }

    /// <summary>
    /// Waits for the platform and submits the request; what it leaves out is the first team's. Answers what is wrong with it, or null.
    /// </summary>
    /// <param name="whileWaiting">Called after each turn of the world, for those who watch.</param>
    public string? Submit(TreeMap request, Action whileWaiting)
    {
        while (!IsUp() && world.Clock.Elapsed < LongestBringUp && world.Loop.RunNext(world.Clock.Start + LongestBringUp))
        {
            whileWaiting();
        }

        if (blueprint.Teams.FirstOrDefault(team => team.VirtualCluster is not null) is not { } team)
        {
            return "the blueprint has no team with a virtual cluster to run the job in";
        }

        var whole = request
            .With("virtualClusterId", request["virtualClusterId"] ?? world.Emr.FindVirtualCluster(team.VirtualCluster!))
            .With("executionRoleArn", request["executionRoleArn"] ?? $"arn:aws:iam::{world.Settings.Account}:role/{team.ExecutionRole}")
            .With("clientToken", request["clientToken"] ?? "sparkwright-run");
        if (MissingFile(whole) is { } missing)
        {
            return missing;
        }

        switch (world.Emr.StartJobRun(whole))
        {
            case EmrResult.Done done:
                run = world.Emr.Find(done.VirtualClusterId, done.Id);
                return null;
            case EmrResult.Refused refused:
                return refused.Refusal.Message;
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    /// <summary>A script, library or template that the request names and nobody uploaded.</summary>
    private string? MissingFile(TreeMap request)
    {
        if (StartJobRunReader.Read(request, out _) is not { } wanted)
        {
            return null;
        }

        var settings = new EmrSettings(world.Settings.Region, world.Settings.Account, world.Settings.ClusterName);
        return JobFiles.Of(wanted, settings).FirstOrDefault(file => !world.S3.Has(file.Uri)) is { } missing
            ? $"{missing.Member}: {missing.Uri} names no file"
            : null;
    }

    /// <summary>Lets time pass until the job run is final and every Karpenter node is gone; true when it ended COMPLETED.</summary>
    public bool Follow(Action whileWaiting)
    {
        var submitted = run!;
        var limit = world.Clock.Now + LongestJob;
        while (run is { FinishedAt: null } && world.Loop.RunNext(limit))
        {
            run = world.Emr.Find(submitted.Request.VirtualClusterId, submitted.Id);
            whileWaiting();
        }

        var end = world.Clock.Now + LongestAfterlife;
        while (run is { FinishedAt: not null } && KarpenterNodes() && world.Loop.RunNext(end))
        {
            whileWaiting();
        }

        return run?.State == JobRunState.Completed;
    }

    public RunReport Report(long wallMilliseconds) => ReportBuilder.Build(history, new ReportRequest
    {
        Seed = world.Chance.Seed,
        Job = run is null ? null : JobFacts.Of(run),
        YuniKorn = world.YuniKorn,
        Findings = [.. world.LateRefusals().Select(refusal => Finding.Error("late-refusal", refusal)), .. BootFindings.Of(world.Store)],
    }) with
    {
        WallMilliseconds = wallMilliseconds,
    };

    /// <summary>Whether all node groups' machines are ready and no pod of the platform waits.</summary>
    private bool IsUp()
    {
        var wanted = blueprint.NodeGroups.Sum(group => group.DesiredSize);
        return world.Store.List(CoreTypes.Node).Count(node => NodeView.Of(node).IsReady) >= wanted
            && world.Store.Count(CoreTypes.Pod) > 0
            && world.Store.List(CoreTypes.Pod).All(pod => pod.Status["phase"]?.Text is not (null or "Pending"));
    }

    private bool KarpenterNodes() => world.Store.List(Ec2Types.Instance).Any(known =>
        Instance.Of(known) is { IsAlive: true } alive && alive.NodeTemplate.Count == 0);
}
