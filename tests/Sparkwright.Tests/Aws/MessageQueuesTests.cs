using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Store;
using Sparkwright.Simulation;
using Sparkwright.World.Aws;

namespace Sparkwright.Tests.Aws;

public sealed class MessageQueuesTests
{
    private static readonly DateTime Start = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    private readonly ApiServer api = new(new ObjectStore(), new Clock(Start), new Chance(1));
    private readonly MessageQueues queues;

    public MessageQueuesTests()
    {
        queues = new MessageQueues(api);
        queues.EnsureQueue("q");
    }

    [Theory]
    //          sent                     received from q
    [InlineData("", "")]
    [InlineData("q1 q2 q3", "1 2 3")]
    [InlineData("q1 r2 q3", "1 3")]
    [InlineData("r1 none2", "")]
    [InlineData("q1 q2 q3 q4 q5 q6 q7 q8 q9 q10 q11 q12", "1 2 3 4 5 6 7 8 9 10")]
    public void The_oldest_ten_of_a_queue_are_received_in_their_order(string sent, string received)
    {
        queues.EnsureQueue("r");
        Send(sent);
        Assert.Equal(received, Received("q"));
    }

    [Fact]
    public void A_message_stays_until_it_is_deleted()
    {
        Send("q1 q2");
        Assert.Equal("1 2", Received("q"));
        queues.Delete(queues.Receive("q")[0]);
        Assert.Equal("2", Received("q"));

        // As SQS does, deleting it once more is no mistake.
        var last = queues.Receive("q")[0];
        queues.Delete(last);
        queues.Delete(last);
        Assert.Equal("", Received("q"));
    }

    [Fact]
    public void A_queue_is_made_once_and_what_is_sent_to_none_is_lost()
    {
        queues.EnsureQueue("q");
        Assert.True(queues.Exists("q"));
        Assert.False(queues.Exists("late"));
        Send("late1");
        queues.EnsureQueue("late");
        Assert.Equal("", Received("late"));
    }

    [Fact]
    public void A_message_knows_when_it_was_sent() => Assert.Equal(Start, Sent().SentAt);

    private QueueMessage Sent()
    {
        Send("q1");
        return Assert.Single(queues.Receive("q"));
    }

    /// <summary>Each word is the name of a queue and a number, which is the body.</summary>
    private void Send(string words)
    {
        foreach (var word in words.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var name = word.TrimEnd("0123456789".ToCharArray());
            queues.Send(name, TreeMap.Of(("number", word[name.Length..])));
        }
    }

    private string Received(string queue) => string.Join(' ', queues.Receive(queue).Select(message => message.Body["number"]?.Text));
}
