namespace Sparkwright.World.Aws.Access;

/// <summary>Patterns of policies: <c>*</c> stands for any text, <c>?</c> for one character.</summary>
internal static class Wildcards
{
    /// <summary>Whether a text fits a pattern. It takes at most pattern times text steps, however many stars there are.</summary>
    public static bool Fit(ReadOnlySpan<char> pattern, ReadOnlySpan<char> text, bool ignoreCase = false)
    {
        var (at, next) = (0, 0);
        var (star, resume) = (-1, 0);
        while (next < text.Length)
        {
            if (at < pattern.Length && pattern[at] == '*')
            {
                (star, resume) = (at++, next);
            }
            else if (at < pattern.Length && (pattern[at] == '?' || Same(pattern[at], text[next], ignoreCase)))
            {
                (at, next) = (at + 1, next + 1);
            }
            else if (star >= 0)
            {
                (at, next) = (star + 1, ++resume);
            }
            else
            {
                return false;
            }
        }

        return pattern[at..].TrimStart('*').IsEmpty;
    }

    private static bool Same(char pattern, char text, bool ignoreCase) =>
        pattern == text || (ignoreCase && char.ToUpperInvariant(pattern) == char.ToUpperInvariant(text));
}
