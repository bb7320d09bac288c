using System.Collections.Immutable;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Aws.Access;

namespace Sparkwright.World.Aws;

/// <summary>A user or a role as the store has it, its policies read.</summary>
/// <param name="Inline">Its own policies, by name.</param>
/// <param name="Attached">ARNs of policies that have a life of their own.</param>
/// <param name="Trust">Who may take on a role; null for a user, and for a role that nobody may.</param>
internal sealed record IamPrincipal(string Arn, string Id, ImmutableArray<NamedPolicy> Inline, ImmutableArray<string> Attached, PolicyDocument? Trust)
{
    public const string TrustMember = "assumeRolePolicyDocument";
    public const string InlineMember = "inlinePolicies";
    public const string AttachedMember = "attachedPolicies";

    public static IamPrincipal Of(ApiObject known) => known.Spec.View(Read);

    private static IamPrincipal Read(TreeMap spec) => new(
        spec["arn"]?.Text ?? "",
        (spec["roleId"] ?? spec["userId"])?.Text ?? "",
        [.. (spec[InlineMember] as TreeMap ?? TreeMap.Empty).Members().ToArray()
            .Select(one => (one.Key, Document: PolicyDocument.Read(one.Value.Text ?? "", PolicyKind.Identity).Document))
            .Where(one => one.Document is not null)
            .Select(one => new NamedPolicy(one.Key, one.Document!))],
        [.. Tree.ItemsOf(spec[AttachedMember]).ToArray().Select(one => one.Text ?? "")],
        spec[TrustMember]?.Text is { } trust ? PolicyDocument.Read(trust, PolicyKind.Trust).Document : null);
}
