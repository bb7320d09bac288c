using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Karpenter.Interruption;

namespace Sparkwright.Tests.Karpenter.Interruption;

public sealed class InterruptionParserTests
{
    private const string Spot = "EC2 Spot Instance Interruption Warning";
    private const string State = "EC2 Instance State-change Notification";

    [Theory]
    //          source        detail-type                                 detail                                          says
    [InlineData("aws.ec2", Spot, """{"instance-id":"i-1","instance-action":"terminate"}""", "SpotInterrupted i-1")]
    [InlineData("aws.ec2", Spot, """{"instance-action":"terminate"}""", "SpotInterrupted")]
    [InlineData("aws.ec2", Spot, """{"instance-id":null}""", "SpotInterrupted")]
    [InlineData("aws.ec2", Spot, """{"instance-id":7}""", "unreadable")]
    [InlineData("aws.ec2", Spot, "[]", "unreadable")]
    [InlineData("aws.ec2", Spot, "null", "SpotInterrupted")]
    [InlineData("aws.ec2", "EC2 Instance Rebalance Recommendation", """{"instance-id":"i-1"}""", "RebalanceRecommendation i-1")]
    [InlineData("aws.ec2", "EC2 Capacity Reservation Instance Interruption Warning", """{"instance-id":"i-1"}""", "CapacityReservationInterrupted i-1")]
    [InlineData("aws.ec2", State, """{"instance-id":"i-1","state":"stopping"}""", "InstanceStopped i-1")]
    [InlineData("aws.ec2", State, """{"instance-id":"i-1","state":"stopped"}""", "InstanceStopped i-1")]
    [InlineData("aws.ec2", State, """{"instance-id":"i-1","state":"Shutting-Down"}""", "InstanceTerminated i-1")]
    [InlineData("aws.ec2", State, """{"instance-id":"i-1","state":"terminated"}""", "InstanceTerminated i-1")]
    [InlineData("aws.ec2", State, """{"instance-id":"i-1","state":"running"}""", "NoOp")]
    [InlineData("aws.ec2", State, """{"instance-id":"i-1","state":"pending"}""", "NoOp")]
    [InlineData("aws.ec2", State, """{"instance-id":"i-1"}""", "NoOp")]
    [InlineData("aws.ec2", State, """{"instance-id":["i-1"],"state":"stopped"}""", "unreadable")]
    [InlineData("aws.ec2", "EC2 Fleet State Change", """{"instance-id":"i-1"}""", "NoOp")]
    [InlineData("aws.health", Spot, """{"instance-id":"i-1"}""", "NoOp")]
    [InlineData("aws.rds", "RDS DB Instance Event", "{}", "NoOp")]
    public void A_body_names_what_happens_and_to_which_instance(string source, string detailType, string detail, string says) =>
        Assert.Equal(says, Say($$$"""{"version":"0","source":"{{{source}}}","detail-type":"{{{detailType}}}","detail":{{{detail}}}}"""));

    [Theory]
    //          service  category           entities                                                     says
    [InlineData("EC2", "scheduledChange", """[{"entityValue":"i-1"},{"entityValue":"i-2"}]""", "ScheduledChange i-1 i-2")]
    [InlineData("EC2", "scheduledChange", """[{"entityValue":"i-2"},{"tags":{}},{"entityValue":""}]""", "ScheduledChange i-2")]
    [InlineData("EC2", "scheduledChange", "[]", "ScheduledChange")]
    [InlineData("EC2", "scheduledChange", "null", "ScheduledChange")]
    [InlineData("EC2", "scheduledChange", """["i-1"]""", "unreadable")]
    [InlineData("EC2", "scheduledChange", """{"entityValue":"i-1"}""", "unreadable")]
    [InlineData("EC2", "accountNotification", """[{"entityValue":"i-1"}]""", "NoOp")]
    [InlineData("RDS", "scheduledChange", """[{"entityValue":"i-1"}]""", "NoOp")]
    public void A_health_event_names_every_instance_it_touches(string service, string category, string entities, string says) => Assert.Equal(
        says,
        Say($$$"""{"version":"0","source":"aws.health","detail-type":"AWS Health Event","detail":{"service":"{{{service}}}","eventTypeCategory":"{{{category}}}","affectedEntities":{{{entities}}}}}"""));

    [Theory]
    [InlineData("", "NoOp")]
    [InlineData("{}", "NoOp")]
    [InlineData("""{"version":"1","source":"aws.ec2","detail-type":"EC2 Spot Instance Interruption Warning","detail":{"instance-id":"i-1"}}""", "NoOp")]
    [InlineData("""{"source":"aws.ec2","detail-type":"EC2 Spot Instance Interruption Warning","detail":{"instance-id":"i-1"}}""", "NoOp")]
    [InlineData("""{"version":0,"source":"aws.ec2"}""", "unreadable")]
    [InlineData("{not json", "unreadable")]
    [InlineData("[]", "unreadable")]
    [InlineData("\"text\"", "unreadable")]
    public void What_is_no_event_is_told_from_what_is_none_of_Karpenters_business(string body, string says) => Assert.Equal(says, Say(body));

    [Fact]
    public void A_body_that_has_been_read_already_says_the_same() => Assert.Equal(
        "SpotInterrupted i-1",
        Say(TreeJson.Parse($$$"""{"version":"0","source":"aws.ec2","detail-type":"{{{Spot}}}","detail":{"instance-id":"i-1"}}""")));

    private static string Say(Tree body) => InterruptionParser.Parse(body) is { } message
        ? string.Join(' ', [message.Kind.ToString(), .. message.Instances])
        : "unreadable";
}
