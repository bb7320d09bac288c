using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Controllers;

/// <summary>What a job's <c>podFailurePolicy</c> says of a failed pod.</summary>
/// <param name="Action">FailJob, FailIndex, Ignore or Count.</param>
/// <param name="Message">Which rule matched, and by what.</param>
public sealed record PodFailureMatch(string Action, string Message);

/// <summary>Reads the rules of a <c>podFailurePolicy</c>: the first that matches a failed pod decides.</summary>
public static class JobFailurePolicy
{
    /// <summary>The rule that matches; null when none does, and the failure counts as usual.</summary>
    public static PodFailureMatch? Match(ApiObject job, ApiObject pod)
    {
        var rules = Tree.ItemsOf(job.Spec.At("podFailurePolicy", "rules"));
        for (var at = 0; at < rules.Length; at++)
        {
            var action = rules[at]["action"]?.Text ?? "";
            if (rules[at]["onExitCodes"] is { } codes)
            {
                if (ContainerOf(pod, codes) is { } container)
                {
                    var code = container.At("state", "terminated", "exitCode")?.Integer;
                    return new(action, $"Container {container["name"]?.Text} for pod {pod.Key} failed with exit code {code} matching {action} rule at index {at}");
                }
            }
            else if (ConditionOf(pod, rules[at]["onPodConditions"]) is { } condition)
            {
                return new(action, $"Pod {pod.Key} has condition {condition} matching {action} rule at index {at}");
            }
        }

        return null;
    }

    private static Tree? ContainerOf(ApiObject pod, Tree codes)
    {
        var name = codes["containerName"]?.Text;
        var isIn = codes["operator"]?.Text == "In";
        var values = Tree.ItemsOf(codes["values"]).ToArray().Select(value => value.Integer).ToList();
        return Tree.ItemsOf(pod.Status["containerStatuses"]).ToArray().Concat(Tree.ItemsOf(pod.Status["initContainerStatuses"]).ToArray())
            .FirstOrDefault(container =>
                container.At("state", "terminated", "exitCode")?.Integer is { } code and not 0
                && (name is null || container["name"]?.Text == name)
                && values.Contains(code) == isIn);
    }

    private static string? ConditionOf(ApiObject pod, Tree? patterns) => Tree.ItemsOf(patterns).ToArray()
        .Where(pattern => Conditions.Find(pod.Status, pattern["type"]?.Text ?? "")?["status"]?.Text == (pattern["status"]?.Text ?? "True"))
        .Select(pattern => pattern["type"]?.Text)
        .FirstOrDefault();
}
