using System.Collections.Immutable;

namespace Sparkwright.World.Aws.Access;

/// <summary>Who asks, as the Principal of a policy names it.</summary>
/// <param name="Kind">AWS, Service or Federated.</param>
/// <param name="Names">All names under which a policy may mean this one: a session's own ARN and its role's.</param>
public sealed record AccessPrincipal(string Kind, ImmutableArray<string> Names);

/// <summary>What somebody wants to do, as policies see it.</summary>
/// <param name="Action">Such as s3:PutObject.</param>
/// <param name="Resource">An ARN; * for what has none.</param>
public sealed record AccessRequest(string Action, string Resource)
{
    /// <summary>Null where only the caller's own policies are asked.</summary>
    public AccessPrincipal? Principal { get; init; }

    /// <summary>What conditions look at, by key; keys have no case.</summary>
    public ImmutableDictionary<string, ImmutableArray<string>> Context { get; init; } = NoContext;

    public static ImmutableDictionary<string, ImmutableArray<string>> NoContext { get; } =
        ImmutableDictionary.Create<string, ImmutableArray<string>>(StringComparer.OrdinalIgnoreCase);

    /// <summary>The same with one more key.</summary>
    public AccessRequest With(string key, params ImmutableArray<string> values) => this with { Context = Context.SetItem(key, values) };
}

/// <summary>What policies say of a request.</summary>
public enum AccessEffect
{
    /// <summary>No statement allows it.</summary>
    NotAllowed,

    Allowed,

    /// <summary>A statement denies it, whatever others allow.</summary>
    Denied,
}

/// <summary>The answer to a request, and the statement that decided.</summary>
/// <param name="Policy">The policy's name; null where no statement did.</param>
/// <param name="Statement">The statement's Sid; null where it has none.</param>
public sealed record AccessVerdict(AccessEffect Effect, string? Policy, string? Statement)
{
    public static AccessVerdict Silent { get; } = new(AccessEffect.NotAllowed, null, null);

    public bool IsAllowed => Effect is AccessEffect.Allowed;

    /// <summary>AWS's sentence for a refusal.</summary>
    /// <param name="who">The caller's ARN.</param>
    public string Refusal(string who, AccessRequest request) => $"User: {who} is not authorized to perform: {request.Action}"
        + (request.Resource == "*" ? "" : $" on resource: {request.Resource}")
        + (Effect is AccessEffect.Denied
            ? " with an explicit deny in an identity-based policy"
            : $" because no identity-based policy allows the {request.Action} action");
}
