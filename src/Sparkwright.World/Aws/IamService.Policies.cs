using System.Globalization;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Aws.Access;
using Sparkwright.World.Aws.Api;

namespace Sparkwright.World.Aws;

/// <content>Policies with a life of their own, the customer's and AWS's.</content>
public sealed partial class IamService
{
    /// <summary>A document and when it was made.</summary>
    private sealed record AccessDocument(string Text, string Created);

    private ApiObject OwnPolicy(string arn) => arn.StartsWith(ManagedPolicies.Prefix, StringComparison.Ordinal)
        ? throw IamRefusal.Denied($"Policy {arn} is AWS's own and cannot be changed.")
        : FindOwnPolicy(arn) ?? throw NoPolicy(arn);

    private static IamRefusal NoPolicy(string arn) => IamRefusal.NotFound($"Policy {arn} was not found.");

    private ApiObject? FindOwnPolicy(string arn) =>
        api.Store.Get(IamTypes.Policy, "", arn[(arn.LastIndexOf('/') + 1)..]) is { } policy && policy.Spec["arn"]?.Text == arn ? policy : null;

    private AwsAnswer CreatePolicy(AwsCall call)
    {
        var (name, path) = (NeedName(call, "PolicyName", LongestPolicyName), NeedPath(call));
        var document = NeedManaged(call);
        if (api.Store.List(IamTypes.Policy).Any(known => known.Name.Equals(name, StringComparison.OrdinalIgnoreCase)))
        {
            throw IamRefusal.Exists($"A policy called {name} already exists. Duplicate names are not allowed.");
        }

        var arn = $"arn:aws:iam::{account}:policy{path}{name}";
        api.Create(IamPolicy.Make(arn, name, path, "ANPA" + iam.NewId("policy"), call.Text("Description"), document, api.Clock.Now));
        return AwsAnswer.Ok(("Policy", PolicyXml(arn)));
    }

    private AwsAnswer ListPolicies(AwsCall call)
    {
        var scope = call.Text("Scope") ?? "All";
        if (scope is not ("All" or "AWS" or "Local"))
        {
            throw IamRefusal.Invalid($"1 validation error detected: Value '{scope}' at 'scope' failed to satisfy constraint: Member must satisfy enum value set: [AWS, Local, All]");
        }

        var own = scope == "AWS" ? [] : Under(call, IamTypes.Policy).Select(known => known.Spec["arn"]?.Text ?? "");
        var others = scope == "Local" ? [] : ManagedPolicies.Arns;
        return Page(call, "Policies", [.. own.Concat(others).Where(arn => call.Text("OnlyAttached") != "true" || Users(arn).Any())], PolicyXml);
    }

    private AwsAnswer DeletePolicy(AwsCall call)
    {
        var policy = OwnPolicy(Need(call, "PolicyArn"));
        if (Users(policy.Spec["arn"]!.Text!).Any())
        {
            throw IamRefusal.InUse("Cannot delete a policy attached to entities.");
        }

        if (Map(policy, IamPolicy.VersionsMember).Count > 1)
        {
            throw IamRefusal.InUse("This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.");
        }

        api.Delete(IamTypes.Policy, policy.Key);
        return AwsAnswer.Ok();
    }

    private AwsAnswer CreatePolicyVersion(AwsCall call)
    {
        var policy = OwnPolicy(Need(call, "PolicyArn"));
        var document = NeedManaged(call);
        if (Map(policy, IamPolicy.VersionsMember).Count >= MostVersions)
        {
            throw IamRefusal.Limit($"A managed policy can have up to {MostVersions} versions. Before you create a new version, you must delete an existing version.");
        }

        var made = (policy.Spec["versionsMade"]?.Integer ?? 1) + 1;
        var id = "v" + made.ToString(CultureInfo.InvariantCulture);
        Change(policy, spec => spec
            .With("versionsMade", made)
            .With(IamPolicy.DefaultMember, call.Text("SetAsDefault") == "true" ? id : spec[IamPolicy.DefaultMember])
            .Set([IamPolicy.VersionsMember, id], IamPolicy.Version(document, api.Clock.Now)));
        return AwsAnswer.Ok(("PolicyVersion", VersionXml(policy.Spec["arn"]!.Text!, id, withDocument: false)));
    }

    private AwsAnswer GetPolicyVersion(AwsCall call) =>
        AwsAnswer.Ok(("PolicyVersion", VersionXml(Need(call, "PolicyArn"), Need(call, "VersionId"), withDocument: true)));

    private AwsAnswer ListPolicyVersions(AwsCall call)
    {
        var arn = Need(call, "PolicyArn");
        IReadOnlyList<string> ids = ManagedPolicies.Find(arn) is not null ? ["v1"]
            : [.. Map(OwnPolicy(arn), IamPolicy.VersionsMember).Keys.ToArray().OrderByDescending(id => int.Parse(id[1..], CultureInfo.InvariantCulture))];
        return Page(call, "Versions", ids, id => VersionXml(arn, id, withDocument: false));
    }

    private AwsAnswer SetDefaultPolicyVersion(AwsCall call)
    {
        var (policy, id) = (OwnPolicy(Need(call, "PolicyArn")), Need(call, "VersionId"));
        Document(policy.Spec["arn"]!.Text!, id);
        Change(policy, spec => spec.With(IamPolicy.DefaultMember, id));
        return AwsAnswer.Ok();
    }

    private AwsAnswer DeletePolicyVersion(AwsCall call)
    {
        var (policy, id) = (OwnPolicy(Need(call, "PolicyArn")), Need(call, "VersionId"));
        Document(policy.Spec["arn"]!.Text!, id);
        if (policy.Spec[IamPolicy.DefaultMember]?.Text == id)
        {
            throw IamRefusal.InUse("Cannot delete the default version of a policy.");
        }

        Change(policy, spec => spec.With(IamPolicy.VersionsMember, Map(spec, IamPolicy.VersionsMember).With(id, null)));
        return AwsAnswer.Ok();
    }

    private AwsAnswer ListEntitiesForPolicy(AwsCall call)
    {
        var arn = Need(call, "PolicyArn");
        Document(arn, DefaultVersion(arn));
        TreeList Of(ResourceType type, string prefix) => TreeList.From(Users(arn).Where(one => one.Type == type)
            .Select(one => TreeMap.Of((prefix + "Name", one.Name), (prefix + "Id", one.Spec[type == IamTypes.Role ? "roleId" : "userId"]))));
        return AwsAnswer.Ok(
            ("IsTruncated", false),
            ("PolicyGroups", TreeList.Empty),
            ("PolicyRoles", Of(IamTypes.Role, "Role")),
            ("PolicyUsers", Of(IamTypes.User, "User")));
    }

    private IEnumerable<ApiObject> Users(string arn) =>
        api.Store.List(IamTypes.Role).Concat(api.Store.List(IamTypes.User)).Where(known => AttachedArns(known).Contains(arn));

    private static string NeedManaged(AwsCall call) => NeedDocument(call, "PolicyDocument", PolicyKind.Identity, LongestManaged, "PolicySize");

    private string DefaultVersion(string arn) => FindOwnPolicy(arn)?.Spec[IamPolicy.DefaultMember]?.Text ?? "v1";

    private AccessDocument Document(string arn, string id) =>
        ManagedPolicies.Documents.TryGetValue(arn, out var text) ? id == "v1" ? new AccessDocument(text, Stamp(api.Clock.Start)) : throw NoVersion(arn, id)
        : FindOwnPolicy(arn) is not { } own ? throw NoPolicy(arn)
        : own.Spec.At(IamPolicy.VersionsMember, id) is { } version ? new AccessDocument(version["document"]?.Text ?? "", version["createDate"]?.Text ?? "")
        : throw NoVersion(arn, id);

    private static IamRefusal NoVersion(string arn, string id) => IamRefusal.NotFound($"Policy {arn} version {id} does not exist or is not attachable.");

    private TreeMap VersionXml(string arn, string id, bool withDocument)
    {
        var document = Document(arn, id);
        return TreeMap.Of(
            ("CreateDate", document.Created),
            ("Document", withDocument ? Encoded(document.Text) : null),
            ("IsDefaultVersion", id == DefaultVersion(arn)),
            ("VersionId", id));
    }

    private TreeMap PolicyXml(string arn)
    {
        var id = DefaultVersion(arn);
        var document = Document(arn, id);
        var own = FindOwnPolicy(arn);
        var name = arn[(arn.LastIndexOf('/') + 1)..];
        var created = own is null ? document.Created : Stamp(own.Metadata.CreationTimestamp);
        return TreeMap.Of(
            ("Arn", arn),
            ("AttachmentCount", Users(arn).Count()),
            ("CreateDate", created),
            ("DefaultVersionId", id),
            ("Description", own?.Spec["description"]),
            ("IsAttachable", true),
            ("Path", own is null ? "/" : Path(own.Spec)),
            ("PermissionsBoundaryUsageCount", 0),
            ("PolicyId", own?.Spec["policyId"] ?? "ANPA" + IamIds.Of(api.Chance.For("iam/policy", arn))),
            ("PolicyName", name),
            ("UpdateDate", document.Created));
    }
}
