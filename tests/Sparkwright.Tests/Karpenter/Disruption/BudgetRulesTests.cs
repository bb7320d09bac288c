using System.Globalization;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Karpenter.Apis;
using Sparkwright.World.Karpenter.Disruption;

namespace Sparkwright.Tests.Karpenter.Disruption;

public sealed class BudgetRulesTests
{
    [Theory]
    //          budgets                                                             reason  nodes unavailable  left
    [InlineData("[{nodes: 10%}]", DisruptionReason.Empty, 1, 0, 1)]
    [InlineData("[{nodes: 10%}]", DisruptionReason.Empty, 11, 0, 2)]
    [InlineData("[{nodes: 10%}]", DisruptionReason.Empty, 10, 1, 0)]
    [InlineData("[{nodes: 10%}]", DisruptionReason.Empty, 10, 5, 0)]
    [InlineData("[{nodes: 100%}]", DisruptionReason.Empty, 7, 2, 5)]
    [InlineData("[{nodes: '3'}, {nodes: 50%}]", DisruptionReason.Drifted, 10, 0, 3)]
    [InlineData("[{nodes: '3'}, {nodes: 10%}]", DisruptionReason.Drifted, 10, 0, 1)]
    [InlineData("[{nodes: '0', reasons: [Drifted]}, {nodes: '4'}]", DisruptionReason.Drifted, 10, 0, 0)]
    [InlineData("[{nodes: '0', reasons: [Drifted]}, {nodes: '4'}]", DisruptionReason.Empty, 10, 0, 4)]
    [InlineData("[{nodes: '0', reasons: [Drifted]}]", DisruptionReason.Underutilized, 10, 0, int.MaxValue)]
    [InlineData("[]", DisruptionReason.Expired, 10, 9, int.MaxValue)]
    public void The_tightest_budget_for_the_reason_counts(string budgets, DisruptionReason reason, int nodes, int unavailable, int left) =>
        Assert.Equal(left, BudgetRules.Allowed([.. Budgets(budgets)], reason, nodes, unavailable, Fleet.Now).Left);

    [Theory]
    //          time           allowed  next change
    [InlineData("09:00:00", 0, "09:30:00")]
    [InlineData("08:59:59", 5, "09:00:00")]
    [InlineData("09:29:59", 0, "09:30:00")]
    [InlineData("09:30:00", 5, "09:00:00")]
    public void A_budget_with_a_schedule_holds_for_its_duration(string time, int allowed, string next)
    {
        var budgets = Budgets("[{nodes: '0', schedule: '0 9 * * *', duration: 30m}, {nodes: '5'}]").ToList();
        var now = DateTime.Parse($"2026-01-02T{time}Z", CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal);
        Assert.Equal(allowed, BudgetRules.Allowed([.. budgets], DisruptionReason.Empty, 10, 0, now).Left);
        Assert.Equal(next, BudgetRules.NextChange([.. budgets], now)?.ToString("HH:mm:ss", CultureInfo.InvariantCulture));
    }

    private static IEnumerable<DisruptionBudget> Budgets(string yaml) => yaml == "[]"
        ? []
        : DisruptionPolicy.OfNodePool((TreeMap)Yaml.Read($"{{disruption: {{budgets: {yaml}}}}}")).Budgets;
}
