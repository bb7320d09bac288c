using System.Collections.Immutable;
using System.Globalization;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.World.Aws;

namespace Sparkwright.World.Ec2;

/// <summary>
/// What EC2 does to instances of its own accord. It tells the cluster's interruption queue, named after the cluster, in the words of EventBridge;
/// a spot warning, a stop and a termination also happen.
/// </summary>
public sealed class Interruptions(ApiServer api, MessageQueues queues, AwsPlace place, string queue)
{
    public const string SpotWarning = "spot-warning";
    public const string Rebalance = "rebalance";
    public const string ScheduledChange = "scheduled-change";
    public const string Stopping = "stopping";
    public const string Terminated = "terminated";

    /// <summary>From the warning until EC2 takes a spot instance back.</summary>
    public static readonly TimeSpan SpotNotice = TimeSpan.FromMinutes(2);

    /// <summary>AWS announces the retirement of a host two weeks ahead.</summary>
    private static readonly TimeSpan RetirementNotice = TimeSpan.FromDays(14);

    public static ImmutableArray<string> Kinds { get; } = [SpotWarning, Rebalance, ScheduledChange, Stopping, Terminated];

    /// <summary>Interrupts a living instance; one that is gone cannot be.</summary>
    /// <param name="kind">One of <see cref="Kinds"/>.</param>
    public void Interrupt(string kind, Instance instance)
    {
        if (!instance.IsAlive)
        {
            return;
        }

        switch (kind)
        {
            case SpotWarning:
                Tell("aws.ec2", "EC2 Spot Instance Interruption Warning", instance, TreeMap.Of(("instance-action", "terminate"), ("instance-id", instance.Id)));
                Change(instance, status => status["reclaimTicks"] is null ? status.With("reclaimTicks", (api.Clock.Now + SpotNotice).Ticks) : status);
                break;
            case Rebalance:
                Tell("aws.ec2", "EC2 Instance Rebalance Recommendation", instance, TreeMap.Of(("instance-id", instance.Id)));
                Change(instance, status => status.With("recommendedTicks", api.Clock.Now.Ticks));
                break;
            case ScheduledChange:
                Tell("aws.health", "AWS Health Event", instance, Retirement(instance));
                break;
            case Stopping:
                Change(instance, status => status.With("state", "stopping").With("stoppedTicks", api.Clock.Now.Ticks));
                TellState(instance, "stopping");
                break;
            case Terminated:
                Terminate(instance);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(kind), kind, "no such interruption");
        }
    }

    /// <summary>EC2 ends an instance, and says so.</summary>
    internal void Terminate(Instance instance)
    {
        Change(instance, status => Instance.Ended(status, api.Clock.Now));
        TellState(instance, "terminated");
    }

    /// <summary>A stopping instance has stopped.</summary>
    internal void Stop(Instance instance)
    {
        Change(instance, status => status.With("state", "stopped"));
        TellState(instance, "stopped");
    }

    private void TellState(Instance instance, string state) =>
        Tell("aws.ec2", "EC2 Instance State-change Notification", instance, TreeMap.Of(("instance-id", instance.Id), ("state", state)));

    private TreeMap Retirement(Instance instance)
    {
        var start = api.Clock.Now + RetirementNotice;
        return TreeMap.Of(
            ("affectedEntities", TreeList.Of(TreeMap.Of(("entityValue", instance.Id)))),
            ("endTime", start.ToString("r", CultureInfo.InvariantCulture)),
            ("eventArn", $"arn:aws:health:{place.Region}::event/EC2/AWS_EC2_PERSISTENT_INSTANCE_RETIREMENT_SCHEDULED/{instance.Id}"),
            ("eventDescription", TreeList.Of(TreeMap.Of(("language", "en_US"), ("latestDescription", "The instance is scheduled for retirement.")))),
            ("eventTypeCategory", "scheduledChange"),
            ("eventTypeCode", "AWS_EC2_PERSISTENT_INSTANCE_RETIREMENT_SCHEDULED"),
            ("service", "EC2"),
            ("startTime", start.ToString("r", CultureInfo.InvariantCulture)));
    }

    private void Tell(string source, string detailType, Instance instance, TreeMap detail) => queues.Send(queue, TreeMap.Of(
        ("account", place.Account),
        ("detail", detail),
        ("detail-type", detailType),
        ("id", api.Chance.For("eventbridge/id", api.Store.ResourceVersion).Uuid()),
        ("region", place.Region),
        ("resources", TreeList.OfTexts([source == "aws.health" ? instance.Id : $"arn:aws:ec2:{place.Region}:{place.Account}:instance/{instance.Id}"])),
        ("source", source),
        ("time", api.Clock.Now.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)),
        ("version", "0")));

    private void Change(Instance instance, Func<TreeMap, TreeMap> change) => api.ModifyStatus(Ec2Types.Instance, new ObjectKey("", instance.Id), change);
}

/// <summary>Where in AWS the platform lies.</summary>
/// <param name="Account">Twelve digits.</param>
public sealed record AwsPlace(string Region, string Account);
