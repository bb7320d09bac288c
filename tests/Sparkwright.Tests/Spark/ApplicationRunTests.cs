using FsCheck;
using FsCheck.Fluent;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Simulation;
using Sparkwright.World;
using Sparkwright.World.Spark;
using Sparkwright.World.Spark.Workloads;

namespace Sparkwright.Tests.Spark;

public sealed class ApplicationRunTests
{
    private static readonly DateTime Start = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    private static readonly ModelFigures Exact = ModelFigures.With(new ModelFigures(), (TreeMap)TreeJson.Parse("""{"taskOverhead":"0s","taskWarmUp":"0s","programGap":"0s"}""")).Figures;

    [Theory]
    //          instances registered-at        program starts at
    [InlineData(6, "1 2 3 4 5", 5)]
    [InlineData(6, "1 2 3 4", 30)]
    [InlineData(10, "1 1 1 1 1", 30)]
    [InlineData(10, "1 2 3 4 5 6 7 8", 8)]
    [InlineData(6, "", 30)]
    public void The_program_waits_for_four_fifths_of_its_executors_or_half_a_minute(int instances, string registered, int startsAt)
    {
        var run = Make($"{{name: a, tasks: 1, taskTime: 1s}}", instances);
        var id = 1;
        foreach (var second in registered.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            run.Register(id++, Start.AddSeconds(int.Parse(second, System.Globalization.CultureInfo.InvariantCulture)));
        }

        run.Advance(Start.AddMinutes(5));
        Assert.Equal(Start.AddSeconds(startsAt), run.StartedAt);
    }

    [Theory]
    //          stages                                                            executors ends after
    [InlineData("{name: a, tasks: 6, taskTime: 10s}", 6, 10)]
    [InlineData("{name: a, tasks: 7, taskTime: 10s}", 6, 20)]
    [InlineData("{name: a, tasks: 6, taskTime: 10s}, {name: b, tasks: 2, taskTime: 5s, dependsOn: [a]}", 6, 15)]
    [InlineData("{name: a, tasks: 6, taskTime: 10s}, {name: b, tasks: 2, taskTime: 5s}", 6, 15)]
    [InlineData("{name: a, tasks: 3, taskTime: 10s}, {name: b, tasks: 3, taskTime: 10s, after: []}, {name: c, tasks: 1, taskTime: 1s, dependsOn: [a, b]}", 6, 11)]
    public void Stages_wait_for_slots_and_parents(string stages, int executors, int endsAfter)
    {
        var run = Make(stages, executors);
        for (var id = 1; id <= executors; id++)
        {
            run.Register(id, Start);
        }

        run.Advance(Start.AddHours(1));
        Assert.Equal(ApplicationPhase.Finished, run.Phase);
        Assert.Equal(Start.AddSeconds(endsAfter), run.EndedAt);
    }

    [Fact]
    public void A_late_executor_takes_waiting_tasks()
    {
        var run = Make("{name: a, tasks: 4, taskTime: 10s}", 1);
        run.Register(1, Start);
        run.Register(2, Start.AddSeconds(5));
        run.Advance(Start.AddHours(1));
        Assert.Equal(Start.AddSeconds(25), run.EndedAt);
    }

    [Fact]
    public void A_lost_executor_costs_its_running_task_and_nothing_else()
    {
        var run = Make("{name: a, tasks: 4, taskTime: 10s}", 2);
        run.Register(1, Start);
        run.Register(2, Start);
        run.Lose(2, Start.AddSeconds(15), byApplicationsFault: false);
        run.Advance(Start.AddHours(1));
        Assert.Equal(Start.AddSeconds(30), run.EndedAt);
        Assert.Single(run.Stages);
    }

    [Fact]
    public void Lost_shuffle_output_is_made_again_before_its_readers_go_on()
    {
        var run = Make("{name: map, tasks: 4, taskTime: 10s}, {name: reduce, tasks: 2, taskTime: 10s, dependsOn: [map]}", 2);
        run.Register(1, Start);
        run.Register(2, Start);

        // Maps end at 20 s; the loss at 25 s costs two maps (on one executor: 25.2 to 45.2) and both reduces.
        run.Lose(2, Start.AddSeconds(25), byApplicationsFault: false);
        run.Advance(Start.AddHours(1));
        Assert.Equal(ApplicationPhase.Finished, run.Phase);
        Assert.Equal(Start.AddMilliseconds(65_200), run.EndedAt);
        Assert.Equal(["map 0", "reduce 0", "reduce 1", "map 1"], run.Stages.Select(stage => $"{stage.Name} {stage.Attempt}"));
    }

    [Fact]
    public void Output_that_nobody_reads_any_more_is_not_made_again()
    {
        var run = Make("{name: map, tasks: 2, taskTime: 10s}, {name: reduce, tasks: 1, taskTime: 10s, dependsOn: [map]}, {name: last, tasks: 1, taskTime: 10s}", 2);
        run.Register(1, Start);
        run.Register(2, Start);
        run.Lose(2, Start.AddSeconds(25), byApplicationsFault: false);
        run.Advance(Start.AddHours(1));
        Assert.Equal(Start.AddSeconds(30), run.EndedAt);
    }

    [Fact]
    public void Four_failures_of_one_task_by_its_own_fault_end_the_application()
    {
        var run = Make("{name: a, tasks: 1, taskTime: 10s}", 1);
        for (var id = 1; id <= 4; id++)
        {
            run.Register(id, Start.AddSeconds(id));
            Assert.Equal(id < 5 ? ApplicationPhase.Running : ApplicationPhase.Failed, run.Phase);
            run.Lose(id, Start.AddSeconds(id).AddMilliseconds(500), byApplicationsFault: true);
        }

        Assert.Equal(ApplicationPhase.Failed, run.Phase);
        Assert.Contains("Task 0 in stage 0 (a) failed 4 times", run.Failure);
    }

    [Fact]
    public void Evictions_are_not_the_applications_fault()
    {
        var run = Make("{name: a, tasks: 1, taskTime: 10s}", 1);
        for (var id = 1; id <= 10; id++)
        {
            run.Register(id, Start.AddSeconds(id));
            run.Lose(id, Start.AddSeconds(id).AddMilliseconds(500), byApplicationsFault: false);
        }

        Assert.Equal(ApplicationPhase.Running, run.Phase);
    }

    [Fact]
    public void The_default_workload_scans_in_as_many_tasks_as_slots_allow()
    {
        var run = new ApplicationRun(Workload.Default(WorkloadInput.Default), Settings(6), new ModelFigures(), new Chance(1), "app", Start);
        for (var id = 1; id <= 6; id++)
        {
            run.Register(id, Start.AddSeconds(id));
        }

        run.Advance(Start.AddHours(1));
        Assert.Equal(["schema 1", "show 1", "count-scan 7", "count 1", "write-scan 7", "write 2"], run.Stages.Select(stage => $"{stage.Name} {stage.Tasks}"));
    }

    /// <summary>Advancing in small steps, or not at all between events, gives the same run: nothing depends on when it was looked at.</summary>
    [Fact]
    public void A_run_is_a_function_of_its_events() =>
        Prop.ForAll(ArbMap.Default.ArbFor<long>(), seed =>
        {
            var chance = new Chance(seed);
            var once = Play(chance, false);
            var steps = Play(chance, true);
            return once == steps && once == Play(chance, false);
        }).QuickCheckThrowOnFailure();

    private static string Play(Chance chance, bool inSteps)
    {
        var run = new ApplicationRun(Workload.Default(WorkloadInput.Default), Settings(6), new ModelFigures(), chance, "app", Start);
        var at = Start;
        for (long id = 1; id <= 8; id++)
        {
            var next = at + chance.For("arrive", id).Between(TimeSpan.Zero, TimeSpan.FromSeconds(10));
            Step(next);
            run.Register(id, next);
            at = next;
            if (chance.For("lose", id).Below(3) == 0)
            {
                next = at + chance.For("when", id).Between(TimeSpan.Zero, TimeSpan.FromSeconds(10));
                Step(next);
                run.Lose(id, next, chance.For("fault", id).Below(2) == 0);
                at = next;
            }
        }

        run.Advance(Start.AddHours(2));
        return $"{run.Phase} {run.EndedAt:O} {run.Failure} {string.Join(';', run.Stages)}";

        void Step(DateTime to)
        {
            for (var time = at; inSteps && time < to; time = time.AddMilliseconds(777))
            {
                run.Advance(time);
            }
        }
    }

    private static ApplicationRun Make(string stages, int instances)
    {
        var json = $"{{stages: [{stages}]}}";
        var workload = WorkloadFile.Read(Yaml.Read(json), out var problem);
        Assert.Null(problem);
        return new ApplicationRun(workload!, Settings(instances), Exact, new Chance(1), "app", Start);
    }

    private static SparkSettings Settings(int instances)
    {
        var settings = SparkSettings.Read(SparkConf.Of(("spark.executor.instances", $"{instances}")), SparkVersion.Parse("3.2.1"), ApplicationLanguage.Python, out var problem);
        Assert.Null(problem);
        return settings;
    }
}
