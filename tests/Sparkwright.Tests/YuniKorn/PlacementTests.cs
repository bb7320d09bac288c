using Sparkwright.World.YuniKorn;
using Sparkwright.World.YuniKorn.Configuration;
using Sparkwright.World.YuniKorn.Queues;

namespace Sparkwright.Tests.YuniKorn;

public sealed class PlacementTests
{
    private const string Queues = """
          queues:
          - name: root
            queues:
            - name: open
              submitacl: "*"
            - name: dev
              submitacl: "bob dev"
            - name: users
              parent: true
              submitacl: "*"
        """;

    [Theory]
    //          rules                                                                   queue        user  place
    [InlineData("", "root.open", "eve", "root.open")]
    [InlineData("", "ROOT.OPEN", "eve", "root.open")]
    [InlineData("", "open", "eve", "root.open")]
    [InlineData("", "root.dev", "bob", "root.dev")]
    [InlineData("", "root.dev", "eve:dev", "root.dev")]
    [InlineData("", "root.dev", "eve", "-")]
    [InlineData("", "root.users", "eve", "-")]
    [InlineData("", "root.missing", "eve", "-")]
    [InlineData("", "", "eve", "-")]
    [InlineData("{name: provided, create: true}", "root.users.x", "eve", "root.users.x")]
    [InlineData("{name: provided, create: true}", "root.open.x", "eve", "-")]
    [InlineData("{name: provided, create: true, parent: {name: fixed, value: users}}", "a.b", "eve", "root.users.a_dot_b")]
    [InlineData("{name: provided, create: true, parent: {name: fixed, value: users}}", "root.users.q", "eve", "root.users.q")]
    [InlineData("{name: user, create: true, parent: {name: fixed, value: users}}", "root.open", "a.b", "root.users.a_dot_b")]
    [InlineData("{name: user}", "root.open", "eve", "-")]
    [InlineData("{name: tag, value: namespace, create: true, parent: {name: fixed, value: users}}", "", "eve", "root.users.team")]
    [InlineData("{name: fixed, value: open, filter: {users: [bob]}}", "", "eve", "-")]
    [InlineData("{name: fixed, value: open, filter: {type: deny, users: [bob]}}", "", "eve", "root.open")]
    [InlineData("{name: fixed, value: open, filter: {users: ['^e.*']}}", "", "eve", "root.open")]
    [InlineData("{name: fixed, value: open, filter: {groups: [dev]}}", "", "eve:dev", "root.open")]
    public void The_first_rule_with_a_usable_queue_wins(string rules, string queue, string user, string place)
    {
        var partition = "partitions:\n- name: default\n" + (rules.Length == 0 ? "" : $"  placementrules:\n  - {rules}\n") + Queues;
        var tree = new QueueTree(Assert.IsType<ConfigResult.Valid>(ConfigReader.Read(partition)).Partition);
        var names = user.Split(':');
        var result = Placement.Place(new PlacementAsk(queue, new UserInfo(names[0], [.. names[1..]]), "team", false), tree);
        Assert.Equal(place, result is PlacementResult.Placed placed ? placed.Path : "-");
    }

    [Fact]
    public void Pods_that_run_are_taken_over_even_without_a_queue()
    {
        var tree = new QueueTree(Assert.IsType<ConfigResult.Valid>(ConfigReader.Read("partitions:\n- name: default\n" + Queues)).Partition);
        var result = Placement.Place(new PlacementAsk("root.gone", new UserInfo("eve", []), "team", true), tree);
        Assert.Equal(new PlacementResult.Placed("root.@recovery@"), result);
    }
}
