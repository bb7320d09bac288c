using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
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
    [InlineData("sh|-c|echo 'a; b' && sleep \"2\"", 2.0, 0)]
    public void Known_commands_end(string command, double seconds, int exit) =>
        Assert.Equal((TimeSpan.FromSeconds(seconds), exit), ShellProgram.Run(command.Split('|')));

    [Theory]
    [InlineData("nginx")]
    [InlineData("sleep|infinity")]
    [InlineData("sh|-c|sleep 5; serve")]
    [InlineData("sleep")]
    public void Everything_else_runs_until_it_is_stopped(string command) => Assert.Null(ShellProgram.Run(command.Split('|')));

    [Theory]
    //          command, words by |                                     what is written, each line after its second
    [InlineData("echo|hello  there|you", "0:hello  there you\n")]
    [InlineData("echo|-n|hello", "0:hello")]
    [InlineData("sh|-c|echo one; sleep 30 && echo two", "0:one\n 30:two\n")]
    [InlineData("sh|-c|false && echo never; echo 'then $A' \"and ${A}\" $HOSTNAME", "0:then $A and b p\n")]
    [InlineData("sh|-c|echo x > /tmp/file; echo y >&2", "0:y\n")]
    [InlineData("sh|-c|echo -e 'a\\nb'; serve; echo never", "0:a\nb\n")]
    [InlineData("nginx", "")]
    public void What_is_echoed_is_known(string command, string written)
    {
        var container = TreeMap.Of(("command", TreeList.OfTexts(command.Split('|'))), ("env", TreeList.Of(TreeMap.Of(("name", "A"), ("value", "b")))));
        var pod = new ApiObject(CoreTypes.Pod, new ObjectMeta { Name = "p", Namespace = "default" }, TreeMap.Empty);
        var start = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        Assert.Equal(written, string.Join(' ', new ShellProgram().OutputOf(pod, container, new ContainerRun(start, null)).Select(line => $"{(line.At - start).TotalSeconds}:{line.Text}")));
    }
}
