using System.Globalization;
using Sparkwright.Kubernetes.Admission;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Karpenter.Apis;

/// <summary>What Karpenter's webhook fills into a v1alpha5 Provisioner, and what it refuses.</summary>
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

    public override IEnumerable<FieldError> Validate(ApiObject candidate, ApiObject? old)
    {
        var spec = candidate.Spec;
        return Lifetimes(spec)
            .Concat(Provider(spec))
            .Concat(Labels(spec))
            .Concat(TaintErrors(spec))
            .Concat(Tree.ItemsOf(spec["requirements"]).ToArray().SelectMany((one, at) => RequirementErrors(one, $"spec.requirements[{at}]")))
            .Concat(Kubelet(spec["kubeletConfiguration"]));
    }

    private static IEnumerable<FieldError> Lifetimes(TreeMap spec)
    {
        foreach (var field in new[] { "ttlSecondsAfterEmpty", "ttlSecondsUntilExpired" })
        {
            if (spec[field]?.Integer is { } seconds and < 0)
            {
                yield return FieldError.Invalid($"spec.{field}", seconds, "cannot be negative");
            }
        }

        if (spec["ttlSecondsAfterEmpty"] is not null && spec.At("consolidation", "enabled")?.Boolean == true)
        {
            yield return FieldError.Forbidden("spec.ttlSecondsAfterEmpty", "expected exactly one, got both: spec.consolidation.enabled, spec.ttlSecondsAfterEmpty");
        }

        if (spec["weight"]?.Integer is { } weight and (< 1 or > 100))
        {
            yield return FieldError.Invalid("spec.weight", weight, "must be between 1 and 100");
        }
    }

    private static IEnumerable<FieldError> Provider(TreeMap spec)
    {
        if (spec["provider"] is not null && spec["providerRef"] is not null)
        {
            yield return FieldError.Forbidden("spec.provider", "expected exactly one, got both: spec.provider, spec.providerRef");
        }
        else if (spec["provider"] is null && spec["providerRef"] is null)
        {
            yield return FieldError.Required("spec.providerRef", "expected exactly one, got neither: spec.provider, spec.providerRef");
        }
        else if (spec["provider"] is TreeMap provider)
        {
            foreach (var error in AwsNodeTemplateRules.ValidateSpec(provider, "spec.provider"))
            {
                yield return error;
            }
        }
    }

    private static IEnumerable<FieldError> Labels(TreeMap spec)
    {
        foreach (var (key, value) in (spec["labels"] as TreeMap ?? TreeMap.Empty).Members())
        {
            var path = $"spec.labels[{key}]";
            foreach (var error in MetadataRules.Key(key, path).Concat(MetadataRules.LabelValue(value.Text ?? "", path)).Concat(RestrictedErrors(key, path)))
            {
                yield return error;
            }
        }
    }

    private static IEnumerable<FieldError> RestrictedErrors(string key, string path)
    {
        if (key == KarpenterLabels.ProvisionerName)
        {
            yield return FieldError.Invalid(path, key, "restricted");
        }
        else if (KarpenterLabels.IsRestricted(KarpenterLabels.Normalized(key), Generation.V1Alpha5))
        {
            yield return FieldError.Invalid(path, key, KarpenterLabels.RestrictionOf(key, Generation.V1Alpha5));
        }
    }

    private static IEnumerable<FieldError> TaintErrors(TreeMap spec)
    {
        var seen = new HashSet<(string, string)>();
        foreach (var list in new[] { "taints", "startupTaints" })
        {
            foreach (var (taint, at) in Tree.ItemsOf(spec[list]).ToArray().Select((taint, at) => (taint, at)))
            {
                var path = $"spec.{list}[{at}]";
                var key = taint["key"]?.Text ?? "";
                var effect = taint["effect"]?.Text ?? "";
                foreach (var error in key.Length == 0 ? [FieldError.Required(path + ".key")] : MetadataRules.Key(key, path + ".key"))
                {
                    yield return error;
                }

                foreach (var error in MetadataRules.LabelValue(taint["value"]?.Text ?? "", path + ".value"))
                {
                    yield return error;
                }

                if (effect is not ("NoSchedule" or "PreferNoSchedule" or "NoExecute" or ""))
                {
                    yield return FieldError.Unsupported(path + ".effect", effect, "NoSchedule", "PreferNoSchedule", "NoExecute");
                }

                if (!seen.Add((key, effect)))
                {
                    yield return FieldError.Invalid(path, $"{key}:{effect}", $"duplicate taint Key/Effect pair {key}={effect}");
                }
            }
        }
    }

    private static IEnumerable<FieldError> RequirementErrors(Tree requirement, string path)
    {
        var key = KarpenterLabels.Normalized(requirement["key"]?.Text ?? "");
        var comparison = requirement["operator"]?.Text ?? "";
        var values = Tree.ItemsOf(requirement["values"]).ToArray().Select(value => value.Text ?? "").ToList();
        foreach (var error in MetadataRules.Key(key, path + ".key").Concat(RestrictedErrors(key, path + ".key")))
        {
            yield return error;
        }

        if (!Operators.Contains(comparison))
        {
            yield return FieldError.Invalid(path + ".operator", comparison, $"key {key} has an unsupported operator {comparison} not in [{string.Join(' ', Operators)}]");
        }

        foreach (var error in values.SelectMany(value => MetadataRules.LabelValue(value, path + ".values")))
        {
            yield return error;
        }

        if (comparison is "In" && values.Count == 0)
        {
            yield return FieldError.Required(path + ".values", $"key {key} with operator In must have a value defined");
        }

        if (comparison is "Gt" or "Lt" && (values.Count != 1 || !long.TryParse(values[0], NumberStyles.None, CultureInfo.InvariantCulture, out _)))
        {
            yield return FieldError.Invalid(path + ".values", string.Join(",", values), $"key {key} with operator {comparison} must have a single positive integer value");
        }
    }

    private static IEnumerable<FieldError> Kubelet(Tree? kubelet)
    {
        foreach (var list in new[] { "kubeReserved", "systemReserved" })
        {
            foreach (var (key, value) in (kubelet?[list] as TreeMap ?? TreeMap.Empty).Members())
            {
                if (!Reservable.Contains(key))
                {
                    yield return FieldError.Unsupported($"spec.kubeletConfiguration.{list}", key, Reservable);
                }
                else if (value.Text?.StartsWith('-') == true)
                {
                    yield return FieldError.Invalid($"spec.kubeletConfiguration.{list}[{key}]", value.Text, "cannot be negative");
                }
            }
        }

        foreach (var list in new[] { "evictionHard", "evictionSoft" })
        {
            foreach (var (key, value) in (kubelet?[list] as TreeMap ?? TreeMap.Empty).Members())
            {
                var path = $"spec.kubeletConfiguration.{list}[{key}]";
                var text = value.Text ?? "";
                if (!Signals.Contains(key))
                {
                    yield return FieldError.Unsupported($"spec.kubeletConfiguration.{list}", key, Signals);
                }
                else if (text.EndsWith('%'))
                {
                    if (!decimal.TryParse(text[..^1], CultureInfo.InvariantCulture, out var percent) || percent is < 0 or > 100)
                    {
                        yield return FieldError.Invalid(path, text, "must be a percentage from 0% to 100%");
                    }
                }
                else if (!Kubernetes.Quantities.Quantity.TryParse(text, out _))
                {
                    yield return FieldError.Invalid(path, text, "must be a quantity or a percentage");
                }
            }
        }

        var soft = kubelet?["evictionSoft"] as TreeMap ?? TreeMap.Empty;
        var grace = kubelet?["evictionSoftGracePeriod"] as TreeMap ?? TreeMap.Empty;
        foreach (var (key, _) in soft.Members().Where(member => !grace.ContainsKey(member.Key)))
        {
            yield return FieldError.Required($"spec.kubeletConfiguration.evictionSoftGracePeriod[{key}]", "every evictionSoft signal needs its grace period");
        }

        foreach (var (key, _) in grace.Members().Where(member => !soft.ContainsKey(member.Key)))
        {
            yield return FieldError.Required($"spec.kubeletConfiguration.evictionSoft[{key}]", "a grace period needs its evictionSoft signal");
        }
    }
}
