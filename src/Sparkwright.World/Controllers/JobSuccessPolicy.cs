using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Controllers;

/// <summary>A job's <c>successPolicy</c>: which indexes are enough.</summary>
public static class JobSuccessPolicy
{
    /// <summary>What the first rule that is met says; null while none is.</summary>
    public static string? Met(ApiObject job, SortedSet<long> succeeded)
    {
        var rules = Tree.ItemsOf(job.Spec.At("successPolicy", "rules"));
        for (var at = 0; at < rules.Length; at++)
        {
            var wanted = rules[at]["succeededIndexes"]?.Text is { } indexes ? JobStatus.ReadIndexes(indexes) : null;
            var done = wanted is null ? succeeded.Count : wanted.Count(succeeded.Contains);
            if (done >= (rules[at]["succeededCount"]?.Integer ?? wanted?.Count ?? long.MaxValue))
            {
                return $"Matched rules at index {at}";
            }
        }

        return null;
    }
}
