using Sparkwright.Kubernetes.Objects;
using Sparkwright.World;
using Sparkwright.World.YuniKorn.Rest;

namespace Sparkwright.Tests.YuniKorn;

public sealed class RestServiceTests
{
    private const string Manifests = """
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: yunikorn-configs, namespace: yunikorn}
        data:
          queues.yaml: |
            partitions:
            - name: default
              placementrules:
              - name: provided
                filter: {type: deny, users: [mallory]}
              - {name: fixed, value: root.a, create: false}
              queues:
              - name: root
                submitacl: "*"
                queues:
                - name: a
                  limits: [{limit: all, groups: ['system:masters'], maxapplications: 7}]
                - {name: b}
        ---
        apiVersion: v1
        kind: Node
        metadata: {name: n1}
        status: {allocatable: {cpu: 4, memory: 16Gi, pods: 110}, capacity: {cpu: 4, memory: 16Gi, pods: 110}}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: p1, labels: {applicationId: app}}
        spec: {containers: [{name: main, image: busybox, resources: {requests: {cpu: 1}}}]}
        """;

    private static readonly global::Sparkwright.World.World Platform = Running();

    [Theory]
    [InlineData("ws/v1/clusters", "0.clusterName", "kubernetes")]
    [InlineData("ws/v1/partitions", "0.name", "default")]
    [InlineData("ws/v1/partition/default/placementrules", "0.filter.type", "deny")]
    [InlineData("ws/v1/partition/default/placementrules", "1.parameters.qualified", "true")]
    [InlineData("ws/v1/partition/default/placementrules", "2.name", "recovery")]
    [InlineData("ws/v1/partition/[mycluster]default/queues", "children.0.queuename", "root.a")]
    [InlineData("ws/v1/partition/default/queue/root", "childNames.1", "root.b")]
    [InlineData("ws/v1/partition/default/queue/root", "children", null)]
    [InlineData("ws/v1/partition/default/queue/root?subtree", "children.1.queuename", "root.b")]
    [InlineData("ws/v1/partition/default/queue/root.a/applications", "0.applicationID", "app")]
    [InlineData("ws/v1/partition/default/queue/root.b/applications", "0", null)]
    [InlineData("ws/v1/partition/default/queue/root.a/application/app", "applicationState", "Running")]
    [InlineData("ws/v1/partition/default/application/app", "queueName", "root.a")]
    [InlineData("ws/v1/partition/default/applications/active", "0.applicationID", "app")]
    [InlineData("ws/v1/partition/default/applications/active?status=running", "0.applicationID", "app")]
    [InlineData("ws/v1/partition/default/applications/active?status=failing", "0", null)]
    [InlineData("ws/v1/partition/default/queue/root.a/applications/active", "0.applicationID", "app")]
    [InlineData("ws/v1/partition/default/applications/completed", "0", null)]
    [InlineData("ws/v1/partition/default/nodes", "0.nodeID", "n1")]
    [InlineData("ws/v1/partition/default/node/n1", "allocated.vcore", "1000")]
    [InlineData("ws/v1/partition/default/usage/users", "0.userName", "kubernetes-admin")]
    [InlineData("ws/v1/partition/default/usage/user/kubernetes-admin", "queues.children.0.resourceUsage.vcore", "1000")]
    [InlineData("ws/v1/partition/default/usage/user/kubernetes-admin", "groups.app", "system:masters")]
    [InlineData("ws/v1/partition/default/usage/groups", "0.groupName", "system:masters")]
    [InlineData("ws/v1/partition/default/usage/group/system:masters", "queues.children.0.maxApplications", "7")]
    [InlineData("ws/v1/partition/default/usage/group/system:masters", "applications.0", "app")]
    [InlineData("ws/v1/events/batch", "LowestID", "0")]
    [InlineData("ws/v1/events/batch?count=1", "EventRecords.0.objectID", "root")]
    [InlineData("ws/v1/events/batch?count=1", "EventRecords.1", null)]
    [InlineData("ws/v1/events/batch?start=1&count=1", "EventRecords.0.eventChangeType", "2")]
    [InlineData("ws/v1/scheduler/healthcheck", "Healthy", "true")]
    [InlineData("ws/v1/scheduler/node-utilizations", "0.utilizations.2.utilization.2.nodeNames.0", "n1")]
    [InlineData("ws/v1/history/apps", "4.totalApplications", "1")]
    [InlineData("ws/v1/history/containers", "4.totalContainers", "1")]
    [InlineData("debug/fullstatedump", "config.partitions.0.queues.0.queues.1.name", "b")]
    public void A_path_shows_what_upstream_shows_there(string path, string member, string? value)
    {
        var answer = Get(path)!;
        Assert.Equal(200, answer.Code);
        var found = member.Split('.').Aggregate((Tree?)answer.Body, static (tree, part) =>
            int.TryParse(part, out var at) ? at < Tree.ItemsOf(tree).Length ? Tree.ItemsOf(tree)[at] : null : tree?[part]);
        Assert.Equal(value, found?.Text ?? found?.ToString());
    }

    [Theory]
    [InlineData("ws/v1/partition/other/queues", 404, "Partition not found")]
    [InlineData("ws/v1/partition/default/queue/root.none", 404, "Queue not found")]
    [InlineData("ws/v1/partition/default/queue/root.a b", 400, "problem in queue query parameter parsing as queue param root.a b contains invalid queue name a b. Queue name must only have alphanumeric characters, - or _, and be no longer than 64 characters")]
    [InlineData("ws/v1/partition/default/application/none", 404, "Application not found")]
    [InlineData("ws/v1/partition/default/queue/root.b/application/app", 404, "Application not found")]
    [InlineData("ws/v1/partition/default/applications/all", 400, "Only following application states are allowed: active, rejected, completed")]
    [InlineData("ws/v1/partition/default/applications/active?status=failed", 400, "Only following active statuses are allowed: new, accepted, running, completing, failing, resuming")]
    [InlineData("ws/v1/partition/default/node/none", 404, "Node not found")]
    [InlineData("ws/v1/partition/default/usage/user/none", 404, "User not found")]
    [InlineData("ws/v1/partition/default/usage/group/none", 404, "Group not found")]
    [InlineData("ws/v1/events/batch?count=0", 400, "problem parsing the \"count\" parameter: it must be a number above 0")]
    [InlineData("ws/v1/events/batch?start=-1", 400, "problem parsing the \"start\" parameter: it must be a number of at least 0")]
    public void What_is_not_there_is_refused_in_upstreams_form(string path, int code, string message)
    {
        var answer = Get(path)!;
        Assert.Equal((code, code, message), (answer.Code, (int)answer.Body["status_code"]!.Integer!, answer.Body["message"]?.Text));
    }

    [Fact]
    public void Unknown_paths_have_nothing() => Assert.Null(Get("ws/v1/none"));

    [Theory]
    [InlineData("partitions: [{name: default, queues: [{name: root}]}]", true, "")]
    [InlineData("partitions: [{name: default}]", false, "queue config is not set")]
    public void A_configuration_is_checked_before_it_holds(string text, bool isAllowed, string reason)
    {
        var answer = RestService.Validate(text).Body;
        Assert.Equal((isAllowed, reason), (answer["allowed"]?.Boolean, answer["reason"]?.Text));
    }

    private static RestAnswer? Get(string path)
    {
        var parts = path.Split('?');
        var query = parts.Length == 1 ? [] : parts[1].Split('&').Select(pair => pair.Split('=')).ToDictionary(pair => pair[0], pair => pair.Length > 1 ? pair[1] : "");
        return RestService.Get(Platform.YuniKorn!, parts[0].Split('/'), query.GetValueOrDefault, Platform.Clock.Now);
    }

    private static global::Sparkwright.World.World Running()
    {
        var world = WorldBuilder.Build(new WorldSettings { Components = ["yunikorn"] });
        foreach (var document in YamlReader.Read(Manifests).Documents)
        {
            Assert.True(world.Apply(document.Root).IsAccepted);
        }

        world.Loop.RunUntil(world.Clock.Now + TimeSpan.FromMinutes(5));
        return world;
    }
}
