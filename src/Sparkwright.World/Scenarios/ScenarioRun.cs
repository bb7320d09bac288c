using System.Collections.Immutable;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.World.Aws;
using Sparkwright.World.Aws.Access;
using Sparkwright.World.Ec2;

namespace Sparkwright.World.Scenarios;

/// <summary>Runs the steps of a scenario against a world and keeps what happened.</summary>
public sealed class ScenarioRun(Scenario scenario, World world)
{
    private readonly ChangeClock changes = new(world);
    private readonly List<StepOutcome> steps = [];
    private readonly List<SnapshotOutcome> snapshots = [];

    public Scenario Scenario { get; } = scenario;

    public World World { get; } = world;

    public IReadOnlyList<StepOutcome> Steps => steps;

    public IReadOnlyList<SnapshotOutcome> Snapshots => snapshots;

    /// <summary>Whether any expect step did not hold: the one thing that fails a scenario.</summary>
    public bool ExpectationFailed { get; private set; }

    public void RunAll()
    {
        foreach (var step in Scenario.Steps)
        {
            Do(step);
        }
    }

    /// <summary>Runs one step, be it the scenario's own or another.</summary>
    public void Do(ScenarioStep step)
    {
        var at = World.Clock.Elapsed;
        var outcome = step switch
        {
            ScenarioStep.Apply apply => Apply(apply),
            ScenarioStep.Settle settle => Settle(settle),
            ScenarioStep.Advance advance => Advance(advance),
            ScenarioStep.Scale scale => Change(scale.Target, TreeMap.Of(("spec", TreeMap.Of(("replicas", scale.Replicas))))),
            ScenarioStep.Patch patch => Patch(patch),
            ScenarioStep.Delete delete => Delete(delete),
            ScenarioStep.Interrupt interrupt => Interrupt(interrupt),
            ScenarioStep.Capacity capacity => Limit(capacity),
            ScenarioStep.Fail fail => Fail(fail),
            ScenarioStep.Restart restart => Restart(restart),
            ScenarioStep.Snapshot snapshot => Take(snapshot),
            ScenarioStep.Expect expect => Expect(expect),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
        steps.Add(outcome with { Index = steps.Count, Action = step.Action, At = at });
    }

    private StepOutcome Apply(ScenarioStep.Apply apply)
    {
        var documents = ImmutableArray.CreateBuilder<AppliedDocument>();
        foreach (var document in apply.Documents)
        {
            documents.Add(World.Apply(document));
        }

        return new StepOutcome { Ok = documents.All(document => document.IsAccepted), Documents = documents.ToImmutable() };
    }

    private StepOutcome Settle(ScenarioStep.Settle settle)
    {
        var start = World.Clock.Now;
        var latest = start + settle.AtMost;
        while (true)
        {
            var quiet = (changes.Last > start ? changes.Last : start) + settle.QuietFor;
            if (quiet <= latest)
            {
                if (!World.Loop.RunNext(quiet))
                {
                    World.Loop.RunUntil(quiet);
                    return new StepOutcome { Ok = true };
                }
            }
            else if (!World.Loop.RunNext(latest))
            {
                World.Loop.RunUntil(latest);
                return new StepOutcome { Message = $"not settled after {Kubernetes.Quantities.GoDuration.Print(settle.AtMost)}" };
            }
        }
    }

    private StepOutcome Advance(ScenarioStep.Advance advance)
    {
        var to = (advance.IsAbsolute ? World.Clock.Start : World.Clock.Now) + advance.Duration;
        if (to < World.Clock.Now)
        {
            return new StepOutcome { Message = "that time has passed already" };
        }

        World.Loop.RunUntil(to);
        return new StepOutcome { Ok = true };
    }

    private StepOutcome Change(ObjectTarget target, TreeMap change, bool isResize = false) => World.FindType(target) is { } type
        ? Said(World.Patch(type, KeyOf(target, type), change, isResize))
        : UnknownKind(target);

    private StepOutcome Patch(ScenarioStep.Patch patch)
    {
        if (patch.Labels is not { } labels)
        {
            return Change(patch.Target, patch.Change, patch.IsResize);
        }

        if (World.FindType(patch.Target) is not { } type)
        {
            return UnknownKind(patch.Target);
        }

        var meant = All(patch.Target, type).Where(one => labels.Members().All(label => one.Metadata.Label(label.Key) == label.Value.Text));
        return SaidOfAll(meant.ToList().Select(one => World.Patch(type, one.Key, patch.Change, patch.IsResize)));
    }

    private StepOutcome Delete(ScenarioStep.Delete delete)
    {
        if (World.FindType(delete.Target) is not { } type)
        {
            return UnknownKind(delete.Target);
        }

        if (!delete.All)
        {
            return Said(World.Api.Delete(type, KeyOf(delete.Target, type)));
        }

        return SaidOfAll(All(delete.Target, type).ToList().Select(one => World.Api.Delete(type, one.Key)));
    }

    private IEnumerable<ApiObject> All(ObjectTarget target, ResourceType type) =>
        type.Namespaced ? World.Store.List(type, target.Namespace ?? "default") : World.Store.List(type);

    private StepOutcome Interrupt(ScenarioStep.Interrupt interrupt)
    {
        if (interrupt.Nodes is not { } names)
        {
            foreach (var node in World.Store.List(CoreTypes.Node).Where(IsKarpenters).ToList())
            {
                Interrupt(interrupt.Kind, node);
            }

            return new StepOutcome { Ok = true };
        }

        var wrong = new List<string>();
        foreach (var name in names)
        {
            if (World.Store.Get(CoreTypes.Node, "", name) is not { } node)
            {
                wrong.Add($"there is no node {name}");
            }
            else if (!Interrupt(interrupt.Kind, node))
            {
                wrong.Add($"node {name} has no living EC2 instance");
            }
        }

        return new StepOutcome { Ok = wrong.Count == 0, Message = string.Join("; ", wrong) };
    }

    private static bool IsKarpenters(ApiObject node) =>
        node.Metadata.Label("karpenter.sh/nodepool") is not null || node.Metadata.Label("karpenter.sh/provisioner-name") is not null;

    private bool Interrupt(string kind, ApiObject node)
    {
        var provider = node.Spec["providerID"]?.Text ?? "";
        if (World.Parts.Ec2.Find(provider[(provider.LastIndexOf('/') + 1)..]) is not { IsAlive: true } instance)
        {
            return false;
        }

        World.Parts.Interruptions.Interrupt(kind, instance);
        return true;
    }

    private StepOutcome Limit(ScenarioStep.Capacity capacity)
    {
        var catalogue = World.Parts.Ec2.Catalogue;
        if (capacity.Pattern.InstanceType is { } pattern && !catalogue.Types.Any(type => Wildcards.Fit(pattern, type.Name)))
        {
            return new StepOutcome { Message = $"no instance type of {catalogue.Region} is like '{pattern}'" };
        }

        if (capacity.Pattern.Zone is { } zone && !Ec2Catalogue.ZonesOf(catalogue.Region).Contains(zone))
        {
            return new StepOutcome { Message = $"{catalogue.Region} has no zone '{zone}'; it has {string.Join(", ", Ec2Catalogue.ZonesOf(catalogue.Region))}" };
        }

        CapacityLimits.Set(World.Api, capacity.Pattern, capacity.Available);
        return new StepOutcome { Ok = true };
    }

    private StepOutcome Fail(ScenarioStep.Fail fail)
    {
        new CallFailures(World.Api).Add(fail.Call, fail.Code, fail.Message, fail.Times);
        return new StepOutcome { Ok = true };
    }

    private StepOutcome Restart(ScenarioStep.Restart restart)
    {
        if (restart.Component == "yunikorn" && World.YuniKorn is { } scheduler)
        {
            scheduler.Restart();
            return new StepOutcome { Ok = true };
        }

        if (restart.Component != "engine")
        {
            return new StepOutcome { Message = $"'{restart.Component}' cannot be restarted; allowed: engine{(World.YuniKorn is null ? "" : ", yunikorn")}" };
        }

        World.RebuildFromJournal();
        changes.Attach();
        return new StepOutcome { Ok = true };
    }

    private StepOutcome Take(ScenarioStep.Snapshot snapshot)
    {
        snapshots.Add(new SnapshotOutcome(snapshot.Name, World.Clock.Elapsed, ScenarioSnapshot.Of(World)));
        return new StepOutcome { Ok = true };
    }

    private StepOutcome Expect(ScenarioStep.Expect expect)
    {
        var lastApply = steps.FindLast(step => step.Action == "apply")?.Documents ?? [];
        var failures = ScenarioExpectation.Failures(expect.What, World, lastApply).ToList();
        ExpectationFailed |= failures.Count > 0;
        return new StepOutcome { Ok = failures.Count == 0, Message = string.Join("; ", failures) };
    }

    private static ObjectKey KeyOf(ObjectTarget target, ResourceType type) =>
        new(type.Namespaced ? target.Namespace ?? "default" : "", target.Name);

    private static StepOutcome UnknownKind(ObjectTarget target) =>
        new() { Message = $"no kind \"{target.Kind}\"{(target.ApiVersion is null ? "" : $" in version \"{target.ApiVersion}\"")} is served" };

    private static StepOutcome SaidOfAll(IEnumerable<ApiResult> results)
    {
        var refusals = results.ToList().OfType<ApiResult.Refused>().Select(refused => refused.Status.Message).ToList();
        return new StepOutcome { Ok = refusals.Count == 0, Message = string.Join("; ", refusals) };
    }

    private static StepOutcome Said(ApiResult result) => result is ApiResult.Refused refused
        ? new StepOutcome { Message = refused.Status.Message }
        : new StepOutcome { Ok = true };
}

/// <summary>What came of one step.</summary>
public sealed record StepOutcome
{
    public int Index { get; init; }

    public string Action { get; init; } = "";

    /// <summary>World time since the start at which the step began.</summary>
    public TimeSpan At { get; init; }

    public bool Ok { get; init; }

    /// <summary>Why it is not ok; empty otherwise.</summary>
    public string Message { get; init; } = "";

    public ImmutableArray<AppliedDocument> Documents { get; init; } = [];
}

/// <summary>What came of one document of an apply.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Message">The Status message of a refusal; empty otherwise.</param>
public sealed record AppliedDocument(string Kind, string Namespace, string Name, int Status, string Message)
{
    public bool IsAccepted => Status is >= 200 and < 300;

    /// <summary>What the API answered to a document, under the names that the document gives; a namespaced object without one lands in default.</summary>
    public static AppliedDocument Of(Tree document, ManifestResult result) => new(
        document["kind"]?.Text ?? "",
        result.Answer.Object?.Namespace ?? result.Target?.Namespace ?? document.At("metadata", "namespace")?.Text ?? "",
        result.Answer.Object?.Name ?? result.Target?.Name ?? document.At("metadata", "name")?.Text ?? "",
        result.Answer.Code,
        result.Answer is ApiResult.Refused refused ? refused.Status.Message : "");
}

/// <summary>The objects of the world at one moment.</summary>
/// <param name="Content">Ready to be printed: <c>objects</c> and <c>yunikorn</c>.</param>
public sealed record SnapshotOutcome(string Name, TimeSpan At, TreeMap Content);
