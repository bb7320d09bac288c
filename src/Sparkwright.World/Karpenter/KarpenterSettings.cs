using System.Globalization;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Quantities;
using Sparkwright.Kubernetes.Requests;

namespace Sparkwright.World.Karpenter;

/// <summary>Karpenter's own settings, as the ConfigMap <c>karpenter-global-settings</c> gives them; what it leaves out, or words wrongly, keeps its default.</summary>
public sealed record KarpenterSettings
{
    public required string ClusterName { get; init; }

    public string ClusterEndpoint { get; init; } = "";

    /// <summary>The profile of v1alpha1 templates that name none; null when there is none.</summary>
    public string? DefaultInstanceProfile { get; init; }

    public bool EnablePodEni { get; init; }

    /// <summary>Whether network interfaces limit the pods of a node; otherwise 110.</summary>
    public bool EniLimitedPodDensity { get; init; } = true;

    public bool IsolatedVpc { get; init; }

    /// <summary>What the hypervisor and the operating system keep of the memory, in thousandths.</summary>
    public int VmMemoryOverheadPermille { get; init; } = 75;

    /// <summary>The queue of interruption messages for NodePools' nodes; null = interruptions are not handled.</summary>
    public string? InterruptionQueue { get; init; }

    /// <summary>The same for Provisioners' nodes.</summary>
    public string? ProvisionerInterruptionQueue { get; init; }

    /// <summary>Tags of everything that Karpenter makes in AWS.</summary>
    public TreeMap Tags { get; init; } = TreeMap.Empty;

    public TimeSpan BatchMax { get; init; } = TimeSpan.FromSeconds(10);

    public TimeSpan BatchIdle { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Whether drift is acted on (v1alpha5; v1 always does).</summary>
    public bool DriftEnabled { get; init; }

    /// <summary>The feature gate SpotToSpotConsolidation.</summary>
    public bool SpotToSpotConsolidation { get; init; }

    /// <summary>The feature gate NodeRepair: whether nodes that are broken for too long are replaced (v1).</summary>
    public bool NodeRepair { get; init; }

    /// <summary>How long a node that pods were planned for is left alone.</summary>
    public TimeSpan NominationLasts => TimeSpan.FromSeconds(Math.Max(2 * BatchMax.TotalSeconds, 10));

    /// <summary>Whether wishes of pods are passed over from the start (v1's PREFERENCE_POLICY=Ignore; upstream's default is Respect).</summary>
    public bool IgnoresPreferences { get; init; }

    /// <summary>Whether minValues that cannot be met are lowered (v1's MIN_VALUES_POLICY=BestEffort; upstream's default is Strict).</summary>
    public bool LowersMinValues { get; init; }

    /// <summary>The settings with what a ConfigMap's data say.</summary>
    public KarpenterSettings With(TreeMap data) => this with
    {
        ClusterName = Text(data, "aws.clusterName") ?? ClusterName,
        ClusterEndpoint = Text(data, "aws.clusterEndpoint") ?? ClusterEndpoint,
        DefaultInstanceProfile = Text(data, "aws.defaultInstanceProfile") ?? DefaultInstanceProfile,
        EnablePodEni = Flag(data, "aws.enablePodENI") ?? EnablePodEni,
        EniLimitedPodDensity = Flag(data, "aws.enableENILimitedPodDensity") ?? EniLimitedPodDensity,
        IsolatedVpc = Flag(data, "aws.isolatedVPC") ?? IsolatedVpc,
        VmMemoryOverheadPermille = decimal.TryParse(Text(data, "aws.vmMemoryOverheadPercent"), CultureInfo.InvariantCulture, out var share) && share is >= 0 and <= 1
            ? (int)(share * 1000)
            : VmMemoryOverheadPermille,
        InterruptionQueue = data.ContainsKey("interruptionQueue") ? Text(data, "interruptionQueue") : InterruptionQueue,
        ProvisionerInterruptionQueue = Text(data, "aws.interruptionQueueName") ?? ProvisionerInterruptionQueue,
        Tags = Text(data, "aws.tags") is { } tags ? TagsOf(tags) ?? Tags : Tags,
        BatchMax = Time(data, "batchMaxDuration") ?? BatchMax,
        BatchIdle = Time(data, "batchIdleDuration") ?? BatchIdle,
        DriftEnabled = Flag(data, "featureGates.driftEnabled") ?? DriftEnabled,
        SpotToSpotConsolidation = Flag(data, "featureGates.spotToSpotConsolidation") ?? SpotToSpotConsolidation,
        NodeRepair = Flag(data, "featureGates.nodeRepair") ?? NodeRepair,
        IgnoresPreferences = Text(data, "preferencePolicy") is { } preferences ? preferences == "Ignore" : IgnoresPreferences,
        LowersMinValues = Text(data, "minValuesPolicy") is { } minValues ? minValues == "BestEffort" : LowersMinValues,
    };

    private static string? Text(TreeMap data, string key) => data.Get(key)?.Text is { Length: > 0 } text ? text : null;

    private static bool? Flag(TreeMap data, string key) => bool.TryParse(Text(data, key), out var flag) ? flag : null;

    private static TimeSpan? Time(TreeMap data, string key) =>
        Text(data, key) is { } text && GoDuration.TryParse(text, out var time) && time > TimeSpan.Zero ? time : null;

    private static TreeMap? TagsOf(string json)
    {
        try
        {
            return TreeJson.Parse(json) as TreeMap;
        }
        catch (System.Text.Json.JsonException)
        {
            return null;
        }
    }
}

/// <summary>The settings as they are now: the ConfigMap is read whenever they are asked for, once a version.</summary>
/// <param name="installed">What Karpenter was installed with.</param>
public sealed class LiveSettings(ApiServer api, KarpenterSettings installed)
{
    public const string ConfigMapName = "karpenter-global-settings";
    public const string ConfigMapNamespace = "karpenter";

    private ApiObject? read;
    private KarpenterSettings? current;

    /// <summary>Whether an object is the ConfigMap that these settings are read from.</summary>
    public static bool IsAbout(ApiObject known) => known.Type == CoreTypes.ConfigMap && known.Name == ConfigMapName && known.Namespace == ConfigMapNamespace;

    public KarpenterSettings Current
    {
        get
        {
            var known = api.Store.Get(CoreTypes.ConfigMap, ConfigMapNamespace, ConfigMapName);
            if (current is null || !ReferenceEquals(known, read))
            {
                read = known;
                current = installed.With(known?.Body["data"] as TreeMap ?? TreeMap.Empty);
            }

            return current;
        }
    }
}
