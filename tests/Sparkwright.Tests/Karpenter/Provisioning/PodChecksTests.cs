using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Karpenter;
using Sparkwright.World.Karpenter.Provisioning;

namespace Sparkwright.Tests.Karpenter.Provisioning;

public sealed class PodChecksTests
{
    private const string Unschedulable = "phase: Pending, conditions: [{type: PodScheduled, status: 'False', reason: Unschedulable}]";

    [Theory]
    //          metadata                                              spec             status                          wanted
    [InlineData("", "", Unschedulable, true)]
    [InlineData("", "", "phase: Pending", false)]
    [InlineData("", "", "phase: Pending, conditions: [{type: PodScheduled, status: 'False', reason: SchedulingGated}]", false)]
    [InlineData("", "nodeName: node-1", Unschedulable, false)]
    [InlineData("", "", Unschedulable + ", nominatedNodeName: node-1", false)]
    [InlineData("ownerReferences: [{apiVersion: apps/v1, kind: DaemonSet, name: d, uid: u, controller: true}]", "", Unschedulable, false)]
    [InlineData("ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: d, uid: u, controller: true}]", "", Unschedulable, true)]
    [InlineData("deletionTimestamp: '2026-01-01T00:00:00Z'", "", Unschedulable, false)]
    public void Nodes_are_bought_for_pods_that_nobody_could_schedule(string metadata, string spec, string status, bool wanted) =>
        Assert.Equal(wanted, PodChecks.IsProvisionable(Pod(metadata, spec, status)));

    [Theory]
    [InlineData("", "phase: Running", true)]
    [InlineData("", "phase: Succeeded", false)]
    [InlineData("ownerReferences: [{apiVersion: apps/v1, kind: DaemonSet, name: d, uid: u, controller: true}]", "phase: Running", false)]
    [InlineData("deletionTimestamp: '2026-01-01T00:00:00Z'", "phase: Running", false)]
    [InlineData("deletionTimestamp: '2026-01-01T00:00:00Z', ownerReferences: [{apiVersion: apps/v1, kind: StatefulSet, name: d, uid: u, controller: true}]", "phase: Running", true)]
    public void Pods_of_a_leaving_node_are_planned_for_when_they_will_come_again(string metadata, string status, bool moves) =>
        Assert.Equal(moves, PodChecks.MovesWithItsNode(Pod(metadata, "", status)));

    [Theory]
    [InlineData("nodeSelector: {team: a}", null)]
    [InlineData("nodeSelector: {kubernetes.io/hostname: a}", "label kubernetes.io/hostname is restricted; specify a well known label: [karpenter.k8s.aws/instance-category ")]
    [InlineData("nodeSelector: {beta.kubernetes.io/arch: amd64}", null)]
    [InlineData("affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchFields: [{key: metadata.name, operator: In, values: [n]}]}]}}}", "node selector term with matchFields is not supported")]
    [InlineData("affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions: [{key: karpenter.sh/provisioner-name, operator: DoesNotExist}]}]}}}", "")]
    [InlineData("affinity: {nodeAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: 1, preference: {matchExpressions: [{key: karpenter.sh/other, operator: Exists}]}}]}}", "label karpenter.sh/other is restricted; specify a well known label: [karpenter.k8s.aws/instance-category ")]
    public void What_a_pod_may_not_ask_for_is_said(string spec, string? objection)
    {
        var said = PodChecks.Objection(PodSpecView.Of((TreeMap)Yaml.Read("{" + spec + "}")), Generation.V1Alpha5);
        Assert.Equal(objection, objection?.EndsWith(' ') == true ? said?[..objection.Length] : said);
    }

    private static ApiObject Pod(string metadata, string spec, string status) => ApiObject.From(
        CoreTypes.Pod, (TreeMap)Yaml.Read($"{{metadata: {{name: p, namespace: default{(metadata.Length == 0 ? "" : ", " + metadata)}}}, spec: {{{spec}}}, status: {{{status}}}}}"));
}
