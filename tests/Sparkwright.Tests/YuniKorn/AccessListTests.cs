using Sparkwright.World.YuniKorn;
using Sparkwright.World.YuniKorn.Configuration;

namespace Sparkwright.Tests.YuniKorn;

public sealed class AccessListTests
{
    [Theory]
    [InlineData("*", true)]
    [InlineData("", false)]
    [InlineData(" ", false)]
    [InlineData("bob", true)]
    [InlineData("eve,bob", true)]
    [InlineData("eve", false)]
    [InlineData("eve dev", true)]
    [InlineData(" dev", true)]
    [InlineData("dev", false)]
    [InlineData("eve ops,dev", true)]
    public void Users_come_before_the_space_and_groups_after_it(string list, bool admits) =>
        Assert.Equal(admits, AccessList.Of(list).Admits(new UserInfo("bob", ["dev"])));
}
