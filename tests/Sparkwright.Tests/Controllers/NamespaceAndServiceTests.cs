using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;

namespace Sparkwright.Tests.Controllers;

public sealed class NamespaceAndServiceTests
{
    [Fact]
    public void A_new_cluster_has_its_namespaces_accounts_and_the_service_of_the_api()
    {
        var cluster = new TestCluster(withRules: true);
        Assert.Equal("172.20.0.1", cluster.Get(CoreTypes.Service, "kubernetes").Spec["clusterIP"]?.Text);
        cluster.Run(0);
        string[] names = ["default", "kube-node-lease", "kube-public", "kube-system"];
        Assert.Equal(names, cluster.Store.List(CoreTypes.Namespace).Select(known => known.Name));
        Assert.Equal(names.Select(name => name + "/default"), cluster.Store.List(CoreTypes.ServiceAccount).Select(known => known.Key.ToString()));
        Assert.Equal(names.Select(name => name + "/kube-root-ca.crt"), cluster.Store.List(CoreTypes.ConfigMap).Select(known => known.Key.ToString()));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_deleted_namespace_is_emptied_first(bool withRules)
    {
        var cluster = new TestCluster(withRules);
        cluster.AddNode("node-1");
        cluster.Apply("{apiVersion: v1, kind: Namespace, metadata: {name: team}}");
        cluster.Run(1);
        cluster.Apply("{apiVersion: v1, kind: Pod, metadata: {name: p, namespace: team}, spec: {containers: [{name: c, image: i}]}}");
        cluster.Apply("{apiVersion: v1, kind: ConfigMap, metadata: {name: c, namespace: team}}");
        cluster.Run(3);
        cluster.Delete(CoreTypes.Namespace, "team");
        cluster.Run(0);
        Assert.Equal("Terminating", cluster.Get(CoreTypes.Namespace, "team").Status["phase"]?.Text);
        Assert.Empty(cluster.Store.List(CoreTypes.ConfigMap, "team"));
        cluster.Run(2);
        Assert.Null(cluster.Store.Get(CoreTypes.Namespace, "", "team"));
        Assert.Empty(cluster.Store.List(CoreTypes.Pod, "team"));
        Assert.Empty(cluster.Store.List(CoreTypes.Event, "team"));
    }

    [Fact]
    public void The_default_account_comes_back_and_the_certificate_map_is_repaired()
    {
        var cluster = new TestCluster();
        cluster.Run(1);
        cluster.Delete(CoreTypes.ServiceAccount, "default");
        cluster.Api.Update(cluster.Get(CoreTypes.ConfigMap, "kube-root-ca.crt").Set(["data"], TreeMap.Empty));
        cluster.Run(1);
        Assert.NotNull(cluster.Store.Get(CoreTypes.ServiceAccount, "default", "default"));
        Assert.NotNull(cluster.Get(CoreTypes.ConfigMap, "kube-root-ca.crt").Body.At("data", "ca.crt"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Each_service_gets_an_address_of_its_own_and_keeps_it(bool withRules)
    {
        var cluster = new TestCluster(withRules);
        var addresses = Enumerable.Range(0, 300).Select(at => cluster.Apply(Service($"s{at}", "ports: [{port: 80}]")).Spec["clusterIP"]!.Text!).ToList();
        Assert.Equal(300, addresses.Distinct().Count());
        Assert.All(addresses, address => Assert.Matches(@"^172\.20\.(?!0\.)\d+\.\d+$", address));
        Assert.Equal(addresses[7], cluster.Apply(Service("s7", "ports: [{port: 81}]")).Spec["clusterIP"]?.Text);
    }

    [Theory]
    //          spec                                    answer
    [InlineData("clusterIP: None", "None")]
    [InlineData("clusterIP: 172.20.0.10", "172.20.0.10")]
    [InlineData("clusterIP: 172.20.0.1", "provided IP is already allocated")]
    [InlineData("clusterIP: 10.1.1.1", "the provided IP is not in the valid range")]
    [InlineData("{type: ExternalName, externalName: x.example}", "")]
    public void Addresses_that_are_asked_for(string spec, string expected)
    {
        var cluster = new TestCluster();
        var tree = (TreeMap)YamlReader.Read(spec).Documents[0].Root;
        var result = cluster.Api.Create(new ApiObject(CoreTypes.Service, new ObjectMeta { Name = "s", Namespace = "default" }, TreeMap.Of(("spec", tree))));
        var answer = result is ApiResult.Refused refused ? refused.Status.Message.Split(": ")[^1] : result.Object!.Spec["clusterIP"]?.Text ?? "";
        Assert.Equal(expected, answer);
    }

    [Fact]
    public void Node_ports_are_given_kept_and_refused_twice()
    {
        var cluster = new TestCluster();
        var port = NodePort(cluster.Apply(Service("a", "type: NodePort, ports: [{port: 80}]")));
        Assert.InRange(port!.Value, 30086, 32767);
        Assert.Equal(port, NodePort(cluster.Apply(Service("a", "type: NodePort, ports: [{port: 80, targetPort: 8080}]"))));
        Assert.Null(NodePort(cluster.Apply(Service("plain", "ports: [{port: 80}]"))));
        var twice = (TreeMap)YamlReader.Read($"{{type: NodePort, ports: [{{port: 80, nodePort: {port}}}]}}").Documents[0].Root;
        var result = cluster.Api.Create(new ApiObject(CoreTypes.Service, new ObjectMeta { Name = "b", Namespace = "default" }, TreeMap.Of(("spec", twice))));
        Assert.Equal((422, true), (result.Code, ((ApiResult.Refused)result).Status.Message.EndsWith("provided port is already allocated", StringComparison.Ordinal)));
    }

    private static long? NodePort(ApiObject service) => service.Spec["ports"]!.Items[0]["nodePort"]?.Integer;

    private static string Service(string name, string spec) => $"{{apiVersion: v1, kind: Service, metadata: {{name: {name}}}, spec: {{{spec}}}}}";
}
