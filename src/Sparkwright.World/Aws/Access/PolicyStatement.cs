using System.Collections.Immutable;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Aws.Access;

/// <summary>A member such as Action or NotAction: its values, and whether it means all others.</summary>
/// <param name="Values">Empty where the statement has neither of the two.</param>
public sealed record PolicyMatch(ImmutableArray<string> Values, bool IsInverted)
{
    public static PolicyMatch None { get; } = new([], false);

    public bool Covers(Func<string, bool> fits) => Values.IsEmpty || Values.Any(fits) != IsInverted;
}

/// <summary>One statement of a policy.</summary>
/// <param name="Sid">Null where it has none.</param>
/// <param name="Principals">Pairs of a kind (AWS, Service, Federated, CanonicalUser) and a name, as <c>kind:name</c>; <c>AWS:*</c> is everybody.</param>
public sealed record PolicyStatement(
    string? Sid, bool Allows, PolicyMatch Principals, PolicyMatch Actions, PolicyMatch Resources, ImmutableArray<PolicyCondition> Conditions)
{
    private static readonly string[] Known =
        ["Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"];

    private static readonly string[] PrincipalKinds = ["AWS", "Service", "Federated", "CanonicalUser"];

    /// <summary>Reads a statement; a null problem with no statement stands for IAM's "Syntax errors in policy."</summary>
    public static (PolicyStatement? Statement, string? Problem) Read(Tree tree, PolicyKind kind)
    {
        if (tree is not TreeMap map || map.Members().Any(member => !Known.Contains(member.Key))
            || map["Effect"]?.Text is not ("Allow" or "Deny"))
        {
            return (null, null);
        }

        var sid = map["Sid"]?.Text;
        if (map["Sid"] is not null && sid?.All(char.IsAsciiLetterOrDigit) != true)
        {
            return (null, "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*");
        }

        var actions = Match(map, "Action", static value => TextsOf(value));
        var resources = Match(map, "Resource", static value => TextsOf(value));
        var principals = Match(map, "Principal", PrincipalsOf);
        var conditions = PolicyCondition.Read(map["Condition"]);
        if (actions is null || resources is null || principals is null || conditions is null)
        {
            return (null, null);
        }

        return Problem(kind, map, actions, resources) is { } problem
            ? (null, problem)
            : (new PolicyStatement(sid is { Length: > 0 } ? sid : null, map["Effect"]?.Text == "Allow", principals, actions, resources, conditions.Value), null);
    }

    /// <summary>Whether the statement is about a request.</summary>
    public bool Covers(AccessRequest request, bool hasVariables) =>
        (request.Principal is not { } principal || Principals.Covers(one => Names(one, principal)))
        && Actions.Covers(pattern => Wildcards.Fit(pattern, request.Action, ignoreCase: true))
        && Resources.Covers(pattern => PolicyVariables.Fill(pattern, request, hasVariables) is { } filled && Wildcards.Fit(filled, request.Resource))
        && Conditions.All(condition => condition.Holds(request, hasVariables));

    private static bool Names(string named, AccessPrincipal principal) =>
        named == "AWS:*" || (named.StartsWith(principal.Kind + ":", StringComparison.Ordinal)
            && principal.Names.Contains(named[(principal.Kind.Length + 1)..], StringComparer.Ordinal));

    private static string? Problem(PolicyKind kind, TreeMap map, PolicyMatch actions, PolicyMatch resources)
    {
        if (actions.Values.IsEmpty)
        {
            return "Policy statement must contain actions.";
        }

        if (actions.Values.FirstOrDefault(static action => action != "*" && action.IndexOf(':', StringComparison.Ordinal) < 1) is not null)
        {
            return "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.";
        }

        var hasPrincipal = map["Principal"] is not null || map["NotPrincipal"] is not null;
        if (kind is PolicyKind.Trust)
        {
            return !hasPrincipal ? "Missing required field Principal"
                : !resources.Values.IsEmpty ? "Has prohibited field Resource"
                : actions.Values.FirstOrDefault(static action => action != "*" && !action.StartsWith("sts:", StringComparison.OrdinalIgnoreCase)) is { } stranger
                    ? $"AssumeRole policy may only specify STS AssumeRole actions, not {stranger}."
                : null;
        }

        return hasPrincipal ? "Policy document should not specify a principal."
            : resources.Values.IsEmpty ? "Policy statement must contain resources."
            : resources.Values.FirstOrDefault(static one => one != "*" && !IsArn(one)) is { } wrong ? $"Resource {wrong} must be in ARN format or \"*\"."
            : null;
    }

    private static bool IsArn(string text) => text.StartsWith("arn:", StringComparison.Ordinal) && text.Split(':').Length >= 6 || text.StartsWith('*');

    /// <summary>Null where the statement has both of a member and its inversion, or a value that is none.</summary>
    private static PolicyMatch? Match(TreeMap map, string member, Func<Tree, ImmutableArray<string>?> read)
    {
        var (straight, inverted) = (map[member], map["Not" + member]);
        return straight is null && inverted is null ? PolicyMatch.None
            : straight is not null && inverted is not null ? null
            : read((straight ?? inverted)!) is { IsEmpty: false } values ? new PolicyMatch(values, inverted is not null)
            : null;
    }

    internal static ImmutableArray<string>? TextsOf(Tree? tree) => tree switch
    {
        TreeText text => [text.Value],
        TreeList list when list.Span.ToArray().All(static item => item is TreeText) => [.. list.Span.ToArray().Select(static item => item.Text!)],
        _ => null,
    };

    private static ImmutableArray<string>? PrincipalsOf(Tree tree)
    {
        if (tree is not TreeMap map)
        {
            return tree.Text == "*" ? ["AWS:*"] : null;
        }

        var found = ImmutableArray.CreateBuilder<string>();
        foreach (var (kind, value) in map.Members())
        {
            if (!PrincipalKinds.Contains(kind) || TextsOf(value) is not { } names)
            {
                return null;
            }

            found.AddRange(names.Select(name => $"{kind}:{name}"));
        }

        return found.ToImmutable();
    }
}
