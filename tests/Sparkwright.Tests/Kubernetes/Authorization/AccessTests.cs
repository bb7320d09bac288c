using System.Collections.Immutable;
using Sparkwright.Kubernetes.Authentication;
using Sparkwright.Kubernetes.Authorization;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Store;
using Sparkwright.World.Controllers;

namespace Sparkwright.Tests.Kubernetes.Authorization;

public class AccessTests
{
    [Theory]
    [InlineData("verbs: [get], apiGroups: [''], resources: [pods]", "get pods", true)]
    [InlineData("verbs: [get], apiGroups: [''], resources: [pods]", "list pods", false)]
    [InlineData("verbs: [get], apiGroups: [''], resources: [pods]", "get pods/log", false)]
    [InlineData("verbs: [get], apiGroups: [''], resources: [pods/log]", "get pods/log", true)]
    [InlineData("verbs: [get], apiGroups: [''], resources: ['*/log']", "get pods/log", true)]
    [InlineData("verbs: ['*'], apiGroups: ['*'], resources: ['*']", "delete pods/log", true)]
    [InlineData("verbs: [get], apiGroups: [apps], resources: [pods]", "get pods", false)]
    [InlineData("verbs: [get], apiGroups: [''], resources: [pods], resourceNames: [x]", "get pods x", true)]
    [InlineData("verbs: [get], apiGroups: [''], resources: [pods], resourceNames: [x]", "get pods y", false)]
    [InlineData("verbs: [get], nonResourceURLs: ['/api/*']", "get /api/v1", true)]
    [InlineData("verbs: [get], nonResourceURLs: ['/api/*']", "get /api", false)]
    public void A_rule_permits_what_it_names(string rule, string asked, bool permits)
    {
        var words = asked.Split(' ');
        var resource = words[1].Split('/');
        var request = words[1].StartsWith('/')
            ? new AccessRequest(words[0]) { Path = words[1] }
            : new AccessRequest(words[0]) { Resource = resource[0], Subresource = resource.Length > 1 ? resource[1] : "", Name = words.Length > 2 ? words[2] : "" };
        Assert.Equal(permits, Rbac.Permits(Yaml.Read($"{{{rule}}}"), request));
    }

    [Theory]
    [InlineData("admin", "", "delete nodes", true)]
    [InlineData("team", "home", "create pods", true)]
    [InlineData("team", "home", "create rolebindings.rbac.authorization.k8s.io", true)]
    [InlineData("team", "home", "create resourcequotas", false)]
    [InlineData("team", "elsewhere", "get pods", false)]
    [InlineData("team", "", "list pods", false)]
    public void Default_roles_confine_a_team_to_its_namespace(string user, string home, string asked, bool allowed)
    {
        var (verb, resource) = (asked.Split(' ')[0], asked.Split(' ')[1].Split('.', 2));
        var who = user == "admin" ? Identity.User("admin", Identity.MastersGroup) : Identity.User(user);
        var request = new AccessRequest(verb) { Group = resource.Length > 1 ? resource[1] : "", Resource = resource[0], Namespace = home };
        Assert.Equal(allowed, new Rbac(Cluster()).Allows(who, request));
    }

    [Theory]
    [InlineData("/api", true, false)]
    [InlineData("/openapi/v3", true, false)]
    [InlineData("/version", true, true)]
    [InlineData("/metrics", false, false)]
    public void Discovery_is_a_right_of_those_who_are_known(string path, bool known, bool anonymous)
    {
        var (rbac, request) = (new Rbac(Cluster()), new AccessRequest("get") { Path = path });
        Assert.Equal(known, rbac.Allows(Identity.User("joe"), request));
        Assert.Equal(anonymous, rbac.Allows(Identity.Anonymous, request));
    }

    [Theory]
    [InlineData("joe", "", "users//joe", "system:authenticated")]
    [InlineData("joe", "dev", "users//joe groups//dev", "dev system:authenticated")]
    [InlineData("system:serviceaccount:home:sa", "", "serviceaccounts/home/sa", "system:serviceaccounts system:serviceaccounts:home system:authenticated")]
    [InlineData("system:anonymous", "", "users//system:anonymous", "system:unauthenticated")]
    public void Impersonation_needs_a_right_for_each_part(string user, string group, string needed, string groups)
    {
        var wish = new Impersonation(user, group.Length == 0 ? ImmutableArray<string>.Empty : [group], "", []);
        Assert.Equal(needed, string.Join(' ', wish.Needed().Select(one => $"{one.Resource}/{one.Namespace}/{one.Name}")));
        Assert.Equal(groups, string.Join(' ', wish.Who.Groups));
    }

    [Theory]
    [InlineData("SelfSubjectAccessReview", "resourceAttributes: {verb: get, resource: pods, namespace: home}", "{\"allowed\":true}")]
    [InlineData("SelfSubjectAccessReview", "resourceAttributes: {verb: get, resource: nodes}", "{\"allowed\":false}")]
    [InlineData("SelfSubjectAccessReview", "nonResourceAttributes: {verb: get, path: /api}", "{\"allowed\":true}")]
    [InlineData("SelfSubjectAccessReview", "{}", "422")]
    [InlineData("SubjectAccessReview", "resourceAttributes: {verb: get, resource: nodes}\n  groups: ['system:masters']", "{\"allowed\":true}")]
    [InlineData("SubjectAccessReview", "resourceAttributes: {verb: get, resource: nodes}", "422")]
    [InlineData("LocalSubjectAccessReview", "resourceAttributes: {verb: get, resource: pods, namespace: other}\n  user: team", "400")]
    [InlineData("SelfSubjectRulesReview", "{}", "400")]
    [InlineData("TokenReview", "token: good", "{\"audiences\":[\"api\"],\"authenticated\":true,\"user\":{\"groups\":[\"system:authenticated\"],\"username\":\"owner\"}}")]
    [InlineData("TokenReview", "token: bad", "{\"error\":\"invalid bearer token\",\"user\":{}}")]
    [InlineData("SelfSubjectReview", "{}", "{\"userInfo\":{\"groups\":[\"system:authenticated\"],\"username\":\"team\"}}")]
    public void Reviews_are_answered_in_their_status(string kind, string spec, string wanted)
    {
        TokenVerdict verdict = spec == "token: good" ? new TokenVerdict.Accepted(Identity.User("owner"), ["api"]) : TokenVerdict.Unknown;
        var reviews = new AccessReviews(new Rbac(Cluster()), () => verdict);
        var document = spec == "{}" ? "spec: {}" : $"spec:\n  {spec}";
        var (answer, refusal) = reviews.Answer(new ResourceType("g", "v1", kind, "x", false, true), "home", (TreeMap)Yaml.Read(document), Identity.User("team"));
        Assert.Equal(wanted, answer?["status"]?.ToString() ?? $"{refusal?.Code}");
    }

    /// <summary>The default roles, aggregated, and a team that is admin of its home.</summary>
    private static ObjectStore Cluster()
    {
        var store = new ObjectStore();
        foreach (var known in BootstrapRoles.All)
        {
            store.Put(known);
        }

        // In this order, as view is part of edit and edit of admin.
        foreach (var name in (string[])["view", "edit", "admin"])
        {
            var role = store.Get(CoreTypes.ClusterRole, "", name)!;
            store.Put(role.Set(["rules"], ClusterRoleAggregation.RulesOf(role, store.List(CoreTypes.ClusterRole))));
        }

        store.Put(ApiObject.From(CoreTypes.RoleBinding, (TreeMap)Yaml.Read("{metadata: {name: team, namespace: home}, roleRef: {kind: ClusterRole, name: admin}, subjects: [{kind: User, name: team}]}")));
        return store;
    }
}
