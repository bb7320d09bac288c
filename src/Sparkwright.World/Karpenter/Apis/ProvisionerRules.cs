using System.Globalization;
using Sparkwright.Kubernetes.Admission;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;

namespace Sparkwright.World.Karpenter.Apis;

/// <summary>What Karpenter's webhooks fill into a v1alpha5 Provisioner, and what they refuse.</summary>
public sealed class ProvisionerRules : KindRules
{
    private static readonly string[] Operators = ["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"];
    private static readonly string[] Reservable = ["cpu", "memory", "ephemeral-storage", "pid"];
    private static readonly string[] Signals = ["memory.available", "nodefs.available", "nodefs.inodesFree", "imagefs.available", "imagefs.inodesFree", "pid.available"];

    public override ApiObject Default(ApiObject candidate)
    {
        var requirements = Tree.ItemsOf(candidate.Spec["requirements"]).ToArray().ToList();
        var asked = requirements.Select(one => one["key"]?.Text ?? "")
            .Concat((candidate.Spec["labels"] as TreeMap ?? TreeMap.Empty).Members().Select(label => label.Key))
            .Select(KarpenterLabels.Normalized)
            .ToHashSet(StringComparer.Ordinal);
        bool Asks(params string[] keys) => keys.Any(asked.Contains);
        void Ask(string key, string comparison, params string[] values) =>
            requirements.Add(TreeMap.Of(("key", key), ("operator", comparison), ("values", TreeList.OfTexts(values))));

        if (!Asks(KarpenterLabels.Os))
        {
            Ask(KarpenterLabels.Os, "In", "linux");
        }

        if (!Asks(KarpenterLabels.Arch))
        {
            Ask(KarpenterLabels.Arch, "In", "amd64");
        }

        if (!Asks(KarpenterLabels.CapacityType))
        {
            Ask(KarpenterLabels.CapacityType, "In", "on-demand");
        }

        var category = KarpenterLabels.InstancePrefix + "category";
        var generation = KarpenterLabels.InstancePrefix + "generation";
        if (!Asks(KarpenterLabels.InstanceType, KarpenterLabels.InstancePrefix + "family", category, generation))
        {
            Ask(category, "In", "c", "m", "r");
            Ask(generation, "Gt", "2");
        }

        return candidate.WithSpec(candidate.Spec.With("requirements", TreeList.From(requirements)));
    }

    /// <summary>What the CustomResourceDefinition says.</summary>
    public override IEnumerable<FieldError> Validate(ApiObject candidate, ApiObject? old)
    {
        if (candidate.Spec["weight"]?.Integer is { } weight and (< 1 or > 100))
        {
            yield return FieldError.Invalid(
                "spec.weight", weight, weight < 1 ? "spec.weight in body should be greater than or equal to 1" : "spec.weight in body should be less than or equal to 100");
        }
    }

    /// <summary>Karpenter's own webhook looks at all but the provider's settings, which are the business of the AWS provider's.</summary>
    public override ApiStatus? Denial(ApiObject candidate) =>
        WebhookError.Denial("validation.webhook.karpenter.sh", Errors(candidate.Spec))
        ?? WebhookError.Denial(AwsNodeTemplateRules.Webhook, candidate.Spec["provider"] is TreeMap provider ? AwsNodeTemplateRules.ProviderErrors(provider) : []);

    /// <summary>What is wrong with a spec.</summary>
    public static IEnumerable<WebhookError> Errors(TreeMap spec) =>
    [
        .. Lifetimes(spec),
        .. Provider(spec),
        .. Labels(spec),
        .. TaintErrors(spec),
        .. Tree.ItemsOf(spec["requirements"]).ToArray().SelectMany((one, at) => RequirementErrors(one, $"spec.requirements[{at}]")),
        .. Kubelet(spec["kubeletConfiguration"]),
    ];

    private static IEnumerable<WebhookError> Lifetimes(TreeMap spec)
    {
        foreach (var field in new[] { "ttlSecondsAfterEmpty", "ttlSecondsUntilExpired" })
        {
            if (spec[field]?.Integer is < 0)
            {
                yield return WebhookError.InvalidValue("cannot be negative", $"spec.{field}");
            }
        }

        if (spec["ttlSecondsAfterEmpty"]?.Integer is >= 0 && spec.At("consolidation", "enabled")?.Boolean == true)
        {
            yield return WebhookError.GotBoth("spec.ttlSecondsAfterEmpty", "spec.consolidation.enabled");
        }
    }

    private static IEnumerable<WebhookError> Provider(TreeMap spec) => (spec["provider"], spec["providerRef"]) switch
    {
        (null, null) => [WebhookError.GotNeither("spec.provider", "spec.providerRef")],
        (not null, not null) => [WebhookError.GotBoth("spec.provider", "spec.providerRef")],
        _ => [],
    };

    private static IEnumerable<WebhookError> Labels(TreeMap spec)
    {
        foreach (var (key, value) in (spec["labels"] as TreeMap ?? TreeMap.Empty).Members())
        {
            if (key == KarpenterLabels.ProvisionerName)
            {
                yield return WebhookError.InvalidKey(key, "spec.labels", "restricted");
            }

            foreach (var fault in Formats.QualifiedName(key))
            {
                yield return WebhookError.InvalidKey(key, "spec.labels", fault);
            }

            foreach (var fault in Formats.LabelValue(value.Text ?? ""))
            {
                yield return WebhookError.InvalidValue($"{value.Text}, {fault}", $"spec.labels[{key}]");
            }

            if (KarpenterLabels.IsRestricted(KarpenterLabels.Normalized(key), Generation.V1Alpha5))
            {
                yield return WebhookError.InvalidKey(key, "spec.labels", KarpenterLabels.RestrictionOf(key, Generation.V1Alpha5));
            }
        }
    }

    /// <summary>The fields that upstream names for an effect and for a pair that stands twice are odd, and kept so.</summary>
    private static IEnumerable<WebhookError> TaintErrors(TreeMap spec)
    {
        var seen = new HashSet<(string, string)>();
        foreach (var list in new[] { "taints", "startupTaints" })
        {
            foreach (var (taint, at) in Tree.ItemsOf(spec[list]).ToArray().Select((taint, at) => (taint, at)))
            {
                var path = $"spec.{list}[{at}]";
                var key = taint["key"]?.Text ?? "";
                var effect = taint["effect"]?.Text ?? "";
                var value = taint["value"]?.Text ?? "";
                foreach (var fault in Formats.QualifiedName(key).Concat(value.Length == 0 ? [] : Formats.QualifiedName(value)))
                {
                    yield return WebhookError.InvalidValue(fault, path);
                }

                if (effect is not ("NoSchedule" or "PreferNoSchedule" or "NoExecute" or ""))
                {
                    yield return WebhookError.InvalidValue(effect, $"spec.effect[{at}]");
                }

                if (!seen.Add((key, effect)))
                {
                    yield return new WebhookError($"duplicate taint Key/Effect pair {key}={effect}", $"spec.taints[{at}]");
                }
            }
        }
    }

    /// <summary>All that is wrong with a requirement is one error.</summary>
    private static IEnumerable<WebhookError> RequirementErrors(Tree requirement, string path)
    {
        if (requirement["key"]?.Text == KarpenterLabels.ProvisionerName)
        {
            yield return WebhookError.InvalidValue($"{KarpenterLabels.ProvisionerName} is restricted", path);
        }

        var faults = RequirementFaults(requirement).ToList();
        if (faults.Count > 0)
        {
            yield return WebhookError.InvalidValue(string.Join("; ", faults), path);
        }
    }

    private static IEnumerable<string> RequirementFaults(Tree requirement)
    {
        var key = KarpenterLabels.Normalized(requirement["key"]?.Text ?? "");
        var comparison = requirement["operator"]?.Text ?? "";
        var values = Tree.ItemsOf(requirement["values"]).ToArray().Select(value => value.Text ?? "").ToList();
        if (!Operators.Contains(comparison))
        {
            yield return $"key {key} has an unsupported operator {comparison} not in [{string.Join(' ', Operators)}]";
        }

        if (key != KarpenterLabels.ProvisionerName && KarpenterLabels.IsRestricted(key, Generation.V1Alpha5))
        {
            yield return KarpenterLabels.RestrictionOf(key, Generation.V1Alpha5);
        }

        foreach (var fault in Formats.QualifiedName(key))
        {
            yield return $"key {key} is not a qualified name, {fault}";
        }

        foreach (var (value, fault) in values.SelectMany(value => Formats.LabelValue(value).Select(fault => (value, fault))))
        {
            yield return $"invalid value {value} for key {key}, {fault}";
        }

        if (comparison is "In" && values.Count == 0)
        {
            yield return $"key {key} with operator In must have a value defined";
        }

        if (comparison is "Gt" or "Lt" && (values.Count != 1 || !long.TryParse(values[0], NumberStyles.None, CultureInfo.InvariantCulture, out _)))
        {
            yield return $"key {key} with operator {comparison} must have a single positive integer value";
        }
    }

    private static IEnumerable<WebhookError> Kubelet(Tree? kubelet)
    {
        const string At = "spec.kubeletConfiguration";
        TreeMap Map(string field) => kubelet?[field] as TreeMap ?? TreeMap.Empty;
        foreach (var list in new[] { "kubeReserved", "systemReserved" })
        {
            foreach (var (key, value) in Map(list).Members())
            {
                if (!Reservable.Contains(key))
                {
                    yield return WebhookError.InvalidKey(key, $"{At}.{list}");
                }

                if (value.Text?.StartsWith('-') == true)
                {
                    yield return WebhookError.InvalidValue(value.Text, $"{At}.{list}[\"{key}\"]", "Value cannot be a negative resource quantity");
                }
            }
        }

        foreach (var list in new[] { "evictionHard", "evictionSoft" })
        {
            foreach (var (key, value) in Map(list).Members())
            {
                if (!Signals.Contains(key))
                {
                    yield return WebhookError.InvalidKey(key, $"{At}.{list}");
                }

                if (ThresholdFault(value.Text ?? "") is { } fault)
                {
                    yield return WebhookError.InvalidValue(value.Text ?? "", $"{At}.{list}[\"{key}\"]", fault);
                }
            }
        }

        foreach (var (key, _) in Map("evictionSoftGracePeriod").Members().Where(member => !Signals.Contains(member.Key)))
        {
            yield return WebhookError.InvalidKey(key, At + ".evictionSoftGracePeriod");
        }

        foreach (var (key, _) in Map("evictionSoft").Members().Where(member => !Map("evictionSoftGracePeriod").ContainsKey(member.Key)))
        {
            yield return WebhookError.InvalidKey(key, At + ".evictionSoft", "Key does not have a matching evictionSoftGracePeriod");
        }

        foreach (var (key, _) in Map("evictionSoftGracePeriod").Members().Where(member => !Map("evictionSoft").ContainsKey(member.Key)))
        {
            yield return WebhookError.InvalidKey(key, At + ".evictionSoftGracePeriod", "Key does not have a matching evictionSoft threshold value");
        }

        if (kubelet?["imageGCHighThresholdPercent"]?.Integer is { } high && high < (kubelet["imageGCLowThresholdPercent"]?.Integer ?? 0))
        {
            yield return WebhookError.InvalidValue("must be greater than imageGCLowThresholdPercent", At + ".imageGCHighThresholdPercent");
            yield return WebhookError.InvalidValue("must be less than imageGCHighThresholdPercent", At + ".imageGCLowThresholdPercent");
        }
    }

    private static string? ThresholdFault(string text)
    {
        if (!text.EndsWith('%'))
        {
            return Kubernetes.Quantities.Quantity.TryParse(text, out _) ? null
                : "Value could not be parsed as a resource quantity, quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
        }

        return !decimal.TryParse(text[..^1], CultureInfo.InvariantCulture, out var percent)
            ? $"Value could not be parsed as a percentage value, strconv.ParseFloat: parsing \"{text[..^1]}\": invalid syntax"
            : percent < 0 ? "Percentage values cannot be negative"
            : percent > 100 ? "Percentage values cannot be greater than 100"
            : null;
    }
}
