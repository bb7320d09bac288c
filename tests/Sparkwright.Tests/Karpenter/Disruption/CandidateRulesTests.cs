using System.Collections.Immutable;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Karpenter;
using Sparkwright.World.Karpenter.Apis;
using Sparkwright.World.Karpenter.Disruption;

namespace Sparkwright.Tests.Karpenter.Disruption;

public sealed class CandidateRulesTests
{
    private const string KeepPod = "{metadata: {annotations: {karpenter.sh/do-not-disrupt: 'true'}}}";

    public static TheoryData<string, string> States => new()
    {
        { "", "" },
        { "uninitialized", "Node isn't initialized" },
        { "leaving", "Node is deleting or marked for deletion" },
        { "nominated", "Node is nominated for a pending pod" },
        { "queued", "Candidate is already being disrupted" },
        { "annotated", "Disruption is blocked through the \"karpenter.sh/do-not-disrupt\" annotation" },
        { "no pool", "NodePool \"default\" not found" },
        { "no type", "Instance Type \"c5.xlarge\" not found" },
        { "no zone", "Node does not have label \"topology.kubernetes.io/zone\"" },
        { "no capacity type", "Node does not have label \"karpenter.sh/capacity-type\"" },
    };

    [Theory]
    [MemberData(nameof(States))]
    public void A_node_in_this_state_is_no_candidate(string state, string why)
    {
        var node = Fleet.Node("n");
        node = state switch
        {
            "uninitialized" => node with { IsInitialized = false },
            "leaving" => node with { IsLeaving = true },
            "nominated" => node with { NominatedUntil = Fleet.Now.AddSeconds(5) },
            "queued" => node with { IsQueued = true },
            "annotated" => node with { Node = node.Node.WithAnnotation("karpenter.sh/do-not-disrupt", "true") },
            "no pool" => node with { Policy = null },
            "no type" => node with { Shape = null },
            "no zone" => node with { Node = node.Node.WithLabel(KarpenterLabels.Zone, null) },
            "no capacity type" => node with { Node = node.Node.WithLabel(KarpenterLabels.CapacityType, null) },
            _ => node,
        };
        Assert.Equal(why, Say(node));
    }

    [Theory]
    [InlineData("{}", "")]
    [InlineData(KeepPod, "Pod has \"karpenter.sh/do-not-disrupt\" annotation (Pod=default/n-0)")]
    [InlineData("{metadata: {annotations: {karpenter.sh/do-not-disrupt: 'true'}, ownerReferences: [{apiVersion: apps/v1, kind: DaemonSet, name: d, uid: u, controller: true}]}}", "Pod has \"karpenter.sh/do-not-disrupt\" annotation (Pod=default/n-0)")]
    [InlineData("{metadata: {annotations: {karpenter.sh/do-not-disrupt: 'true'}}, status: {phase: Succeeded}}", "")]
    [InlineData("{metadata: {annotations: {karpenter.sh/do-not-disrupt: 'true'}, deletionTimestamp: '2026-01-01T12:00:00Z'}}", "")]
    [InlineData("{metadata: {annotations: {karpenter.sh/do-not-disrupt: 45m}}}", "Pod has \"karpenter.sh/do-not-disrupt\" annotation (Pod=default/n-0)")]
    [InlineData("{metadata: {annotations: {karpenter.sh/do-not-disrupt: 30m}}}", "")]
    [InlineData("{metadata: {annotations: {karpenter.sh/do-not-disrupt: whenever}}}", "")]
    [InlineData("{metadata: {annotations: {karpenter.sh/do-not-evict: 'true'}}}", "")]
    public void A_pod_can_ask_for_peace(string pod, string why) => Assert.Equal(why, Say(Fleet.Node("n", pods: "1", podYaml: pod)));

    [Theory]
    [InlineData("{metadata: {annotations: {karpenter.sh/do-not-evict: 'true'}}}", "", "Pod has \"karpenter.sh/do-not-evict\" annotation (Pod=default/n-0)")]
    [InlineData(KeepPod, "", "")]
    [InlineData("{}", "karpenter.sh/do-not-consolidate", "Disruption is blocked through the \"karpenter.sh/do-not-consolidate\" annotation")]
    [InlineData("{}", "karpenter.sh/do-not-disrupt", "")]
    public void The_older_generation_has_older_annotations(string pod, string annotation, string why)
    {
        var node = Fleet.Node("n", pods: "1", podYaml: pod, generation: Generation.V1Alpha5);
        Assert.Equal(why, Say(annotation.Length == 0 ? node : node with { Node = node.Node.WithAnnotation(annotation, "true") }));
    }

    [Fact]
    public void Only_consolidation_heeds_do_not_consolidate()
    {
        var node = Fleet.Node("n", generation: Generation.V1Alpha5);
        Assert.Equal("", Say(node with { Node = node.Node.WithAnnotation("karpenter.sh/do-not-consolidate", "true") }, DisruptionMethod.Expiration));
    }

    [Theory]
    //          pod                                                     budgets (allowed)  why
    [InlineData("{metadata: {labels: {app: a}}}", "a=0", "Pdb prevents pod evictions (PodDisruptionBudget=[default/a-0])")]
    [InlineData("{metadata: {labels: {app: a}}}", "a=1", "")]
    [InlineData("{metadata: {labels: {app: a}}}", "b=0", "")]
    [InlineData("{metadata: {labels: {app: a}}}", "a=1 a=2", "Eviction does not support multiple PDBs (PodDisruptionBudget=[default/a-0 default/a-1])")]
    [InlineData("{metadata: {labels: {app: a}}, status: {phase: Succeeded}}", "a=0", "")]
    [InlineData("{metadata: {labels: {app: a}}, spec: {tolerations: [{operator: Exists}]}}", "a=0", "")]
    [InlineData("{metadata: {labels: {app: a}}, status: {conditions: [{type: Ready, status: 'False'}]}}", "a=0", "Pdb prevents pod evictions (PodDisruptionBudget=[default/a-0])")]
    [InlineData("{metadata: {labels: {app: a}}, status: {conditions: [{type: Ready, status: 'False'}]}}", "a=0!", "")]
    [InlineData("{metadata: {labels: {app: a}}, status: {conditions: [{type: Ready, status: 'True'}]}}", "a=0!", "Pdb prevents pod evictions (PodDisruptionBudget=[default/a-0])")]
    public void A_pod_disruption_budget_keeps_its_pods_node(string pod, string budgets, string why) =>
        Assert.Equal(why, Say(Fleet.Node("n", pods: "1", podYaml: pod), budgets: budgets));

    [Theory]
    [InlineData(DisruptionMethod.Drift, "", false)]
    [InlineData(DisruptionMethod.Drift, "1h", true)]
    [InlineData(DisruptionMethod.SingleNode, "1h", false)]
    [InlineData(DisruptionMethod.Emptiness, "1h", false)]
    public void A_grace_period_lifts_what_pods_ask_for_drift_alone(DisruptionMethod method, string gracePeriod, bool isLifted)
    {
        var spec = TreeMap.Of(("spec", TreeMap.Of(("terminationGracePeriod", gracePeriod.Length == 0 ? null : gracePeriod))));
        var node = Fleet.Node("n", pods: "1", podYaml: KeepPod) with
        {
            Claim = NodeClaim.Of(new ApiObject(KarpenterTypes.NodeClaim, new ObjectMeta { Name = "c" }, spec)),
        };
        Assert.Equal(isLifted, Say(node, method).Length == 0);
    }

    [Fact]
    public void A_passing_wish_says_when_it_ends() => Assert.Equal(
        new BlockReason.PodAnnotation(new ObjectKey("default", "n-0"), "karpenter.sh/do-not-disrupt", Fleet.Now.AddMinutes(15)),
        CandidateRules.Blocks(
            Fleet.Node("n", pods: "1", podYaml: "{metadata: {annotations: {karpenter.sh/do-not-disrupt: 45m}}}"), DisruptionMethod.SingleNode, new PodBudgets([]), Fleet.Now));

    private static string Say(DisruptionNode node, DisruptionMethod method = DisruptionMethod.SingleNode, string budgets = "") =>
        CandidateRules.Blocks(node, method, new PodBudgets(Budgets(budgets)), Fleet.Now)?.ToString() ?? "";

    /// <summary><c>a=0!</c>: a budget for the label app=a that allows no disruption, but always lets unhealthy pods go.</summary>
    private static ImmutableArray<ApiObject> Budgets(string text) =>
    [
        .. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select((one, at) => ApiObject.From(CoreTypes.PodDisruptionBudget, (TreeMap)Yaml.Read($$$"""
            metadata: {name: {{{one[0]}}}-{{{at}}}, namespace: default}
            spec:
              selector: {matchLabels: {app: {{{one[0]}}}}}
              {{{(one.EndsWith('!') ? "unhealthyPodEvictionPolicy: AlwaysAllow" : "")}}}
            status: {disruptionsAllowed: {{{one[2]}}}}
            """))),
    ];
}
