using System.Text;

namespace Sparkwright.World.Aws.Access;

/// <summary>Variables in policies: <c>${aws:username}</c>, <c>${aws:PrincipalTag/team, 'none'}</c>, and the escapes <c>${*}</c>, <c>${?}</c>, <c>${$}</c>.</summary>
internal static class PolicyVariables
{
    /// <summary>The text with its variables filled in; null where one of them has no value, so that nothing can fit.</summary>
    public static string? Fill(string text, AccessRequest request, bool hasVariables)
    {
        if (!hasVariables || !text.Contains("${", StringComparison.Ordinal))
        {
            return text;
        }

        var filled = new StringBuilder();
        for (var at = 0; at < text.Length;)
        {
            var open = text.IndexOf("${", at, StringComparison.Ordinal);
            var close = open < 0 ? -1 : text.IndexOf('}', open);
            if (close < 0)
            {
                return filled.Append(text, at, text.Length - at).ToString();
            }

            filled.Append(text, at, open - at);
            if (Value(text[(open + 2)..close], request) is not { } value)
            {
                return null;
            }

            filled.Append(value);
            at = close + 1;
        }

        return filled.ToString();
    }

    private static string? Value(string variable, AccessRequest request)
    {
        if (variable is "*" or "?" or "$")
        {
            return variable;
        }

        var comma = variable.IndexOf(',', StringComparison.Ordinal);
        var (key, fallback) = comma < 0 ? (variable.Trim(), null) : (variable[..comma].Trim(), variable[(comma + 1)..].Trim().Trim('\''));
        return request.Context.TryGetValue(key, out var values) && values is [var only] ? only : fallback;
    }
}
