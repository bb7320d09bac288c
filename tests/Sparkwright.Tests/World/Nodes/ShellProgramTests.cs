using Sparkwright.World.Nodes;

namespace Sparkwright.Tests.World.Nodes;

public sealed class ShellProgramTests
{
    [Theory]
    //          command, words by |                        seconds  exit
    [InlineData("true", 0.0, 0)]
    [InlineData("false", 0.0, 1)]
    [InlineData("echo|hello", 0.0, 0)]
    [InlineData("sleep|30", 30.0, 0)]
    [InlineData("/bin/sleep|1.5", 1.5, 0)]
    [InlineData("sleep|2m", 120.0, 0)]
    [InlineData("sh|-c|sleep 5; false", 5.0, 1)]
    [InlineData("sh|-c|false; sleep 5", 5.0, 0)]
    [InlineData("sh|-c|false && sleep 5", 0.0, 1)]
    [InlineData("/bin/sh|-c|sleep 1 && sleep 2 && echo done", 3.0, 0)]
    [InlineData("sh|-c|echo hi; exit 7; sleep 5", 0.0, 7)]
    public void Known_commands_end(string command, double seconds, int exit) =>
        Assert.Equal((TimeSpan.FromSeconds(seconds), exit), ShellProgram.Run(command.Split('|')));

    [Theory]
    [InlineData("nginx")]
    [InlineData("sleep|infinity")]
    [InlineData("sh|-c|sleep 5; serve")]
    [InlineData("sleep")]
    public void Everything_else_runs_until_it_is_stopped(string command) => Assert.Null(ShellProgram.Run(command.Split('|')));
}
