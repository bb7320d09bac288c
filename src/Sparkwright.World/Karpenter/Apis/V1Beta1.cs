using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Karpenter.Apis;

/// <summary>
/// Conversion between the v1beta1 and v1 forms of Karpenter's kinds, pure in both directions. v1 is what is stored; what v1 has no place
/// for is kept in compatibility annotations, as Karpenter 1.0's conversion does.
/// </summary>
public static class V1Beta1
{
    /// <summary>A NodePool's or NodeClaim's kubelet settings, which v1 has in the EC2NodeClass; while it is there, it wins over that.</summary>
    public const string KubeletAnnotation = "compatibility.karpenter.sh/v1beta1-kubelet-conversion";

    public const string NodeClassReferenceAnnotation = "compatibility.karpenter.sh/v1beta1-nodeclass-reference";

    /// <summary>What of an Ubuntu class, a family that v1 does not have, the conversion made up.</summary>
    public const string UbuntuAnnotation = "compatibility.karpenter.k8s.aws/v1beta1-ubuntu";

    private const string NoImage = "ami-placeholder";

    private static readonly TreeList UbuntuDevices = TreeList.Of(TreeMap.Of(
        ("deviceName", "/dev/sda1"),
        ("ebs", TreeMap.Of(("encrypted", true), ("volumeSize", "20Gi"), ("volumeType", "gp3"))),
        ("rootVolume", true)));

    /// <summary>The document in the version that is stored; any other document as it is.</summary>
    public static TreeMap ToStored(TreeMap document) => (document["apiVersion"]?.Text, document["kind"]?.Text) switch
    {
        ("karpenter.sh/v1beta1", "NodePool") => NodePoolToV1(document).With("apiVersion", "karpenter.sh/v1"),
        ("karpenter.sh/v1beta1", "NodeClaim") => NodeToV1(document, ["spec"]).With("apiVersion", "karpenter.sh/v1"),
        ("karpenter.k8s.aws/v1beta1", "EC2NodeClass") => ClassToV1(document).With("apiVersion", "karpenter.k8s.aws/v1"),
        _ => document,
    };

    /// <summary>A stored document in its v1beta1 form; documents of other kinds as they are.</summary>
    public static TreeMap FromStored(TreeMap document) => (document["apiVersion"]?.Text, document["kind"]?.Text) switch
    {
        ("karpenter.sh/v1", "NodePool") => NodePoolFromV1(document).With("apiVersion", "karpenter.sh/v1beta1"),
        ("karpenter.sh/v1", "NodeClaim") => NodeFromV1(document, ["spec"]).With("apiVersion", "karpenter.sh/v1beta1"),
        ("karpenter.k8s.aws/v1", "EC2NodeClass") => ClassFromV1(document).With("apiVersion", "karpenter.k8s.aws/v1beta1"),
        _ => document,
    };

    private static TreeMap NodePoolToV1(TreeMap document)
    {
        var old = document.At("spec", "disruption") as TreeMap ?? TreeMap.Empty;
        var disruption = old.With("expireAfter", null)
            .With("consolidationPolicy", old["consolidationPolicy"]?.Text is "WhenUnderutilized" ? "WhenEmptyOrUnderutilized" : old["consolidationPolicy"]?.Text)
            .With("consolidateAfter", old["consolidateAfter"] ?? "0s");
        var converted = NodeToV1(document, ["spec", "template", "spec"]).Set(["spec", "disruption"], disruption);
        return old["expireAfter"] is { } expire ? converted.Set(["spec", "template", "spec", "expireAfter"], expire) : converted;
    }

    private static TreeMap NodePoolFromV1(TreeMap document)
    {
        var now = document.At("spec", "disruption") as TreeMap ?? TreeMap.Empty;
        var isUnderutilized = now["consolidationPolicy"]?.Text is "WhenEmptyOrUnderutilized" or "Balanced";
        var budgets = TreeList.From(Tree.ItemsOf(now["budgets"]).ToArray().Select(budget => ((TreeMap)budget).With("reasons", null)));
        var disruption = now
            .With("budgets", budgets.Count == 0 ? null : budgets)
            .With("consolidationPolicy", isUnderutilized ? "WhenUnderutilized" : now["consolidationPolicy"]?.Text)
            .With("consolidateAfter", isUnderutilized && now["consolidateAfter"]?.Text != "Never" ? null : now["consolidateAfter"])
            .With("expireAfter", document.At("spec", "template", "spec", "expireAfter"));
        return NodeFromV1(document, ["spec", "template", "spec"]).Set(["spec", "disruption"], disruption);
    }

    /// <summary>The part that NodePools and NodeClaims share: kubelet and class reference.</summary>
    private static TreeMap NodeToV1(TreeMap document, string[] path)
    {
        var node = document.At(path) as TreeMap ?? TreeMap.Empty;
        var converted = document;
        if (node["kubelet"] is TreeMap kubelet)
        {
            converted = converted.Set(["metadata", "annotations", KubeletAnnotation], kubelet.ToString());
            node = node.With("kubelet", null);
        }

        if (path.Length > 1)
        {
            node = node.With("resources", null);
        }

        if (node["nodeClassRef"] is TreeMap reference)
        {
            converted = converted.Set(["metadata", "annotations", NodeClassReferenceAnnotation], reference.ToString());
            node = node.With("nodeClassRef", TreeMap.Of(
                ("group", reference["apiVersion"]?.Text?.Split('/') is [var group, _] ? group : KarpenterTypes.Ec2NodeClass.Group),
                ("kind", reference["kind"]?.Text is { Length: > 0 } kind ? kind : KarpenterTypes.Ec2NodeClass.Kind),
                ("name", reference["name"])));
        }

        return converted.Set(path, node);
    }

    private static TreeMap NodeFromV1(TreeMap document, string[] path)
    {
        var node = document.At(path) as TreeMap ?? TreeMap.Empty;
        var converted = document;
        node = node.With("expireAfter", null).With("terminationGracePeriod", null);
        if (Annotation(document, KubeletAnnotation) is { } kubelet)
        {
            node = node.With("kubelet", kubelet);
            converted = converted.Set(["metadata", "annotations", KubeletAnnotation], null);
        }

        if (Annotation(document, NodeClassReferenceAnnotation) is { } given && given["name"]?.Text == node.At("nodeClassRef", "name")?.Text)
        {
            node = node.With("nodeClassRef", given);
        }
        else if (node["nodeClassRef"] is TreeMap reference)
        {
            node = node.With("nodeClassRef", TreeMap.Of(("apiVersion", $"{reference["group"]?.Text}/v1beta1"), ("kind", reference["kind"]), ("name", reference["name"])));
        }

        return converted.Set(["metadata", "annotations", NodeClassReferenceAnnotation], null).Set(path, node);
    }

    private static TreeMap ClassToV1(TreeMap document)
    {
        var spec = document["spec"] as TreeMap ?? TreeMap.Empty;
        var hasTerms = spec["amiSelectorTerms"] is TreeList { Count: > 0 };
        var family = spec["amiFamily"]?.Text;
        if (family == "Ubuntu")
        {
            List<string> madeUp = [.. hasTerms ? Array.Empty<string>() : ["id"], "amiFamily", .. spec["blockDeviceMappings"] is null ? ["blockDeviceMappings"] : Array.Empty<string>()];
            spec = spec.With("amiFamily", "AL2")
                .With("amiSelectorTerms", hasTerms ? spec["amiSelectorTerms"] : TreeList.Of(TreeMap.Of(("id", NoImage))))
                .With("blockDeviceMappings", spec["blockDeviceMappings"] ?? UbuntuDevices);
            return document.Set(["metadata", "annotations", UbuntuAnnotation], string.Join(',', madeUp)).With("spec", spec);
        }

        if (!hasTerms && family is not (null or "Custom"))
        {
#pragma warning disable CA1308 // Aliases are lower case.
            spec = spec.With("amiFamily", null).With("amiSelectorTerms", TreeList.Of(TreeMap.Of(("alias", $"{family.ToLowerInvariant()}@latest"))));
#pragma warning restore CA1308
        }

        return document.With("spec", spec);
    }

    private static TreeMap ClassFromV1(TreeMap document)
    {
        var spec = document["spec"] as TreeMap ?? TreeMap.Empty;
        if (document.At("metadata", "annotations", UbuntuAnnotation)?.Text is { } madeUp)
        {
            foreach (var part in madeUp.Split(','))
            {
                spec = part switch
                {
                    "id" => spec.With("amiSelectorTerms", null),
                    "blockDeviceMappings" => spec.With("blockDeviceMappings", null),
                    _ => spec.With("amiFamily", "Ubuntu"),
                };
            }

            return document.Set(["metadata", "annotations", UbuntuAnnotation], null).With("spec", spec);
        }

        if (SelectorTerm.ListOf(spec["amiSelectorTerms"]) is [{ Alias: { } alias }] && AmiAlias.Of(alias) is { } known)
        {
            spec = spec.With("amiSelectorTerms", null).With("amiFamily", spec["amiFamily"] ?? known.Family);
        }

        return document.With("spec", spec.With("kubelet", null));
    }

    private static TreeMap? Annotation(TreeMap document, string name) =>
        document.At("metadata", "annotations", name)?.Text is { } text ? TreeJson.Parse(text) as TreeMap : null;
}
