using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.Kubernetes.Admission;

/// <summary>Pods: their defaults, their faults, and the few fields that may change later.</summary>
public sealed class PodRules : KindRules
{
    private const string MayChange = "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

    public override ApiObject Default(ApiObject candidate) => WithQosClass(candidate.WithSpec(PodDefaults.Pod(candidate.Spec)));

    /// <summary>The pod with the class of service that follows from its requests and limits.</summary>
    internal static ApiObject WithQosClass(ApiObject pod) => pod.Set(["status", "qosClass"], QosClass(pod.Spec));

    public override IEnumerable<FieldError> Validate(ApiObject candidate, ApiObject? old)
    {
        var errors = new List<FieldError>();
        if (old is null)
        {
            PodSpecRules.Check(candidate.Spec, FieldPath.Root("spec"), errors);
        }
        else if (!ReferenceEquals(candidate.Spec, old.Spec))
        {
            CheckUpdate(candidate.Spec, old.Spec, errors);
        }

        return errors;
    }

    private static void CheckUpdate(TreeMap spec, TreeMap old, List<FieldError> errors)
    {
        var path = FieldPath.Root("spec");
        var (before, after) = (Fixed(old), Fixed(spec));

        // A binding gives a pod its node, once.
        if (before["nodeName"] is null)
        {
            after = after.With("nodeName", null);
        }

        if (!after.Equals(before))
        {
            var changed = before.Keys.ToArray().Union(after.Keys.ToArray()).Where(key => !Equals(before.Get(key), after.Get(key))).Order(StringComparer.Ordinal);
            errors.Add(FieldError.Forbidden(path, $"{MayChange}\n{string.Join('\n', changed.Select(key => Difference(key, before.Get(key), after.Get(key))))}\n"));
            return;
        }

        CheckTolerations(spec, old, path.Child("tolerations"), errors);
        CheckGates(spec, old, path.Child("schedulingGates"), errors);
        if (!Equals(spec["activeDeadlineSeconds"], old["activeDeadlineSeconds"]))
        {
            var (now, earlier) = (spec["activeDeadlineSeconds"]?.Integer, old["activeDeadlineSeconds"]?.Integer);
            if (now is null || now > earlier)
            {
                errors.Add(FieldError.Invalid(path.Child("activeDeadlineSeconds"), now is { } seconds ? seconds : null, now is null ? "must not update from a positive integer to nil value" : "must be less than or equal to previous value"));
            }
        }

        for (var at = 0; at < Tree.ItemsOf(spec["containers"]).Length; at++)
        {
            ContainerRules.CheckImage(Tree.ItemsOf(spec["containers"])[at], path.Child("containers").Index(at), errors);
        }
    }

    private static string Difference(string key, Tree? before, Tree? after) =>
        $"-  {key}: {before?.ToString() ?? "none"}\n+  {key}: {after?.ToString() ?? "none"}";

    private static void CheckTolerations(TreeMap spec, TreeMap old, FieldPath path, List<FieldError> errors)
    {
        if (Equals(spec["tolerations"], old["tolerations"]))
        {
            return;
        }

        var now = Tree.ItemsOf(spec["tolerations"]).ToArray().Select(WithoutSeconds).ToList();
        if (Tree.ItemsOf(old["tolerations"]).ToArray().Any(one => !now.Contains(WithoutSeconds(one))))
        {
            errors.Add(FieldError.Forbidden(path, "existing toleration can not be modified except its tolerationSeconds"));
        }

        static Tree WithoutSeconds(Tree toleration) => toleration is TreeMap map ? map.With("tolerationSeconds", null) : toleration;
    }

    private static void CheckGates(TreeMap spec, TreeMap old, FieldPath path, List<FieldError> errors)
    {
        var before = Tree.ItemsOf(old["schedulingGates"]).ToArray();
        foreach (var gate in Tree.ItemsOf(spec["schedulingGates"]).ToArray().Where(gate => !before.Contains(gate)))
        {
            errors.Add(FieldError.Forbidden(path, $"only deletion is allowed, but found new scheduling gate '{gate["name"]?.Text}'"));
        }
    }

    /// <summary>Guaranteed when every container's limits equal its requests for cpu and memory, BestEffort when nothing is asked.</summary>
    private static string QosClass(TreeMap spec)
    {
        var any = false;
        var all = true;
        foreach (var list in new[] { "containers", "initContainers" })
        {
            foreach (var container in Tree.ItemsOf(spec[list]))
            {
                foreach (var resource in new[] { "cpu", "memory" })
                {
                    var request = container.At("resources", "requests", resource);
                    var limit = container.At("resources", "limits", resource);
                    any |= !IsNothing(request) || !IsNothing(limit);
                    all &= !IsNothing(limit) && limit!.Equals(request);
                }
            }
        }

        return any && all ? "Guaranteed" : any ? "Burstable" : "BestEffort";

        static bool IsNothing(Tree? amount) => amount is null || amount.Text == "0";
    }

    /// <summary>The spec without the fields that may change.</summary>
    private static TreeMap Fixed(TreeMap spec)
    {
        var rest = spec.With("activeDeadlineSeconds", null).With("tolerations", null).With("schedulingGates", null);
        return rest.WithEach("containers", one => one.With("image", null)).WithEach("initContainers", one => one.With("image", null));
    }
}
