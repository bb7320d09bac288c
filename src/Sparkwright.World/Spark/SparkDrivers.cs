using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Store;
using Sparkwright.Simulation;
using Sparkwright.World.Spark.Workloads;

namespace Sparkwright.World.Spark;

/// <summary>What a driver looks at in one turn: its application, and one of its executors (0: none in particular).</summary>
public readonly record struct DriverKey(string Application, long Executor);

/// <summary>
/// The drivers of all Spark applications: each waits for its container, asks for executors in rounds, runs the program's tasks on those that
/// register, replaces lost ones, and at the end removes what it made. The script is not executed; task times are modelled.
/// </summary>
public sealed class SparkDrivers : Worker<DriverKey>
{
    private readonly ApiServer api;
    private readonly ModelFigures figures;
    private readonly Dictionary<string, (long Version, DriverMemory Memory)> memories = [];
    private readonly List<ObjectKey> endingsToTell = [];

    public SparkDrivers(EventLoop loop, ApiServer api, ModelFigures figures)
        : base(loop)
    {
        this.api = api;
        this.figures = figures;
        foreach (var known in api.Store.List(SparkTypes.Application))
        {
            WakeAll(known);
        }

        api.Store.Watch(SparkTypes.Application, change =>
        {
            if (change.Kind == StoreEventKind.Added)
            {
                Wake(new DriverKey(change.Object.Name, 0));
            }
        });
        api.Store.Watch(CoreTypes.Pod, change =>
        {
            if (change.Object.Metadata.Label(SparkNames.ApplicationLabel) is { } application)
            {
                Wake(new DriverKey(application, ExecutorOf(change.Object)));
            }
        });
    }

    /// <summary>Told when it becomes known how a pod's containers end; whoever runs pods looks at that pod again.</summary>
    public Action<ObjectKey> PodEndsAreKnown { get; set; } = static _ => { };

    /// <summary>The number of an executor pod; 0 for a driver.</summary>
    public static long ExecutorOf(ApiObject pod) =>
        long.TryParse(pod.Metadata.Label(SparkNames.ExecutorIdLabel), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : 0;

    protected override void Reconcile(DriverKey key)
    {
        if (api.Store.Get(SparkTypes.Application, "", key.Application) is not { } known || ApplicationStatus.IsFinal(known.Status["phase"]?.Text))
        {
            memories.Remove(key.Application);
            return;
        }

        var memory = MemoryOf(known);
        if (DriverOf(memory, out var lost) is { } driver)
        {
            Drive(memory, driver, key.Executor);
        }
        else if (lost is not null)
        {
            memory.SetPhase(ApplicationStatus.Failed, lost, 1);
        }

        Keep(known, memory);
        foreach (var pod in endingsToTell)
        {
            PodEndsAreKnown(pod);
        }

        endingsToTell.Clear();
    }

    /// <summary>The driver's pod if it runs; null and a reason when it is gone for good; null alone while it does not run yet.</summary>
    private ApiObject? DriverOf(DriverMemory memory, out string? lost)
    {
        var identity = memory.Application.Identity;
        var pod = api.Store.Get(CoreTypes.Pod, identity.Namespace, identity.DriverPod);
        lost = null;
        if (pod is null || pod.Metadata.Uid != memory.Application.DriverUid || pod.Metadata.IsBeingDeleted)
        {
            lost = $"The driver pod {identity.DriverPod} was deleted";
        }
        else if (pod.Status["phase"]?.Text is "Failed" or "Succeeded" && memory.Phase != ApplicationStatus.Stopping)
        {
            var why = pod.Status["message"]?.Text ?? pod.Status["reason"]?.Text;
            lost = $"The driver pod {identity.DriverPod} ended by itself" + (why is null ? "" : $": {why}");
        }

        return lost is null && pod!.Status["phase"]?.Text == "Running" ? pod : null;
    }

    private void Drive(DriverMemory memory, ApiObject driver, long executor)
    {
        if (memory.ContextReadyAt is null)
        {
            memory.SetContextReadyAt(Clock.Now + figures.DriverStart.Draw(api.Chance, "spark/driver-start", memory.Id));
        }

        if (memory.Phase == ApplicationStatus.Starting)
        {
            if (memory.ContextReadyAt > Clock.Now)
            {
                WakeAt(new DriverKey(memory.Id, 0), memory.ContextReadyAt.Value);
                return;
            }

            api.Create(SparkPods.PropertiesMap(memory.Application.Settings, memory.Application.Identity, memory.Application.Identity.ExecutorConfigMap, driver));
            memory.StartRun(figures, api.Chance);
        }

        if (executor > 0)
        {
            Observe(memory, executor);
        }

        memory.Run!.Advance(Clock.Now);
        if (memory.Phase == ApplicationStatus.Running)
        {
            Work(memory, driver);
        }

        if (memory.Phase == ApplicationStatus.Stopping)
        {
            FinishStop(memory);
        }
    }

    /// <summary>Looks at an executor's pod: it may have begun to run, registered, ended, or gone.</summary>
    private void Observe(DriverMemory memory, long number)
    {
        if (memory.Executor(number) is not { } executor)
        {
            return;
        }

        // A pod of this name that belongs to another application is none of ours.
        var pod = api.Store.Get(CoreTypes.Pod, PodOf(memory, number));
        pod = pod?.Metadata.Label(SparkNames.ApplicationLabel) == memory.Id ? pod : null;
        var phase = pod?.Status["phase"]?.Text;
        if (executor.StopsAt is not null)
        {
            if (memory.Phase == ApplicationStatus.Running && phase is null or "Succeeded" or "Failed")
            {
                memory.Forget(number);
                Remove(memory, number);
            }

            return;
        }

        if (pod is null || pod.Metadata.IsBeingDeleted || phase is "Succeeded" or "Failed")
        {
            Lose(memory, number, executor, byApplicationsFault: phase == "Failed" && pod!.Status["reason"] is null && MainExitCode(pod) is > 0);
            if (phase is "Succeeded" or "Failed" && memory.Application.Settings.Allocation.DeleteOnTermination)
            {
                Remove(memory, number);
            }

            return;
        }

        if (phase != "Running" || executor.IsRegistered)
        {
            return;
        }

        if (executor.RegistersAt is null)
        {
            executor = executor with { RegistersAt = Clock.Now + figures.ExecutorRegistration.Draw(api.Chance, "spark/register", $"{memory.Id}/{number}", number - 1) };
            memory.SetExecutor(number, executor);
        }

        if (executor.RegistersAt > Clock.Now)
        {
            WakeAt(new DriverKey(memory.Id, number), executor.RegistersAt.Value);
            return;
        }

        memory.SetExecutor(number, executor with { IsRegistered = true });
        memory.Register(number, Clock.Now);
    }

    private void Lose(DriverMemory memory, long number, ExecutorMemory executor, bool byApplicationsFault)
    {
        memory.Forget(number);
        if (executor.IsRegistered)
        {
            memory.Lose(number, Clock.Now, byApplicationsFault);
        }
    }

    private void Work(DriverMemory memory, ApiObject driver)
    {
        var run = memory.Run!;
        if (run.Phase is ApplicationPhase.Finished or ApplicationPhase.Failed)
        {
            BeginStop(memory, run);
            return;
        }

        DateTime? next = run.NextAt;
        if (memory.Application.Settings.Dynamic is { } dynamic && run.StartedAt is not null)
        {
            next = Earlier(next, Scale(memory, run, dynamic));
        }

        next = Earlier(next, Allocate(memory, driver));
        if (next is { } at)
        {
            WakeAt(new DriverKey(memory.Id, 0), at);
        }
    }

    /// <summary>One round of asking for executors; answers when the next one is due.</summary>
    private DateTime? Allocate(DriverMemory memory, ApiObject driver)
    {
        var allocation = memory.Application.Settings.Allocation;
        var missing = memory.Target - memory.LiveExecutors;
        if (missing <= 0)
        {
            return null;
        }

        if (memory.NextRoundAt is { } due && due > Clock.Now)
        {
            return due;
        }

        var room = Math.Min(allocation.BatchSize, Math.Min(missing, allocation.MaxPendingPods - memory.PendingExecutors));
        for (var at = 0; at < room; at++)
        {
            var number = memory.LastExecutor + 1;
            memory.SetLastExecutor(number);
            var pod = SparkPods.Executor(memory.Application.Settings, memory.Application.Identity, memory.Application.ExecutorTemplate, number, driver);
            if (!api.Create(pod).IsAccepted)
            {
                // The number is used up; the round ends here and the next one goes on with the next number.
                break;
            }

            memory.SetExecutor(number, new ExecutorMemory(Clock.Now, null, false, null));
        }

        var next = NextRound(memory, allocation.BatchDelay);
        memory.SetNextRoundAt(next);
        return memory.Target > memory.LiveExecutors ? next : null;
    }

    /// <summary>Rounds come at multiples of the delay since the first.</summary>
    private DateTime NextRound(DriverMemory memory, TimeSpan delay)
    {
        var period = Math.Max(delay.Ticks, TimeSpan.TicksPerMillisecond);
        var since = (Clock.Now - memory.ContextReadyAt!.Value).Ticks;
        return memory.ContextReadyAt.Value.AddTicks(((since / period) + 1) * period);
    }

    /// <summary>Dynamic allocation: raises or lowers the number wanted and stops idle executors; answers when to look again.</summary>
    private DateTime? Scale(DriverMemory memory, ApplicationRun run, DynamicAllocationSettings dynamic)
    {
        var (waiting, running) = (run.WaitingTasks, run.RunningTasks);
        memory.SetDynamic(memory.Dynamic!.Step(dynamic, memory.Application.Settings.SlotsPerExecutor, waiting + running, waiting, Clock.Now));
        DateTime? next = memory.Dynamic!.Target < dynamic.Max ? memory.Dynamic.AddAt : null;
        foreach (var (number, executor) in memory.Executors.Where(executor => executor.Value.StopsAt is null).ToArray())
        {
            if (memory.LiveExecutors <= Math.Max(dynamic.Min, memory.Target))
            {
                break;
            }

            var since = executor.IsRegistered ? run.IdleSince(number) : executor.RegistersAt is null ? executor.CreatedAt : null;
            if (since is not { } idle || dynamic.IdleTimeout == TimeSpan.MaxValue)
            {
                continue;
            }

            if (idle + dynamic.IdleTimeout > Clock.Now)
            {
                next = Earlier(next, idle + dynamic.IdleTimeout);
                continue;
            }

            if (executor.IsRegistered)
            {
                memory.Lose(number, Clock.Now, byApplicationsFault: false);
                StopExecutor(memory, number, executor);
            }
            else
            {
                memory.Forget(number);
                Remove(memory, number);
            }
        }

        return next;
    }

    private void BeginStop(DriverMemory memory, ApplicationRun run)
    {
        var failed = run.Phase == ApplicationPhase.Failed;
        memory.SetPhase(ApplicationStatus.Stopping, run.Failure, failed ? 1 : 0);
        var end = Clock.Now + figures.DriverStop.Draw(api.Chance, "spark/driver-stop", memory.Id);
        foreach (var (number, executor) in memory.Executors.Where(executor => executor.Value is { StopsAt: null, RegistersAt: not null }).ToArray())
        {
            var stops = StopExecutor(memory, number, executor);
            end = stops < end ? end : stops.AddMilliseconds(1);
        }

        // Executors are deleted right after they were told to stop. Those without a node are gone at once, before the others leave room for them.
        foreach (var (number, _) in memory.Executors.Where(executor => api.Store.Get(CoreTypes.Pod, PodOf(memory, executor.Key))?.Spec["nodeName"]?.Text is null or ""))
        {
            Remove(memory, number);
        }

        memory.SetDriverEndsAt(end);
    }

    /// <summary>Tells an executor to end; its container does so with exit code 0 a moment later.</summary>
    private DateTime StopExecutor(DriverMemory memory, long number, ExecutorMemory executor)
    {
        var stops = Clock.Now + figures.ContainerStop.Draw(api.Chance, "spark/executor-stop", $"{memory.Id}/{number}");
        memory.SetExecutor(number, executor with { StopsAt = stops });
        endingsToTell.Add(PodOf(memory, number));
        return stops;
    }

    /// <summary>At the end of the driver: executors, service and the executors' config map go, then the driver's container ends.</summary>
    private void FinishStop(DriverMemory memory)
    {
        if (memory.DriverEndsAt is { } end && end > Clock.Now)
        {
            WakeAt(new DriverKey(memory.Id, 0), end);
            return;
        }

        var identity = memory.Application.Identity;
        foreach (var (number, _) in memory.Executors)
        {
            Remove(memory, number);
        }

        api.Delete(CoreTypes.Service, new ObjectKey(identity.Namespace, identity.DriverService));
        api.Delete(CoreTypes.ConfigMap, new ObjectKey(identity.Namespace, identity.ExecutorConfigMap));
        memory.SetPhase(memory.Status["exitCode"]?.Integer == 0 ? ApplicationStatus.Succeeded : ApplicationStatus.Failed);
        endingsToTell.Add(new ObjectKey(identity.Namespace, identity.DriverPod));
    }

    private void Remove(DriverMemory memory, long number)
    {
        var key = PodOf(memory, number);
        if (api.Store.Get(CoreTypes.Pod, key) is { } pod && pod.Metadata.Label(SparkNames.ApplicationLabel) == memory.Id && !pod.Metadata.IsBeingDeleted)
        {
            api.Delete(CoreTypes.Pod, key);
        }
    }

    private static ObjectKey PodOf(DriverMemory memory, long number) =>
        new(memory.Application.Identity.Namespace, SparkNames.ExecutorPod(memory.Application.Identity.ExecutorPrefix, number));

    private static long? MainExitCode(ApiObject pod)
    {
        var main = Tree.ItemsOf(pod.Spec["containers"]) is [var first, ..] ? first["name"]?.Text : null;
        foreach (var entry in Tree.ItemsOf(pod.Status["containerStatuses"]))
        {
            if (entry["name"]?.Text == main)
            {
                return entry.At("state", "terminated", "exitCode")?.Integer;
            }
        }

        return null;
    }

    private static DateTime? Earlier(DateTime? one, DateTime? other) => one is null || other < one ? other : one;

    private DriverMemory MemoryOf(ApiObject known)
    {
        if (memories.TryGetValue(known.Name, out var kept) && kept.Version == known.Metadata.ResourceVersion)
        {
            return kept.Memory;
        }

        return new DriverMemory(known, figures, api.Chance);
    }

    private void Keep(ApiObject known, DriverMemory memory)
    {
        var version = ReferenceEquals(memory.Status, known.Status)
            ? known.Metadata.ResourceVersion
            : api.UpdateStatus(known.WithStatus(memory.Status)).Object?.Metadata.ResourceVersion;
        if (version is { } current)
        {
            memory.Kept(api.Store.Get(known.Type, known.Key)!.Status);
            memories[known.Name] = (current, memory);
        }
    }

    /// <summary>After a restart every executor is looked at again, and the driver itself.</summary>
    private void WakeAll(ApiObject known)
    {
        Wake(new DriverKey(known.Name, 0));
        foreach (var number in DriverMemory.NumbersOf(known))
        {
            Wake(new DriverKey(known.Name, number));
        }
    }
}
