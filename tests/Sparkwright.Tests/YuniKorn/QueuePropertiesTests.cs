using System.Collections.Immutable;
using Sparkwright.World.YuniKorn.Queues;

namespace Sparkwright.Tests.YuniKorn;

public sealed class QueuePropertiesTests
{
    [Fact]
    public void Priority_is_a_queues_own_and_of_preemption_only_disabled_is_taken_over()
    {
        var parent = QueueProperties.Of(Map("application.sort.policy=fair priority.policy=fence priority.offset=5 preemption.policy=fence preemption.delay=10s"), null);
        var child = QueueProperties.Of(Map(""), parent);
        Assert.True(parent is { IsFair: true, FencesPriority: true, PriorityOffset: 5, Preemption: PreemptionPolicy.Fence });
        Assert.True(child is { IsFair: true, FencesPriority: false, PriorityOffset: 0, Preemption: PreemptionPolicy.Default });
        Assert.Equal(TimeSpan.FromSeconds(10), child.PreemptionDelay);
        Assert.Equal(PreemptionPolicy.Disabled, QueueProperties.Of(Map(""), QueueProperties.Of(Map("preemption.policy=disabled"), null)).Preemption);
    }

    [Theory]
    [InlineData("application.sort.policy=stateaware")]
    [InlineData("application.sort.priority=maybe")]
    [InlineData("priority.offset=high")]
    [InlineData("preemption.delay=-5s")]
    [InlineData("quota.preemption.delay=soon")]
    [InlineData("application.unschedasks.backoff=-1")]
    [InlineData("application.unschedasks.backoff.delay=0s")]
    public void What_cannot_be_understood_has_its_default(string property)
    {
        var read = QueueProperties.Of(Map(property), null);
        Assert.True(read is { IsFair: false, SortsByPriority: true, PriorityOffset: 0 });
        Assert.Equal((TimeSpan.FromSeconds(30), TimeSpan.Zero), (read.PreemptionDelay, read.QuotaPreemptionDelay));
        Assert.Equal((0, TimeSpan.FromSeconds(30)), (read.AsksBeforeBackoff, read.BackoffDelay));
    }

    [Fact]
    public void Resting_is_taken_over_from_the_parent()
    {
        var parent = QueueProperties.Of(Map("application.unschedasks.backoff=5 application.unschedasks.backoff.delay=1m"), null);
        var child = QueueProperties.Of(Map("application.unschedasks.backoff.delay=10s"), parent);
        Assert.Equal((5, TimeSpan.FromSeconds(10)), (child.AsksBeforeBackoff, child.BackoffDelay));
    }

    private static ImmutableDictionary<string, string> Map(string text) =>
        text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(part => part.Split('=')).ToImmutableDictionary(part => part[0], part => part[1]);
}
