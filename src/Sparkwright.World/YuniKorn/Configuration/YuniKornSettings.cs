using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Quantities;
using Sparkwright.Kubernetes.Store;

namespace Sparkwright.World.YuniKorn.Configuration;

/// <summary>
/// The members of the ConfigMaps <c>yunikorn-defaults</c> and <c>yunikorn-configs</c>, the second before the first; what is not said, or said
/// in a wrong way, has YuniKorn's default.
/// </summary>
public sealed class YuniKornSettings
{
    public const string DefaultsMap = "yunikorn-defaults";
    public const string ConfigsMap = "yunikorn-configs";

    private const string Filtering = "admissionController.filtering.";
    private const string AccessControl = "admissionController.accessControl.";

    /// <summary>How the keys begin that Sparkwright adds to YuniKorn's own: what goes beyond it, all off unless it is asked for.</summary>
    private const string Beyond = "sparkwright.";

    private const string TimerStartKey = Beyond + "placeholderTimerStart";
    private const string RecreateKey = Beyond + "recreateLostPlaceholders";
    private const string DeriveKey = Beyond + "deriveTaskGroups";
    private const string SurplusKey = Beyond + "releaseSurplusPlaceholders";
    private const string LateKey = Beyond + "refuseLateReservations";

    private static readonly string[] TimerStarts = ["firstPlaceholder", "submission"];
    private static readonly string[] Truths = ["true", "false"];

    private static readonly SortedDictionary<string, string[]> KnownBeyond = new(StringComparer.Ordinal)
    {
        [DeriveKey] = Truths,
        [TimerStartKey] = TimerStarts,
        [RecreateKey] = Truths,
        [LateKey] = Truths,
        [SurplusKey] = Truths,
    };

    private readonly TreeMap members;

    private YuniKornSettings(TreeMap members)
    {
        this.members = members;
        ProcessNamespaces = Patterns(Filtering + "processNamespaces", "");
        BypassNamespaces = Patterns(Filtering + "bypassNamespaces", "^kube-system$");
        LabelNamespaces = Patterns(Filtering + "labelNamespaces", "");
        NoLabelNamespaces = Patterns(Filtering + "noLabelNamespaces", "");
        SystemUsers = Patterns(AccessControl + "systemUsers", "^system:serviceaccount:kube-system:");
        ExternalUsers = Patterns(AccessControl + "externalUsers", "");
        ExternalGroups = Patterns(AccessControl + "externalGroups", "");
    }

    /// <summary>The text of the queue configuration; empty when there is none.</summary>
    public string Queues => Text($"{Text("service.policyGroup", "queues")}.yaml", "");

    /// <summary>How often applications and their pods move on.</summary>
    public TimeSpan SchedulingInterval => Duration("service.schedulingInterval", TimeSpan.FromSeconds(1));

    /// <summary>Whether a change of the ConfigMaps is taken over while the scheduler runs.</summary>
    public bool HotRefresh => Truth("service.enableConfigHotRefresh", true);

    /// <summary>How long the volumes of a pod may take to be bound, each time that it is tried.</summary>
    public TimeSpan VolumeBindTimeout => Duration("service.volumeBindTimeout", TimeSpan.FromMinutes(10));

    public bool DisableGangScheduling => Truth("service.disableGangScheduling", false);

    public string PlaceholderImage => Text("service.placeholderImage", "registry.k8s.io/pause:3.7");

    /// <summary>Whether pods without an application's name get one each instead of one a namespace.</summary>
    public bool GenerateUniqueApplicationIds => Truth(Filtering + "generateUniqueAppId", false);

    /// <summary>The namespaces whose pods get the scheduler's name; none means all.</summary>
    public ImmutableArray<Regex> ProcessNamespaces { get; }

    public ImmutableArray<Regex> BypassNamespaces { get; }

    /// <summary>The namespaces whose pods get labels; none means all.</summary>
    public ImmutableArray<Regex> LabelNamespaces { get; }

    public ImmutableArray<Regex> NoLabelNamespaces { get; }

    /// <summary>Whether what pods say of their user is believed, and nothing is added.</summary>
    public bool BypassAuthentication => Truth(AccessControl + "bypassAuth", false);

    /// <summary>Whether <see cref="SystemUsers"/> may say whose a pod is.</summary>
    public bool TrustControllers => Truth(AccessControl + "trustControllers", true);

    public ImmutableArray<Regex> SystemUsers { get; }

    /// <summary>Whether placeholders that are lost while the gang still wants them are made again; YuniKorn never does that.</summary>
    public bool RecreateLostPlaceholders => Truth(RecreateKey, false);

    /// <summary>Whether the time of placeholders counts from the creation of the first pod; YuniKorn counts from the first placeholder's place.</summary>
    public bool TimerStartsAtSubmission => Text(TimerStartKey, TimerStarts[0]) == TimerStarts[1];

    /// <summary>Whether Spark drivers that say nothing of task groups get them from their Spark configuration.</summary>
    public bool DeriveTaskGroups => Truth(DeriveKey, false);

    /// <summary>Whether places go as soon as a running driver's configuration shows that no executor will come for them.</summary>
    public bool ReleaseSurplusPlaceholders => Truth(SurplusKey, false);

    /// <summary>Whether no placeholders are made when their time has passed before: the rule of the development version after 1.9 (YUNIKORN-3332).</summary>
    public bool RefuseLateReservations => Truth(LateKey, false);

    /// <summary>Others who may say whose a pod is.</summary>
    public ImmutableArray<Regex> ExternalUsers { get; }

    /// <summary>The same by group.</summary>
    public ImmutableArray<Regex> ExternalGroups { get; }

    public static YuniKornSettings Of(ObjectStore store) => Of(
        store.Get(CoreTypes.ConfigMap, Names.Namespace, DefaultsMap),
        store.Get(CoreTypes.ConfigMap, Names.Namespace, ConfigsMap));

    public static YuniKornSettings Of(ApiObject? defaults, ApiObject? configs) =>
        new((defaults?.Body["data"] as TreeMap ?? TreeMap.Empty).Merge(configs?.Body["data"] as TreeMap ?? TreeMap.Empty));

    /// <summary>What is wrong with the keys that are Sparkwright's own; null when nothing is. YuniKorn's keys are never refused.</summary>
    public static string? MistakeIn(ApiObject map)
    {
        foreach (var (key, value) in (map.Body["data"] as TreeMap ?? TreeMap.Empty).Members().Where(member => member.Key.StartsWith(Beyond, StringComparison.Ordinal)))
        {
            if (!KnownBeyond.TryGetValue(key, out var allowed))
            {
                return $"{key} is unknown; known are {string.Join(", ", KnownBeyond.Keys)}";
            }

            if (!allowed.Contains(value.Text))
            {
                return $"{key}: '{value.Text}' is not allowed; give {string.Join(" or ", allowed)}";
            }
        }

        return null;
    }

    public static bool Matches(ImmutableArray<Regex> patterns, string text) => patterns.Any(pattern => pattern.IsMatch(text));

    private string Text(string key, string otherwise) => members.Get(key)?.Text ?? otherwise;

    private bool Truth(string key, bool otherwise) => members.Get(key)?.Text?.Trim().ToLowerInvariant() switch
    {
        "true" or "t" or "1" => true,
        "false" or "f" or "0" => false,
        _ => otherwise,
    };

    private TimeSpan Duration(string key, TimeSpan otherwise) =>
        GoDuration.TryParse(Text(key, ""), out var duration) && duration > TimeSpan.Zero ? duration : otherwise;

    private ImmutableArray<Regex> Patterns(string key, string otherwise)
    {
        var written = Text(key, otherwise).Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        try
        {
            return [.. written.Select(pattern => new Regex(pattern, RegexOptions.CultureInvariant))];
        }
        catch (ArgumentException)
        {
            return otherwise.Length == 0 ? [] : [new Regex(otherwise, RegexOptions.CultureInvariant)];
        }
    }
}
