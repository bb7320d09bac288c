using System.Collections.Immutable;
using System.Text;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World;
using Sparkwright.World.Ec2;
using Sparkwright.World.Insight;
using Sparkwright.World.Karpenter.Apis;
using Sparkwright.World.Scenarios;

namespace Sparkwright.SeededTests.RandomWorlds;

using World = Sparkwright.World.World;

/// <summary>A random world from its beginning to its end: disturbed, left alone, emptied; it stops at the first thing that is wrong.</summary>
internal sealed class RandomRun
{
    /// <summary>So many worlds are tried for the sake of a smaller one.</summary>
    private const int MostCandidates = 120;

    private readonly ScenarioRun run;
    private readonly WorldWatch watch;
    private readonly History history;
    private readonly List<ScenarioStep> steps = [];

    private RandomRun(long seed)
    {
        run = new ScenarioRun(new Scenario { Name = $"random-{seed}", Seed = seed }, WorldBuilder.Build(new WorldSettings { Seed = seed }));
        watch = new WorldWatch(run.World);
        history = History.Of(run.World);
    }

    public World World => run.World;

    /// <summary>How much has happened.</summary>
    public WorldWatch Seen => watch;

    /// <summary>What is wrong, beginning with the name of the rule; null when all is well.</summary>
    public string? Failure { get; private set; }

    public static RandomRun Of(long seed, ImmutableArray<Happening> happenings)
    {
        var run = new RandomRun(seed);
        try
        {
            run.Run(happenings);
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            run.Failure = $"exception: {failure}";
        }

        return run;
    }

    /// <summary>The name of the rule that a failure breaks.</summary>
    public static string RuleOf(string failure) => failure.Split(':')[0];

    /// <summary>Leaves out what is not needed for the same rule to be broken, until nothing more can be left out.</summary>
    public RandomRun Shrunk(ImmutableArray<Happening> happenings)
    {
        var smallest = this;
        var left = MostCandidates;
        for (var chunk = happenings.Length / 2; chunk > 0; chunk /= 2)
        {
            for (var at = 0; at < happenings.Length && left-- > 0;)
            {
                var fewer = happenings.RemoveRange(at, Math.Min(chunk, happenings.Length - at));
                var candidate = Of(run.Scenario.Seed, fewer);
                if (candidate.Failure is not null && RuleOf(candidate.Failure) == RuleOf(Failure!))
                {
                    (smallest, happenings) = (candidate, fewer);
                }
                else
                {
                    at += chunk;
                }
            }
        }

        return smallest;
    }

    /// <summary>What happened, as a scenario file that can be run.</summary>
    public string ToScenarioFile()
    {
        var text = new StringBuilder()
            .AppendLine($"# Broken: {Failure?.Split('\n')[0]}")
            .AppendLine("apiVersion: sparkwright.dev/v1")
            .AppendLine("kind: Scenario")
            .AppendLine($"metadata: {{name: {run.Scenario.Name}}}")
            .AppendLine("spec:")
            .AppendLine($"  seed: {run.Scenario.Seed}")
            .AppendLine("  steps:");
        foreach (var step in steps)
        {
            if (step is ScenarioStep.Apply apply)
            {
                text.AppendLine("  - apply:").AppendLine("      manifests:");
                foreach (var document in apply.Documents)
                {
                    text.AppendLine($"      - {document}");
                }
            }
            else
            {
                text.AppendLine($"  - {step.Action}: {MembersOf(step)}");
            }
        }

        return text.ToString();
    }

    private void Run(ImmutableArray<Happening> happenings)
    {
        foreach (var happening in happenings)
        {
            if (!Do(happening.Choose(World)))
            {
                return;
            }
        }

        var undisturbed = new ScenarioStep.Capacity(new CapacityPattern(null, null, null), null);
        if (!Do(undisturbed) || !Do(new ScenarioStep.Advance(TimeSpan.FromHours(4), false)) || Fails(SettledWorld.Broken(World, watch)))
        {
            return;
        }

        foreach (var type in new[]
        {
            CoreTypes.PodDisruptionBudget, CoreTypes.DaemonSet, CoreTypes.Deployment, CoreTypes.StatefulSet, CoreTypes.Job, CoreTypes.Pod,
            KarpenterTypes.NodePool, KarpenterTypes.Provisioner, CoreTypes.PersistentVolumeClaim,
        })
        {
            if (!Do(new ScenarioStep.Delete(new ObjectTarget(null, type.Kind, "", null), true)))
            {
                return;
            }
        }

        if (Do(new ScenarioStep.Advance(TimeSpan.FromHours(1), false)))
        {
            Fails(SettledWorld.NotCleared(World, history));
        }
    }

    /// <summary>Runs a step; false when something is wrong afterwards.</summary>
    private bool Do(ScenarioStep? step)
    {
        if (step is null)
        {
            return true;
        }

        steps.Add(step);
        run.Do(step);
        if (step is ScenarioStep.Apply && run.Steps[^1].Documents.FirstOrDefault(document => !document.IsAccepted) is { } refused)
        {
            Failure = $"refused: {refused.Message}";
            return false;
        }

        // What a step did at this instant is answered by the turns that follow.
        return step is not ScenarioStep.Advance || !Fails(watch.Broken());
    }

    private bool Fails(IEnumerable<string> broken)
    {
        Failure = broken.FirstOrDefault();
        return Failure is not null;
    }

    private static Tree MembersOf(ScenarioStep step) => step switch
    {
        ScenarioStep.Advance advance => $"{advance.Duration.TotalMilliseconds:0}ms",
        ScenarioStep.Scale scale => Target(scale.Target).With("replicas", scale.Replicas),
        ScenarioStep.Patch patch => Target(patch.Target).With("merge", patch.Change),
        ScenarioStep.Delete { All: true } delete => TreeMap.Of(("kind", delete.Target.Kind), ("all", true)),
        ScenarioStep.Delete delete => Target(delete.Target),
        ScenarioStep.Interrupt interrupt => TreeMap.Of(("kind", interrupt.Kind), ("nodes", TreeList.OfTexts(interrupt.Nodes ?? []))),
        ScenarioStep.Capacity capacity => TreeMap.Of(
            ("instanceType", capacity.Pattern.InstanceType), ("zone", capacity.Pattern.Zone), ("capacityType", capacity.Pattern.CapacityType), ("available", capacity.Available is { } number ? number : "unlimited")),
        ScenarioStep.Fail fail => TreeMap.Of(("call", fail.Call), ("code", fail.Code), ("times", fail.Times)),
        ScenarioStep.Restart restart => TreeMap.Of(("component", restart.Component)),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static TreeMap Target(ObjectTarget target) => TreeMap.Of(("kind", target.Kind), ("name", target.Name), ("namespace", target.Namespace));
}
