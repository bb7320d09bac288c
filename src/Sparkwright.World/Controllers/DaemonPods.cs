using System.Globalization;
using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Controllers;

/// <summary>What a daemon set's pods look like; made once per spec and kept with it.</summary>
public sealed class DaemonPods
{
    public const string RevisionLabel = "controller-revision-hash";
    private const string GenerationLabel = "pod-template-generation";
    private const string GenerationAnnotation = "deprecated.daemonset.template.generation";
    private const string NodeNameField = "metadata.name";

    /// <summary>The states of a node that no daemon pod minds.</summary>
    private static readonly (string Key, string Effect)[] Tolerated =
    [
        ("node.kubernetes.io/not-ready", Taint.NoExecute),
        ("node.kubernetes.io/unreachable", Taint.NoExecute),
        ("node.kubernetes.io/disk-pressure", Taint.NoSchedule),
        ("node.kubernetes.io/memory-pressure", Taint.NoSchedule),
        ("node.kubernetes.io/pid-pressure", Taint.NoSchedule),
        ("node.kubernetes.io/unschedulable", Taint.NoSchedule),
    ];

    private readonly TreeMap template;

    private DaemonPods(TreeMap daemonSetSpec)
    {
        template = WithTolerations(daemonSetSpec["template"] as TreeMap ?? TreeMap.Empty);
        Revision = PodTemplates.Hash(daemonSetSpec["template"] as TreeMap ?? TreeMap.Empty);
        View = PodSpecView.Of(template["spec"] as TreeMap ?? TreeMap.Empty);
    }

    /// <summary>The hash of the template, by which pods of an older one are known.</summary>
    public string Revision { get; }

    /// <summary>The pods' spec before they are tied to their node.</summary>
    public PodSpecView View { get; }

    public static DaemonPods Of(ApiObject daemonSet) => daemonSet.Spec.View(static spec => new DaemonPods(spec));

    /// <summary>The node that a daemon pod is on or is meant for; null when nothing ties it to one.</summary>
    public static string? TargetOf(ApiObject pod)
    {
        if (PodState.NodeName(pod) is { Length: > 0 } node)
        {
            return node;
        }

        var terms = Tree.ItemsOf(pod.Spec.At("affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms"));
        foreach (var term in terms)
        {
            foreach (var field in Tree.ItemsOf(term["matchFields"]))
            {
                if (field["key"]?.Text == NodeNameField && Tree.ItemsOf(field["values"]) is [var name])
                {
                    return name.Text;
                }
            }
        }

        return null;
    }

    /// <summary>Whether a node gets a pod, and whether one that is there may stay.</summary>
    public (bool Runs, bool MayStay) On(ApiObject node)
    {
        if (!View.Selects(node.Metadata.Labels, node.Name) || (View.NodeName.Length > 0 && View.NodeName != node.Name))
        {
            return (false, false);
        }

        var runs = true;
        foreach (var item in Tree.ItemsOf(node.Spec["taints"]))
        {
            var taint = Taint.From(item);
            if (!taint.KeepsPodsAway || View.Tolerates(taint))
            {
                continue;
            }

            if (taint.Effect == Taint.NoExecute)
            {
                return (false, false);
            }

            runs = false;
        }

        return (runs, true);
    }

    /// <summary>A pod for a node. The default scheduler binds it: its affinity names the node, in place of what the template asked for.</summary>
    public ApiObject New(ApiObject daemonSet, string nodeName)
    {
        var pod = PodTemplates.NewPod(daemonSet, template);
        var terms = TreeList.Of(TreeMap.Of(("matchFields", TreeList.Of(TreeMap.Of(
            ("key", NodeNameField),
            ("operator", "In"),
            ("values", TreeList.Of(nodeName)))))));
        var generation = daemonSet.Metadata.Annotation(GenerationAnnotation) ?? 1.ToString(CultureInfo.InvariantCulture);
        return pod
            .Set(["spec", "affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution"], TreeMap.Of(("nodeSelectorTerms", terms)))
            .With(pod.Metadata with { Labels = pod.Metadata.Labels.With(RevisionLabel, Revision).With(GenerationLabel, generation) });
    }

    private static TreeMap WithTolerations(TreeMap template)
    {
        var spec = template["spec"] as TreeMap ?? TreeMap.Empty;
        var tolerations = Tree.ItemsOf(spec["tolerations"]).ToArray().ToList();
        foreach (var (key, effect) in Tolerated)
        {
            Add(tolerations, key, effect);
        }

        if (spec["hostNetwork"]?.Boolean == true)
        {
            Add(tolerations, "node.kubernetes.io/network-unavailable", Taint.NoSchedule);
        }

        return template.With("spec", spec.With("tolerations", TreeList.From(tolerations)));
    }

    private static void Add(List<Tree> tolerations, string key, string effect)
    {
        var added = TreeMap.Of(("effect", effect), ("key", key), ("operator", "Exists"));
        if (!tolerations.Contains(added))
        {
            tolerations.Add(added);
        }
    }
}
