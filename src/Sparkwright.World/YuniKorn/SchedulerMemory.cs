using System.Globalization;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.World.YuniKorn.Applications;
using Sparkwright.World.YuniKorn.Cycle;
using Sparkwright.World.YuniKorn.Queues;

namespace Sparkwright.World.YuniKorn;

/// <summary>
/// Keeps in the store what the real scheduler has only in its memory, so that a restart of the engine goes unnoticed. A restart of the scheduler
/// alone begins by forgetting it.
/// </summary>
internal sealed class SchedulerMemory(ApiServer api)
{
    private const string Name = "yunikorn";

    private long lastName = api.Store.List(YuniKornTypes.Application).Select(known => long.Parse(known.Name[4..], CultureInfo.InvariantCulture)).DefaultIfEmpty().Max();

    /// <summary>Puts a pod back to its application; false when it is none of its any more.</summary>
    public delegate bool AddTask(ApiObject pod, Application application, out PodTask task);

    /// <summary>The text of the queue configuration in force; null when nothing is remembered.</summary>
    public string? Configuration => Remembered?.Spec["queues"]?.Text;

    /// <summary>When it began to remember; null while nothing is remembered.</summary>
    public DateTime? Started => Remembered?.Metadata.CreationTimestamp;

    /// <summary>A name of this memory that no other has; empty while nothing is remembered.</summary>
    public string InstanceId => Remembered?.Metadata.Uid ?? "";

    private ApiObject? Remembered => api.Store.Get(YuniKornTypes.Configuration, "", Name);

    public string NextName() => $"app-{++lastName:D8}";

    public void Forget()
    {
        foreach (var type in YuniKornTypes.All)
        {
            foreach (var known in api.Store.List(type).ToList())
            {
                api.Delete(type, known.Key);
            }
        }
    }

    public void SaveQueues(Partition partition)
    {
        var queues = partition.Queues;
        var others = queues.Root.Downwards().Where(queue => queue.Parent is not null && (!queue.IsManaged || queue.IsDraining)).Select(queue => (Tree)TreeMap.Of(
            ("draining", queue.IsDraining ? true : null),
            ("guaranteed", queue.Guaranteed.IsEmpty ? null : queue.Guaranteed.ToTree()),
            ("managed", queue.IsManaged ? true : null),
            ("max", queue.Max?.ToTree()),
            ("maxApplications", queue.MaxApplications),
            ("parent", queue.IsLeaf ? null : true),
            ("path", queue.Path)));
        var deadlines = queues.Root.Downwards().Where(queue => queue.QuotaDeadline is not null).Select(queue => (queue.Path, (Tree?)queue.QuotaDeadline!.Value.Ticks));
        Write(YuniKornTypes.Configuration, Name, TreeMap.Of(
            ("others", TreeList.From(others)),
            ("queues", partition.Configuration),
            ("quotaDeadlines", TreeMap.Of([.. deadlines]))));
    }

    public void Save(Application application)
    {
        if (application.State == ApplicationState.Expired || (application.Queue is null && application.State == ApplicationState.New && application.Tasks.Count == 0))
        {
            api.Delete(YuniKornTypes.Application, new ObjectKey("", application.MemoryName));
            return;
        }

        Write(YuniKornTypes.Application, application.MemoryName, TreeMap.Of(
            ("announcedExecutors", application.AnnouncedExecutors),
            ("annotations", application.GangAnnotations),
            ("backoffDeadline", Ticks(application.BackoffDeadline)),
            ("finished", Ticks(application.Finished)),
            ("groups", TreeList.OfTexts(application.User.Groups)),
            ("held", application.PodsWithNode),
            ("id", application.Id),
            ("log", TreeList.From(application.StateLog.Select(entry => (Tree)TreeMap.Of(("at", entry.At.Ticks), ("state", entry.State.ToString()))))),
            ("maxAllocated", application.MaxAllocated.ToTree()),
            ("namespace", application.Namespace),
            ("originator", TreeMap.Of(("created", application.OriginatorCreated.Ticks), ("name", application.Originator.Name), ("namespace", application.Originator.Namespace), ("uid", application.OriginatorUid))),
            ("phase", application.Phase.ToString()),
            ("placeholderDeadline", Ticks(application.PlaceholderDeadline)),
            ("placeholders", TreeMap.Of([.. application.Placeholders.Select(group => (group.Key, (Tree?)TreeMap.Of(
                ("count", group.Value.Count), ("lost", group.Value.Lost == 0 ? null : group.Value.Lost), ("min", group.Value.MinResource.ToTree()), ("replaced", group.Value.Replaced), ("timedOut", group.Value.TimedOut))))])),
            ("placeholderTimeout", application.PlaceholderTimeout.Ticks),
            ("queue", application.QueuePath),
            ("rejected", application.RejectedMessage),
            ("remarks", application.Remarks.IsEmpty ? null : TreeList.From(application.Remarks.Select(remark => (Tree)TreeMap.Of(
                ("about", remark.About), ("at", remark.At.Ticks), ("message", remark.Message), ("resource", remark.Resource.ToTree()))))),
            ("requestedQueue", application.RequestedQueue),
            ("started", Ticks(application.Started)),
            ("state", application.State.ToString()),
            ("stateDeadline", Ticks(application.StateDeadline)),
            ("submitted", application.Submitted.Ticks),
            ("ungrouped", application.IsGang ? null : true),
            ("user", application.User.Name)));
    }

    /// <summary>Remembers of a pod that it asks, and what became of its asking, or how it came to its place; forgets it when there is nothing to remember.</summary>
    public void Save(PodTask task)
    {
        var key = new ObjectKey("", task.Uid);
        var isThere = task.Application.Tasks.GetValueOrDefault(task.Key) == task;
        var spec = !isThere ? null
            : task.Application.IsAsking(task) ? AskTree(task)
            : task.State == TaskState.Failed ? TreeMap.Of(("application", task.Application.MemoryName), ("failed", true))
            : task.UsedPlaceholder || task.IsPreempted ? PlaceTree(task)
            : null;
        if (spec is not null)
        {
            Write(YuniKornTypes.Task, task.Uid, spec);
        }
        else if (api.Store.Get(YuniKornTypes.Task, key) is not null)
        {
            api.Delete(YuniKornTypes.Task, key);
        }
    }

    /// <summary>Fills a partition with what is remembered and with the pods that belong to it; answers the applications that lost pods unnoticed.</summary>
    public List<Application> Load(Partition partition, AddTask add)
    {
        LoadQueues(partition.Queues);
        foreach (var known in api.Store.List(YuniKornTypes.Application))
        {
            var application = Read(known, partition.Changes);
            if (ApplicationLifecycle.IsOver(application.State))
            {
                partition.Finished.Add(application);
                continue;
            }

            partition.Applications[application.Id] = application;
            if (application.QueuePath.Length > 0 && application.Phase is not ApplicationPhase.New)
            {
                application.Queue = partition.Queues.Find(application.QueuePath) ?? partition.Queues.Create(application.QueuePath);
                application.Queue.Add(application);
                application.Queue.CountRunning(application.State == ApplicationState.Running ? 1 : 0);
            }
        }

        partition.Finished.Sort(static (left, right) => Nullable.Compare(left.Finished, right.Finished) is var order && order != 0 ? order : string.CompareOrdinal(left.MemoryName, right.MemoryName));
        var restored = new HashSet<string>(StringComparer.Ordinal);
        foreach (var pod in api.Store.List(CoreTypes.Pod).Where(PodMetadata.IsManaged).ToList())
        {
            if (PodMetadata.ApplicationId(pod) is { } id && partition.Applications.TryGetValue(id, out var application)
                && add(pod, application, out var task))
            {
                restored.Add(task.Uid);
                Restore(task, pod, api.Store.Get(YuniKornTypes.Task, "", task.Uid)?.Spec, partition);
            }
        }

        var asks = api.Store.List(YuniKornTypes.Task).Where(known => known.Spec["asks"] is not null)
            .CountBy(known => known.Spec["application"]!.Text!, StringComparer.Ordinal)
            .ToDictionary(StringComparer.Ordinal);
        partition.Changes.TakeApplications();
        partition.Changes.TakePlaceholders();
        partition.Changes.TakeMembers();
        foreach (var lost in api.Store.List(YuniKornTypes.Task).Where(known => !restored.Contains(known.Name)).ToList())
        {
            api.Delete(YuniKornTypes.Task, lost.Key);
        }

        return [.. partition.Applications.Values.Where(application => api.Store.Get(YuniKornTypes.Application, "", application.MemoryName) is { } known
            && (application.PodsWithNode < (known.Spec["held"]?.Integer ?? 0) || application.Asks.Count < asks.GetValueOrDefault(application.MemoryName)))];
    }

    private static void Restore(PodTask task, ApiObject pod, TreeMap? known, Partition partition)
    {
        if (known?["preempted"] is not null)
        {
            task.IsPreempted = true;
        }

        if (known?["usedPlaceholder"] is not null)
        {
            task.UsedPlaceholder = true;
        }

        if (pod.Spec["nodeName"]?.Text is { Length: > 0 } node)
        {
            partition.Restore(task, node, Timestamps.Read(Conditions.Find(pod.Status, "PodScheduled")?["lastTransitionTime"]));
            if (task.IsPreempted)
            {
                task.Application.Queue?.Preempt(task.Request);
            }

            return;
        }

        if (known?["failed"] is not null)
        {
            task.State = TaskState.Failed;
            return;
        }

        if (known?["asks"] is not TreeMap asked)
        {
            return;
        }

        task.State = TaskState.Asking;
        task.IsOverQueue = asked["overQueue"] is not null;
        task.IsOverUser = asked["overUser"] is not null;
        task.HasTriggeredPreemption = asked["preempted"] is not null;
        task.PreemptionTried = Time(asked["preemptionTried"]);
        task.PredicatesTold = Time(asked["predicatesTold"]);
        task.WasAttempted = asked["attempted"] is not null;
        task.Refusals = task.Refusals.SetItems((asked["refusals"] as TreeMap ?? TreeMap.Empty).Members()
            .Select(known => KeyValuePair.Create(known.Key, new RefusalCount(Time(known.Value["last"])!.Value, known.Value["count"]!.Integer!.Value))));
        task.Application.AddAsk(task);
        if (asked["reserved"]?.Text is { } reserved && partition.Cluster.Nodes.Find(reserved) is not null)
        {
            partition.Reserve(task, reserved);
        }
    }

    private void LoadQueues(QueueTree queues)
    {
        if (api.Store.Get(YuniKornTypes.Configuration, "", Name)?.Spec is not { } known)
        {
            return;
        }

        foreach (var other in Tree.ItemsOf(known["others"]).ToArray())
        {
            var queue = queues.Find(other["path"]!.Text!) ?? queues.Create(other["path"]!.Text!);
            queue.IsLeaf = other["parent"] is null;
            queue.IsManaged = other["managed"] is not null;
            queue.IsDraining = other["draining"] is not null;
            queue.Max = other["max"] is TreeMap max ? Amounts.From(max) : null;
            queue.Guaranteed = other["guaranteed"] is TreeMap guaranteed ? Amounts.From(guaranteed) : Amounts.None;
            queue.MaxApplications = other["maxApplications"]?.Integer ?? 0;
        }

        foreach (var (path, at) in (known["quotaDeadlines"] as TreeMap ?? TreeMap.Empty).Members())
        {
            if (queues.Find(path) is { } queue)
            {
                queue.QuotaDeadline = Time(at);
            }
        }
    }

    private static Application Read(ApiObject known, ChangeLog changes)
    {
        var spec = known.Spec;
        var annotations = spec["annotations"] as TreeMap ?? TreeMap.Empty;
        var application = new Application(
            spec["id"]!.Text!,
            spec["namespace"]!.Text!,
            new UserInfo(spec["user"]!.Text!, [.. Tree.ItemsOf(spec["groups"]).ToArray().Select(group => group.Text!)]),
            changes)
        {
            MemoryName = known.Name,
            RequestedQueue = spec["requestedQueue"]?.Text ?? "",
            Originator = new ObjectKey(spec.At("originator", "namespace")?.Text ?? "", spec.At("originator", "name")?.Text ?? ""),
            OriginatorUid = spec.At("originator", "uid")?.Text ?? "",
            OriginatorCreated = Time(spec.At("originator", "created"))!.Value,
            TaskGroups = spec["ungrouped"] is null ? TaskGroup.Read(annotations.Get(Names.TaskGroups)?.Text, out _) : [],
            Parameters = SchedulingParameters.Read(annotations.Get(Names.SchedulingParameters)?.Text),
            GangAnnotations = annotations,
        };
        application.QueuePath = spec["queue"]?.Text ?? "";
        application.State = Enum.Parse<ApplicationState>(spec["state"]!.Text!);
        application.Phase = Enum.Parse<ApplicationPhase>(spec["phase"]!.Text!);
        application.PlaceholderTimeout = TimeSpan.FromTicks(spec["placeholderTimeout"]!.Integer!.Value);
        application.PlaceholderDeadline = Time(spec["placeholderDeadline"]);
        application.StateDeadline = Time(spec["stateDeadline"]);
        application.BackoffDeadline = Time(spec["backoffDeadline"]);
        application.AnnouncedExecutors = (int?)spec["announcedExecutors"]?.Integer;
        application.Submitted = Time(spec["submitted"])!.Value;
        application.Started = Time(spec["started"]);
        application.Finished = Time(spec["finished"]);
        application.RejectedMessage = spec["rejected"]?.Text ?? "";
        application.MaxAllocated = Amounts.From(spec["maxAllocated"] as TreeMap ?? TreeMap.Empty);
        application.StateLog = [.. Tree.ItemsOf(spec["log"]).ToArray().Select(entry => new StateChange(Time(entry["at"])!.Value, Enum.Parse<ApplicationState>(entry["state"]!.Text!)))];
        application.Remarks = [.. Tree.ItemsOf(spec["remarks"]).ToArray().Select(remark => new Remark(
            Time(remark["at"])!.Value, remark["about"]!.Text!, remark["message"]!.Text!, Amounts.From((TreeMap)remark["resource"]!)))];
        foreach (var (group, data) in (spec["placeholders"] as TreeMap ?? TreeMap.Empty).Members())
        {
            application.Placeholders.Add(group, new PlaceholderData(Amounts.From(data["min"] as TreeMap ?? TreeMap.Empty))
            {
                Count = data["count"]!.Integer!.Value,
                Replaced = data["replaced"]!.Integer!.Value,
                TimedOut = data["timedOut"]!.Integer!.Value,
                Lost = data["lost"]?.Integer ?? 0,
            });
        }

        return application;
    }

    private static TreeMap PlaceTree(PodTask task) => TreeMap.Of(
        ("application", task.Application.MemoryName),
        ("preempted", task.IsPreempted ? true : null),
        ("usedPlaceholder", task.UsedPlaceholder ? true : null));

    private static TreeMap AskTree(PodTask ask) => PlaceTree(ask).With("asks", TreeMap.Of(
        ("attempted", ask.WasAttempted ? true : null),
        ("overQueue", ask.IsOverQueue ? true : null),
        ("overUser", ask.IsOverUser ? true : null),
        ("predicatesTold", Ticks(ask.PredicatesTold)),
        ("preempted", ask.HasTriggeredPreemption ? true : null),
        ("preemptionTried", Ticks(ask.PreemptionTried)),
        ("refusals", ask.Refusals.IsEmpty ? null : TreeMap.Of([.. ask.Refusals.Select(refusal => (refusal.Key, (Tree?)TreeMap.Of(("count", refusal.Value.Count), ("last", refusal.Value.Last.Ticks))))])),
        ("reserved", ask.ReservedNode.Length == 0 ? null : ask.ReservedNode)));

    private static Tree? Ticks(DateTime? time) => time is { } known ? known.Ticks : null;

    private static DateTime? Time(Tree? ticks) => ticks?.Integer is { } known ? new DateTime(known, DateTimeKind.Utc) : null;

    private void Write(ResourceType type, string name, TreeMap spec)
    {
        if (api.Store.Get(type, "", name) is { } known)
        {
            api.Update(known.With(known.Body.With("spec", spec)));
        }
        else
        {
            api.Create(new ApiObject(type, new ObjectMeta { Name = name }, TreeMap.Of(("spec", spec))));
        }
    }
}
