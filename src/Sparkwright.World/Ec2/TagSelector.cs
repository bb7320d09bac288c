using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Ec2;

/// <summary>Selectors of AWS resources as Karpenter's v1alpha1 templates write them: tag keys and wanted values.</summary>
public static class TagSelector
{
    /// <summary>
    /// Whether a resource is meant: every key must match; commas mean any of; <c>*</c> stands for any text (alone: the key is there);
    /// <c>aws-ids</c> lists ids.
    /// </summary>
    public static bool Matches(TreeMap selector, TreeMap tags, string id)
    {
        foreach (var (key, value) in selector)
        {
            var wanted = (value.Text ?? "").Split(',', StringSplitOptions.TrimEntries);
            var matches = key is "aws-ids" or "aws::ids"
                ? Array.IndexOf(wanted, id) >= 0
                : tags.Get(key)?.Text is { } tag && Array.Exists(wanted, pattern => Glob(pattern, tag));
            if (!matches)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether text matches a pattern in which <c>*</c> stands for any text and <c>?</c> for one character, as in EC2's filters.</summary>
    public static bool Glob(string pattern, string text)
    {
        var (p, t, star, mark) = (0, 0, -1, 0);
        while (t < text.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                star = p++;
                mark = t;
            }
            else if (p < pattern.Length && (pattern[p] == text[t] || pattern[p] == '?'))
            {
                p++;
                t++;
            }
            else if (star >= 0)
            {
                p = star + 1;
                t = ++mark;
            }
            else
            {
                return false;
            }
        }

        return pattern.AsSpan(p).Trim('*').IsEmpty;
    }
}
