using System.Globalization;
using System.Xml;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.World.Aws.Api;

namespace Sparkwright.World.Ec2.Api;

/// <summary>
/// The API fis, as far as it interrupts spot instances: experiment templates with the action aws:ec2:send-spot-instance-interruptions, and
/// experiments made of them. EC2 itself has no operation for that.
/// </summary>
public sealed class FaultInjection(ApiServer api, SpotExperiments experiments, AwsPlace place)
{
    private const string Action = "aws:ec2:send-spot-instance-interruptions";
    private const string SpotInstance = "aws:ec2:spot-instance";

    private const int PageSize = 100;

    private static readonly TimeSpan ShortestNotice = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan LongestNotice = TimeSpan.FromMinutes(15);

    /// <summary>What the filters of a target may look at, by the path in DescribeInstances' answer.</summary>
    private static readonly (string Path, Func<Instance, string> Of)[] Paths =
    [
        ("InstanceType", static instance => instance.TypeName),
        ("Placement.AvailabilityZone", static instance => instance.Zone),
        ("State.Name", static instance => instance.State),
        ("SubnetId", static instance => instance.SubnetId),
    ];

    public AwsService Service() => new("fis", AwsProtocol.RestJson, "",
    [
        new("CreateExperimentTemplate", "POST", "/experimentTemplates", CreateTemplate),
        new("GetExperimentTemplate", "GET", "/experimentTemplates/{id}", call => OfTemplate(call.Text("id"), known => AwsAnswer.Ok(("experimentTemplate", TemplateJson(known))))),
        new("ListExperimentTemplates", "GET", "/experimentTemplates", call => Page(call, "experimentTemplates", FaultTypes.Template, TemplateJson)),
        new("DeleteExperimentTemplate", "DELETE", "/experimentTemplates/{id}", call => OfTemplate(call.Text("id"), known =>
        {
            api.Delete(FaultTypes.Template, known.Key);
            return AwsAnswer.Ok(("experimentTemplate", TemplateJson(known)));
        })),
        new("StartExperiment", "POST", "/experiments", StartExperiment),
        new("GetExperiment", "GET", "/experiments/{id}", call => OfExperiment(call.Text("id"), known => AwsAnswer.Ok(("experiment", ExperimentJson(known))))),
        new("ListExperiments", "GET", "/experiments", call => Page(call, "experiments", FaultTypes.Experiment, ExperimentJson)),
        new("StopExperiment", "DELETE", "/experiments/{id}", call => OfExperiment(call.Text("id"), known =>
        {
            if (StateOf(known) != "running")
            {
                return Invalid($"Experiment {known.Name} is not running.");
            }

            experiments.Stop(known.Name);
            return AwsAnswer.Ok(("experiment", ExperimentJson(api.Store.Get(known.Type, known.Key)!)));
        })),
    ]);

    private static AwsAnswer Invalid(string message) => AwsAnswer.Refuse(400, "ValidationException", message);

    private AwsAnswer CreateTemplate(AwsCall call)
    {
        if (ProblemOf(call.Input) is { } problem)
        {
            return Invalid(problem);
        }

        if (api.Store.List(FaultTypes.Template).FirstOrDefault(known => known.Spec["clientToken"]?.Text == call.Text("clientToken")) is { } same)
        {
            return AwsAnswer.Ok(("experimentTemplate", TemplateJson(same)));
        }

        var created = api.Create(new ApiObject(FaultTypes.Template, new ObjectMeta { Name = NewId("EXT") }, TreeMap.Of(("spec", call.Input)))).Object!;
        return AwsAnswer.Ok(("experimentTemplate", TemplateJson(created)));
    }

    /// <summary>What is wrong with a template; null for one that can be simulated.</summary>
    private static string? ProblemOf(TreeMap input)
    {
        foreach (var member in new[] { "clientToken", "description", "roleArn" })
        {
            if (input[member]?.Text is not { Length: > 0 })
            {
                return $"{member}: must not be null";
            }
        }

        var targets = input["targets"] as TreeMap ?? TreeMap.Empty;
        foreach (var (name, target) in targets.Members())
        {
            if (target["resourceType"]?.Text != SpotInstance)
            {
                return $"targets.{name}.resourceType: {target["resourceType"]?.Text} is not simulated; give {SpotInstance}";
            }

            if (Count(target["selectionMode"]?.Text ?? "", 100) is null)
            {
                return $"targets.{name}.selectionMode: give ALL, COUNT(n) or PERCENT(n)";
            }

            if (target["resourceArns"] is null == target["resourceTags"] is null)
            {
                return $"targets.{name}: give either resourceArns or resourceTags";
            }

            foreach (var filter in Tree.ItemsOf(target["filters"]))
            {
                if (!Paths.Any(known => known.Path == filter["path"]?.Text))
                {
                    return $"targets.{name}.filters: {filter["path"]?.Text} is not simulated; there are {string.Join(", ", Paths.Select(known => known.Path))}";
                }
            }
        }

        var actions = input["actions"] as TreeMap ?? TreeMap.Empty;
        foreach (var (name, action) in actions.Members())
        {
            var problem = action["actionId"]?.Text != Action ? $"{action["actionId"]?.Text} is not simulated; give {Action}"
                : Tree.ItemsOf(action["startAfter"]).Length > 0 ? "startAfter is not simulated; all actions start at once"
                : action.At("targets", "SpotInstances")?.Text is not { } target || targets.Get(target) is null ? "targets.SpotInstances must name one of the template's targets"
                : NoticeOf(action) is not { } notice || notice < ShortestNotice || notice > LongestNotice ? "durationBeforeInterruption must be between PT2M and PT15M"
                : null;
            if (problem is not null)
            {
                return $"actions.{name}: {problem}";
            }
        }

        return actions.Count == 0 ? "actions: must not be empty" : null;
    }

    private static TimeSpan? NoticeOf(Tree action)
    {
        try
        {
            return action.At("parameters", "durationBeforeInterruption")?.Text is { } text ? XmlConvert.ToTimeSpan(text) : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    /// <summary>How many of the found targets a mode chooses, rounded down; null when it is none.</summary>
    private static int? Count(string mode, int found)
    {
        if (mode == "ALL")
        {
            return found;
        }

        var open = mode.IndexOf('(', StringComparison.Ordinal);
        return open > 0 && mode[^1] == ')' && int.TryParse(mode.AsSpan(open + 1, mode.Length - open - 2), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
            ? mode[..open] switch { "COUNT" => Math.Min(number, found), "PERCENT" when number <= 100 => found * number / 100, _ => null }
            : null;
    }

    private AwsAnswer StartExperiment(AwsCall call) => OfTemplate(call.Text("experimentTemplateId"), template =>
    {
        if (call.Text("clientToken") is { } token && api.Store.List(FaultTypes.Experiment).FirstOrDefault(known => known.Spec["clientToken"]?.Text == token) is { } same)
        {
            return AwsAnswer.Ok(("experiment", ExperimentJson(same)));
        }

        var id = NewId("EXP");
        var now = api.Clock.Now;
        var actions = ((TreeMap)template.Spec["actions"]!).Members().Select(action =>
        {
            var end = now + NoticeOf(action.Value)!.Value;
            return new SpotAction(action.Key, [.. Resolve(id, template.Spec.At("targets", action.Value.At("targets", "SpotInstances")!.Text!)!)], end - Interruptions.SpotNotice, end);
        }).ToList();
        var isEmpty = actions.Exists(action => action.Instances.IsEmpty);
        var started = experiments.Start(id, TreeMap.Of(
            ("clientToken", call.Text("clientToken")),
            ("failure", isEmpty ? "Target resolution returned empty set" : null),
            ("startedTicks", now.Ticks),
            ("tags", call.Input["tags"]),
            ("template", template.Spec),
            ("templateId", template.Name)), isEmpty ? [] : actions);
        return AwsAnswer.Ok(("experiment", ExperimentJson(started)));
    });

    /// <summary>The living spot instances that a target means; of several, chance chooses.</summary>
    private IEnumerable<string> Resolve(string experiment, Tree target)
    {
        var arns = Tree.ItemsOf(target["resourceArns"]).ToArray().Select(arn => arn.Text ?? "").ToList();
        var tags = target["resourceTags"] as TreeMap ?? TreeMap.Empty;
        var filters = Tree.ItemsOf(target["filters"]).ToArray();
        var found = api.Store.List(Ec2Types.Instance).Select(Instance.Of)
            .Where(instance => instance is { IsAlive: true, CapacityType: "spot" })
            .Where(instance => arns.Count == 0 || arns.Contains($"arn:aws:ec2:{place.Region}:{place.Account}:instance/{instance.Id}"))
            .Where(instance => tags.Members().All(tag => instance.Tags.Get(tag.Key)?.Text == tag.Value.Text))
            .Where(instance => Array.TrueForAll(filters, filter =>
                Tree.ItemsOf(filter["values"]).ToArray().Any(value => value.Text == Array.Find(Paths, known => known.Path == filter["path"]?.Text).Of(instance))))
            .OrderBy(instance => api.Chance.For("fis/target", $"{experiment}/{instance.Id}").Bits).ThenBy(instance => instance.Id, StringComparer.Ordinal)
            .Select(instance => instance.Id)
            .ToList();
        return found.Take(Count(target["selectionMode"]!.Text!, found.Count)!.Value);
    }

    private string NewId(string kind) => kind + api.Chance.For("fis/id", api.Store.ResourceVersion + 1).Hex(14);

    private string StateOf(ApiObject experiment) => experiment.Spec["failure"] is not null ? "failed"
        : SpotExperiments.StoppedAt(experiment) is not null ? "stopped"
        : SpotExperiments.ActionsOf(experiment).All(action => action.EndsAt <= api.Clock.Now) ? "completed"
        : "running";

    private TreeMap TemplateJson(ApiObject template) => Common(template.Spec)
        .With("arn", Arn($"experiment-template/{template.Name}"))
        .With("creationTime", EpochTime.Of(template.Metadata.CreationTimestamp))
        .With("description", template.Spec["description"])
        .With("id", template.Name)
        .With("lastUpdateTime", EpochTime.Of(template.Metadata.CreationTimestamp))
        .With("tags", template.Spec["tags"]);

    private TreeMap ExperimentJson(ApiObject experiment)
    {
        var started = new DateTime(experiment.Spec["startedTicks"]!.Integer!.Value, DateTimeKind.Utc);
        var actions = SpotExperiments.ActionsOf(experiment).ToList();
        var stopped = SpotExperiments.StoppedAt(experiment);
        var state = StateOf(experiment);
        var end = state switch { "failed" => started, "stopped" => stopped, "completed" => actions.Max(action => action.EndsAt), _ => (DateTime?)null };
        var common = Common((TreeMap)experiment.Spec["template"]!);
        foreach (var action in actions)
        {
            var isOver = action.EndsAt <= api.Clock.Now && (stopped is null || action.EndsAt <= stopped);
            common = common.Set(["actions", action.Name, "state"], TreeMap.Of(("status", isOver ? "completed" : stopped is null ? "running" : "stopped")));
            common = common.Set(["actions", action.Name, "startTime"], EpochTime.Of(started));
            common = isOver ? common.Set(["actions", action.Name, "endTime"], EpochTime.Of(action.EndsAt)) : common;
        }

        return common
            .With("arn", Arn($"experiment/{experiment.Name}"))
            .With("creationTime", EpochTime.Of(started))
            .With("endTime", end is { } over ? EpochTime.Of(over) : null)
            .With("experimentTemplateId", experiment.Spec["templateId"])
            .With("id", experiment.Name)
            .With("startTime", EpochTime.Of(started))
            .With("state", TreeMap.Of(("reason", experiment.Spec["failure"]), ("status", state)))
            .With("tags", experiment.Spec["tags"]);
    }

    private static TreeMap Common(TreeMap template) => TreeMap.Of(
        ("actions", template["actions"]), ("roleArn", template["roleArn"]), ("stopConditions", template["stopConditions"]), ("targets", template["targets"]));

    private string Arn(string resource) => $"arn:aws:fis:{place.Region}:{place.Account}:{resource}";

    private AwsAnswer OfTemplate(string? id, Func<ApiObject, AwsAnswer> answer) => api.Store.Get(FaultTypes.Template, "", id ?? "") is { } known
        ? answer(known)
        : AwsAnswer.Refuse(404, "ResourceNotFoundException", $"Experiment template {id} does not exist.");

    private AwsAnswer OfExperiment(string? id, Func<ApiObject, AwsAnswer> answer) => api.Store.Get(FaultTypes.Experiment, "", id ?? "") is { } known
        ? answer(known)
        : AwsAnswer.Refuse(404, "ResourceNotFoundException", $"Experiment {id} does not exist.");

    private AwsAnswer Page(AwsCall call, string member, ResourceType type, Func<ApiObject, TreeMap> print) => AwsPages.Of([.. api.Store.List(type)], call, PageSize) is { } page
        ? AwsAnswer.Ok((member, AwsPages.Trees(page, print)), ("nextToken", page.Next))
        : Invalid("nextToken: is none that a list has answered");
}
