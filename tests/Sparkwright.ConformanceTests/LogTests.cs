using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.ConformanceTests;

/// <summary>What containers write, as clients read it.</summary>
public class LogTests(RunningPlatform platform)
{
    private const string Pods = "/api/v1/namespaces/default/pods";

    [Fact]
    public async Task A_log_is_followed_to_its_end_and_read_again_in_parts()
    {
        var path = await Started("talks", """{"restartPolicy":"Never","containers":[{"name":"a","image":"busybox","command":["sh","-c","echo one; sleep 2; echo two"]}]}""", "one");
        Assert.Equal("one\ntwo\n", await Log($"{path}?follow=true"));
        Assert.Equal("two\n", await Log($"{path}?tailLines=1"));
        Assert.Equal("one", await Log($"{path}?limitBytes=3"));
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z one\n", await Log($"{path}?timestamps=true"));
        Assert.Equal("", await Log($"{path}?sinceTime=2999-01-01T00:00:00Z"));
        Assert.Equal("one\ntwo\n", await Log($"{path}?sinceSeconds=3600&container=a"));
        Assert.Contains("previous terminated container \\\"a\\\" in pod \\\"talks\\\" not found", await Log($"{path}?previous=true"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_run_before_has_a_log_of_its_own()
    {
        var path = await Started("fails", """{"containers":[{"name":"a","image":"busybox","command":["sh","-c","echo $A; exit 3"],"env":[{"name":"A","value":"again"}]}]}""", "again");
        Assert.Equal("again\n", await Log($"{path}?previous=true", text => text == "again\n"));
    }

    [Fact]
    public async Task Of_several_containers_one_must_be_named()
    {
        var path = await Started(
            "several", """{"initContainers":[{"name":"i","image":"busybox","command":["sleep","600"]}],"containers":[{"name":"a","image":"busybox"},{"name":"b","image":"busybox"}]}""", "", "i");
        Assert.Contains("a container name must be specified for pod several, choose one of: [a b] or one of the init containers: [i]", await Log(path), StringComparison.Ordinal);
        Assert.Contains("container c is not valid for pod several", await Log($"{path}?container=c"), StringComparison.Ordinal);
        Assert.Contains("container \\\"a\\\" in pod \\\"several\\\" is waiting to start: PodInitializing", await Log($"{path}?container=a"), StringComparison.Ordinal);
    }

    /// <summary>Makes a pod and waits until its log holds a text.</summary>
    private async Task<string> Started(string name, string spec, string text, string container = "")
    {
        await RunningPlatform.Send(platform.As("admin"), "POST", Pods, $"{{\"metadata\":{{\"name\":\"{name}\"}},\"spec\":{spec}}}");
        var path = $"{Pods}/{name}/log";
        await Log(container.Length == 0 ? path : $"{path}?container={container}", log => log.Contains(text, StringComparison.Ordinal) && !log.StartsWith('{'));
        for (var round = 0; container.Length > 0 && (await RunningPlatform.Send(platform.As("admin"), "GET", $"{Pods}/{name}")).Body.At("status", "initContainerStatuses") is null; round++)
        {
            Assert.True(round < 1000, "the init container never started");
            await Task.Delay(25);
        }

        return path;
    }

    private async Task<string> Log(string path, Func<string, bool>? until = null)
    {
        for (var round = 0; ; round++)
        {
            var text = (await RunningPlatform.Send(platform.As("admin"), "GET", path)).Body is var body && body is TreeText plain ? plain.Value : body.ToString();
            if (until is null || until(text))
            {
                return text;
            }

            Assert.True(round < 1000, $"{path} was to the end: {text}");
            await Task.Delay(25);
        }
    }
}
