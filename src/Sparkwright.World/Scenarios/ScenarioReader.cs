using System.Collections.Immutable;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Quantities;
using Sparkwright.World.Aws;
using Sparkwright.World.Ec2;

namespace Sparkwright.World.Scenarios;

/// <summary>Reads a Scenario document; each mistake is named with its file, its field and what is allowed.</summary>
/// <param name="file">The name of the file in error texts.</param>
/// <param name="readDocuments">The YAML documents of a path relative to the scenario file; throws <see cref="ScenarioException"/>.</param>
public sealed class ScenarioReader(string file, Func<string, IReadOnlyList<Tree>> readDocuments, Func<string, IReadOnlyList<Tree>> parseDocuments)
{
    public const string ApiVersion = "sparkwright.dev/v1";

    private static readonly string[] KnownComponents = ["karpenter", "scheduler", "yunikorn"];
    private static readonly string[] Actions = ["apply", "settle", "advance", "scale", "patch", "delete", "interrupt", "capacity", "fail", "restart", "snapshot", "expect"];

    /// <summary>Whether a document claims to be a scenario at all.</summary>
    public static bool IsScenario(Tree document) =>
        document["kind"]?.Text == "Scenario" && document["apiVersion"]?.Text?.StartsWith("sparkwright.dev/", StringComparison.Ordinal) == true;

    public Scenario Read(Tree document)
    {
        if (document["apiVersion"]?.Text != ApiVersion)
        {
            throw Wrong("apiVersion", $"'{document["apiVersion"]?.Text}' is not supported; use {ApiVersion}");
        }

        OnlyKnown(document, "", "apiVersion", "kind", "metadata", "spec");
        var spec = Map(document["spec"], "spec");
        OnlyKnown(spec, "spec.", "seed", "platform", "clusterName", "components", "steps", "startTime", "model");
        var platform = spec["platform"] is null ? "bare" : Text(spec["platform"], "spec.platform");
        if (platform != "bare" && new[] { "clusterName", "components" }.FirstOrDefault(own => spec[own] is not null) is { } clash)
        {
            throw Wrong("spec." + clash, "is for the bare platform; a blueprint brings its own");
        }

        var components = spec["components"] is null ? null : List(spec["components"], "spec.components");
        return new Scenario
        {
            Name = document.At("metadata", "name")?.Text ?? throw Wrong("metadata.name", "a scenario needs a name"),
            Seed = spec["seed"] is null ? 1 : Whole(spec["seed"], "spec.seed"),
            Platform = platform,
            ClusterName = spec["clusterName"] is null ? "sparkwright" : Text(spec["clusterName"], "spec.clusterName"),
            Components = components is null ? ["karpenter", "scheduler"] : [.. components.Select(Component)],
            StartTime = spec["startTime"] is null ? null
                : Timestamps.Read(spec["startTime"]) ?? throw Wrong("spec.startTime", "must be a time such as 2026-01-01T00:00:00Z"),
            Model = spec["model"] is null ? TreeMap.Empty : Map(spec["model"], "spec.model"),
            Steps = [.. List(spec["steps"] ?? TreeList.Empty, "spec.steps").Select((step, at) => Step(step, $"spec.steps[{at}]"))],
        };
    }

    private ScenarioStep Step(Tree tree, string where)
    {
        if (tree is not TreeMap { Count: 1 } step)
        {
            throw Wrong(where, $"a step is one of {string.Join(", ", Actions)}");
        }

        var action = step.Keys[0];
        var value = step.Values[0];
        var at = $"{where}.{action}";
        switch (action)
        {
            case "apply":
                return new ScenarioStep.Apply(Documents(value, at));
            case "settle":
                OnlyKnown(MapOrEmpty(value, at), at + ".", "quietFor", "atMost");
                return new ScenarioStep.Settle(
                    Duration(value["quietFor"], at + ".quietFor", TimeSpan.FromMinutes(3)),
                    Duration(value["atMost"], at + ".atMost", TimeSpan.FromMinutes(20)));
            case "advance":
                if (value is TreeMap to)
                {
                    OnlyKnown(to, at + ".", "to");
                    return new ScenarioStep.Advance(Duration(to["to"], at + ".to", null), true);
                }

                return new ScenarioStep.Advance(Duration(value, at, null), false);
            case "scale":
                OnlyKnown(Map(value, at), at + ".", "apiVersion", "kind", "name", "namespace", "replicas");
                return new ScenarioStep.Scale(Target(value, at, needsName: true), Whole(value["replicas"], at + ".replicas"));
            case "patch":
                OnlyKnown(Map(value, at), at + ".", "apiVersion", "kind", "name", "namespace", "labels", "merge", "subresource");
                if (value["name"] is not null && value["labels"] is not null)
                {
                    throw Wrong(at, "needs either a name or labels");
                }

                if (value["subresource"] is { } sub && !(sub.Text == "resize" && value["kind"]?.Text == "Pod"))
                {
                    throw Wrong(at + ".subresource", "must be resize, of a Pod");
                }

                var labels = value["labels"] is null ? null : Map(value["labels"], at + ".labels");
                return new ScenarioStep.Patch(Target(value, at, needsName: labels is null), labels, Map(value["merge"], at + ".merge"), value["subresource"] is not null);
            case "delete":
                OnlyKnown(Map(value, at), at + ".", "apiVersion", "kind", "name", "namespace", "all");
                var all = value["all"] is { } said && (said.Boolean ?? throw Wrong(at + ".all", "must be true or false"));
                if (value["name"] is null != all)
                {
                    throw all ? Wrong(at, "needs either a name or all: true") : Wrong(at + ".name", "is missing; or say all: true");
                }

                return new ScenarioStep.Delete(Target(value, at, needsName: !all), all);
            case "interrupt":
                OnlyKnown(Map(value, at), at + ".", "kind", "nodes");
                return new ScenarioStep.Interrupt(
                    OneOf(value["kind"], at + ".kind", Interruptions.Kinds),
                    value["nodes"] is null ? null : [.. List(value["nodes"], at + ".nodes").Select(node => Text(node, at + ".nodes"))]);
            case "capacity":
                OnlyKnown(Map(value, at), at + ".", "instanceType", "zone", "capacityType", "available");
                return new ScenarioStep.Capacity(
                    new CapacityPattern(
                        value["instanceType"] is null ? null : Text(value["instanceType"], at + ".instanceType"),
                        value["zone"] is null ? null : Text(value["zone"], at + ".zone"),
                        value["capacityType"] is null ? null : OneOf(value["capacityType"], at + ".capacityType", ["spot", "on-demand"])),
                    value["available"]?.Text == "unlimited" ? null : AtLeast(0, value["available"], at + ".available"));
            case "fail":
                OnlyKnown(Map(value, at), at + ".", "call", "code", "message", "times");
                return new ScenarioStep.Fail(
                    OneOf(value["call"], at + ".call", CallFailures.Calls),
                    Text(value["code"], at + ".code"),
                    value["message"] is null ? null : Text(value["message"], at + ".message"),
                    value["times"] is null ? 1 : AtLeast(1, value["times"], at + ".times"));
            case "restart":
                OnlyKnown(Map(value, at), at + ".", "component");
                return new ScenarioStep.Restart(Text(value["component"], at + ".component"));
            case "snapshot":
                OnlyKnown(Map(value, at), at + ".", "name");
                return new ScenarioStep.Snapshot(Text(value["name"], at + ".name"));
            case "expect":
                // YAML 1.1 takes a bare `on` for a truth value.
                var expected = Map(value, at) is { } whole && whole["true"] is { } pods ? whole.With("true", null).With("on", pods) : Map(value, at);
                OnlyKnown(expected, at + ".", [.. ScenarioExpectation.Vocabulary]);
                return new ScenarioStep.Expect(expected);
            default:
                throw Wrong(where, $"unknown step '{action}'; a step is one of {string.Join(", ", Actions)}");
        }
    }

    private ImmutableArray<Tree> Documents(Tree value, string at)
    {
        OnlyKnown(Map(value, at), at + ".", "files", "manifests");
        var documents = ImmutableArray.CreateBuilder<Tree>();
        foreach (var path in value["files"] is { } files ? List(files, at + ".files") : [])
        {
            documents.AddRange(readDocuments(Text(path, at + ".files")));
        }

        switch (value["manifests"])
        {
            case null:
                break;
            case TreeText text:
                documents.AddRange(parseDocuments(text.Value));
                break;
            case TreeList list:
                documents.AddRange(list.Span);
                break;
            default:
                throw Wrong(at + ".manifests", "must be YAML text or a list of objects");
        }

        if (value["files"] is null && value["manifests"] is null)
        {
            throw Wrong(at, "needs files or manifests");
        }

        return [.. documents.SelectMany(Unwrapped)];
    }

    /// <summary>A List object stands for its items, as kubectl has it; empty documents say nothing.</summary>
    private static IEnumerable<Tree> Unwrapped(Tree document) => document switch
    {
        TreeNull => [],
        TreeMap map when map["kind"]?.Text == "List" => Tree.ItemsOf(map["items"]).ToArray().SelectMany(Unwrapped),
        _ => [document],
    };

    private ObjectTarget Target(Tree value, string at, bool needsName) => new(
        value["apiVersion"] is null ? null : Text(value["apiVersion"], at + ".apiVersion"),
        Text(value["kind"], at + ".kind"),
        needsName ? Text(value["name"], at + ".name") : value["name"]?.Text ?? "",
        value["namespace"] is null ? null : Text(value["namespace"], at + ".namespace"));

    private string Component(Tree value) => value.Text is { } name && KnownComponents.Contains(name)
        ? name
        : throw Wrong("spec.components", $"'{value.Text ?? value.ToString()}' is not a component; allowed: {string.Join(", ", KnownComponents)}");

    private TimeSpan Duration(Tree? value, string at, TimeSpan? otherwise)
    {
        if (value is null && otherwise is { } known)
        {
            return known;
        }

        return value?.Text is { } text && GoDuration.TryParse(text, out var duration) && duration >= TimeSpan.Zero
            ? duration
            : throw Wrong(at, $"{value?.ToString() ?? "nothing"} is not a duration; write for example 90s, 3m or 1h30m");
    }

    private TreeMap Map(Tree? value, string at) => value as TreeMap ?? throw Wrong(at, value is null ? "is missing" : "must be a map");

    private TreeMap MapOrEmpty(Tree? value, string at) => value is null or TreeNull ? TreeMap.Empty : Map(value, at);

    private Tree[] List(Tree? value, string at) => value is TreeList list ? list.Span.ToArray() : throw Wrong(at, "must be a list");

    private string Text(Tree? value, string at) => value?.Text ?? throw Wrong(at, value is null ? "is missing" : "must be text");

    private long Whole(Tree? value, string at) => value?.Integer ?? throw Wrong(at, value is null ? "is missing" : "must be a whole number");

    private long AtLeast(long least, Tree? value, string at) => Whole(value, at) is var number && number >= least
        ? number
        : throw Wrong(at, $"{number} is too small; {least} is the least");

    private string OneOf(Tree? value, string at, ImmutableArray<string> allowed) => Text(value, at) is var text && allowed.Contains(text)
        ? text
        : throw Wrong(at, $"'{text}' is unknown; allowed: {string.Join(", ", allowed)}");

    private void OnlyKnown(Tree map, string prefix, params string[] known)
    {
        foreach (var (key, _) in (map as TreeMap ?? TreeMap.Empty).Members())
        {
            if (!known.Contains(key))
            {
                throw Wrong(prefix + key, $"is unknown here; allowed: {string.Join(", ", known)}");
            }
        }
    }

    private ScenarioException Wrong(string field, string what) => new($"{file}: {field}: {what}");
}

/// <summary>A scenario file that cannot be read; the message says what is wrong, where, and how to mend it.</summary>
public sealed class ScenarioException(string message) : Exception(message);
