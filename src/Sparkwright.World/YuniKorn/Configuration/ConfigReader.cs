using System.Collections.Immutable;
using System.Globalization;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.YuniKorn.Configuration;

/// <summary>
/// Reads <c>queues.yaml</c> as strictly as YuniKorn: a key that no type has, or a value of the wrong kind, refuses the whole text. What could
/// be read is then checked as a whole.
/// </summary>
public static class ConfigReader
{
    public const string DefaultPartition = "default";

    /// <summary>What holds when nothing is configured: everybody may submit, and each namespace gets a queue.</summary>
    public const string DefaultText = """
        partitions:
        - name: default
          placementrules:
          - name: tag
            value: namespace
            create: true
          queues:
          - name: root
            submitacl: "*"
        """;

    /// <summary>Reads and checks a text; an empty one stands for <see cref="DefaultText"/>.</summary>
    public static ConfigResult Read(string text)
    {
        var yaml = YamlReader.Read(text.Trim().Length == 0 ? DefaultText : text);
        if (yaml.Error is { } mistake)
        {
            return new ConfigResult.Invalid($"yaml: {mistake}");
        }

        var reading = new Reading(yaml.Documents.Count == 0 ? new YamlDocument(TreeMap.Empty, new Dictionary<string, YamlMark>()) : yaml.Documents[0]);
        var partitions = reading.Partitions();
        if (reading.Errors.Count > 0)
        {
            return new ConfigResult.Invalid($"yaml: unmarshal errors:\n  {string.Join("\n  ", reading.Errors)}");
        }

        var rooted = partitions.Select(Rooted).ToList();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var partition in rooted)
        {
            if (!seen.Add(partition.Name.ToLowerInvariant()))
            {
                return new ConfigResult.Invalid($"duplicate partition name found with name {partition.Name}");
            }

            if (ConfigChecks.FirstError(partition) is { } error)
            {
                return new ConfigResult.Invalid(error);
            }
        }

        return rooted.Find(partition => partition.Name == DefaultPartition) is { } known
            ? new ConfigResult.Valid(known)
            : new ConfigResult.Invalid("there is no partition named default");
    }

    /// <summary>A single queue called root holds all others; without one it is put above them.</summary>
    private static PartitionSettings Rooted(PartitionSettings partition) => partition switch
    {
        { Queues: { IsDefaultOrEmpty: true } } => partition,
        { Queues: [var only] } when only.Name.Equals("root", StringComparison.OrdinalIgnoreCase) => partition with { Queues = [only with { Name = "root", IsParent = true }] },
        _ => partition with { Queues = [new QueueSettings { Name = "root", IsParent = true, Queues = partition.Queues }] },
    };

    /// <summary>Walks the tree and notes what does not belong there, in YuniKorn's words.</summary>
    private sealed class Reading(YamlDocument document)
    {
        public List<string> Errors { get; } = [];

        public ImmutableArray<PartitionSettings> Partitions()
        {
            var root = Map(document.Root, "", "SchedulerConfig", "partitions", "checksum");
            return Each(root["partitions"], "partitions", Partition);
        }

        private PartitionSettings Partition(Tree tree, string at)
        {
            var map = Map(tree, at, "PartitionConfig", "name", "queues", "placementrules", "limits", "preemption", "nodesortpolicy", "statedumpfilepath", "usergroupresolver");
            var preemption = Map(map["preemption"], at + ".preemption", "PartitionPreemptionConfig", "enabled", "quotapreemptionenabled");
            var sort = Map(map["nodesortpolicy"], at + ".nodesortpolicy", "NodeSortingPolicy", "type", "resourceweights");
            var name = Text(map["name"], at + ".name");
            return new PartitionSettings
            {
                Name = name.Length == 0 || name.Equals(DefaultPartition, StringComparison.OrdinalIgnoreCase) ? DefaultPartition : name,
                Queues = Each(map["queues"], at + ".queues", Queue),
                PlacementRules = Each(map["placementrules"], at + ".placementrules", Rule),
                Limits = Each(map["limits"], at + ".limits", Limit),
                PreemptionEnabled = preemption["enabled"] is not { } enabled || Truth(enabled, at + ".preemption.enabled"),
                QuotaPreemptionEnabled = preemption["quotapreemptionenabled"] is { } quota && Truth(quota, at + ".preemption.quotapreemptionenabled"),
                NodeSort = new NodeSortSettings
                {
                    Type = Text(sort["type"], at + ".nodesortpolicy.type"),
                    Weights = (sort["resourceweights"] as TreeMap ?? TreeMap.Empty).Members().ToImmutableSortedDictionary(
                        weight => weight.Key,
                        weight => Weight(weight.Value, $"{at}.nodesortpolicy.resourceweights.{weight.Key}"),
                        StringComparer.Ordinal),
                },
            };
        }

        private QueueSettings Queue(Tree tree, string at)
        {
            var map = Map(tree, at, "QueueConfig", "name", "parent", "resources", "maxapplications", "properties", "adminacl", "submitacl", "childtemplate", "queues", "limits");
            var (guaranteed, max) = Resources(map["resources"], at + ".resources");
            var template = Map(map["childtemplate"], at + ".childtemplate", "ChildTemplate", "maxapplications", "properties", "resources");
            var (childGuaranteed, childMax) = Resources(template["resources"], at + ".childtemplate.resources");
            return new QueueSettings
            {
                Name = Text(map["name"], at + ".name").ToLowerInvariant(),
                IsParent = map["parent"] is { } parent && Truth(parent, at + ".parent"),
                Guaranteed = guaranteed,
                Max = max,
                MaxApplications = Count(map["maxapplications"], at + ".maxapplications"),
                Properties = Properties(map["properties"], at + ".properties"),
                AdminAcl = Text(map["adminacl"], at + ".adminacl"),
                SubmitAcl = Text(map["submitacl"], at + ".submitacl"),
                ChildTemplate = new ChildTemplateSettings
                {
                    MaxApplications = Count(template["maxapplications"], at + ".childtemplate.maxapplications"),
                    Properties = Properties(template["properties"], at + ".childtemplate.properties"),
                    Guaranteed = childGuaranteed,
                    Max = childMax,
                },
                Queues = Each(map["queues"], at + ".queues", Queue),
                Limits = Each(map["limits"], at + ".limits", Limit),
            };
        }

        private (TreeMap? Guaranteed, TreeMap? Max) Resources(Tree? tree, string at)
        {
            var map = Map(tree, at, "Resources", "guaranteed", "max");
            return (Quantities(map["guaranteed"], at + ".guaranteed"), Quantities(map["max"], at + ".max"));
        }

        private LimitSettings Limit(Tree tree, string at)
        {
            var map = Map(tree, at, "Limit", "limit", "users", "groups", "maxresources", "maxapplications");
            return new LimitSettings(
                Text(map["limit"], at + ".limit"),
                Each(map["users"], at + ".users", Text),
                Each(map["groups"], at + ".groups", Text),
                Quantities(map["maxresources"], at + ".maxresources"),
                Count(map["maxapplications"], at + ".maxapplications"));
        }

        private PlacementRuleSettings Rule(Tree tree, string at)
        {
            var map = Map(tree, at, "PlacementRule", "name", "create", "filter", "parent", "value");
            var filter = Map(map["filter"], at + ".filter", "Filter", "type", "users", "groups");
            return new PlacementRuleSettings(
                Text(map["name"], at + ".name"),
                map["create"] is { } create && Truth(create, at + ".create"),
                new FilterSettings(Text(filter["type"], at + ".filter.type"), Each(filter["users"], at + ".filter.users", Text), Each(filter["groups"], at + ".filter.groups", Text)),
                map["parent"] is TreeMap parent ? Rule(parent, at + ".parent") : null,
                Text(map["value"], at + ".value"));
        }

        private ImmutableSortedDictionary<string, string> Properties(Tree? tree, string at) => Map(tree, at, null).Members().ToImmutableSortedDictionary(
            property => property.Key, property => Text(property.Value, $"{at}.{property.Key}"), StringComparer.Ordinal);

        private TreeMap? Quantities(Tree? tree, string at)
        {
            if (tree is null or TreeNull)
            {
                return null;
            }

            var map = Map(tree, at, null);
            foreach (var (name, value) in map.Members())
            {
                Text(value, $"{at}.{name}");
            }

            return map;
        }

        private ImmutableArray<T> Each<T>(Tree? tree, string at, Func<Tree, string, T> read)
        {
            if (tree is null or TreeNull)
            {
                return [];
            }

            if (tree is not TreeList list)
            {
                Mismatch(tree, at, "[]");
                return [];
            }

            return [.. list.Span.ToArray().Select((item, number) => read(item, $"{at}[{number}]"))];
        }

        private TreeMap Map(Tree? tree, string at, string? type, params ReadOnlySpan<string> known)
        {
            if (tree is null or TreeNull)
            {
                return TreeMap.Empty;
            }

            if (tree is not TreeMap map)
            {
                Mismatch(tree, at, type is null ? "map[string]string" : $"configs.{type}");
                return TreeMap.Empty;
            }

            foreach (var key in map.Keys)
            {
                if (type is not null && !known.Contains(key))
                {
                    Errors.Add($"line {document.LineOf(at.Length == 0 ? key : $"{at}.{key}")}: field {key} not found in type configs.{type}");
                }
            }

            return map;
        }

        private string Text(Tree? tree, string at)
        {
            if (tree is TreeMap or TreeList)
            {
                Mismatch(tree, at, "string");
            }

            return tree is null or TreeNull or TreeMap or TreeList ? "" : QuantityText.TextOf(tree);
        }

        private bool Truth(Tree tree, string at)
        {
            if (tree.Boolean is { } truth)
            {
                return truth;
            }

            Mismatch(tree, at, "bool");
            return false;
        }

        private long Count(Tree? tree, string at)
        {
            if (tree is null or TreeNull)
            {
                return 0;
            }

            if (tree.Integer is { } count and >= 0)
            {
                return count;
            }

            Mismatch(tree, at, "uint64");
            return 0;
        }

        private decimal Weight(Tree tree, string at)
        {
            if (decimal.TryParse(QuantityText.TextOf(tree), NumberStyles.Float, CultureInfo.InvariantCulture, out var weight))
            {
                return weight;
            }

            Mismatch(tree, at, "float64");
            return 0;
        }

        private void Mismatch(Tree tree, string at, string type)
        {
            var (tag, shown) = tree switch
            {
                TreeMap => ("!!map", ""),
                TreeList => ("!!seq", ""),
                TreeInteger => ("!!int", $" `{QuantityText.TextOf(tree)}`"),
                TreeReal => ("!!float", $" `{QuantityText.TextOf(tree)}`"),
                TreeBoolean => ("!!bool", $" `{QuantityText.TextOf(tree)}`"),
                _ => ("!!str", $" `{QuantityText.TextOf(tree)}`"),
            };
            Errors.Add($"line {document.LineOf(at)}: cannot unmarshal {tag}{shown} into {type}");
        }
    }
}

/// <summary>What came of reading a configuration.</summary>
public abstract record ConfigResult
{
    private ConfigResult()
    {
    }

    public sealed record Valid(PartitionSettings Partition) : ConfigResult;

    /// <param name="Message">The first error, in YuniKorn's words.</param>
    public sealed record Invalid(string Message) : ConfigResult;
}
