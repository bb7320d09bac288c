using System.Text.RegularExpressions;
using Sparkwright.Kubernetes.Admission;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Quantities;

namespace Sparkwright.World.Karpenter.Apis;

/// <summary>What Karpenter's webhook refuses in an AWSNodeTemplate.</summary>
public sealed partial class AwsNodeTemplateRules : KindRules
{
    private static readonly string[] Families = ["AL2", "Bottlerocket", "Ubuntu", "Custom"];
    private static readonly string[] VolumeTypes = ["io1", "io2", "gp2", "gp3", "st1", "sc1", "standard"];
    private static readonly string[] NotWithLaunchTemplate =
        ["securityGroupSelector", "metadataOptions", "amiFamily", "instanceProfile", "blockDeviceMappings", "userData", "amiSelector"];

    public override IEnumerable<FieldError> Validate(ApiObject candidate, ApiObject? old) => ValidateSpec(candidate.Spec, "spec");

    /// <summary>The same rules hold for the settings that stand in a Provisioner's <c>provider</c>.</summary>
    public static IEnumerable<FieldError> ValidateSpec(TreeMap spec, string path)
    {
        if (spec["subnetSelector"] is not TreeMap { Count: > 0 })
        {
            yield return FieldError.Required(path + ".subnetSelector");
        }

        if (spec["launchTemplate"] is not null)
        {
            foreach (var field in NotWithLaunchTemplate.Where(field => spec[field] is not null))
            {
                yield return FieldError.Forbidden($"{path}.{field}", $"expected exactly one, got both: {path}.launchTemplate, {path}.{field}");
            }
        }
        else if (spec["securityGroupSelector"] is not TreeMap { Count: > 0 })
        {
            yield return FieldError.Required(path + ".securityGroupSelector", "needed when no launchTemplate is given");
        }

        foreach (var error in Selector(spec, "subnetSelector", "subnet", path)
            .Concat(Selector(spec, "securityGroupSelector", "sg", path))
            .Concat(Selector(spec, "amiSelector", "ami", path)))
        {
            yield return error;
        }

        if (spec["amiFamily"]?.Text is { } family)
        {
            if (!Families.Contains(family))
            {
                yield return FieldError.Unsupported(path + ".amiFamily", family, Families);
            }
            else if (family == "Custom" && spec["amiSelector"] is null)
            {
                yield return FieldError.Required(path + ".amiSelector", "needed when amiFamily is Custom");
            }
        }

        foreach (var error in Metadata(spec["metadataOptions"], path + ".metadataOptions").Concat(Devices(spec, path)))
        {
            yield return error;
        }
    }

    private static IEnumerable<FieldError> Selector(TreeMap spec, string field, string prefix, string path)
    {
        foreach (var (key, value) in (spec[field] as TreeMap ?? TreeMap.Empty).Members())
        {
            var at = $"{path}.{field}['{key}']";
            if (key.Length == 0 || string.IsNullOrEmpty(value.Text))
            {
                yield return FieldError.Invalid(at, value.Text ?? "", "keys and values cannot be empty");
            }
            else if (key is "aws-ids" or "aws::ids")
            {
                foreach (var id in value.Text.Split(',', StringSplitOptions.TrimEntries).Where(id => !(id.StartsWith(prefix + "-", StringComparison.Ordinal) && Hex().IsMatch(id[(prefix.Length + 1)..]))))
                {
                    yield return FieldError.Invalid(at, id, $"must be ids such as {prefix}-0123456789abcdef0");
                }
            }
        }
    }

    private static IEnumerable<FieldError> Metadata(Tree? options, string path)
    {
        foreach (var (field, allowed) in new (string, string[])[]
        {
            ("httpEndpoint", ["enabled", "disabled"]),
            ("httpProtocolIPv6", ["enabled", "disabled"]),
            ("httpTokens", ["required", "optional"]),
        })
        {
            if (options?[field]?.Text is { } value && !allowed.Contains(value))
            {
                yield return FieldError.Unsupported($"{path}.{field}", value, allowed);
            }
        }

        if (options?["httpPutResponseHopLimit"]?.Integer is { } hops and (< 1 or > 64))
        {
            yield return FieldError.Invalid(path + ".httpPutResponseHopLimit", hops, "must be between 1 and 64");
        }
    }

    private static IEnumerable<FieldError> Devices(TreeMap spec, string path)
    {
        foreach (var (mapping, at) in Tree.ItemsOf(spec["blockDeviceMappings"]).ToArray().Select((mapping, at) => (mapping, at)))
        {
            var where = $"{path}.blockDeviceMappings[{at}]";
            if (string.IsNullOrEmpty(mapping["deviceName"]?.Text))
            {
                yield return FieldError.Required(where + ".deviceName");
            }

            if (mapping["ebs"] is not TreeMap ebs)
            {
                yield return FieldError.Required(where + ".ebs");
                continue;
            }

            if (ebs["volumeType"]?.Text is { } type && !VolumeTypes.Contains(type))
            {
                yield return FieldError.Unsupported(where + ".ebs.volumeType", type, VolumeTypes);
            }

            if (ebs["volumeSize"] is null && ebs["snapshotID"] is null)
            {
                yield return FieldError.Required(where + ".ebs.volumeSize", "needed when no snapshotID is given");
            }
            else if (ebs["volumeSize"] is { } size && Quantity.TryParse(size.Text ?? size.ToString(), out var quantity) && (quantity.Value < 1L << 30 || quantity.Value > 64L << 40))
            {
                yield return FieldError.Invalid(where + ".ebs.volumeSize", quantity.ToString(), "must be between 1Gi and 64Ti");
            }
        }
    }

    [GeneratedRegex("^[0-9a-f]+$")]
    private static partial Regex Hex();
}
