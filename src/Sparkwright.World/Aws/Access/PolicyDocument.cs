using System.Collections.Immutable;
using System.Text.Json;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Aws.Access;

/// <summary>What a policy is for: it decides which members a statement must have.</summary>
public enum PolicyKind
{
    /// <summary>What a user or a role may do: no Principal.</summary>
    Identity,

    /// <summary>Who may take on a role: no Resource.</summary>
    Trust,
}

/// <summary>A policy document as IAM reads it.</summary>
/// <param name="HasVariables">Since version 2012-10-17 <c>${…}</c> in a policy means a key of the request.</param>
public sealed record PolicyDocument(bool HasVariables, ImmutableArray<PolicyStatement> Statements)
{
    private const string Versioned = "2012-10-17";

    /// <summary>Reads a document; the problem is what IAM says of one that it does not take.</summary>
    public static (PolicyDocument? Document, string? Problem) Read(string text, PolicyKind kind)
    {
        const string Syntax = "Syntax errors in policy.";
        Tree tree;
        try
        {
            tree = TreeJson.Parse(text);
        }
        catch (JsonException)
        {
            return (null, "This policy contains invalid Json");
        }

        if (tree is not TreeMap map || map.Members().Any(member => member.Key is not ("Version" or "Id" or "Statement")))
        {
            return (null, Syntax);
        }

        var version = map["Version"]?.Text;
        if (map["Version"] is not null && version is not (Versioned or "2008-10-17"))
        {
            return (null, "The policy must contain a valid version string");
        }

        Tree[]? parts = map["Statement"] switch
        {
            TreeMap only => [only],
            TreeList { Count: > 0 } list => list.Span.ToArray(),
            _ => null,
        };
        if (parts is null)
        {
            return (null, Syntax);
        }

        var statements = ImmutableArray.CreateBuilder<PolicyStatement>();
        foreach (var part in parts)
        {
            var (statement, problem) = PolicyStatement.Read(part, kind);
            if (statement is null)
            {
                return (null, problem ?? Syntax);
            }

            statements.Add(statement);
        }

        var sids = statements.Select(one => one.Sid).OfType<string>().ToList();
        return sids.Distinct(StringComparer.Ordinal).Count() < sids.Count
            ? (null, "Statement IDs (SID) in a single policy must be unique.")
            : (new PolicyDocument(version == Versioned, statements.ToImmutable()), null);
    }

    /// <summary>A document of our own, which must be right.</summary>
    internal static PolicyDocument Known(string text) =>
        Read(text, PolicyKind.Identity) is ({ } document, _) ? document : throw new InvalidOperationException($"a policy of our own cannot be read: {text}");
}
