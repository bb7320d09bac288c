using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.YuniKorn.Rest;

namespace Sparkwright.World.Scenarios;

/// <summary>Checks what a scenario says must be true now; each answer names what was expected and what is.</summary>
public static class ScenarioExpectation
{
    /// <summary>What <c>expect</c> understands, with its meaning; the documentation is made of the same words.</summary>
    public static IReadOnlyList<string> Vocabulary { get; } =
    [
        "nodes", "nodeTypes", "zones", "capacityTypes", "nodeClaims", "instances", "pending", "running", "succeeded", "failed", "on", "pods", "spread", "conditions",
        "cost", "events", "noEvents", "objects", "answers", "applications", "queues",
    ];

    /// <summary>Every expectation that does not hold, in the order of the file; empty when all do.</summary>
    /// <param name="lastApply">The documents of the latest apply before this step.</param>
    public static IEnumerable<string> Failures(TreeMap expected, World world, IReadOnlyList<AppliedDocument> lastApply)
    {
        foreach (var (name, value) in expected.Members())
        {
            foreach (var failure in FailuresOf(name, value, world, lastApply))
            {
                yield return $"{name}: {failure}";
            }
        }
    }

    /// <summary>What is wrong with the expectation itself; only one that is well written is checked.</summary>
    private static List<string> FailuresOf(string name, Tree value, World world, IReadOnlyList<AppliedDocument> lastApply)
    {
        var failures = Misshapen(name, value).ToList();
        if (failures.Count == 0)
        {
            failures.AddRange(Misspelt(name, value));
        }

        if (failures.Count == 0)
        {
            failures.AddRange(Check(name, value, world, lastApply));
        }

        return failures;
    }

    /// <summary>A word that no entry of a list has would make the entry say less than it seems to.</summary>
    private static IEnumerable<string> Misspelt(string name, Tree value)
    {
        IReadOnlyList<string> words = name switch
        {
            "nodes" when value is TreeMap => ExpectedNodes.Words,
            "cost" => ExpectedNodes.CostWords,
            "pods" => ExpectedPods.Words,
            "spread" => ExpectedPods.SpreadWords,
            "conditions" => ["apiVersion", "kind", "name", "namespace", "type", "status", "reason", "message"],
            "events" => ["reason", "about", "kind", "message", "type", "count"],
            "noEvents" => ["reason", "about", "kind", "message", "type"],
            "objects" => ["apiVersion", "kind", "name", "namespace", "like", "count", "absent"],
            "answers" => ["status", "message"],
            _ => [],
        };
        return words.Count == 0
            ? []
            : Entries(value).OfType<TreeMap>().SelectMany(entry => entry.Members())
                .Where(member => !words.Contains(member.Key))
                .Select(member => $"'{member.Key}' is unknown here; allowed: {string.Join(", ", words)} (text with a comma in it needs quotes)");
    }

    /// <summary>A value of the wrong form would hold, or fail, for a reason that nobody sees.</summary>
    private static IEnumerable<string> Misshapen(string name, Tree value)
    {
        var allowed = name switch
        {
            "nodes" => value is TreeMap or TreeList || value.Integer is not null ? null : "a number, a list of names, or a map",
            "nodeClaims" or "pending" or "running" or "succeeded" or "failed" => value is TreeList || value.Integer is not null ? null : "a number or a list of names",
            "on" or "cost" => value is TreeMap ? null : "a map",
            "pods" or "spread" or "conditions" => Entries(value).All(entry => entry is TreeMap) ? null : "a map, or a list of maps",
            "events" or "noEvents" or "objects" or "applications" or "queues" => value is TreeList list && list.Span.ToArray().All(entry => entry is TreeMap) ? null : "a list of maps",
            _ => value is TreeList ? null : "a list",
        };
        if (allowed is not null)
        {
            yield return $"must be {allowed}, is {value}";
        }
        else if (name == "cost")
        {
            foreach (var wrong in ((TreeMap)value).Values.ToArray().Where(item => item is TreeMap range
                ? range.Count == 0 || range.Members().Any(end => end.Key is not ("atLeast" or "atMost") || !ExpectedNodes.IsNumber(end.Value))
                : !ExpectedNodes.IsNumber(item)))
            {
                yield return $"must be a number or {{atLeast, atMost}}, is {wrong}";
            }
        }
    }

    /// <summary>The entries of a list; a single entry needs none.</summary>
    private static Tree[] Entries(Tree value) => value is TreeList list ? list.Span.ToArray() : [value];

    private static IEnumerable<string> Check(string name, Tree value, World world, IReadOnlyList<AppliedDocument> lastApply) => name switch
    {
        "nodes" when value is TreeMap counts => ExpectedNodes.Failures(counts, [.. Nodes(world)]),
        "nodes" => CountOrNames(value, Nodes(world).Select(node => node.Name)),
        "nodeTypes" => Bag(value, Nodes(world).Select(node => LabelOf(node, "node.kubernetes.io/instance-type"))),
        "zones" => Bag(value, Nodes(world).Select(node => LabelOf(node, "topology.kubernetes.io/zone"))),
        "capacityTypes" => Bag(value, Nodes(world).Select(node => LabelOf(node, "karpenter.sh/capacity-type"))),
        "nodeClaims" => CountOrNames(value, world.Types.Find("karpenter.sh/v1", "NodeClaim") is { } claims ? world.Store.List(claims).Select(claim => claim.Name) : []),
        "instances" => Bag(value, world.Instances().Select(instance => instance["state"]?.Text ?? "")),
        "pending" => CountOrNames(value, PodsIn(world, "Pending")),
        "running" => CountOrNames(value, PodsIn(world, "Running")),
        "succeeded" => CountOrNames(value, PodsIn(world, "Succeeded")),
        "failed" => CountOrNames(value, PodsIn(world, "Failed")),
        "on" => OnNodes(value, world),
        "pods" => Entries(value).SelectMany(wanted => ExpectedPods.Failures(wanted, world)),
        "spread" => Entries(value).SelectMany(wanted => ExpectedPods.SpreadFailures(wanted, world)),
        "conditions" => Entries(value).SelectMany(wanted => ConditionsOf(wanted, world)),
        "cost" => ExpectedNodes.CostFailures((TreeMap)value, world),
        "events" => Tree.ItemsOf(value).ToArray().SelectMany(wanted => EventFailures(wanted, world)),
        "noEvents" => Tree.ItemsOf(value).ToArray().Where(banned => Events(world).Any(known => Says(known, banned))).Select(banned => $"there is one like {banned}"),
        "objects" => Tree.ItemsOf(value).ToArray().SelectMany(wanted => Objects(wanted, world)),
        "answers" => Answers(value, lastApply),
        "applications" => YuniKornFailures(value, world.YuniKorn is { } scheduler ? YuniKornState.Applications(scheduler) : TreeList.Empty, "applicationID"),
        "queues" => YuniKornFailures(value, world.YuniKorn is { } scheduler ? YuniKornState.Queues(scheduler) : TreeList.Empty, "queuename"),
        _ => [$"is unknown; allowed: {string.Join(", ", Vocabulary)}"],
    };

    private static IEnumerable<ApiObject> Nodes(World world) => world.Store.List(CoreTypes.Node);

    private static IEnumerable<ApiObject> Events(World world) => world.Store.List(CoreTypes.Event);

    private static IEnumerable<string> PodsIn(World world, string phase) =>
        world.Store.List(CoreTypes.Pod).Where(pod => pod.Status["phase"]?.Text == phase && !IsDaemon(pod)).Select(pod => pod.Name);

    /// <summary>Pods of DaemonSets come with every node and would only hide what a scenario is about.</summary>
    private static bool IsDaemon(ApiObject pod) => pod.Metadata.Controller?.Kind == "DaemonSet";

    private static string LabelOf(ApiObject node, string label) => node.Metadata.Label(label) ?? "-";

    /// <summary>A number counts; a list names (a name ending in * stands for all that begin so).</summary>
    private static IEnumerable<string> CountOrNames(Tree value, IEnumerable<string> actual)
    {
        var names = actual.ToList();
        if (value.Integer is { } count)
        {
            if (names.Count != count)
            {
                yield return $"expected {count}, is {names.Count} ({string.Join(", ", names)})";
            }

            yield break;
        }

        var patterns = Tree.ItemsOf(value).ToArray().Select(item => item.Text ?? "").ToList();
        foreach (var pattern in patterns.Where(pattern => !names.Exists(name => Like(name, pattern))))
        {
            yield return $"expected {pattern}, is {string.Join(", ", names)}";
        }

        foreach (var name in names.Where(name => !patterns.Exists(pattern => Like(name, pattern))))
        {
            yield return $"did not expect {name}";
        }
    }

    /// <summary>The same values, each as often, in any order.</summary>
    private static IEnumerable<string> Bag(Tree value, IEnumerable<string> actual)
    {
        var expected = Tree.ItemsOf(value).ToArray().Select(item => item.Text ?? "").Order(StringComparer.Ordinal).ToList();
        var found = actual.Order(StringComparer.Ordinal).ToList();
        if (!expected.SequenceEqual(found))
        {
            yield return $"expected [{string.Join(", ", expected)}], is [{string.Join(", ", found)}]";
        }
    }

    private static IEnumerable<string> OnNodes(Tree value, World world)
    {
        foreach (var (podName, node) in (value as TreeMap ?? TreeMap.Empty).Members())
        {
            var pod = world.Store.List(CoreTypes.Pod).FirstOrDefault(known => Like(known.Name, podName));
            var actual = pod is null ? "no such pod" : PodSpecView.Of(pod).NodeName;
            var type = world.Store.Get(CoreTypes.Node, "", actual) is { } home ? LabelOf(home, "node.kubernetes.io/instance-type") : "";
            if (!Like(actual, node.Text ?? "") && !Like(type, node.Text ?? ""))
            {
                yield return $"expected {podName} on {node.Text}, is on '{actual}' ({type})";
            }
        }
    }

    /// <summary>There is such an event; or all that are such have been told as often as <c>count</c> says, repeats included.</summary>
    private static IEnumerable<string> EventFailures(Tree wanted, World world)
    {
        var told = Events(world).Where(known => Says(known, wanted)).ToList();
        var times = told.Sum(known => known.Body["count"]?.Integer ?? 1);
        if (wanted["count"]?.Integer is var count && count is not null ? times != count : told.Count == 0)
        {
            yield return wanted["count"] is null ? $"none like {wanted}" : $"expected {count} times {wanted}, is {times}";
        }
    }

    /// <summary>A condition of every object that kind and name choose.</summary>
    private static IEnumerable<string> ConditionsOf(Tree wanted, World world)
    {
        var kind = wanted["kind"]?.Text ?? "";
        if (world.FindType(new ObjectTarget(wanted["apiVersion"]?.Text, kind, "", null)) is not { } type)
        {
            yield return $"no kind \"{kind}\" is served";
            yield break;
        }

        var name = wanted["name"]?.Text ?? "*";
        var known = world.Store.List(type).Where(one => Like(one.Name, name) && (wanted["namespace"]?.Text is not { } home || one.Namespace == home)).ToList();
        if (known.Count == 0)
        {
            yield return $"there is no {kind} {name}";
        }

        foreach (var one in known)
        {
            var condition = Conditions.Find(one.Status, wanted["type"]?.Text ?? "");
            if (condition is null
                || condition["status"]?.Text != (wanted["status"]?.Boolean?.ToString() ?? wanted["status"]?.Text ?? "True")
                || (wanted["reason"]?.Text is { } reason && condition["reason"]?.Text != reason)
                || (wanted["message"]?.Text is { } message && condition["message"]?.Text?.Contains(message, StringComparison.Ordinal) != true))
            {
                yield return $"{kind} {one.Name}: expected {wanted}, is {condition?.ToString() ?? "without it"}";
            }
        }
    }

    private static bool Says(ApiObject known, Tree wanted) =>
        (wanted["reason"]?.Text is not { } reason || known.Body["reason"]?.Text == reason)
        && (wanted["kind"]?.Text is not { } kind || known.Body.At("involvedObject", "kind")?.Text == kind)
        && (wanted["type"]?.Text is not { } type || known.Body["type"]?.Text == type)
        && (wanted["about"]?.Text is not { } about || Like(known.Body.At("involvedObject", "name")?.Text ?? "", about))
        && (wanted["message"]?.Text is not { } message || (known.Body["message"]?.Text ?? "").Contains(message, StringComparison.Ordinal));

    /// <summary>An object by kind and name, whose content contains the given <c>like</c>; <c>count</c> says how many such there are, <c>absent: true</c> wants none.</summary>
    private static IEnumerable<string> Objects(Tree wanted, World world)
    {
        var kind = wanted["kind"]?.Text ?? "";
        if (world.FindType(new ObjectTarget(wanted["apiVersion"]?.Text, kind, "", null)) is not { } type)
        {
            yield return $"no kind \"{kind}\" is served";
            yield break;
        }

        var name = wanted["name"]?.Text ?? "*";
        var known = world.Store.List(type).Where(one => Like(one.Name, name) && (wanted["namespace"]?.Text is not { } home || one.Namespace == home)).ToList();
        var like = wanted["like"] is { } part ? known.FindAll(one => Contains(one.ToTree(), part)) : known;
        if (wanted["absent"]?.Boolean == true)
        {
            if (like.Count > 0)
            {
                yield return $"did not expect {kind} {like[0].Name}";
            }
        }
        else if (wanted["count"]?.Integer is { } count)
        {
            if (count != like.Count)
            {
                yield return $"expected {count} of {kind} {name}, is {like.Count}";
            }
        }
        else if (known.Count == 0)
        {
            yield return $"there is no {kind} {name}";
        }
        else if (like.Count == 0)
        {
            yield return $"{kind} {name} is not like {wanted["like"]}, but {known[0].ToTree()}";
        }
    }

    /// <summary>The latest object of a name must contain what is said of it; null stands for a member that is not there, <c>absent: true</c> for no object.</summary>
    private static IEnumerable<string> YuniKornFailures(Tree value, TreeList actual, string key)
    {
        foreach (var wanted in Tree.ItemsOf(value).ToArray().Cast<TreeMap>())
        {
            var name = wanted[key]?.Text ?? "";
            var known = actual.Span.ToArray().LastOrDefault(one => one[key]?.Text == name);
            if (wanted["absent"]?.Boolean == true)
            {
                if (known is not null)
                {
                    yield return $"did not expect {name}";
                }
            }
            else if (known is null)
            {
                yield return $"there is no {key} {name}";
            }
            else if (!Contains(known, wanted))
            {
                yield return $"{name} is not like {wanted}, but {known}";
            }
        }
    }

    /// <summary>Whether a tree has everything that a part says: maps by key, lists element by element in any order.</summary>
    private static bool Contains(Tree? whole, Tree part) => part switch
    {
        TreeMap map => map.Members().All(member => member.Value is TreeNull ? whole?[member.Key] is null : Contains(whole?[member.Key], member.Value)),
        TreeList list => list.Span.ToArray().All(item => Tree.ItemsOf(whole).ToArray().Any(candidate => Contains(candidate, item))),
        TreeText text when text.Value.EndsWith('*') => whole?.Text is { } actual && Like(actual, text.Value),
        _ => whole is not null && whole.Equals(part),
    };

    /// <summary>The HTTP codes of the last apply, or code and a piece of the message per document.</summary>
    private static IEnumerable<string> Answers(Tree value, IReadOnlyList<AppliedDocument> lastApply)
    {
        var wanted = Tree.ItemsOf(value).ToArray();
        if (wanted.Length != lastApply.Count)
        {
            yield return $"expected {wanted.Length} answers, there are {lastApply.Count}";
            yield break;
        }

        foreach (var (one, given) in wanted.Zip(lastApply))
        {
            var code = one.Integer ?? one["status"]?.Integer;
            var message = one["message"]?.Text ?? "";
            if ((code is not null && code != given.Status) || !given.Message.Contains(message, StringComparison.Ordinal))
            {
                yield return $"{given.Kind} {given.Name}: expected {one}, is {given.Status} {given.Message}";
            }
        }
    }

    /// <summary>A pattern that ends in * stands for all that begin so.</summary>
    internal static bool Like(string text, string pattern) => pattern.EndsWith('*')
        ? text.StartsWith(pattern[..^1], StringComparison.Ordinal)
        : text == pattern;
}
