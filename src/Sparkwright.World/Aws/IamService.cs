using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.World.Aws.Access;
using Sparkwright.World.Aws.Api;

namespace Sparkwright.World.Aws;

/// <summary>The API iam over the world: roles, policies, the users there are, OIDC providers, and what-if questions.</summary>
public sealed partial class IamService(ApiServer api, Iam iam, string account)
{
    private const int PageSize = 100;
    private const int MostVersions = 5;

    /// <summary>Characters of a trust policy, its white space left out: the largest quota that an account can have.</summary>
    private const int LongestTrust = 4096;

    private const int LongestInline = 10_240;
    private const int LongestManaged = 6144;
    private const string NameCharacters = "_+=,.@-";

    public AwsService Service() => new("iam", AwsProtocol.Query, "https://iam.amazonaws.com/doc/2010-05-08/",
    [
        IamRefusal.Guard("CreateRole", CreateRole),
        IamRefusal.Guard("GetRole", call => AwsAnswer.Ok(("Role", RoleXml(Role(call))))),
        IamRefusal.Guard("ListRoles", call => Page(call, "Roles", Under(call, IamTypes.Role), RoleXml)),
        IamRefusal.Guard("UpdateRole", UpdateRole),
        IamRefusal.Guard("UpdateRoleDescription", UpdateRoleDescription),
        IamRefusal.Guard("UpdateAssumeRolePolicy", UpdateAssumeRolePolicy),
        IamRefusal.Guard("DeleteRole", DeleteRole),
        IamRefusal.Guard("PutRolePolicy", PutRolePolicy),
        IamRefusal.Guard("GetRolePolicy", GetRolePolicy),
        IamRefusal.Guard("ListRolePolicies", call => Page(call, "PolicyNames", [.. Map(Role(call), IamPrincipal.InlineMember).Keys.ToArray()], static name => name)),
        IamRefusal.Guard("DeleteRolePolicy", DeleteRolePolicy),
        IamRefusal.Guard("AttachRolePolicy", AttachRolePolicy),
        IamRefusal.Guard("DetachRolePolicy", DetachRolePolicy),
        IamRefusal.Guard("ListAttachedRolePolicies", call => Page(call, "AttachedPolicies", Attached(Role(call)), AttachedXml)),
        IamRefusal.Guard("TagRole", call => ChangeRole(call, spec => spec.With("tags", Map(spec, "tags").Merge(Tags(call))))),
        IamRefusal.Guard("UntagRole", call => ChangeRole(call, spec => spec.With("tags", call.Texts("TagKeys").Aggregate(Map(spec, "tags"), static (tags, key) => tags.With(key, null))))),
        IamRefusal.Guard("ListRoleTags", call => Page(call, "Tags", [.. Map(Role(call), "tags").Members()], static tag => TreeMap.Of(("Key", tag.Key), ("Value", tag.Value)))),
        IamRefusal.Guard("CreatePolicy", CreatePolicy),
        IamRefusal.Guard("GetPolicy", call => AwsAnswer.Ok(("Policy", PolicyXml(Need(call, "PolicyArn"))))),
        IamRefusal.Guard("ListPolicies", ListPolicies),
        IamRefusal.Guard("DeletePolicy", DeletePolicy),
        IamRefusal.Guard("CreatePolicyVersion", CreatePolicyVersion),
        IamRefusal.Guard("GetPolicyVersion", GetPolicyVersion),
        IamRefusal.Guard("ListPolicyVersions", ListPolicyVersions),
        IamRefusal.Guard("SetDefaultPolicyVersion", SetDefaultPolicyVersion),
        IamRefusal.Guard("DeletePolicyVersion", DeletePolicyVersion),
        IamRefusal.Guard("ListEntitiesForPolicy", ListEntitiesForPolicy),
        IamRefusal.Guard("GetUser", GetUser),
        IamRefusal.Guard("ListUsers", call => Page(call, "Users", Under(call, IamTypes.User), UserXml)),
        IamRefusal.Guard("ListAttachedUserPolicies", call => Page(call, "AttachedPolicies", Attached(User(Need(call, "UserName"))), AttachedXml)),
        IamRefusal.Guard("ListUserPolicies", call => Page(call, "PolicyNames", [.. Map(User(Need(call, "UserName")), IamPrincipal.InlineMember).Keys.ToArray()], static name => name)),
        IamRefusal.Guard("CreateOpenIDConnectProvider", CreateProvider),
        IamRefusal.Guard("GetOpenIDConnectProvider", GetProvider),
        IamRefusal.Guard("ListOpenIDConnectProviders", _ => AwsAnswer.Ok(("OpenIDConnectProviderList", TreeList.From(
            api.Store.List(IamTypes.OidcProvider).Select(known => TreeMap.Of(("Arn", known.Spec["arn"]))))))),
        IamRefusal.Guard("DeleteOpenIDConnectProvider", DeleteProvider),
        IamRefusal.Guard("SimulatePrincipalPolicy", Simulate),
    ]);

    private static string Need(AwsCall call, string member) => IamRefusal.Need(call, member);

    private static string NeedName(AwsCall call, string member, int most) => IamRefusal.Need(call, member, most, NameCharacters);

    /// <summary>A document that IAM takes, as it was given.</summary>
    private static string NeedDocument(AwsCall call, string member, PolicyKind kind, int longest, string quota)
    {
        var text = Need(call, member);
        return PolicyDocument.Read(text, kind).Problem is { } problem ? throw IamRefusal.Malformed(problem)
            : text.Count(static one => !char.IsWhiteSpace(one)) > longest ? throw IamRefusal.Limit($"Cannot exceed quota for {quota}: {longest}")
            : text;
    }

    private static string NeedInline(AwsCall call) => NeedDocument(call, "PolicyDocument", PolicyKind.Identity, LongestInline, "MaxPolicySize");

    private static AwsAnswer Page<T>(AwsCall call, string member, IReadOnlyList<T> all, Func<T, Tree> print) => AwsPages.Of(all, call, PageSize, "MaxItems", "Marker") is { } page
        ? AwsAnswer.Ok((member, AwsPages.Trees(page, print)), ("IsTruncated", page.Next is not null), ("Marker", page.Next))
        : throw IamRefusal.Invalid("Invalid Marker.");

    /// <summary>Those of a kind whose path begins as the call asks, by name.</summary>
    private List<ApiObject> Under(AwsCall call, ResourceType type) => [.. api.Store.List(type)
        .Where(known => Path(known.Spec).StartsWith(call.Text("PathPrefix") ?? "/", StringComparison.Ordinal)).OrderBy(known => known.Name, StringComparer.Ordinal)];

    private static string Path(TreeMap spec) => spec["path"]?.Text ?? "/";

    private static string NeedPath(AwsCall call) => call.Text("Path") is not { } path ? "/"
        : path.StartsWith('/') && path.EndsWith('/') && path.Length <= 512 ? path
        : throw IamRefusal.Invalid("The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters.");

    private static TreeMap Map(ApiObject known, string member) => Map(known.Spec, member);

    private static TreeMap Map(TreeMap spec, string member) => spec[member] as TreeMap ?? TreeMap.Empty;

    private static TreeMap Tags(AwsCall call) => Tree.ItemsOf(call.Input["Tags"]).ToArray()
        .Aggregate(TreeMap.Empty, static (tags, tag) => tags.With(tag["Key"]?.Text ?? throw IamRefusal.Invalid("A tag needs a Key."), tag["Value"]?.Text ?? ""));

    private static TreeList TagsXml(TreeMap tags) => TreeList.From(tags.Members().Select(static tag => TreeMap.Of(("Key", tag.Key), ("Value", tag.Value))));

    private static string[] AttachedArns(ApiObject known) => [.. Tree.ItemsOf(known.Spec[IamPrincipal.AttachedMember]).ToArray().Select(one => one.Text ?? "")];

    /// <summary>ARNs of the policies of a role or user that lie under the path which the call asks for; all of ours lie under the root.</summary>
    private static List<string> Attached(ApiObject known) => [.. AttachedArns(known).Order(StringComparer.Ordinal)];

    private static TreeMap AttachedXml(string arn) => TreeMap.Of(("PolicyArn", arn), ("PolicyName", arn[(arn.LastIndexOf('/') + 1)..]));

    private static string Stamp(DateTime time) => Timestamps.Print(time);

    /// <summary>Documents go over the wire percent-encoded.</summary>
    private static string Encoded(string document) => Uri.EscapeDataString(document);

    private void Change(ApiObject known, Func<TreeMap, TreeMap> change) =>
        api.Modify(known.Type, known.Key, one => one.WithSpec(change(one.Spec)));

    private ApiObject User(string name) => api.Store.Get(IamTypes.User, "", name) ?? throw IamRefusal.NotFound($"The user with name {name} cannot be found.");

    /// <summary>Without a name it is who asks.</summary>
    private AwsAnswer GetUser(AwsCall call) => call.Text("UserName") is { } name ? AwsAnswer.Ok(("User", UserXml(User(name))))
        : call.Caller.Arn.Contains(":user/", StringComparison.Ordinal) ? AwsAnswer.Ok(("User", UserXml(User(call.Caller.Arn[(call.Caller.Arn.LastIndexOf('/') + 1)..]))))
        : throw IamRefusal.Invalid("Must specify userName when calling with non-User credentials");

    private static TreeMap UserXml(ApiObject user) => TreeMap.Of(
        ("Arn", user.Spec["arn"]),
        ("CreateDate", Stamp(user.Metadata.CreationTimestamp)),
        ("Path", Path(user.Spec)),
        ("UserId", user.Spec["userId"]),
        ("UserName", user.Name));

    private AwsAnswer CreateProvider(AwsCall call)
    {
        var url = Need(call, "Url");
        if (!Uri.TryCreate(url, UriKind.Absolute, out var parsed) || parsed.Scheme != Uri.UriSchemeHttps)
        {
            throw IamRefusal.Invalid("Invalid Open ID Connect Provider URL");
        }

        if (api.Store.Get(IamTypes.OidcProvider, "", OidcProvider.NameOf(url)) is not null)
        {
            throw IamRefusal.Exists($"Provider with url {url} already exists.");
        }

        var arn = OidcProvider.ArnOf(account, url);
        api.Create(OidcProvider.Make(arn, url, call.Texts("ClientIDList"), call.Texts("ThumbprintList")));
        return AwsAnswer.Ok(("OpenIDConnectProviderArn", arn));
    }

    private AwsAnswer GetProvider(AwsCall call)
    {
        var provider = Provider(call);
        return AwsAnswer.Ok(
            ("ClientIDList", provider.Spec["clientIds"]),
            ("CreateDate", Stamp(provider.Metadata.CreationTimestamp)),
            ("ThumbprintList", provider.Spec["thumbprints"]),
            ("Url", provider.Spec["url"]));
    }

    private AwsAnswer DeleteProvider(AwsCall call)
    {
        api.Delete(IamTypes.OidcProvider, Provider(call).Key);
        return AwsAnswer.Ok();
    }

    private ApiObject Provider(AwsCall call)
    {
        var arn = Need(call, "OpenIDConnectProviderArn");
        return api.Store.List(IamTypes.OidcProvider).FirstOrDefault(known => known.Spec["arn"]?.Text == arn)
            ?? throw IamRefusal.NotFound($"OpenIDConnect Provider not found for arn {arn}");
    }

    /// <summary>What a role or user may do, asked beforehand: each action on each resource.</summary>
    private AwsAnswer Simulate(AwsCall call)
    {
        var arn = Need(call, "PolicySourceArn");
        if (iam.FindRole(arn) is null && !(arn.Contains(":user/", StringComparison.Ordinal) && api.Store.Get(IamTypes.User, "", arn[(arn.LastIndexOf('/') + 1)..]) is not null))
        {
            throw IamRefusal.NotFound($"The principal {arn} does not exist.");
        }

        var actions = call.Texts("ActionNames");
        if (actions.Count == 0)
        {
            throw IamRefusal.Invalid("1 validation error detected: Value null at 'actionNames' failed to satisfy constraint: Member must not be null");
        }

        var resources = call.Texts("ResourceArns") is { Count: > 0 } named ? named : ["*"];
        var context = Tree.ItemsOf(call.Input["ContextEntries"]).ToArray();
        var results =
            from action in actions
            from resource in resources
            let request = context.Aggregate(new AccessRequest(action, resource), static (request, entry) => request.With(
                entry["ContextKeyName"]?.Text ?? "", [.. Tree.ItemsOf(entry["ContextKeyValues"]).ToArray().Select(value => value.Text ?? "")]))
            let verdict = iam.Decide(arn, request)
            select TreeMap.Of(
                ("EvalActionName", action),
                ("EvalDecision", verdict.Effect switch { AccessEffect.Allowed => "allowed", AccessEffect.Denied => "explicitDeny", _ => "implicitDeny" }),
                ("EvalResourceName", resource),
                ("MatchedStatements", verdict.Policy is null ? TreeList.Empty : TreeList.Of(TreeMap.Of(("SourcePolicyId", verdict.Policy)))),
                ("MissingContextValues", TreeList.Empty));
        return Page(call, "EvaluationResults", [.. results], static result => result);
    }
}
