using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Aws.Access;
using Sparkwright.World.Aws.Api;

namespace Sparkwright.World.Aws;

/// <content>Roles and their policies.</content>
public sealed partial class IamService
{
    private const int LongestRoleName = 64;
    private const int LongestPolicyName = 128;
    private const int ShortestSession = 3600;
    private const int LongestSession = 43_200;
    private const int MostAttached = 10;

    private ApiObject Role(AwsCall call)
    {
        var name = NeedName(call, "RoleName", LongestRoleName);
        return api.Store.Get(IamTypes.Role, "", name) ?? throw IamRefusal.NotFound($"The role with name {name} cannot be found.");
    }

    private AwsAnswer ChangeRole(AwsCall call, Func<TreeMap, TreeMap> change)
    {
        Change(Role(call), change);
        return AwsAnswer.Ok();
    }

    private AwsAnswer CreateRole(AwsCall call)
    {
        var (name, path) = (NeedName(call, "RoleName", LongestRoleName), NeedPath(call));
        var trust = NeedTrust(call, "AssumeRolePolicyDocument");
        if (api.Store.List(IamTypes.Role).Any(known => known.Name.Equals(name, StringComparison.OrdinalIgnoreCase)))
        {
            throw IamRefusal.Exists($"Role with name {name} already exists.");
        }

        api.Create(new ApiObject(IamTypes.Role, new ObjectMeta { Name = name }, TreeMap.Of(("spec", TreeMap.Of(
            ("arn", $"arn:aws:iam::{account}:role{path}{name}"),
            (IamPrincipal.TrustMember, trust),
            ("description", call.Text("Description")),
            ("maxSessionDuration", SessionDuration(call)),
            ("path", path),
            ("roleId", "AROA" + iam.NewId("role")),
            ("tags", Tags(call)))))));
        return AwsAnswer.Ok(("Role", RoleXml(api.Store.Get(IamTypes.Role, "", name)!)));
    }

    private AwsAnswer UpdateRole(AwsCall call)
    {
        var duration = SessionDuration(call);
        return ChangeRole(call, spec => spec
            .With("description", call.Text("Description") ?? spec["description"])
            .With("maxSessionDuration", duration ?? spec["maxSessionDuration"]));
    }

    private AwsAnswer UpdateRoleDescription(AwsCall call)
    {
        ChangeRole(call, spec => spec.With("description", call.Text("Description")));
        return AwsAnswer.Ok(("Role", RoleXml(Role(call))));
    }

    private AwsAnswer UpdateAssumeRolePolicy(AwsCall call)
    {
        var trust = NeedTrust(call, "PolicyDocument");
        return ChangeRole(call, spec => spec.With(IamPrincipal.TrustMember, trust));
    }

    private AwsAnswer DeleteRole(AwsCall call)
    {
        var role = Role(call);
        if (AttachedArns(role).Length > 0)
        {
            throw IamRefusal.InUse("Cannot delete entity, must detach all policies first.");
        }

        if (Map(role, IamPrincipal.InlineMember).Count > 0)
        {
            throw IamRefusal.InUse("Cannot delete entity, must delete policies first.");
        }

        api.Delete(IamTypes.Role, role.Key);
        return AwsAnswer.Ok();
    }

    private AwsAnswer PutRolePolicy(AwsCall call)
    {
        var (name, document) = (NeedName(call, "PolicyName", LongestPolicyName), NeedInline(call));
        return ChangeRole(call, spec => spec.With(IamPrincipal.InlineMember, Map(spec, IamPrincipal.InlineMember).With(name, document)));
    }

    private AwsAnswer GetRolePolicy(AwsCall call)
    {
        var (role, name) = (Role(call), Need(call, "PolicyName"));
        return AwsAnswer.Ok(("PolicyDocument", Encoded(InlinePolicy(role, name))), ("PolicyName", name), ("RoleName", role.Name));
    }

    private AwsAnswer DeleteRolePolicy(AwsCall call)
    {
        var name = Need(call, "PolicyName");
        InlinePolicy(Role(call), name);
        return ChangeRole(call, spec => spec.With(IamPrincipal.InlineMember, Map(spec, IamPrincipal.InlineMember).With(name, null)));
    }

    private static string InlinePolicy(ApiObject role, string name) =>
        Map(role, IamPrincipal.InlineMember)[name]?.Text ?? throw IamRefusal.NotFound($"The role policy with name {name} cannot be found.");

    private AwsAnswer AttachRolePolicy(AwsCall call)
    {
        var (role, arn) = (Role(call), Need(call, "PolicyArn"));
        if (iam.FindPolicy(arn) is null)
        {
            throw IamRefusal.NotFound($"Policy {arn} does not exist or is not attachable.");
        }

        var attached = AttachedArns(role);
        return attached.Contains(arn) ? AwsAnswer.Ok()
            : attached.Length >= MostAttached ? throw IamRefusal.Limit($"Cannot exceed quota for PoliciesPerRole: {MostAttached}")
            : ChangeRole(call, spec => spec.With(IamPrincipal.AttachedMember, TreeList.OfTexts([.. attached, arn])));
    }

    private AwsAnswer DetachRolePolicy(AwsCall call)
    {
        var (role, arn) = (Role(call), Need(call, "PolicyArn"));
        return AttachedArns(role).Contains(arn)
            ? ChangeRole(call, spec => spec.With(IamPrincipal.AttachedMember, TreeList.OfTexts(AttachedArns(role).Where(one => one != arn))))
            : throw IamRefusal.NotFound($"Policy {arn} was not found.");
    }

    private static string NeedTrust(AwsCall call, string member) => NeedDocument(call, member, PolicyKind.Trust, LongestTrust, "ACLSizePerRole");

    private static long? SessionDuration(AwsCall call) => call.Text("MaxSessionDuration") is null ? null
        : call.Number("MaxSessionDuration") is >= ShortestSession and <= LongestSession and { } seconds ? seconds
        : throw IamRefusal.Invalid($"1 validation error detected: Value '{call.Text("MaxSessionDuration")}' at 'maxSessionDuration' failed to satisfy constraint: Member must have value between {ShortestSession} and {LongestSession}");

    private static TreeMap RoleXml(ApiObject role) => TreeMap.Of(
        ("Arn", role.Spec["arn"]),
        ("AssumeRolePolicyDocument", role.Spec[IamPrincipal.TrustMember]?.Text is { } trust ? Encoded(trust) : null),
        ("CreateDate", Stamp(role.Metadata.CreationTimestamp)),
        ("Description", role.Spec["description"]),
        ("MaxSessionDuration", role.Spec["maxSessionDuration"] ?? ShortestSession),
        ("Path", Path(role.Spec)),
        ("RoleId", role.Spec["roleId"]),
        ("RoleName", role.Name),
        ("Tags", Map(role, "tags") is { Count: > 0 } tags ? TagsXml(tags) : null));
}
