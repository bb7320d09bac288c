using Sparkwright.Kubernetes.Authentication;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Schema;
using Sparkwright.Kubernetes.Store;
using Sparkwright.Simulation;
using Sparkwright.Simulation.Metrics;
using Sparkwright.World.Aws;
using Sparkwright.World.Aws.Api;
using Sparkwright.World.Aws.Eks;
using Sparkwright.World.Aws.Logs;
using Sparkwright.World.Ec2;
using Sparkwright.World.Emr;
using Sparkwright.World.Emr.Api;
using Sparkwright.World.Insight;
using Sparkwright.World.Nodes;
using Sparkwright.World.Scenarios;
using Sparkwright.World.YuniKorn.Cycle;
using Sparkwright.World.YuniKorn.Rest;

namespace Sparkwright.World;

/// <summary>
/// One simulated platform: a clock, a loop, a store, and everything that acts in it. Whatever it knows is in the store, so that it can be
/// rebuilt from a journal at any moment.
/// </summary>
public sealed class World
{
    private WorldSettings settings;

    internal World(WorldSettings settings, IBlobs blobs)
    {
        this.settings = settings;
        Blobs = blobs;
        Chance = new Chance(settings.Seed);
        Types = WorldBuilder.ServedTypes.Copy();
        Parts = Assemble(new Clock(settings.StartTime), new ObjectStore());
        WorldBuilder.Furnish(this);
    }

    internal World(WorldSettings settings, IBlobs blobs, WorldRecord record)
    {
        this.settings = settings;
        Blobs = blobs;
        Chance = new Chance(settings.Seed);
        Types = WorldBuilder.ServedTypes.Copy();
        Parts = Assemble(record);
    }

    /// <summary>Told after the world was rebuilt: the store, the loop and all parts are new ones.</summary>
    public event Action? Rebuilt;

    public WorldSettings Settings => settings;

    public Chance Chance { get; }

    public ResourceTypes Types { get; }

    /// <summary>The URL of the cluster's OIDC provider, as EKS gives one to each cluster.</summary>
    public string OidcIssuer => OidcIssuerOf(Settings.ClusterName);

    /// <summary>What <see cref="OidcIssuer"/> is for a cluster of a name.</summary>
    public string OidcIssuerOf(string cluster) => $"https://oidc.eks.{Settings.Region}.amazonaws.com/id/{Chance.For("eks/oidc", cluster).Hex(32).ToUpperInvariant()}";

    public Clock Clock => Parts.Clock;

    public EventLoop Loop => Parts.Loop;

    public ObjectStore Store => Parts.Store;

    public ApiServer Api => Parts.Api;

    /// <summary>The writing verbs of the API as clients outside ask for them.</summary>
    public ResourceRequests Requests => Parts.Requests;

    public S3 S3 => Parts.S3;

    /// <summary>CloudWatch Logs.</summary>
    public LogGroups Logs => Parts.Logs;

    public Iam Iam => Parts.Iam;

    /// <summary>Which users of the cluster AWS principals are.</summary>
    public AwsAuth AwsAuth => new(
        $"arn:aws:iam::{Settings.Account}:user/{Aws.Iam.AdminUser}", instance => Store.Get(Ec2Types.Instance, "", instance)?.Spec["privateDnsName"]?.Text);

    public EmrContainers Emr => Parts.Emr;

    public EksService Eks => Parts.Eks;

    /// <summary>The AWS services as their APIs have them, S3 apart, which <see cref="S3"/> is.</summary>
    public IReadOnlyList<AwsService> AwsServices => Parts.AwsServices;

    /// <summary>The YuniKorn scheduler, where the platform has it.</summary>
    public YuniKornScheduler? YuniKorn => Parts.YuniKorn;

    /// <summary>Bodies of S3 objects and logs; they outlive a rebuild, as a disk does.</summary>
    internal IBlobs Blobs { get; }

    internal WorldParts Parts { get; private set; }

    /// <summary>Applies a manifest as client-side <c>kubectl apply</c> does; one with a create-at annotation is checked now and created later.</summary>
    public AppliedDocument Apply(Tree document)
    {
        if (document.At("metadata", "annotations", ScheduledObjects.Annotation)?.Text is not { } delay)
        {
            return AppliedDocument.Of(document, Parts.Manifests.Apply(document));
        }

        if (!Kubernetes.Quantities.GoDuration.TryParse(delay, out var after) || after < TimeSpan.Zero)
        {
            return AppliedDocument.Of(document, Parts.Manifests.Check(document) with
            {
                Answer = new ApiResult.Refused(new ApiStatus(
                    422, "Invalid", $"metadata.annotations[{ScheduledObjects.Annotation}]: Invalid value: \"{delay}\": must be a duration such as 30s")),
            });
        }

        var verdict = AppliedDocument.Of(document, Parts.Manifests.Check(document));
        if (verdict.IsAccepted)
        {
            Parts.Scheduled.Add(document, after);
        }

        return verdict.IsAccepted ? verdict with { Status = 202 } : verdict;
    }

    /// <summary>The object that a manifest stands for, in the version in which it is stored and without defaults; or why it cannot be read.</summary>
    public (ApiObject? Read, string? Refusal) ReadManifest(Tree document)
    {
        var (read, refusal) = Parts.Manifests.Decode(document);
        return (read, refusal?.Message);
    }

    /// <summary>The object that a manifest would leave behind if it were applied now; null when that would be refused.</summary>
    public ApiObject? Preview(Tree document) => Parts.Manifests.Apply(document, dryRun: true).Answer.Object;

    public ResourceType? FindType(ObjectTarget target) =>
        target.ApiVersion is { } version ? Types.Find(version, target.Kind) : Types.FindByKind(target.Kind);

    /// <summary>Changes an object by a JSON merge patch, as a user would.</summary>
    public ApiResult Patch(ResourceType type, ObjectKey key, TreeMap change, bool isResize = false) => Parts.Manifests.Patch(type, key, change, isResize);

    /// <summary>The components that have metrics.</summary>
    public static IReadOnlyList<string> MetricComponents { get; } = ["karpenter", "kube-apiserver", "kube-scheduler", "kube-state-metrics", "sparkwright", "yunikorn"];

    /// <summary>
    /// The metrics of one of <see cref="MetricComponents"/> as its own <c>/metrics</c> would show them now; none of one that the platform does not have.
    /// </summary>
    public IReadOnlyList<MetricFamily> Metrics(string component) => component switch
    {
        "karpenter" => Parts.KarpenterMetrics?.Read() ?? [],
        "kube-apiserver" => ClusterMetrics.ApiServer(Store, Types.Served.Where(served => !served.IsInternal).Select(served => served.Type)),
        "kube-scheduler" => settings.Components.Contains("scheduler") ? ClusterMetrics.Scheduler(Store) : [],
        "kube-state-metrics" => ClusterMetrics.KubeState(Store),
        "sparkwright" => ClusterMetrics.Account(Store, Clock.Now),
        "yunikorn" => YuniKorn is { } scheduler ? YuniKornMetrics.Read(scheduler) : [],
        _ => [],
    };

    /// <summary>All that a run of a container writes, as far as that is known, what is still to come included.</summary>
    public IReadOnlyList<LogLine> OutputOf(ApiObject pod, TreeMap container, ContainerRun run) => Parts.Kubelet.OutputOf(pod, container, run);

    /// <summary>Every EC2 instance that ever was, as snapshots show it.</summary>
    public IReadOnlyList<TreeMap> Instances() => [.. Store.List(Ec2Types.Instance).Select(known => Instance.Of(known).Snapshot())];

    /// <summary>What scheduled objects were refused when their time came.</summary>
    public IEnumerable<string> LateRefusals() =>
        Store.List(ScheduledObjects.Type).Select(waiting => waiting.Status["refusal"]?.Text).OfType<string>();

    /// <summary>
    /// Goes on under other settings, as an account does whose cluster has just been made: all parts are built anew over what the store holds.
    /// Not to be called from within a turn of the loop.
    /// </summary>
    public void Become(WorldSettings wanted)
    {
        settings = wanted;
        var version = Store.ResourceVersion;
        Parts = Assemble(new WorldRecord(Store.InWriteOrder(), version, Clock.Start, Clock.Now));
        Invariant.Holds(Store.ResourceVersion == version, "building parts over a store writes nothing, which nobody would hear of");
        Rebuilt?.Invoke();
    }

    /// <summary>
    /// Forgets everything but the journal (as text, so that nothing in memory slips through) and goes on from there, as a restarted process does.
    /// </summary>
    public void RebuildFromJournal()
    {
        var journal = Store.InWriteOrder().Select(known => (known.Type, Text: known.ToTree().ToString())).ToList();
        Parts = Assemble(new WorldRecord(
            [.. journal.Select(line => ApiObject.From(line.Type, (TreeMap)TreeJson.Parse(line.Text)))], Store.ResourceVersion, Clock.Start, Clock.Now));
        Rebuilt?.Invoke();
    }

    private WorldParts Assemble(WorldRecord record)
    {
        var store = new ObjectStore();
        store.Load(record.Objects, record.ResourceVersion);
        return Assemble(Clock.Resumed(record.Start, record.Now), store);
    }

    private WorldParts Assemble(Clock clock, ObjectStore store) => WorldBuilder.Assemble(this, clock, store);
}

/// <summary>All that a world needs to go on after its process has ended.</summary>
/// <param name="Objects">In the order of their last writes.</param>
/// <param name="Start">When the world began, UTC.</param>
/// <param name="Now">World time at the last write, UTC.</param>
public sealed record WorldRecord(IReadOnlyList<ApiObject> Objects, long ResourceVersion, DateTime Start, DateTime Now);

/// <summary>What a world is made with.</summary>
public sealed record WorldSettings
{
    /// <summary>The epoch of virtual worlds.</summary>
    public static DateTime Epoch { get; } = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    public long Seed { get; init; } = 1;

    public DateTime StartTime { get; init; } = Epoch;

    public string ClusterName { get; init; } = "sparkwright";

    public string Region { get; init; } = "us-west-2";

    /// <summary>The twelve digits of the simulated AWS account.</summary>
    public string Account { get; init; } = "111122223333";

    /// <summary>karpenter, scheduler, yunikorn.</summary>
    public IReadOnlyList<string> Components { get; init; } = ["karpenter", "scheduler"];

    /// <summary>What kubelets report and DescribeCluster says.</summary>
    public string KubernetesVersion { get; init; } = "1.33";

    public ModelFigures Figures { get; init; } = new();

    /// <summary>What a served cluster's clients trust; null where nobody checks certificates or comes with tokens.</summary>
    public ClusterTrust? Trust { get; init; }

    /// <summary>
    /// Whether the logs of job runs go where their monitoring asks. What reads them there is outside, so virtual worlds, which nobody looks into,
    /// spare the writes.
    /// </summary>
    public bool SendsJobLogs { get; init; }

    /// <summary>How many calls of emr-containers the account may make; null for as many as anybody likes.</summary>
    public EmrQuotas? EmrQuotas { get; init; }

    /// <summary>The platform to bring up; null is the bare one.</summary>
    public Blueprint.PlatformBlueprint? Blueprint { get; init; }

    /// <summary>Whether a world without a blueprint begins as an account with nothing in it, and not as the bare platform.</summary>
    public bool IsEmptyAccount { get; init; }

    /// <summary>The settings with which a blueprint's platform is brought up.</summary>
    public static WorldSettings For(Blueprint.PlatformBlueprint blueprint, long seed) =>
        new WorldSettings { Seed = seed, Region = blueprint.Region }.With(blueprint);

    /// <summary>These settings for a platform whose blueprint is this one; a blueprint without a cluster leaves the names of an account that has none.</summary>
    public WorldSettings With(Blueprint.PlatformBlueprint blueprint)
    {
        var unset = new WorldSettings();
        return this with
        {
            Components = blueprint.HasYuniKorn ? ["karpenter", "scheduler", "yunikorn"] : ["karpenter", "scheduler"],
            ClusterName = blueprint.ClusterName.Length == 0 ? unset.ClusterName : blueprint.ClusterName,
            KubernetesVersion = blueprint.KubernetesVersion.Length == 0 ? unset.KubernetesVersion : blueprint.KubernetesVersion,
            Figures = ModelFigures.With(new ModelFigures(), blueprint.Model).Figures,
            EmrQuotas = blueprint.EmrQuotas is { } quotas ? new EmrQuotas(quotas.Burst, quotas.StartJobRun, quotas.DescribeJobRun, quotas.Read, quotas.Write) : null,
            Blueprint = blueprint,
        };
    }
}
