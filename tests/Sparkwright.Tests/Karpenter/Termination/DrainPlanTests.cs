using Sparkwright.Kubernetes.Objects;
using Sparkwright.Tests.Karpenter.Disruption;
using Sparkwright.World.Karpenter;
using Sparkwright.World.Karpenter.Termination;

namespace Sparkwright.Tests.Karpenter.Termination;

public sealed class DrainPlanTests
{
    private const string OfDaemonSet = "ownerReferences: [{apiVersion: apps/v1, kind: DaemonSet, name: d, uid: d, controller: true}]";
    private const string Critical = "spec: {priorityClassName: system-node-critical}";

    [Theory]
    //          pods of the node, in order                                                              evicted, deleted by force, still to go
    [InlineData("{} | {}", "0 1 -  2")]
    [InlineData("{metadata: {" + OfDaemonSet + "}} | {}", "1 -  2")]
    [InlineData("{metadata: {" + OfDaemonSet + "}} | {" + Critical + "}", "0 -  2")]
    [InlineData("{" + Critical + "} | {metadata: {" + OfDaemonSet + "}, " + Critical + "}", "0 -  2")]
    [InlineData("{metadata: {" + OfDaemonSet + "}, " + Critical + "}", "0 -  1")]
    // Ended, static, tolerant of the mark, or stuck for more than a minute: nobody waits for these.
    [InlineData("{status: {phase: Succeeded}} | {metadata: {ownerReferences: [{apiVersion: v1, kind: Node, name: n, uid: n, controller: true}]}}", "done")]
    [InlineData("{spec: {tolerations: [{key: karpenter.sh/disrupted, operator: Exists}]}}", "done")]
    [InlineData("{metadata: {deletionTimestamp: '2026-01-01T11:59:00Z'}}", "done")]
    [InlineData("{metadata: {deletionTimestamp: '2026-01-01T11:59:01Z'}}", " -  1 again 12:00:01")]
    // The next tier waits for pods on their way.
    [InlineData("{metadata: {deletionTimestamp: '2026-01-01T12:00:20Z'}} | {metadata: {" + OfDaemonSet + "}}", " -  2 again 12:01:20")]
    [InlineData("{metadata: {annotations: {karpenter.sh/do-not-disrupt: 'true'}}} | {}", "1 -  2")]
    [InlineData("{metadata: {annotations: {karpenter.sh/do-not-disrupt: 40m}}}", " -  1 again 12:10:00")]
    [InlineData("{metadata: {annotations: {karpenter.sh/do-not-evict: 'true'}}}", "0 -  1")]
    public void A_node_is_emptied_in_tiers(string pods, string plan) => Assert.Equal(plan, Say(Next(pods, Generation.V1, null)));

    [Theory]
    //          pods, each with 30 s of grace unless it says otherwise; the node's time ends in a minute
    [InlineData("{} | {metadata: {annotations: {karpenter.sh/do-not-disrupt: 'true'}}}", "0 -  2 again 12:00:30")]
    [InlineData("{spec: {terminationGracePeriodSeconds: 90}} | {}", "1 - 0/60 2 again 12:00:30")]
    [InlineData("{spec: {terminationGracePeriodSeconds: 60}, metadata: {annotations: {karpenter.sh/do-not-disrupt: 'true'}}}", " - 0/60 1")]
    public void The_end_of_its_time_forces_pods_out(string pods, string plan) => Assert.Equal(plan, Say(Next(pods, Generation.V1, Fleet.Now.AddMinutes(1))));

    [Theory]
    [InlineData("{} | {metadata: {annotations: {karpenter.sh/do-not-evict: 'true'}}}", "default/n1 refuses")]
    [InlineData("{} | {metadata: {annotations: {karpenter.sh/do-not-evict: 'true'}}, status: {phase: Failed}}", "0 -  1")]
    [InlineData("{spec: {tolerations: [{key: node.kubernetes.io/unschedulable, operator: Exists}]}}", "done")]
    [InlineData("{metadata: {annotations: {karpenter.sh/do-not-disrupt: 'true'}}}", "0 -  1")]
    public void One_pod_can_hold_up_a_Provisioners_node(string pods, string plan) => Assert.Equal(plan, Say(Next(pods, Generation.V1Alpha5, null)));

    private static DrainStep Next(string pods, Generation generation, DateTime? deadline) => DrainPlan.Next(
        pods.Split(" | ").Select((yaml, at) => Fleet.Pod($"n{at}", yaml: yaml)), generation, Fleet.Now, deadline);

    /// <summary>The numbers of the pods to evict, after the dash those to delete with their seconds, how many are left, and when to look again.</summary>
    private static string Say(DrainStep step) => step switch
    {
        DrainStep.Done => "done",
        DrainStep.Refused refused => $"{refused.Pod} refuses",
        DrainStep.Waits waits => $"{string.Join(' ', waits.Evict.Select(NumberOf))} - {string.Join(' ', waits.Delete.Select(forced => $"{NumberOf(forced.Pod)}/{forced.GraceSeconds}"))} {waits.Left}"
            + (waits.LookAgainAt is { } time ? $" again {time:HH:mm:ss}" : ""),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static string NumberOf(ApiObject pod) => pod.Name[1..];
}
