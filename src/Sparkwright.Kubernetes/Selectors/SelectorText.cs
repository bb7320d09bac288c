using System.Collections.Immutable;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.Kubernetes.Selectors;

/// <summary>Selectors as clients write them in a query: <c>app=web,tier in (a,b),!old</c> and <c>spec.nodeName=n1,status.phase!=Failed</c>.</summary>
public static class SelectorText
{
    /// <summary>Reads a label selector; answers what is wrong with it, or null.</summary>
    public static string? ReadLabels(string text, out LabelSelector selector)
    {
        selector = LabelSelector.Everything;
        var requirements = ImmutableArray.CreateBuilder<LabelRequirement>();
        foreach (var part in SplitOutsideParentheses(text))
        {
            if (Requirement(part) is not { } requirement)
            {
                return $"unable to parse requirement: {part}";
            }

            requirements.Add(requirement);
        }

        selector = new LabelSelector(requirements.ToImmutable());
        return null;
    }

    /// <summary>Reads a field selector; answers what is wrong with it, or null.</summary>
    public static string? ReadFields(string text, out ImmutableArray<FieldRequirement> requirements)
    {
        var read = ImmutableArray.CreateBuilder<FieldRequirement>();
        requirements = [];
        foreach (var part in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var at = part.IndexOf('=', StringComparison.Ordinal);
            if (at <= 0)
            {
                return $"invalid selector: '{text}'; can't understand '{part}'";
            }

            var isNot = part[at - 1] == '!';
            var key = part[..(isNot ? at - 1 : at)];
            var value = part[(at + 1)..].TrimStart('=');
            read.Add(new FieldRequirement(key, value, !isNot));
        }

        requirements = read.ToImmutable();
        return null;
    }

    private static LabelRequirement? Requirement(string part)
    {
        if (part.StartsWith('!'))
        {
            return part.Length > 1 ? new LabelRequirement(part[1..].Trim(), LabelOperator.DoesNotExist, []) : null;
        }

        if (part.IndexOf('(', StringComparison.Ordinal) is var open and > 0 && part.EndsWith(')'))
        {
            var words = part[..open].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            ImmutableArray<string> values = [.. part[(open + 1)..^1].Split(',').Select(value => value.Trim())];
            return words switch
            {
                [var key, "in"] => new LabelRequirement(key, LabelOperator.In, values),
                [var key, "notin"] => new LabelRequirement(key, LabelOperator.NotIn, values),
                _ => null,
            };
        }

        foreach (var (sign, meaning) in new[] { ("!=", LabelOperator.NotIn), ("==", LabelOperator.In), ("=", LabelOperator.In), (">", LabelOperator.GreaterThan), ("<", LabelOperator.LessThan) })
        {
            if (part.IndexOf(sign, StringComparison.Ordinal) is var at and > 0)
            {
                return new LabelRequirement(part[..at].Trim(), meaning, [part[(at + sign.Length)..].Trim()]);
            }
        }

        return part.Length > 0 && !part.Contains(' ', StringComparison.Ordinal) ? new LabelRequirement(part, LabelOperator.Exists, []) : null;
    }

    private static IEnumerable<string> SplitOutsideParentheses(string text)
    {
        var (depth, start) = (0, 0);
        for (var at = 0; at <= text.Length; at++)
        {
            if (at == text.Length || (text[at] == ',' && depth == 0))
            {
                if (text[start..at].Trim() is { Length: > 0 } part)
                {
                    yield return part;
                }

                start = at + 1;
            }
            else if (text[at] is '(' or ')')
            {
                depth += text[at] == '(' ? 1 : -1;
            }
        }
    }
}

/// <summary>One condition on one field.</summary>
/// <param name="Path">Such as <c>spec.nodeName</c>; fields of metadata, spec, status and of events can be asked.</param>
/// <param name="Equal">Whether the value must be this one, or must not.</param>
public sealed record FieldRequirement(string Path, string Value, bool Equal)
{
    public bool Matches(ApiObject known) => (Read(known) == Value) == Equal;

    private string Read(ApiObject known) => Path switch
    {
        "metadata.name" => known.Name,
        "metadata.namespace" => known.Namespace,
        _ => known.Body.At(Path.Split('.')) switch
        {
            null or TreeNull => "",
            TreeText text => text.Value,
            var other => other.ToString(),
        },
    };
}
