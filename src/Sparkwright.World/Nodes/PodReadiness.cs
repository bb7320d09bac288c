using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Nodes;

/// <summary>Whether a pod is ready, and the reason and the message of its condition when it is not.</summary>
/// <param name="Reason">Null when it is ready.</param>
public sealed record PodReadiness(string? Reason, string? Message)
{
    public static PodReadiness Yes { get; } = new(null, null);

    public bool IsTrue => Reason is null;

    /// <summary>All containers that keep running are ready.</summary>
    public static PodReadiness OfContainers(PodSpecView spec, TreeMap status)
    {
        var unready = spec.InitContainers.Where(PodSpecView.IsSidecar).Select(container => (List: "initContainerStatuses", container))
            .Concat(spec.Containers.Select(container => (List: "containerStatuses", container)))
            .Where(one => ContainerStates.Of(status, one.List, one.container["name"]?.Text ?? "")?["ready"]?.Boolean != true)
            .Select(one => one.container["name"]?.Text)
            .ToList();
        return unready.Count == 0 ? Yes : new("ContainersNotReady", $"containers with unready status: [{string.Join(' ', unready)}]");
    }

    /// <summary>The containers are ready and every readiness gate has its condition.</summary>
    public static PodReadiness OfPod(PodSpecView spec, TreeMap status)
    {
        var containers = OfContainers(spec, status);
        if (!containers.IsTrue)
        {
            return containers;
        }

        var missing = new List<string>();
        foreach (var gate in Tree.ItemsOf(spec.Spec["readinessGates"]))
        {
            var type = gate["conditionType"]?.Text ?? "";
            var value = Conditions.Find(status, type)?["status"]?.Text;
            if (value is null)
            {
                missing.Add($"corresponding condition of pod readiness gate \"{type}\" does not exist.");
            }
            else if (value != "True")
            {
                missing.Add($"the status of pod readiness gate \"{type}\" is not \"True\", but {value}");
            }
        }

        return missing.Count == 0 ? Yes : new("ReadinessGatesNotReady", string.Join(", ", missing));
    }

    /// <summary>A pod's status with its two conditions of readiness.</summary>
    public static TreeMap Put(PodSpecView spec, TreeMap status, DateTime now)
    {
        var (pod, containers) = (OfPod(spec, status), OfContainers(spec, status));
        status = Conditions.Set(status, "Ready", pod.IsTrue, pod.Reason, pod.Message, now);
        return Conditions.Set(status, "ContainersReady", containers.IsTrue, containers.Reason, containers.Message, now);
    }

    /// <summary>A pod's status once none of its containers will run again.</summary>
    public static TreeMap PutEnded(TreeMap status, bool failed, DateTime now)
    {
        foreach (var condition in new[] { "Ready", "ContainersReady" })
        {
            status = Conditions.Set(status, condition, false, failed ? "PodFailed" : "PodCompleted", null, now);
        }

        return Conditions.Set(status, "PodReadyToStartContainers", false, null, null, now).With("phase", failed ? "Failed" : "Succeeded");
    }
}
