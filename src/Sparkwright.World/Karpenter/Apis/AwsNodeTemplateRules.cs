using System.Text.RegularExpressions;
using Sparkwright.Kubernetes.Admission;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Quantities;
using Sparkwright.Kubernetes.Requests;

namespace Sparkwright.World.Karpenter.Apis;

/// <summary>What Karpenter's webhook refuses in an AWSNodeTemplate.</summary>
public sealed partial class AwsNodeTemplateRules : KindRules
{
    /// <summary>The AWS provider's webhook.</summary>
    public const string Webhook = "validation.webhook.karpenter.k8s.aws";

    /// <summary>Where the errors say that the provider's settings stand, be it in a Provisioner or, which is odd, in an AWSNodeTemplate.</summary>
    private const string Provider = "spec.provider";

    private static readonly string[] NotWithLaunchTemplate = ["securityGroupSelector", "metadataOptions", "amiFamily", "instanceProfile", "blockDeviceMappings"];

    public override ApiStatus? Denial(ApiObject candidate) => WebhookError.Denial(Webhook, Errors(candidate.Spec));

    /// <summary>What is wrong with the spec of an AWSNodeTemplate.</summary>
    public static IEnumerable<WebhookError> Errors(TreeMap spec)
    {
        foreach (var error in ProviderErrors(spec))
        {
            yield return error;
        }

        foreach (var field in new[] { "userData", "amiSelector" }.Where(field => spec["launchTemplate"] is not null && spec[field] is not null))
        {
            yield return WebhookError.GotBoth($"spec.{field}", "spec.launchTemplate");
        }

        foreach (var error in Selector(spec, "amiSelector", "spec", "ami", "ami-id"))
        {
            yield return error;
        }

        if (spec["amiFamily"]?.Text == "Custom" && spec["amiSelector"] is null)
        {
            yield return WebhookError.Missing("spec.amiSelector");
        }
    }

    /// <summary>What is wrong with the settings that an AWSNodeTemplate has and that may stand in a Provisioner's <c>provider</c> too.</summary>
    public static IEnumerable<WebhookError> ProviderErrors(TreeMap settings)
    {
        if (settings["subnetSelector"] is not TreeMap { Count: > 0 })
        {
            yield return WebhookError.Missing(Provider + ".subnetSelector");
        }

        if (settings["launchTemplate"] is not null)
        {
            foreach (var field in NotWithLaunchTemplate.Where(field => settings[field] is not null))
            {
                yield return WebhookError.GotBoth($"{Provider}.launchTemplate", $"{Provider}.{field}");
            }
        }
        else if (settings["securityGroupSelector"] is not TreeMap { Count: > 0 })
        {
            yield return WebhookError.Missing(Provider + ".securityGroupSelector");
        }

        foreach (var error in Selector(settings, "subnetSelector", Provider, "subnet", "subnet-id")
            .Concat(settings["launchTemplate"] is null ? Selector(settings, "securityGroupSelector", Provider, "sg", "group-id") : [])
            .Concat(WebhookError.UnlessOneOf(settings["amiFamily"]?.Text, Provider + ".amiFamily", "Bottlerocket", "AL2", "Ubuntu", "Custom"))
            .Concat(Metadata(settings["metadataOptions"]))
            .Concat(Devices(settings)))
        {
            yield return error;
        }
    }

    private static IEnumerable<WebhookError> Selector(TreeMap settings, string field, string path, string prefix, string idName)
    {
        foreach (var (key, value) in (settings[field] as TreeMap ?? TreeMap.Empty).Members())
        {
            var at = $"{path}.{field}['{key}']";
            if (key.Length == 0 || string.IsNullOrEmpty(value.Text))
            {
                yield return WebhookError.InvalidValue("\"\"", at);
            }
            else if (key is "aws-ids" or "aws::ids")
            {
                foreach (var id in value.Text.Split(',', StringSplitOptions.TrimEntries).Where(id => !(id.StartsWith(prefix + "-", StringComparison.Ordinal) && Hex().IsMatch(id[(prefix.Length + 1)..]))))
                {
                    yield return WebhookError.InvalidValue($"\"{id}\"", $"{at} must be a valid {idName} (regex: {prefix}-[0-9a-z]+)");
                }
            }
        }
    }

    private static IEnumerable<WebhookError> Metadata(Tree? options)
    {
        const string At = Provider + ".metadataOptions";
        foreach (var error in WebhookError.UnlessOneOf(options?["httpEndpoint"]?.Text, At + ".httpEndpoint", "disabled", "enabled")
            .Concat(WebhookError.UnlessOneOf(options?["httpProtocolIPv6"]?.Text, At + ".httpProtocolIPv6", "disabled", "enabled"))
            .Concat(WebhookError.UnlessOneOf(options?["httpTokens"]?.Text, At + ".httpTokens", "optional", "required")))
        {
            yield return error;
        }

        if (options?["httpPutResponseHopLimit"]?.Integer is { } hops and (< 1 or > 64))
        {
            yield return WebhookError.OutOfBounds(hops, 1, 64, At + ".httpPutResponseHopLimit");
        }
    }

    private static IEnumerable<WebhookError> Devices(TreeMap settings)
    {
        foreach (var (mapping, at) in Tree.ItemsOf(settings["blockDeviceMappings"]).ToArray().Select((mapping, at) => (mapping, at)))
        {
            var where = $"{Provider}.blockDeviceMappings[{at}]";
            if (string.IsNullOrEmpty(mapping["deviceName"]?.Text))
            {
                yield return WebhookError.Missing(where + ".deviceName");
            }

            if (mapping["ebs"] is not TreeMap ebs)
            {
                yield return WebhookError.Missing(where + ".ebs");
                continue;
            }

            foreach (var error in WebhookError.UnlessOneOf(
                ebs["volumeType"]?.Text, where + ".ebs.volumeType", "standard", "io1", "io2", "gp2", "sc1", "st1", "gp3"))
            {
                yield return error;
            }

            if (ebs["volumeSize"] is null && ebs["snapshotID"] is null)
            {
                yield return WebhookError.Missing(where + ".ebs.volumeSize");
            }
            else if (ebs["volumeSize"] is { } size && Quantity.TryParse(size.Text ?? size.ToString(), out var quantity) && (quantity.Value < 1L << 30 || quantity.Value > 64L << 40))
            {
                yield return WebhookError.OutOfBounds(quantity, "1Gi", "64Ti", where + ".ebs.volumeSize");
            }
        }
    }

    [GeneratedRegex("^[0-9a-f]+$")]
    private static partial Regex Hex();
}
