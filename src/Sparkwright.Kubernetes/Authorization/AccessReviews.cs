using Sparkwright.Kubernetes.Authentication;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;

namespace Sparkwright.Kubernetes.Authorization;

/// <summary>The kinds that are questions: they are created, answered in their status, and never kept.</summary>
/// <param name="tokenVerdict">Whose the token of a TokenReview is.</param>
public sealed class AccessReviews(Rbac rbac, Func<TokenVerdict> tokenVerdict)
{
    /// <summary>Answers a review of a kind.</summary>
    /// <param name="namespace">Of the URL; empty where the kind has none.</param>
    public (TreeMap? Answer, ApiStatus? Refusal) Answer(ResourceType type, string @namespace, TreeMap review, Identity who)
    {
        var spec = review["spec"];
        return type.Kind switch
        {
            "SelfSubjectAccessReview" => Access(type, spec, who),
            "SubjectAccessReview" => Subject(type, spec),
            "LocalSubjectAccessReview" when spec?.At("resourceAttributes", "namespace")?.Text != @namespace =>
                (null, ApiStatus.BadRequest($"spec.resourceAttributes.namespace must match namespace: {@namespace}")),
            "LocalSubjectAccessReview" => Subject(type, spec),
            "SelfSubjectRulesReview" when spec?["namespace"]?.Text is not { Length: > 0 } => (null, ApiStatus.BadRequest("no namespace on request")),
            "SelfSubjectRulesReview" => Answered(Rules(who, spec["namespace"]!.Text!)),
            "SelfSubjectReview" => Answered(TreeMap.Of(("userInfo", UserInfo(who)))),
            "TokenReview" when spec?["token"]?.Text is not { Length: > 0 } => (null, ApiStatus.BadRequest("token is required for TokenReview in authentication")),
            "TokenReview" => Answered(tokenVerdict() switch
            {
                TokenVerdict.Accepted found => TreeMap.Of(("audiences", TreeList.OfTexts(found.Audiences)), ("authenticated", true), ("user", UserInfo(found.Who))),
                TokenVerdict.Refused refused => TreeMap.Of(("error", refused.Why), ("user", TreeMap.Empty)),
                _ => throw new System.Diagnostics.UnreachableException(),
            }),
            _ => (null, null),
        };

        (TreeMap?, ApiStatus?) Access(ResourceType asked, Tree? given, Identity subject) => Attributes(given) is { } request
            ? Answered(rbac.Allows(subject, request) ? TreeMap.Of(("allowed", true)) : TreeMap.Of(("allowed", false)))
            : (null, Invalid(asked, "spec.resourceAttributes: Invalid value: \"null\": exactly one of nonResourceAttributes or resourceAttributes must be specified"));

        (TreeMap?, ApiStatus?) Subject(ResourceType asked, Tree? given)
        {
            string[] groups = Array.ConvertAll(Tree.ItemsOf(given?["groups"]).ToArray(), group => group.Text ?? "");
            var user = given?["user"]?.Text ?? "";
            return user.Length == 0 && groups.Length == 0
                ? (null, Invalid(asked, "spec.user: Invalid value: \"\": at least one of user or group must be specified"))
                : Access(asked, given, new Identity(user, [.. groups]));
        }

        (TreeMap?, ApiStatus?) Answered(TreeMap status) => (
            review.With("apiVersion", type.ApiVersion).With("kind", type.Kind)
                .With("metadata", ObjectMeta.From(review["metadata"]).ToTree()).With("status", status),
            null);
    }

    private static ApiStatus Invalid(ResourceType type, string why) => new(422, "Invalid", $"{type.QualifiedKind} \"\" is invalid: {why}");

    /// <summary>What is asked about; null unless exactly one of the two forms is given.</summary>
    private static AccessRequest? Attributes(Tree? spec) => (spec?["resourceAttributes"] as TreeMap, spec?["nonResourceAttributes"] as TreeMap) switch
    {
        ({ } resource, null) => new AccessRequest(resource["verb"]?.Text ?? "")
        {
            Group = resource["group"]?.Text ?? "",
            Resource = resource["resource"]?.Text ?? "",
            Subresource = resource["subresource"]?.Text ?? "",
            Namespace = resource["namespace"]?.Text ?? "",
            Name = resource["name"]?.Text ?? "",
        },
        (null, { } path) => new AccessRequest(path["verb"]?.Text ?? "") { Path = path["path"]?.Text ?? "" },
        _ => null,
    };

    private TreeMap Rules(Identity who, string @namespace)
    {
        var rules = rbac.RulesFor(who, @namespace).ToList();
        return TreeMap.Of(
            ("incomplete", false),
            ("nonResourceRules", TreeList.From(rules.Where(rule => Tree.ItemsOf(rule["nonResourceURLs"]).Length > 0).Select(rule => TreeMap.Of(
                ("nonResourceURLs", rule["nonResourceURLs"]), ("verbs", rule["verbs"]))))),
            ("resourceRules", TreeList.From(rules.Where(rule => Tree.ItemsOf(rule["resources"]).Length > 0).Select(rule => TreeMap.Of(
                ("apiGroups", rule["apiGroups"]), ("resourceNames", rule["resourceNames"]), ("resources", rule["resources"]), ("verbs", rule["verbs"]))))));
    }

    private static TreeMap UserInfo(Identity who) => TreeMap.Of(
        ("extra", who.Extra.Count == 0 ? null : who.Extra),
        ("groups", TreeList.OfTexts(who.Groups)),
        ("uid", who.Uid.Length == 0 ? null : who.Uid),
        ("username", who.Name));
}
