using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.World.Controllers;

namespace Sparkwright.Tests.Controllers;

public sealed class DisruptionBudgetTests
{
    [Theory]
    //          bound                  pods scale expected desired
    [InlineData("minAvailable", "2", 3, 5, 3, 2)]
    [InlineData("minAvailable", "50%", 3, 5, 5, 3)]
    [InlineData("minAvailable", "100%", 1, 4, 4, 4)]
    [InlineData("maxUnavailable", "1", 3, 5, 5, 4)]
    [InlineData("maxUnavailable", "30%", 3, 5, 5, 3)]
    [InlineData("maxUnavailable", "50%", 1, 1, 1, 0)]
    [InlineData("maxUnavailable", "7", 3, 5, 5, 0)]
    [InlineData("selector", "", 3, 5, 0, 0)]
    public void Bounds_count_on_pods_or_on_their_controllers(string bound, string amount, long pods, long scale, long expected, long desired)
    {
        var spec = TreeMap.Of((bound, long.TryParse(amount, out var number) ? number : amount));
        Assert.Equal(new HealthyPodsWanted(expected, desired), HealthyPodsWanted.By(spec, pods, scale));
    }

    [Fact]
    public void An_eviction_is_charged_at_once_and_the_next_one_is_refused()
    {
        var cluster = Cluster("minAvailable: 2", replicas: 3);
        Assert.Equal("3 2 1 3 True/SufficientPods", Status(cluster));
        var pods = cluster.Pods.ToList();

        var first = cluster.Api.Evict(pods[0].Key);
        Assert.Equal(201, first.Code);
        Assert.Equal("DisruptionTarget/EvictionByEvictionAPI", TestCluster.ConditionsOf(first.Object!).Split(' ')[^1]);
        Assert.Equal("3 2 0 3 False/InsufficientPods", Status(cluster));
        Assert.NotNull(cluster.Get(CoreTypes.PodDisruptionBudget, "b").Status.At("disruptedPods", pods[0].Name));

        var second = Assert.IsType<ApiResult.Refused>(cluster.Api.Evict(pods[1].Key)).Status;
        Assert.Equal((429, "TooManyRequests"), (second.Code, second.Reason));
        Assert.Equal("Cannot evict pod as it would violate the pod's disruption budget.", second.Message);
        Assert.Equal(
            """{"causes":[{"message":"The disruption budget b needs 2 healthy pods and has 3 currently","reason":"DisruptionBudget"}]}""",
            second.Details!.ToString());

        // The replacement is ready after a while, and the budget allows one again.
        cluster.Run(5);
        Assert.Equal("3 2 1 3 True/SufficientPods", Status(cluster));
        Assert.Null(cluster.Get(CoreTypes.PodDisruptionBudget, "b").Status["disruptedPods"]);
    }

    [Fact]
    public void A_budget_that_was_not_looked_at_yet_allows_nothing()
    {
        var cluster = Cluster("minAvailable: 1", replicas: 2);
        cluster.Apply(Budget("b", "minAvailable: 0"));
        var refused = Assert.IsType<ApiResult.Refused>(cluster.Api.Evict(cluster.Pods.First().Key)).Status;
        Assert.Equal(
            """{"causes":[{"message":"The disruption budget b is still being processed by the server.","reason":"DisruptionBudget"}],"retryAfterSeconds":10}""",
            refused.Details!.ToString());
    }

    [Fact]
    public void A_pod_with_two_budgets_cannot_be_evicted()
    {
        var cluster = Cluster("minAvailable: 1", replicas: 2);
        cluster.Apply(Budget("c", "maxUnavailable: 1"));
        cluster.Run(1);
        var refused = Assert.IsType<ApiResult.Refused>(cluster.Api.Evict(cluster.Pods.First().Key)).Status;
        Assert.Equal(500, refused.Code);
        Assert.Equal("This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.", refused.Message);
    }

    [Theory]
    //          policy            healthy desired  code
    [InlineData("", 1, 2, 429)]
    [InlineData("IfHealthyBudget", 2, 2, 201)]
    [InlineData("IfHealthyBudget", 0, 0, 429)]
    [InlineData("AlwaysAllow", 0, 2, 201)]
    public void A_pod_that_is_not_ready_goes_by_the_policy(string policy, long healthy, long desired, int code)
    {
        var budget = new ApiObject(CoreTypes.PodDisruptionBudget, new ObjectMeta { Name = "b", Generation = 1 }, TreeMap.Of(
            ("spec", TreeMap.Of(("unhealthyPodEvictionPolicy", policy.Length == 0 ? null : policy))),
            ("status", TreeMap.Of(("currentHealthy", healthy), ("desiredHealthy", desired), ("disruptionsAllowed", 0), ("observedGeneration", 1)))));
        var pod = new ApiObject(CoreTypes.Pod, new ObjectMeta { Name = "p" }, TreeMap.Of(("status", TreeMap.Of(("phase", "Running")))));
        var verdict = EvictionVerdict.Of(pod, [budget]);
        Assert.Equal(code, verdict is EvictionVerdict.Refused refused ? refused.Status.Code : 201);
    }

    [Theory]
    [InlineData("Pending")]
    [InlineData("Succeeded")]
    [InlineData("Failed")]
    public void Pods_that_run_nothing_are_free(string phase)
    {
        var pod = new ApiObject(CoreTypes.Pod, new ObjectMeta { Name = "p" }, TreeMap.Of(("status", TreeMap.Of(("phase", phase)))));
        var budget = new ApiObject(CoreTypes.PodDisruptionBudget, new ObjectMeta { Name = "b", Generation = 1 }, TreeMap.Empty);
        Assert.IsType<EvictionVerdict.Free>(EvictionVerdict.Of(pod, [budget, budget]));
    }

    [Fact]
    public void An_evicted_pod_that_stays_counts_again_after_two_minutes()
    {
        var cluster = Cluster("minAvailable: 1", replicas: 2);
        var pod = cluster.Pods.First();
        cluster.Api.ModifyStatus(CoreTypes.PodDisruptionBudget, new ObjectKey("default", "b"), status =>
            status.Set(["disruptedPods", pod.Name], Timestamps.Print(cluster.Loop.Clock.Now)));
        cluster.Run(1);
        Assert.Equal("1 1 0 2 False/InsufficientPods", Status(cluster));
        cluster = cluster.Rebuilt();
        cluster.Run(121);
        Assert.Equal("2 1 1 2 True/SufficientPods", Status(cluster));
        Assert.Contains("NotDeleted: Pod was expected by PDB default/b to be deleted but it wasn't", cluster.EventsOf("Pod", pod.Name));
    }

    private static TestCluster Cluster(string bound, int replicas)
    {
        var cluster = new TestCluster(withRules: true);
        cluster.AddNode("node-1");
        cluster.Run(1);
        cluster.Apply($$"""
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: web}
            spec:
              replicas: {{replicas}}
              selector: {matchLabels: {app: web} }
              template:
                metadata: {labels: {app: web} }
                spec:
                  containers: [{name: main, image: web}]
            """);
        cluster.Apply(Budget("b", bound));
        cluster.Run(5);
        return cluster;
    }

    private static string Budget(string name, string bound) => $$"""
        apiVersion: policy/v1
        kind: PodDisruptionBudget
        metadata: {name: {{name}} }
        spec: {selector: {matchLabels: {app: web} }, {{bound}} }
        """;

    private static string Status(TestCluster cluster)
    {
        var status = cluster.Get(CoreTypes.PodDisruptionBudget, "b").Status;
        var condition = Conditions.Find(status, "DisruptionAllowed")!;
        return string.Join(' ', new[] { "currentHealthy", "desiredHealthy", "disruptionsAllowed", "expectedPods" }.Select(field => status[field]?.Integer))
            + $" {condition["status"]?.Text}/{condition["reason"]?.Text}";
    }
}
