using System.Collections.Immutable;
using Sparkwright.Kubernetes.Authentication;
using Sparkwright.Kubernetes.Authorization;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Server.AwsApi;
using Sparkwright.Server.Dashboard;
using Sparkwright.Server.KubernetesApi;
using Sparkwright.Server.Pacing;
using Sparkwright.Server.Provisioning;
using Sparkwright.Server.Storage;
using Sparkwright.Server.YuniKornApi;
using Sparkwright.World;
using Sparkwright.World.Blueprint;
using Sparkwright.World.Karpenter.Apis;

namespace Sparkwright.Server;

/// <summary>What <c>up</c> serves and how.</summary>
/// <param name="Blueprint">Null for an empty account.</param>
/// <param name="Speed">Seconds of world time in one of wall time.</param>
/// <param name="InMemory">Whether nothing of the world survives the process.</param>
public sealed record PlatformSettings(PlatformBlueprint? Blueprint, string DataDirectory, double Speed, bool InMemory, bool SurvivesPowerLoss, ServicePorts Ports, long Seed);

/// <summary>The loopback ports of a platform's servers; 0 for any free one.</summary>
/// <param name="Aws">All AWS services.</param>
/// <param name="Dashboard">Where Prometheus finds the components' metrics.</param>
/// <param name="YuniKorn">YuniKorn's web service.</param>
public sealed record ServicePorts(int Kubernetes, int Aws, int Dashboard, int YuniKorn);

/// <summary>A world that is served: its engine, its journal, and the APIs in front of it.</summary>
public sealed class Platform : IAsyncDisposable
{
    /// <summary>What a platform needs from its first object to its core nodes' being Ready.</summary>
    private static readonly TimeSpan BuildTime = TimeSpan.FromMinutes(15);

    private readonly DataDirectory directory;
    private readonly Journal? journal;
    private readonly DiskBlobs blobs;
    private readonly CommitQueue commits;
    private readonly Engine engine;
    private readonly IReadOnlyList<LoopbackServer> servers;

    private Platform(DataDirectory directory, Journal? journal, DiskBlobs blobs, CommitQueue commits, Engine engine, IReadOnlyList<LoopbackServer> servers, TreeMap endpoints, bool isAsWished)
    {
        this.directory = directory;
        this.journal = journal;
        this.blobs = blobs;
        this.commits = commits;
        this.engine = engine;
        this.servers = servers;
        Endpoints = endpoints;
        IsAsWished = isAsWished;
    }

    /// <summary>Where everything listens, as <c>up</c> prints it and <c>env</c> reads it.</summary>
    public TreeMap Endpoints { get; }

    /// <summary>Whether the platform is of the blueprint that it was started with: one that goes on from its journal keeps what was applied to it.</summary>
    public bool IsAsWished { get; }

    /// <summary>Completes when the platform cannot go on, with the reason.</summary>
    public Task Ended => Task.WhenAny(engine.Ended, commits.Ended).Unwrap();

    /// <summary>Brings a platform up, anew or from where its journal ends; <see cref="JournalException"/> when that is not possible.</summary>
    public static async Task<Platform> Start(PlatformSettings settings)
    {
        var directory = DataDirectory.Open(settings.DataDirectory);
        Journal? journal = null;
        DiskBlobs? blobs = null;
        CommitQueue? commits = null;
        Engine? engine = null;
        var servers = new List<LoopbackServer>();
        try
        {
            journal = settings.InMemory ? null : Journal.Open(directory.JournalFile, settings.SurvivesPowerLoss);
            var authority = directory.Authority();
            var trust = new ClusterTrust(authority.ExportCertificatePem() + "\n", directory.TokenKey());
            blobs = new DiskBlobs(System.IO.Path.Combine(directory.Path, "blobs"));
            var world = Open(settings, journal, trust, blobs);
            blobs.KeepOnly(world.S3.Blobs.Concat(world.Logs.Blobs));
            var hub = new WatchHub();
            commits = new CommitQueue(journal, hub.Publish);
            engine = new Engine(world, new Pace(world.Clock.Now, settings.Speed, TimeProvider.System), commits);
            engine.Start();
            await engine.Ask(served =>
            {
                BootstrapRoles.Ensure(served.Api);
                KarpenterDefinitions.Ensure(served.Api, served.Types);
                return true;
            }).ConfigureAwait(false);
            var access = new PlatformAccess(directory, engine, authority);
            await access.Admit().ConfigureAwait(false);
            var kubernetes = await KubernetesServer.Start(
                settings.Ports.Kubernetes, engine, hub, world.Types, () => world.Settings.KubernetesVersion, access.Users, authority, trust, () => world.OidcIssuer).ConfigureAwait(false);
            servers.Add(kubernetes);
            var (kubeconfig, credentials) = await Open(access, engine, kubernetes.Address).ConfigureAwait(false);
            var signatures = new SignatureCheck(engine, world.Settings.Region, TimeProvider.System);
            var s3 = S3Handler.Create(engine, blobs, signatures, world.Settings.Region, TimeProvider.System);
            var aws = await LoopbackServer.Start(
                settings.Ports.Aws, new AwsHandler(engine, world.AwsServices, signatures, s3, trust.Key, TimeProvider.System).Handle, AwsHandler.Refuse).ConfigureAwait(false);
            servers.Add(aws);
            var provisioning = new PlatformHandler(engine, access.Users, async () =>
            {
                await access.Admit().ConfigureAwait(false);
                await Open(access, engine, kubernetes.Address).ConfigureAwait(false);
            });
            var dashboard = await LoopbackServer.Start(settings.Ports.Dashboard, new DashboardHandler(engine, provisioning).Handle, Answers.Text).ConfigureAwait(false);
            servers.Add(dashboard);
            var yuniKorn = await LoopbackServer.Start(settings.Ports.YuniKorn, new YuniKornHandler(engine).Handle, YuniKornHandler.Refuse).ConfigureAwait(false);
            servers.Add(yuniKorn);
            var endpoints = TreeMap.Of(
                ("awsCredentials", credentials),
                ("awsShim", AwsShim.Write(directory.Path, aws.Address)),
                ("endpoints", TreeMap.Of(
                    ("aws", aws.Address.GetLeftPart(UriPartial.Authority)),
                    ("dashboard", dashboard.Address.GetLeftPart(UriPartial.Authority)),
                    ("kubernetes", kubernetes.Address.GetLeftPart(UriPartial.Authority)),
                    ("yunikorn", yuniKorn.Address.GetLeftPart(UriPartial.Authority)))),
                ("kubeconfig", kubeconfig),
                ("ready", true),
                ("region", world.Settings.Region));
            directory.Announce(endpoints);
            var applied = await engine.Ask(static served => new PlatformState(served).Files).ConfigureAwait(false);
            var wished = settings.Blueprint?.Files ?? ImmutableSortedDictionary<string, string>.Empty;
            return new Platform(directory, journal, blobs, commits, engine, servers, endpoints, wished.Count == applied.Count && wished.All(file => applied.GetValueOrDefault(file.Key) == file.Value));
        }
        catch
        {
            foreach (var server in servers)
            {
                await server.DisposeAsync().ConfigureAwait(false);
            }

            await (engine?.DisposeAsync() ?? ValueTask.CompletedTask).ConfigureAwait(false);
            await (commits?.DisposeAsync() ?? ValueTask.CompletedTask).ConfigureAwait(false);
            blobs?.Dispose();
            journal?.Dispose();
            directory.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(servers.Select(server => server.DisposeAsync().AsTask())).ConfigureAwait(false);
        await engine.DisposeAsync().ConfigureAwait(false);
        await commits.DisposeAsync().ConfigureAwait(false);
        blobs.Dispose();
        journal?.Dispose();
        directory.Dispose();
    }

    /// <summary>Says where the cluster's API is, to EKS and in the files that clients read.</summary>
    private static async Task<(string Kubeconfig, string Credentials)> Open(PlatformAccess access, Engine engine, Uri address)
    {
        await engine.Ask(served =>
        {
            served.Eks.ServeAt(address);
            return true;
        }).ConfigureAwait(false);
        return await access.Write(address).ConfigureAwait(false);
    }

    private static World.World Open(PlatformSettings settings, Journal? journal, ClusterTrust trust, DiskBlobs blobs)
    {
        var now = DateTime.UtcNow;
        var start = new DateTime(now.Ticks - (now.Ticks % TimeSpan.TicksPerSecond), DateTimeKind.Utc) - BuildTime;
        var wanted = (settings.Blueprint is { } blueprint ? WorldSettings.For(blueprint, settings.Seed) : new WorldSettings { Seed = settings.Seed, IsEmptyAccount = true })
            with { StartTime = start, Trust = trust, SendsJobLogs = true };
        if (journal?.Load(WorldBuilder.ServedTypes) is { } record)
        {
            return PlatformState.Resume(wanted, record, blobs);
        }

        var world = WorldBuilder.Build(wanted, blobs);
        world.Loop.RunUntil(start + BuildTime);
        journal?.Begin(world, []);
        return world;
    }
}
