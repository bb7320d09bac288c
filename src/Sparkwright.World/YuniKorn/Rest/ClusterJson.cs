using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.YuniKorn.Configuration;
using Sparkwright.World.YuniKorn.Cycle;

namespace Sparkwright.World.YuniKorn.Rest;

/// <summary>The cluster and how it is configured, as <c>/ws/v1/clusters</c>, <c>/ws/v1/config</c> and the placement rules show it.</summary>
public static class ClusterJson
{
    public static TreeMap Of(YuniKornScheduler scheduler) => TreeMap.Of(
        ("clusterName", "kubernetes"),
        ("partition", Names.Partition),
        ("rmBuildInformation", TreeList.Of(TreeMap.Of(("arch", "amd64"), ("isPluginVersion", "false"), ("rmId", "mycluster"), ("version", "1.7.0 (simulated)")))),
        ("startTime", ApplicationJson.Nanoseconds(scheduler.Started)));

    /// <summary>The queue configuration as a tree.</summary>
    public static Tree Configuration(YuniKornScheduler scheduler) =>
        YamlReader.Read(scheduler.ConfigurationText) is { Documents: [var document, ..] } ? document.Root : TreeMap.Empty;

    /// <summary>The rules in their order; the one that takes back pods after a restart is always the last.</summary>
    public static TreeList PlacementRules(PartitionSettings settings) => TreeList.From(settings.PlacementRules
        .Select(RuleJson)
        .Append(TreeMap.Of(("name", "recovery"), ("parameters", TreeMap.Of(("create", "true"))))));

    private static TreeMap RuleJson(PlacementRuleSettings rule) => TreeMap.Of(
        ("filter", rule.Filter == FilterSettings.Everyone || (rule.Filter.Users.IsEmpty && rule.Filter.Groups.IsEmpty) ? null : TreeMap.Of(
            ("groupList", rule.Filter.Groups.IsEmpty ? null : TreeList.OfTexts(rule.Filter.Groups)),
            ("type", rule.Filter.Type.Length == 0 ? "allow" : rule.Filter.Type),
            ("userList", rule.Filter.Users.IsEmpty ? null : TreeList.OfTexts(rule.Filter.Users)))),
        ("name", rule.Name),
        ("parameters", rule.Name switch
        {
            "tag" => TreeMap.Of(("create", Word(rule.Create)), ("tagName", rule.Value)),
            "fixed" => TreeMap.Of(("create", Word(rule.Create)), ("qualified", Word(rule.Value.StartsWith("root.", StringComparison.Ordinal))), ("queue", rule.Value)),
            _ => TreeMap.Of(("create", Word(rule.Create))),
        }),
        ("parentRule", rule.Parent is { } parent ? RuleJson(parent) : null));

    private static string Word(bool isTrue) => isTrue ? "true" : "false";
}
