using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Aws.Access;

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
                : tags.Get(key)?.Text is { } tag && Array.Exists(wanted, pattern => Wildcards.Fit(pattern, tag));
            if (!matches)
            {
                return false;
            }
        }

        return true;
    }
}
