using System.Collections.Immutable;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Quantities;
using Sparkwright.World.Ec2;

namespace Sparkwright.World.Blueprint;

/// <summary>Reads a blueprint and the files that it names; every mistake tells its file, line and field, and what is allowed.</summary>
/// <param name="file">The blueprint's name in error texts.</param>
/// <param name="readFile">The text of a file relative to the blueprint; null when there is none.</param>
public sealed class BlueprintReader(string file, Func<string, string?> readFile)
{
    public const string ApiVersion = "sparkwright.dev/v1";

    private readonly ImmutableSortedDictionary<string, string>.Builder files = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
    private YamlDocument document = null!;

    /// <summary>A blueprint from the texts that <see cref="PlatformBlueprint.Files"/> has.</summary>
    public static (PlatformBlueprint? Blueprint, BlueprintError? Error) Read(IReadOnlyDictionary<string, string> files) =>
        Read(BuiltInBlueprint.FileName, files.GetValueOrDefault(BuiltInBlueprint.FileName, ""), files.GetValueOrDefault);

    /// <summary>The blueprint, or what is wrong with it.</summary>
    public static (PlatformBlueprint? Blueprint, BlueprintError? Error) Read(string file, string text, Func<string, string?> readFile)
    {
        try
        {
            return (new BlueprintReader(file, readFile).Read(text), null);
        }
        catch (WrongException wrong)
        {
            return (null, wrong.Error);
        }
    }

    private PlatformBlueprint Read(string text)
    {
        var read = YamlReader.Read(text);
        if (read.Error is { } error)
        {
            throw new WrongException(new BlueprintError(file, error.Line, "", error.Message));
        }

        if (read.Documents is not [var only] || only.Root["kind"]?.Text != "Blueprint" || only.Root["apiVersion"]?.Text != ApiVersion)
        {
            throw new WrongException(new BlueprintError(file, 1, "", $"is no blueprint: it must be one document with apiVersion: {ApiVersion} and kind: Blueprint"));
        }

        document = only;
        OnlyKnown("", "apiVersion", "kind", "metadata", "spec");
        OnlyKnown("metadata", "name");
        OnlyKnown("spec", "region", "network", "cluster", "nodeGroups", "launchTemplates", "teams", "observability", "manifests", "addons", "quotas", "model");
        OnlyKnown("spec.cluster", "name", "version", "publicEndpoint");
        var region = Text("spec.region");
        if (!Ec2Catalogue.Regions.Contains(region))
        {
            throw Wrong("spec.region", $"'{region}' has no prices here; allowed: {string.Join(", ", Ec2Catalogue.Regions)}");
        }

        var cluster = Text("spec.cluster.name");
        var templates = Each("spec.launchTemplates", at =>
        {
            OnlyKnown(at, "name", "userData");
            return new LaunchTemplatePlan(Text(at + ".name"), FileOf(at + ".userData"));
        });
        var variables = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["azs"] = region,
            ["eks_cluster_id"] = cluster,
            ["launch_template_name"] = templates.IsEmpty ? "" : templates[0].Name,
            ["instance_profile"] = cluster + "-node",
        };
        return new PlatformBlueprint
        {
            Name = Text("metadata.name"),
            Region = region,
            Network = Network(region),
            ClusterName = cluster,
            KubernetesVersion = Text("spec.cluster.version"),
            HasPublicEndpoint = Flag("spec.cluster.publicEndpoint"),
            LaunchTemplates = templates,
            NodeGroups = Unlike("spec.nodeGroups", Each("spec.nodeGroups", at => NodeGroup(at, region)), group => group.Name),
            Teams = Unlike("spec.teams", Each("spec.teams", Team), team => team.Name),
            PrometheusWorkspace = Workspace(),
            Addons = Unlike("spec.addons", Each("spec.addons", Addon), addon => $"{addon.Namespace}/{addon.Name}"),
            Manifests = [.. Each("spec.manifests", at => ManifestsOf(at, variables)).SelectMany(many => many)],
            EmrQuotas = EmrQuotas(),
            Model = Model(),

            // Last, when all of them have been read.
            Files = files.ToImmutable().SetItem(BuiltInBlueprint.FileName, text),
        };
    }

    private NetworkPlan Network(string region)
    {
        OnlyKnown("spec.network", "cidr", "zones", "privateSubnets", "publicSubnets", "natGateways", "endpoints");
        var whole = Block("spec.network.cidr");
        var known = Ec2Catalogue.ZonesOf(region);
        var zones = Each("spec.network.zones", at => known.Contains(region + Text(at))
            ? region + Text(at)
            : throw Wrong(at, $"'{Text(at)}' is no zone of {region}; allowed: {string.Join(", ", known.Select(zone => zone[region.Length..]))}"));
        var taken = new List<(Cidr Block, string At)>();
        foreach (var list in new[] { "spec.network.privateSubnets", "spec.network.publicSubnets" })
        {
            var blocks = Each(list, at => (Block: Block(at), At: at));
            if (blocks.Length != zones.Length)
            {
                throw Wrong(list, $"has {blocks.Length} subnets for {zones.Length} zones; give one for each zone");
            }

            foreach (var (block, at) in blocks)
            {
                if (!whole.Contains(block))
                {
                    throw Wrong(at, $"{block} is not inside {whole}");
                }

                if (taken.Find(other => other.Block.Overlaps(block)) is { At: not null } other)
                {
                    throw Wrong(at, $"{block} overlaps {other.Block} of {other.At}");
                }

                taken.Add((block, at));
            }
        }

        return new NetworkPlan(
            whole.ToString(),
            zones,
            Each("spec.network.privateSubnets", Text),
            Each("spec.network.publicSubnets", Text),
            NatGateways(zones.Length),
            Each("spec.network.endpoints", Text));
    }

    private NodeGroupPlan NodeGroup(string at, string region)
    {
        OnlyKnown(at, "name", "instanceType", "minSize", "desiredSize", "maxSize", "labels");
        var type = Text(at + ".instanceType");
        if (Ec2Catalogue.ForRegion(region).Find(type) is null)
        {
            throw Wrong(at + ".instanceType", $"'{type}' cannot be launched in {region}");
        }

        var (least, desired, most) = (Whole(at + ".minSize"), Whole(at + ".desiredSize"), Whole(at + ".maxSize"));
        if (least < 0 || desired < least || most < desired)
        {
            throw Wrong(at + ".desiredSize", $"minSize {least} ≤ desiredSize {desired} ≤ maxSize {most} must hold");
        }

        return new NodeGroupPlan(Text(at + ".name"), type, least, desired, most, Labels(at + ".labels"));
    }

    private TeamPlan Team(string at)
    {
        OnlyKnown(at, "name", "executionRole", "virtualCluster");
        return new TeamPlan(Text(at + ".name"), Text(at + ".executionRole"), OptionalText(at + ".virtualCluster"));
    }

    private AddonPlan Addon(string at)
    {
        OnlyKnown(at, "name", "kind", "namespace", "replicas", "image", "cpu", "memory", "tolerateAll");
        var kind = Text(at + ".kind");
        if (kind is not ("Deployment" or "DaemonSet"))
        {
            throw Wrong(at + ".kind", $"'{kind}' is not allowed; allowed: Deployment, DaemonSet");
        }

        if (kind == "DaemonSet" && Find(at + ".replicas") is not null)
        {
            throw Wrong(at + ".replicas", "a DaemonSet has one pod a node; leave replicas out");
        }

        return new AddonPlan(
            Text(at + ".name"),
            kind,
            Text(at + ".namespace"),
            Find(at + ".replicas") is null ? 1 : Whole(at + ".replicas"),
            Text(at + ".image"),
            Amount(at + ".cpu"),
            Find(at + ".memory") is null ? null : Amount(at + ".memory"),
            Flag(at + ".tolerateAll"));
    }

    private ImmutableArray<Tree> ManifestsOf(string at, Dictionary<string, string> variables)
    {
        var path = Text(at);
        var (text, unknown, line) = BlueprintVariables.Replace(FileOf(at), variables);
        if (unknown is not null)
        {
            throw new WrongException(new BlueprintError(path, line, "", $"unknown variable ${{{unknown}}}; allowed: {string.Join(", ", variables.Keys.Order(StringComparer.Ordinal).Select(name => $"${{{name}}}"))}; write $${{{unknown}}} for a literal ${{{unknown}}}"));
        }

        var read = YamlReader.Read(text);
        return read.Error is { } error
            ? throw new WrongException(new BlueprintError(path, error.Line, "", error.Message))
            : [.. read.Documents.Select(one => one.Root is TreeMap
                ? one.Root
                : throw new WrongException(new BlueprintError(path, one.LineOf(""), "", "is no object: a manifest is a map with apiVersion, kind and metadata")))];
    }

    /// <summary>Where the block is there, what it leaves out is AWS' own quota of an account and region (as far as it is published).</summary>
    private EmrQuotaPlan? EmrQuotas()
    {
        const string At = "spec.quotas.emrContainers";
        if (Find("spec.quotas") is null)
        {
            return null;
        }

        OnlyKnown("spec.quotas", "emrContainers");
        OnlyKnown(At, "burst", "startJobRun", "describeJobRun", "read", "write");
        return new EmrQuotaPlan(Quota("burst", 25), Quota("startJobRun", 20), Quota("describeJobRun", 20), Quota("read", 5), Quota("write", 1));

        long Quota(string name, long standard) => Find($"{At}.{name}") is null ? standard
            : Whole($"{At}.{name}") is var given and >= 1 and <= 1_000_000 ? given
            : throw Wrong($"{At}.{name}", "must be a whole number from 1 to 1000000");
    }

    private TreeMap Model()
    {
        if (Find("spec.model") is not { } model)
        {
            return TreeMap.Empty;
        }

        var fixedValues = model as TreeMap ?? throw Wrong("spec.model", "must be a map from figures to durations");
        return ModelFigures.With(new ModelFigures(), fixedValues).Error is { } error ? throw Wrong("spec.model", error) : fixedValues;
    }

    private string FileOf(string at)
    {
        var path = Text(at);
        return files[path] = readFile(path) ?? throw Wrong(at, $"there is no file '{path}' beside the blueprint");
    }

    private Cidr Block(string at) => Cidr.TryParse(Text(at), out var block)
        ? block
        : throw Wrong(at, $"'{Text(at)}' is not a block of addresses; write for example 10.1.0.0/16, with the bits behind the prefix zero");

    private string Amount(string at) => Find(at) is { } value && Quantity.TryParse(value.Text ?? value.ToString(), out var quantity)
        ? quantity.ToString()
        : throw Wrong(at, Find(at) is null ? "is missing" : $"'{Find(at)}' is not a quantity; write for example 100m, 1, 512Mi");

    private ImmutableArray<T> Each<T>(string at, Func<string, T> read)
    {
        if (Find(at) is not { } value)
        {
            return [];
        }

        return value is TreeList list
            ? [.. Enumerable.Range(0, list.Count).Select(index => read($"{at}[{index}]"))]
            : throw Wrong(at, "must be a list");
    }

    private string? OptionalText(string at) => Find(at) is null ? null : Text(at);

    private bool Flag(string at) => Find(at) is { } value && (value.Boolean ?? throw Wrong(at, $"must be true or false, not {value}"));

    private TreeMap Labels(string at)
    {
        if (Find(at) is not { } value)
        {
            return TreeMap.Empty;
        }

        var labels = value as TreeMap ?? throw Wrong(at, "must be a map of texts");
        foreach (var (key, label) in labels.Members())
        {
            if (label.Text is null)
            {
                throw Wrong($"{at}.{key}", $"must be text; put {label} in quotes");
            }
        }

        return labels;
    }

    private string? Workspace()
    {
        if (Find("spec.observability") is null)
        {
            return null;
        }

        OnlyKnown("spec.observability", "prometheusWorkspace");
        return OptionalText("spec.observability.prometheusWorkspace");
    }

    private long NatGateways(int zones)
    {
        const string At = "spec.network.natGateways";
        var count = Find(At) is null ? 0 : Whole(At);
        return count >= 0 && count <= zones ? count : throw Wrong(At, $"is {count}; allowed: 0 to one for each of the {zones} zones");
    }

    private ImmutableArray<T> Unlike<T>(string at, ImmutableArray<T> parts, Func<T, string> name)
    {
        for (var index = 1; index < parts.Length; index++)
        {
            if (parts.Take(index).Any(earlier => name(earlier) == name(parts[index])))
            {
                throw Wrong($"{at}[{index}].name", $"'{name(parts[index])}' is there twice; names must differ");
            }
        }

        return parts;
    }

    private string Text(string at) => Find(at) is { } value ? value.Text ?? throw Wrong(at, $"must be text; put {value} in quotes") : throw Wrong(at, "is missing");

    private long Whole(string at) => Find(at) is { } value ? value.Integer ?? throw Wrong(at, "must be a whole number") : throw Wrong(at, "is missing");

    private void OnlyKnown(string at, params string[] allowed)
    {
        var value = at.Length == 0 ? document.Root : Find(at);
        if (value is null)
        {
            throw Wrong(at, "is missing");
        }

        if (value is not TreeMap map)
        {
            throw Wrong(at, "must be a map");
        }

        foreach (var (key, _) in map.Members())
        {
            if (!allowed.Contains(key))
            {
                throw Wrong(at.Length == 0 ? key : $"{at}.{key}", $"is unknown;{Spelling.Hint(key, allowed)} allowed: {string.Join(", ", allowed)}");
            }
        }
    }

    /// <summary>The value at a path such as <c>spec.addons[2].cpu</c>.</summary>
    private Tree? Find(string path)
    {
        Tree? here = document.Root;
        foreach (var part in path.Split('.'))
        {
            var bracket = part.IndexOf('[', StringComparison.Ordinal);
            here = here?[bracket < 0 ? part : part[..bracket]];
            if (bracket >= 0)
            {
                here = Tree.ItemsOf(here)[int.Parse(part[(bracket + 1)..^1], System.Globalization.CultureInfo.InvariantCulture)];
            }
        }

        return here is TreeNull ? null : here;
    }

    private WrongException Wrong(string at, string what) => new(new BlueprintError(file, document.LineOf(at), at, what));

    /// <summary>Carries the first mistake out of the reading.</summary>
    private sealed class WrongException(BlueprintError error) : Exception(error.ToString())
    {
        public BlueprintError Error { get; } = error;
    }
}
