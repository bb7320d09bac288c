using Sparkwright.Kubernetes.Authorization;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Store;

namespace Sparkwright.Tests.Kubernetes.Authorization;

public class EscalationTests
{
    private const string Attempt = "is forbidden: user \"joe\" (groups=[\"devs\" \"system:authenticated\"]) is attempting to grant RBAC permissions not currently held:\n";

    [Theory]
    //          what joe holds in his home                                                          the rules that he writes, and what is said of it
    [InlineData("{apiGroups: [''], resources: [pods], verbs: [get, list]}", "{apiGroups: [''], resources: [pods], verbs: [get]}", null)]
    [InlineData("{apiGroups: [''], resources: [pods], verbs: [get]}", "{apiGroups: [''], resources: [pods], verbs: [get, list, watch]}", "{APIGroups:[\"\"], Resources:[\"pods\"], Verbs:[\"list\" \"watch\"]}")]
    [InlineData("{apiGroups: [''], resources: [pods], verbs: ['*']}", "{apiGroups: ['', apps], resources: [pods], verbs: [get]}", "{APIGroups:[\"apps\"], Resources:[\"pods\"], Verbs:[\"get\"]}")]
    [InlineData("{apiGroups: [''], resources: ['*'], verbs: [get]}", "{apiGroups: [''], resources: [pods/log], verbs: [get]}", null)]
    [InlineData("{apiGroups: [''], resources: ['*/log'], verbs: [get]}", "{apiGroups: [''], resources: [pods/log], verbs: [get]}", null)]
    [InlineData("{apiGroups: [''], resources: [pods], verbs: [get]}", "{apiGroups: [''], resources: ['*'], verbs: [get]}", "{APIGroups:[\"\"], Resources:[\"*\"], Verbs:[\"get\"]}")]
    [InlineData("{apiGroups: [''], resources: [pods], resourceNames: [a], verbs: [get]}", "{apiGroups: [''], resources: [pods], resourceNames: [a, b], verbs: [get]}", "{APIGroups:[\"\"], Resources:[\"pods\"], ResourceNames:[\"b\"], Verbs:[\"get\"]}")]
    [InlineData("{apiGroups: [''], resources: [pods], resourceNames: [a], verbs: [get]}", "{apiGroups: [''], resources: [pods], verbs: [get]}", "{APIGroups:[\"\"], Resources:[\"pods\"], Verbs:[\"get\"]}")]
    [InlineData("{apiGroups: [rbac.authorization.k8s.io], resources: [roles], verbs: [escalate]}", "{apiGroups: ['*'], resources: ['*'], verbs: ['*']}", null)]
    public void Who_writes_a_role_must_hold_its_rules(string held, string written, string? missing) => Assert.Equal(
        missing is null ? null : $"roles.rbac.authorization.k8s.io \"r\" {Attempt}{missing}",
        Escalation(held).RefusalOf(Joe, Role(CoreTypes.Role, "home", written), null)?.Message);

    [Theory]
    [InlineData("{apiGroups: [''], resources: [secrets], verbs: [get]}", "big", null)]
    [InlineData("{apiGroups: [''], resources: [pods], verbs: [get]}", "big", "rolebindings.rbac.authorization.k8s.io \"b\" " + Attempt + "{APIGroups:[\"\"], Resources:[\"secrets\"], Verbs:[\"get\"]}")]
    [InlineData("{apiGroups: [rbac.authorization.k8s.io], resources: [clusterroles], resourceNames: [big], verbs: [bind]}", "big", null)]
    [InlineData("{apiGroups: [''], resources: [pods], verbs: [get]}", "none", "clusterroles.rbac.authorization.k8s.io \"none\" not found")]
    public void Who_binds_a_role_must_hold_its_rules(string held, string role, string? message) => Assert.Equal(
        message,
        Escalation(held).RefusalOf(
            Joe,
            new ApiObject(CoreTypes.RoleBinding, new ObjectMeta { Name = "b", Namespace = "home" }, TreeMap.Of(("roleRef", TreeMap.Of(("kind", "ClusterRole"), ("name", role))))),
            null)?.Message);

    [Fact]
    public void Only_an_administrator_sets_an_aggregation_rule()
    {
        var role = Role(CoreTypes.ClusterRole, "", "{}").With(TreeMap.Of(("aggregationRule", TreeMap.Of(("clusterRoleSelectors", TreeList.Of(TreeMap.Empty))))));
        var escalation = Escalation("{apiGroups: [''], resources: [pods], verbs: [get]}");
        Assert.Equal(
            "clusterroles.rbac.authorization.k8s.io \"r\" is forbidden: must have cluster-admin privileges to use the aggregationRule", escalation.RefusalOf(Joe, role, null)?.Message);
        Assert.Null(escalation.RefusalOf(Identity.User("root", Identity.MastersGroup), role, null));
    }

    [Fact]
    public void A_write_that_grants_nothing_more_is_nobodys_concern()
    {
        var old = Role(CoreTypes.Role, "home", "{apiGroups: ['*'], resources: ['*'], verbs: ['*']}");
        var escalation = Escalation("{apiGroups: [''], resources: [pods], verbs: [get]}");
        Assert.Null(escalation.RefusalOf(Joe, old.WithLabel("a", "b"), old));
        Assert.Null(escalation.RefusalOf(Joe, old.With(old.Metadata with { Finalizers = ["x/y"] }), old));
    }

    private static Identity Joe => Identity.User("joe", "devs");

    private static Escalation Escalation(string held)
    {
        var store = new ObjectStore();
        store.Put(Role(CoreTypes.Role, "home", held).With(new ObjectMeta { Name = "mine", Namespace = "home" }));
        store.Put(Role(CoreTypes.ClusterRole, "", "{apiGroups: [''], resources: [secrets], verbs: [get]}").With(new ObjectMeta { Name = "big" }));
        store.Put(ApiObject.From(CoreTypes.RoleBinding, (TreeMap)Yaml.Read("{metadata: {name: mine, namespace: home}, roleRef: {kind: Role, name: mine}, subjects: [{kind: User, name: joe}]}")));
        return new Escalation(store);
    }

    private static ApiObject Role(ResourceType type, string home, string rule) =>
        new(type, new ObjectMeta { Name = "r", Namespace = home }, TreeMap.Of(("rules", TreeList.Of(Yaml.Read(rule)))));
}
