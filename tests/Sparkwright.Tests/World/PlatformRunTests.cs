using Sparkwright.Kubernetes.Objects;
using Sparkwright.Tests.Blueprint;
using Sparkwright.World;
using Sparkwright.World.Aws;
using Sparkwright.World.Aws.Eks;
using Sparkwright.World.Blueprint;
using Sparkwright.World.Ec2;
using Sparkwright.World.Emr;

namespace Sparkwright.Tests.World;

/// <summary>A platform that is built, changed and taken down while it lives.</summary>
public sealed class PlatformRunTests
{
    private static readonly PlatformBlueprint BuiltIn = BlueprintReaderTests.Read(BlueprintReaderTests.BuiltInText).Blueprint!;

    [Fact]
    public void An_empty_account_becomes_the_platform_and_an_empty_account_again()
    {
        var world = Empty();
        var before = Held(world);
        Assert.Empty(world.Store.List(EksTypes.Cluster));

        var events = Apply(world, BuiltIn);

        Assert.Equal(("emr-eks-karpenter", "1.24", true), (world.Settings.ClusterName, world.Settings.KubernetesVersion, world.YuniKorn is not null));
        Assert.Equal(3, world.Store.List(CoreTypes.Node).Count());
        Assert.All(world.Store.List(CoreTypes.Pod), static pod => Assert.Equal("Running", pod.Status["phase"]?.Text));
        Assert.NotNull(world.Emr.FindVirtualCluster("emr-eks-karpenter-emr-data-team-a"));
        Assert.Equal(
            ["network", "cluster", "teams", "observability", "addons"],
            events.Where(static one => one.Kind == PlatformEventKind.Started).Select(static one => PlatformModules.NameOf(one.Change.Resource.Module)).Distinct());
        Assert.Contains(events, static one => one is { Kind: PlatformEventKind.Waiting, Message: "0 of 3 nodes are Ready" });
        Assert.Equal("", Say(Plan(world, BuiltIn)));

        Destroy(world);

        // The rights of EMR stay until it has taken away what is its own, or its virtual cluster would be ARRESTED.
        Assert.Equal(["TERMINATED"], world.Store.List(EmrTypes.VirtualCluster).Select(static cluster => cluster.Status["state"]?.Text));
        Assert.Equal(before, Held(world));
        Assert.Equal(new WorldSettings().ClusterName, world.Settings.ClusterName);
    }

    [Fact]
    public void A_platform_that_was_there_from_the_start_has_nothing_to_change_and_can_be_destroyed()
    {
        var world = WorldBuilder.Build(WorldSettings.For(BuiltIn, 1));
        world.Loop.RunUntil(world.Clock.Now.AddMinutes(15));
        Assert.Equal("", Say(Plan(world, BuiltIn)));
        world.RebuildFromJournal();
        Assert.Equal("", Say(Plan(world, BuiltIn)));
        Destroy(world);
        Assert.Equal(Held(Empty()), Held(world));
    }

    [Theory]
    //          in the blueprint                      becomes                                 what changes
    [InlineData("desiredSize: 3", "desiredSize: 4", "update aws_eks_node_group[core-node-group] desiredSize 3 → 4")]
    [InlineData("    minSize: 3\n    desiredSize: 3", "    minSize: 2\n    desiredSize: 2", "update aws_eks_node_group[core-node-group] desiredSize 3 → 2 minSize 3 → 2")]
    [InlineData("desiredSize: 3", "desiredSize: 3\n    # a remark", "")]
    [InlineData("labels: {WorkerType: ON_DEMAND, NodeGroupType: core}", "labels: {NodeGroupType: core, tier: gold}", "update aws_eks_node_group[core-node-group] labels.WorkerType \"ON_DEMAND\" →  labels.tier  → \"gold\"")]
    [InlineData("instanceType: m5.xlarge", "instanceType: m5.2xlarge", "replace aws_eks_node_group[core-node-group] instanceType \"m5.xlarge\" → \"m5.2xlarge\"")]
    [InlineData("  observability:", "  quotas:\n    emrContainers: {burst: 7}\n\n  observability:", "create aws_servicequotas_service_quota[emr-containers]")]
    [InlineData("  observability:", "  model: {nodeReady: 60s}\n\n  observability:", "create sparkwright_figures[model]")]
    [InlineData("natGateways: 1", "natGateways: 3", "update aws_vpc[emr-eks-karpenter] natGateways 1 → 3")]
    [InlineData("10.1.224.0/20", "10.1.240.0/20", "replace aws_subnet[public-us-west-2c] cidr \"10.1.224.0/20\" → \"10.1.240.0/20\"")]
    [InlineData("version: \"1.24\"", "version: \"1.25\"", "update aws_eks_cluster[emr-eks-karpenter] version \"1.24\" → \"1.25\"")]
    [InlineData("publicEndpoint: true", "publicEndpoint: false", "update aws_eks_cluster[emr-eks-karpenter] endpointPublicAccess true → false")]
    [InlineData("amp-ws-emr-eks-karpenter", "other", "create aws_prometheus_workspace[other]\ndelete aws_prometheus_workspace[amp-ws-emr-eks-karpenter]")]
    [InlineData("namespace: prometheus, image: prometheus:v2.39.1", "namespace: prometheus, image: prometheus:v2.40.0", "update kubernetes_manifest[Deployment/prometheus/prometheus-server] spec.template.spec.containers[0].image \"prometheus:v2.39.1\" → \"prometheus:v2.40.0\"")]
    [InlineData("  - name: emr-data-team-b\n    executionRole: emr-eks-karpenter-emr-eks-data-team-b\n", "", """
        update kubernetes_manifest[ConfigMap/kube-system/aws-auth] data.mapUsers …
        delete aws_iam_role[emr-eks-karpenter-emr-eks-data-team-b]
        delete kubernetes_manifest[RoleBinding/emr-data-team-b/emr-data-team-b]
        delete kubernetes_manifest[RoleBinding/emr-data-team-b/emr-containers]
        delete kubernetes_manifest[Role/emr-data-team-b/emr-containers]
        delete kubernetes_manifest[Namespace/emr-data-team-b]
        """)]
    [InlineData("  - name: emr-data-team-b\n    executionRole: emr-eks-karpenter-emr-eks-data-team-b\n", "  - name: emr-data-team-b\n    executionRole: emr-eks-karpenter-emr-eks-data-team-b\n    virtualCluster: b\n", "create aws_emrcontainers_virtual_cluster[b]\ncreate aws_cloudwatch_log_group[/emr-on-eks-logs/b]")]
    public void A_changed_blueprint_changes_only_what_differs(string before, string after, string changes)
    {
        Assert.Contains(before, BlueprintReaderTests.BuiltInText, StringComparison.Ordinal);
        var changed = BlueprintReaderTests.Read(BlueprintReaderTests.BuiltInText.Replace(before, after, StringComparison.Ordinal)).Blueprint!;
        var world = Whole();
        Assert.Equal(changes.TrimEnd('\n'), Say(Plan(world, changed)));

        Apply(world, changed);

        Assert.Equal("", Say(Plan(world, changed)));
        Assert.Equal((changed.EmrQuotas, changed.Model, changed.KubernetesVersion), (world.Settings.Blueprint!.EmrQuotas, world.Settings.Blueprint.Model, world.Settings.KubernetesVersion));
        world.Loop.RunUntil(world.Clock.Now.AddMinutes(2));
        Assert.All(world.Store.List(CoreTypes.Pod), static pod => Assert.Equal("Running", pod.Status["phase"]?.Text));
        world.RebuildFromJournal();
        Assert.Equal("", Say(Plan(world, changed)));
    }

    [Theory]
    //          file of the blueprint                        in it                becomes                what changes
    [InlineData("provisioners/spark-memory-optimized.yaml", "cpu: 1000", "cpu: 500", "update kubernetes_manifest[Provisioner/karpenter/spark-memory-optimized] spec.limits.resources.cpu")]
    [InlineData("queues.yaml", "binpacking", "fair", "update kubernetes_manifest[ConfigMap/yunikorn/yunikorn-configs] data[\"queues.yaml\"]")]
    public void A_changed_file_of_the_blueprint_changes_its_object(string file, string before, string after, string change)
    {
        Assert.Contains(before, BuiltInBlueprint.ReadFile(file)!, StringComparison.Ordinal);
        var changed = BlueprintReader.Read(BuiltInBlueprint.FileName, BlueprintReaderTests.BuiltInText, path =>
            path == file ? BuiltInBlueprint.ReadFile(path)!.Replace(before, after, StringComparison.Ordinal) : BuiltInBlueprint.ReadFile(path)).Blueprint!;
        var world = Whole();
        Assert.StartsWith(change, Assert.Single(Say(Plan(world, changed)).Split('\n')), StringComparison.Ordinal);
        Apply(world, changed);
        Assert.Equal("", Say(Plan(world, changed)));
    }

    [Fact]
    public void What_somebody_has_changed_by_hand_is_shown_and_mended_and_what_others_add_is_left()
    {
        var world = Whole();
        Patch("Provisioner", "", "spark-compute-optimized", "{spec: {limits: {resources: {cpu: '10'}}, weight: 7}}");
        Patch("Deployment", "prometheus", "prometheus-server", "{spec: {replicas: 0}, metadata: {labels: {mine: 'yes'}}}");
        world.Api.Delete(CoreTypes.ConfigMap, new ObjectKey("kube-system", "aws-auth"));
        world.Iam.FindRole("arn:aws:iam::111122223333:role/emr-eks-karpenter-emr-eks-data-team-b");
        world.Api.Modify(IamTypes.Role, new ObjectKey("", "emr-eks-karpenter-emr-eks-data-team-b"), static role => role.Set(["spec", "assumeRolePolicyDocument"], "{\"Statement\": []}"));
        var plan = Plan(world, BuiltIn);
        Assert.Equal(
            [
                "create kubernetes_manifest[ConfigMap/kube-system/aws-auth]",
                "update aws_iam_role[emr-eks-karpenter-emr-eks-data-team-b]",
                "update kubernetes_manifest[Deployment/prometheus/prometheus-server]",
                "update kubernetes_manifest[Provisioner/karpenter/spark-compute-optimized]",
            ],
            plan.Changes.Select(static change => $"{PlanJson.NameOf(change.Kind)} {change.Resource.Type}[{change.Resource.Key}]"));

        Apply(world, BuiltIn);

        Assert.Equal("", Say(Plan(world, BuiltIn)));
        Assert.Equal(7, world.Store.Get(world.Types.FindByKind("Provisioner")!, "", "spark-compute-optimized")!.Spec["weight"]!.Integer);
        Assert.Equal("yes", world.Store.Get(CoreTypes.Deployment, "prometheus", "prometheus-server")!.Metadata.Label("mine"));

        void Patch(string kind, string space, string name, string change) =>
            Assert.True(world.Patch(world.Types.FindByKind(kind)!, new ObjectKey(space, name), (TreeMap)Yaml.Read(change)).IsAccepted);
    }

    [Theory]
    //          built alone  what comes with it
    [InlineData(PlatformModule.Network, "network")]
    [InlineData(PlatformModule.Teams, "network cluster teams")]
    [InlineData(PlatformModule.Observability, "observability")]
    [InlineData(PlatformModule.Addons, "network cluster addons")]
    public void A_module_is_built_with_what_it_needs(PlatformModule module, string built)
    {
        var world = Empty();
        Assert.Equal(built, Modules(Plan(world, BuiltIn, module)));
        Apply(world, BuiltIn, module);
        Assert.Equal("", Say(Plan(world, BuiltIn, module)));
    }

    [Theory]
    //          taken down alone  what goes with it
    [InlineData(PlatformModule.Network, "addons teams cluster network")]
    [InlineData(PlatformModule.Cluster, "addons teams cluster")]
    [InlineData(PlatformModule.Teams, "teams")]
    [InlineData(PlatformModule.Addons, "addons")]
    public void A_module_is_taken_down_with_what_needs_it(PlatformModule module, string gone)
    {
        var world = Whole();
        Assert.Equal(gone, Modules(PlatformPlan.ToDestroy(new PlatformState(world).Known([]), [module])));
        Destroy(world, module);
        Assert.Equal(string.Join(' ', gone.Split(' ').Reverse()), Modules(Plan(world, BuiltIn)));
        Apply(world, BuiltIn);
        Assert.Equal("", Say(Plan(world, BuiltIn)));
    }

    [Fact]
    public void A_job_run_that_has_not_ended_stands_against_its_virtual_clusters_end()
    {
        var world = Whole();
        var id = world.Emr.FindVirtualCluster("emr-eks-karpenter-emr-data-team-a")!;
        Assert.IsType<EmrResult.Done>(world.Emr.StartJobRun(Yaml.Read($$"""
            {virtualClusterId: {{id}}, clientToken: one, executionRoleArn: 'arn:aws:iam::111122223333:role/emr-eks-karpenter-emr-eks-data-team-a',
             releaseLabel: emr-6.7.0-latest, jobDriver: {sparkSubmitJobDriver: {entryPoint: 's3://jobs/one.py'} } }
            """)));
        var plan = PlatformPlan.ToDestroy(new PlatformState(world).Known([]), []);
        Assert.Matches($"^job run [0-9a-z]+ of emr-eks-karpenter-emr-data-team-a is PENDING; .*cancel-job-run --virtual-cluster-id {id} --id [0-9a-z]+$", PlatformRun.Obstacle(world, plan));
        Assert.Null(PlatformRun.Obstacle(world, PlatformPlan.ToDestroy(new PlatformState(world).Known([]), [PlatformModule.Addons])));
    }

    private static global::Sparkwright.World.World Whole()
    {
        var world = WorldBuilder.Build(WorldSettings.For(BuiltIn, 1));
        world.Loop.RunUntil(world.Clock.Now.AddMinutes(5));
        return world;
    }

    private static string Modules(PlatformPlan plan) => string.Join(' ', plan.Changes.Select(static change => PlatformModules.NameOf(change.Resource.Module)).Distinct());

    /// <summary>Changes in short: <c>update aws_eks_node_group["core"] desiredSize 3 → 4</c>.</summary>
    private static string Say(PlatformPlan plan) => string.Join('\n', plan.Changes.Select(static change =>
        $"{PlanJson.NameOf(change.Kind)} {change.Resource.Type}[{change.Resource.Key}]{(change.Kind is ChangeKind.Create or ChangeKind.Delete ? "" : string.Concat(change.Attributes.Select(static one => one.After?.Text?.Contains('\n', StringComparison.Ordinal) == true ? $" {one.Path} …" : $" {one.Path} {one.Before} → {one.After}")))}"));

    /// <summary>What is left of a world when it is destroyed: all but what tells of the past.</summary>
    private static List<string> Held(global::Sparkwright.World.World world) =>
    [
        .. world.Store.InWriteOrder()
            .Where(static known => known.Type.Kind is not ("Event" or "Lease" or "Source"))
            .Where(static known => known.Type != Ec2Types.Instance || Instance.Of(known).IsAlive)
            .Where(static known => known.Type != EmrTypes.VirtualCluster || known.Status["state"]?.Text != "TERMINATED")
            .Select(static known => $"{known.Type.Kind} {known.Key}").Order(StringComparer.Ordinal),
    ];

    private static global::Sparkwright.World.World Empty()
    {
        var world = WorldBuilder.Build(new WorldSettings { IsEmptyAccount = true });
        world.Loop.RunUntil(world.Clock.Now.AddMinutes(1));
        return world;
    }

    private static PlatformPlan Plan(global::Sparkwright.World.World world, PlatformBlueprint blueprint, params PlatformModule[] only)
    {
        var state = new PlatformState(world);
        var (wanted, refusal) = state.Wanted(blueprint);
        Assert.Null(refusal);
        return PlatformPlan.ToApply(wanted, state.Known(wanted), only);
    }

    private static List<PlatformEvent> Apply(global::Sparkwright.World.World world, PlatformBlueprint blueprint, params PlatformModule[] only) =>
        Carry(world, new PlatformRun(Plan(world, blueprint, only), blueprint));

    private static List<PlatformEvent> Destroy(global::Sparkwright.World.World world, params PlatformModule[] only) =>
        Carry(world, new PlatformRun(PlatformPlan.ToDestroy(new PlatformState(world).Known([]), only), null));

    private static List<PlatformEvent> Carry(global::Sparkwright.World.World world, PlatformRun run)
    {
        var events = new List<PlatformEvent>();
        while (true)
        {
            events.AddRange(run.Step(world));
            if (run.IsDone)
            {
                Assert.Null(run.Failure);
                return events;
            }

            world.Loop.RunUntil(world.Clock.Now.AddSeconds(5));
        }
    }
}
