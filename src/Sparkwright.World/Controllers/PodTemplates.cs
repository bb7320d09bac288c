using Sparkwright.Kubernetes.Objects;
using Sparkwright.Simulation;

namespace Sparkwright.World.Controllers;

/// <summary>Pods made from the template of a workload.</summary>
public static class PodTemplates
{
    private const string SafeAlphabet = "bcdfghjklmnpqrstvwxz2456789";

    public static TreeMap Of(ApiObject workload) => workload.Spec["template"] as TreeMap ?? TreeMap.Empty;

    public static TreeMap LabelsOf(TreeMap template) => template.At("metadata", "labels") as TreeMap ?? TreeMap.Empty;

    /// <summary>A pod that the workload manages, to be named by the server.</summary>
    public static ApiObject NewPod(ApiObject owner, TreeMap template) => new(
        CoreTypes.Pod,
        ObjectMeta.From(template["metadata"]) with
        {
            Name = "",
            GenerateName = owner.Name + "-",
            Namespace = owner.Namespace,
            OwnerReferences = [owner.AsOwner()],
        },
        TreeMap.Of(("spec", template["spec"])));

    /// <summary>
    /// The hash that names a template: a 32-bit number in decimal, each digit replaced by a character that can form no word (as Kubernetes
    /// encodes it; the number itself is of our own hash).
    /// </summary>
    public static string Hash(TreeMap template, long collisions = 0)
    {
        var bits = StableHash.Mix(StableHash.Of(template.ToString()) + (ulong)collisions);
        var number = (uint)(bits ^ (bits >> 32));

        // Ten digits at most; small numbers are filled up so that names keep at least eight.
        var digits = number.ToString("D8", System.Globalization.CultureInfo.InvariantCulture);
        return string.Create(digits.Length, digits, static (text, source) =>
        {
            for (var at = 0; at < text.Length; at++)
            {
                text[at] = SafeAlphabet[source[at] % SafeAlphabet.Length];
            }
        });
    }
}
