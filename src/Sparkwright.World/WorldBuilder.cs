using Sparkwright.Kubernetes.Admission;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Schema;
using Sparkwright.Kubernetes.Store;
using Sparkwright.Simulation;
using Sparkwright.Simulation.Metrics;
using Sparkwright.World.Aws;
using Sparkwright.World.Aws.Api;
using Sparkwright.World.Aws.Eks;
using Sparkwright.World.Aws.Logs;
using Sparkwright.World.Controllers;
using Sparkwright.World.Ec2;
using Sparkwright.World.Ec2.Api;
using Sparkwright.World.Emr;
using Sparkwright.World.Emr.Api;
using Sparkwright.World.Karpenter;
using Sparkwright.World.Karpenter.Apis;
using Sparkwright.World.Karpenter.Provisioning;
using Sparkwright.World.Nodes;
using Sparkwright.World.Scenarios;
using Sparkwright.World.Scheduling;
using Sparkwright.World.Spark;
using Sparkwright.World.YuniKorn;
using Sparkwright.World.YuniKorn.Admission;
using Sparkwright.World.YuniKorn.Cycle;

namespace Sparkwright.World;

/// <summary>The one place that puts a world together: which kinds there are, which rules hold, who acts, and in which order they are built.</summary>
public static class WorldBuilder
{
    private static readonly Lazy<ResourceTypes> Served = new(() => new ResourceTypes(
    [
        .. Ec2Types.All, .. FaultTypes.All, .. S3Types.All, .. LogTypes.All, .. SqsTypes.All, CallFailures.Type, .. IamTypes.All, .. SparkTypes.All, .. EmrTypes.All, .. NodeTypes.All, .. EksTypes.All,
        .. KarpenterTypes.Internal, PodGarbageCollector.MissingNode, EbsProvisioner.Creation, ScheduledObjects.Type, DrawOrder.Type, .. YuniKornTypes.All, .. Blueprint.PlatformTypes.All,
    ]));

    /// <summary>Every kind of every world.</summary>
    public static ResourceTypes ServedTypes => Served.Value;

    /// <summary>How versions that are served but not stored are read and written; it knows no world.</summary>
    public static IVersionConversion Conversion { get; } = new BuiltInVersions(new V1Beta1Conversion());

    /// <param name="blobs">Where bodies of S3 objects and logs lie; null for memory.</param>
    public static World Build(WorldSettings settings, IBlobs? blobs = null) => new(settings, blobs ?? new MemoryBlobs());

    /// <summary>A world that goes on from where its record ends.</summary>
    public static World Resume(WorldSettings settings, WorldRecord record, IBlobs? blobs = null) => new(settings, blobs ?? new MemoryBlobs(), record);

    /// <summary>Builds everything that acts over a store, be it empty or loaded from a journal.</summary>
    internal static WorldParts Assemble(World world, Clock clock, ObjectStore store)
    {
        var settings = world.Settings;
        var loop = new EventLoop(clock);
        var rules = CoreRules.Table();
        var api = new ApiServer(store, clock, world.Chance) { Defaults = rules.Defaulted };
        var figures = settings.Figures.InOrder(new DrawOrder(api).Of);
        var hasYuniKorn = settings.Components.Contains("yunikorn");
        if (hasYuniKorn)
        {
            api.AddAdmission(new YuniKornAdmission(store).Admit);
        }

        api.AddAdmission(new PodPriority(store).Admit);
        rules.Add(KarpenterTypes.Provisioner, new ProvisionerRules());
        rules.Add(KarpenterTypes.AwsNodeTemplate, new AwsNodeTemplateRules());
        rules.Add(KarpenterTypes.NodePool, new NodePoolRules());
        rules.Add(KarpenterTypes.NodeClaim, new NodeClaimRules());
        rules.Add(KarpenterTypes.Ec2NodeClass, new Ec2NodeClassRules());
        var limitRanges = new LimitRanges(store);
        rules.AddCompletion(limitRanges.Complete);
        api.AddAdmission(rules.Admit);
        api.AddAdmission(limitRanges.Admit);
        api.AddAdmission(new StorageAdmission(store).Admit);
        api.AddAdmission(new ClaimGrowth(store).Admit);
        api.AddAdmission(new ServiceAccountAdmission(store, world.Chance).Admit);

        var versions = new CustomVersions(world.Types, Conversion);
        var manifests = new Manifests(api, world.Types, versions);
        var scheduled = new ScheduledObjects(loop, api, document => AppliedDocument.Of(document, manifests.Apply(document)));
        _ = new NodeBoot(loop, api, settings.KubernetesVersion, settings.Figures);
        _ = new CustomDefinitionController(loop, api, world.Types);
        _ = new BuiltInControllers(loop, api, world.Types.All, new ControllerSettings { Trust = settings.Trust });

        var ec2 = new Ec2Cloud(api, Ec2Catalogue.ForRegion(settings.Region), figures);
        var interruptions = new Interruptions(api, new MessageQueues(api), new AwsPlace(settings.Region, settings.Account), settings.ClusterName);
        _ = new InstanceLifecycle(loop, api, ec2.Catalogue, figures, interruptions);
        _ = new ManagedNodeGroups(loop, api, ec2);
        _ = new CloudNodeLifecycle(loop, api);
        _ = new EbsProvisioner(loop, api, settings.Figures, settings.Region);
        _ = new EbsResizer(loop, api, settings.Figures);
        _ = new FileSystemGrowth(loop, api);
        _ = new EbsNodes(loop, api);
        _ = new VolumeAttachments(loop, api, settings.Figures);
        var kubelet = new Kubelet(
            loop, api, figures, new NodeFiles(ec2), [new SubmitterProgram(store), new SparkProgram(api, figures), new ShellProgram()]);

        var (s3, logs, iam) = (new S3(api, world.Blobs), new LogGroups(api, world.Blobs), new Iam(api));
        var emrSettings = new EmrSettings(settings.Region, settings.Account, settings.ClusterName);
        var emrAccess = new EmrAccess(store, world.AwsAuth, settings.Account);
        var emrResources = new EmrResources(api, emrSettings);
        var clusters = new VirtualClusters(api, emrSettings, emrAccess, emrResources);
        var templates = new JobTemplates(api, emrResources);
        var endpoints = new ManagedEndpoints(loop, api, emrAccess, emrResources, emrSettings, figures);
        _ = new VirtualClusterRemoval(loop, api, emrAccess, figures);
        var emr = new EmrContainers(api, emrSettings, figures, clusters, templates);
        var rights = new JobRights(store, iam, emrSettings, world.OidcIssuer);
        _ = new JobRuns(loop, api, emrSettings, figures, emrAccess, new Emr.Submission(api, emrSettings, s3, rights)) { PodEndsAreKnown = kubelet.Recheck };
        if (settings.SendsJobLogs)
        {
            _ = new JobLogs(loop, api, s3, logs, rights, kubelet.OutputOf);
        }

        _ = new SparkDrivers(loop, api, figures) { PodEndsAreKnown = kubelet.Recheck };
        if (settings.Components.Contains("scheduler"))
        {
            _ = new DefaultScheduler(loop, api);
        }

        var yuniKorn = hasYuniKorn ? new YuniKornScheduler(loop, api) : null;
        var plans = new PlanFeed();
        MetricRegistry? karpenterMetrics = null;
        if (settings.Components.Contains("karpenter"))
        {
            var memory = new KarpenterMemory(api);
            var karpenter = new LiveSettings(api, new KarpenterSettings
            {
                ClusterName = settings.ClusterName,
                DefaultInstanceProfile = $"KarpenterNodeInstanceProfile-{settings.ClusterName}",
                InterruptionQueue = settings.ClusterName,
            });
            karpenterMetrics = KarpenterControllers.Start(loop, api, memory, ec2, karpenter, plans, settings.Region);
        }

        var eks = new EksService(api, new EksSettings(
            settings.Region,
            settings.Account,
            settings.ClusterName,
            settings.KubernetesVersion,
            world.OidcIssuer,
            settings.Trust?.RootCertificate,
            settings.Blueprint?.HasPublicEndpoint ?? true,
            ServiceController.DefaultRange));
        AwsService[] services =
        [
            new EmrService(
                new VirtualClusterCalls(store, clusters),
                new JobRunCalls(emr, clusters),
                new JobTemplateCalls(store, templates),
                new EndpointCalls(api, endpoints, clusters),
                new SecurityConfigurationCalls(api, emrResources),
                new TagCalls(store, emrSettings, emrResources),
                new CallQuotas(clock, settings.EmrQuotas)).Service(),
            eks.Service(),
            new Ec2Service(api, ec2, interruptions, new AwsPlace(settings.Region, settings.Account), settings.ClusterName).Service(),
            new ImageParameters(api, ec2, settings.Region, settings.KubernetesVersion).Service(),
            new FaultInjection(api, new SpotExperiments(loop, api, interruptions), new AwsPlace(settings.Region, settings.Account)).Service(),
            new IamService(api, iam, settings.Account).Service(),
            new SecurityTokens(iam, settings.Account, world.OidcIssuer).Service(),
            new PrometheusWorkspaces(api, settings.Region, settings.Account, settings.Blueprint?.PrometheusWorkspace).Service(),
            GrafanaWorkspaces.Service(),
            new LogsService(logs, settings.Region, settings.Account).Service(),
        ];
        return new WorldParts(clock, loop, store, api, manifests, new ResourceRequests(api, world.Types, versions), scheduled, ec2, interruptions, s3, logs, iam, emr, eks, services, yuniKorn, plans, karpenterMetrics, kubelet);
    }

    /// <summary>What a new world has before anything happens.</summary>
    internal static void Furnish(World world)
    {
        if (world.Settings.Blueprint is { } blueprint)
        {
            BlueprintPlatform.Furnish(world, blueprint);
        }
        else if (world.Settings.IsEmptyAccount)
        {
            BarePlatform.FurnishAccount(world.Api, world.Settings);
            new PlatformState(world).KeepSource(null);
        }
        else
        {
            BarePlatform.Furnish(world.Api, world.Settings);
        }
    }
}

/// <summary>What a world is made of at present; a rebuild makes new ones.</summary>
internal sealed record WorldParts(
    Clock Clock, EventLoop Loop, ObjectStore Store, ApiServer Api, Manifests Manifests, ResourceRequests Requests, ScheduledObjects Scheduled, Ec2Cloud Ec2, Interruptions Interruptions, S3 S3, LogGroups Logs, Iam Iam, EmrContainers Emr, EksService Eks, IReadOnlyList<AwsService> AwsServices, YuniKornScheduler? YuniKorn, PlanFeed Plans, MetricRegistry? KarpenterMetrics,
    Kubelet Kubelet);
