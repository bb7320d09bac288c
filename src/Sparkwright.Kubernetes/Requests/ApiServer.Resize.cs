using Sparkwright.Kubernetes.Admission;
using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.Kubernetes.Requests;

public sealed partial class ApiServer
{
    private static readonly string[] Resizable = ["cpu", "memory"];

    /// <summary>
    /// PUT …/resize of a pod: other amounts of cpu and memory for its containers, and nothing else. A kubelet would put off what its node has no room
    /// for; that is not simulated, and refused.
    /// </summary>
    /// <param name="dryRun">Whether to answer as if it were written, and write nothing.</param>
    public ApiResult Resize(ApiObject candidate, bool dryRun = false)
    {
        if (Current(candidate) is not ApiResult.Accepted { Current: var current })
        {
            return Current(candidate);
        }

        var wanted = Defaults(candidate, current).WithStatus(current.Status);
        var errors = new List<FieldError>();
        CheckResize(wanted, current, errors);
        if (errors.Count > 0)
        {
            return Refuse(FieldError.Refusal(current.Type, current.Name, errors));
        }

        wanted = current.WithSpec(wanted.Spec);
        wanted = wanted.With(wanted.Metadata with
        {
            Generation = current.Metadata.Generation + (wanted.Spec.Equals(current.Spec) ? 0 : 1),
            ManagedFields = candidate.Metadata.ManagedFields ?? current.Metadata.ManagedFields,
        });
        return Write(wanted, current, dryRun);
    }

    private void CheckResize(ApiObject wanted, ApiObject current, List<FieldError> errors)
    {
        var path = FieldPath.Root("spec");
        if (!WithoutSizes(wanted.Spec).Equals(WithoutSizes(current.Spec)))
        {
            errors.Add(FieldError.Forbidden(path, "only cpu and memory resources are mutable"));
            return;
        }

        var containers = Tree.ItemsOf(wanted.Spec["containers"]).ToArray();
        for (var at = 0; at < containers.Length; at++)
        {
            var (now, before) = (containers[at], Tree.ItemsOf(current.Spec["containers"])[at]);
            var resources = path.Child("containers").Index(at).Child("resources");
            ResourceRules.Check(now["resources"], resources, errors);
            foreach (var list in new[] { "limits", "requests" })
            {
                if (Resizable.Any(name => before.At("resources", list, name) is not null && now.At("resources", list, name) is null))
                {
                    errors.Add(FieldError.Forbidden(resources.Child(list), $"resource {list} cannot be removed"));
                }
            }
        }

        if (PodRules.WithQosClass(wanted).Status["qosClass"]?.Text is { } after && current.Status["qosClass"]?.Text != after)
        {
            errors.Add(FieldError.Invalid(path.ToString(), after, "Pod QOS Class may not change as a result of resizing"));
        }

        if (errors.Count == 0 && LackOfItsNode(wanted, current) is { } node)
        {
            errors.Add(FieldError.Forbidden(path, $"node {node} has no room for it now; a kubelet would put the change off, which Sparkwright does not simulate"));
        }
    }

    /// <summary>The node of a pod if it has no room for another size; null when it has, or the pod has no node.</summary>
    private string? LackOfItsNode(ApiObject wanted, ApiObject current)
    {
        if (PodSpecView.Of(current).NodeName is not { Length: > 0 } name || Store.Get(CoreTypes.Node, "", name) is not { } node)
        {
            return null;
        }

        var others = Store.List(CoreTypes.Pod)
            .Where(pod => pod.Key != current.Key && pod.Status["phase"]?.Text is not ("Succeeded" or "Failed"))
            .Select(PodSpecView.Of)
            .Where(spec => spec.NodeName == name)
            .Aggregate(ResourceList.Zero, static (sum, spec) => sum + spec.Requests);
        return (others + PodSpecView.Of(wanted).Requests).FitsIn(NodeView.Of(node).Allocatable) ? null : name;
    }

    /// <summary>A pod's spec without the amounts that may change.</summary>
    private static TreeMap WithoutSizes(TreeMap spec) => spec.WithEach("containers", static container =>
    {
        foreach (var list in new[] { "limits", "requests" })
        {
            if (container.At("resources", list) is TreeMap amounts)
            {
                var rest = Resizable.Aggregate(amounts, static (left, name) => left.With(name, null));
                container = container.Set(["resources", list], rest.Count == 0 ? null : rest);
            }
        }

        return container["resources"] is TreeMap { Count: 0 } ? container.With("resources", null) : container;
    });
}
