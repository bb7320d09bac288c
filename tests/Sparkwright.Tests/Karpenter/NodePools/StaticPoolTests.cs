using System.Globalization;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Tests.Karpenter.Disruption;
using Sparkwright.World.Karpenter.Apis;
using Sparkwright.World.Karpenter.NodePools;

namespace Sparkwright.Tests.Karpenter.NodePools;

public sealed class StaticPoolTests
{
    [Theory]
    //          replicas limit running replaced leaving  make delete may replace
    [InlineData(3, null, 0, 0, 0, 3, 0, true)]
    [InlineData(3, null, 2, 0, 1, 1, 0, true)]
    [InlineData(3, 3, 2, 0, 1, 0, 0, false)]
    [InlineData(3, 2, 0, 0, 0, 2, 0, true)]
    [InlineData(3, null, 3, 1, 0, 0, 0, false)]
    [InlineData(3, null, 2, 1, 0, 0, 0, true)]
    [InlineData(3, 4, 3, 0, 0, 0, 0, true)]
    [InlineData(3, 3, 3, 0, 0, 0, 0, false)]
    [InlineData(3, null, 5, 0, 0, 0, 2, false)]
    [InlineData(0, null, 2, 1, 3, 0, 2, false)]
    public void A_pool_is_brought_to_its_replicas_within_its_limit(int replicas, int? limit, int running, int replaced, int leaving, int make, int delete, bool mayReplace)
    {
        var counts = new StaticPoolCounts(replicas, limit, running, replaced, leaving);
        Assert.Equal((make, delete, mayReplace), ((int)counts.ToMake, counts.ToDelete, counts.MayReplace));
    }

    [Fact]
    public void NodeClaims_count_by_what_becomes_of_them()
    {
        var pool = Pool.Of(ApiObject.From(KarpenterTypes.NodePool, (TreeMap)Yaml.Read("{metadata: {name: p}, spec: {replicas: 2, limits: {nodes: 7}}}")));
        Assert.Equal(new StaticPoolCounts(2, 7, 1, 1, 2), StaticPoolCounts.Of(pool, [
            Claim("a"), Claim("b", "status: {conditions: [{type: DisruptionReason, status: 'True'}]}"),
            Claim("c", "metadata: {deletionTimestamp: '2026-01-01T00:00:00Z'}"),
            Claim("d", "metadata: {deletionTimestamp: '2026-01-01T00:00:00Z'}, status: {conditions: [{type: DisruptionReason, status: 'True'}]}"),
        ]));
    }

    [Theory]
    //          NodeClaims: priority (- = none), pods by their kind (p plain, d of a DaemonSet, q asks for peace), * not launched   the order in which they go
    [InlineData("a:-:p b:-: c:-:*", "c b a")]
    [InlineData("a:-:p b:-:d c:-:pp", "b a c")]
    [InlineData("a:-:q b:-:ppp c:5:ppppp", "c b a")]
    [InlineData("a:9:q b:-:p", "b a")]
    [InlineData("a:-: b:1: c:-1:", "b a c")]
    [InlineData("a:none: b:-:* c:3:*", "c b a")]
    public void A_pool_that_shrinks_gives_up_what_hurts_least(string claims, string order)
    {
        var nodes = claims.Split(' ').Select(text => text.Split(':')).Select(parts =>
        {
            var claim = Claim(
                parts[0],
                (parts[1] == "-" ? "" : $"metadata: {{annotations: {{{StaticPoolOrder.PriorityAnnotation}: '{parts[1]}'}}}}, ") + (parts[2] == "*" ? "status: {}" : "status: {providerID: x}"));
            return new StaticPoolNode(claim, [.. parts[2].Replace("*", "", StringComparison.Ordinal).Select((kind, at) => PodOf(kind, $"{parts[0]}{at.ToString(CultureInfo.InvariantCulture)}"))], null);
        });
        Assert.Equal(order, string.Join(' ', StaticPoolOrder.FirstToGo(nodes, 9, Fleet.Now).Select(claim => claim.Name)));
    }

    private static ApiObject PodOf(char kind, string name) => Fleet.Pod(name, yaml: kind switch
    {
        'd' => "{metadata: {ownerReferences: [{apiVersion: apps/v1, kind: DaemonSet, name: d, uid: d, controller: true}]}}",
        'q' => "{metadata: {annotations: {karpenter.sh/do-not-disrupt: 'true'}}}",
        _ => "{}",
    });

    private static ApiObject Claim(string name, string more = "status: {}")
    {
        var tree = (TreeMap)Yaml.Read($"{{{more}}}");
        return ApiObject.From(KarpenterTypes.NodeClaim, tree.With("metadata", ((tree["metadata"] as TreeMap) ?? TreeMap.Empty).With("name", name)));
    }
}
