using Sparkwright.Cli.Output;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Store;
using Sparkwright.Simulation;
using Sparkwright.World.Insight;

namespace Sparkwright.Tests.Cli.Output;

public sealed class LiveTimelineTests
{
    [Fact]
    public void A_frame_counts_and_lists_what_there_is()
    {
        Assert.Equal(
            """
            t+3.0 s  job RUNNING  nodes 1 ready, 0 booting  pods 0 waiting, 1 starting, 1 running, 0 done
              node ip-1  c5d.4xlarge  us-west-2a  spot  Ready  pods 2
              pod  driver  driver  Running  ip-1
              pod  exec  executor  Starting  ip-1

            """,
            LiveTimeline.Frame(World(), "RUNNING", new ScreenSettings(true, false, 120)));
    }

    [Theory]
    [InlineData(true, "t+3.0 s")]
    [InlineData(false, "")]
    public void Only_a_terminal_sees_frames_and_loses_them_in_the_end(bool terminal, string starts)
    {
        using var text = new StringWriter();
        using (var timeline = new LiveTimeline(text, new ScreenSettings(terminal, false, 120), TimeProvider.System))
        {
            timeline.Show(World(), "RUNNING");
        }

        Assert.StartsWith(starts, text.ToString());
        Assert.Equal(terminal, text.ToString().EndsWith("\e[4A\r\e[J", StringComparison.Ordinal));
    }

    private static History World()
    {
        var loop = new EventLoop(new Clock(new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc)));
        var store = new ObjectStore();
        var history = new History();
        history.Attach(store, loop.Clock);
        store.Put(new ApiObject(
            CoreTypes.Node,
            new ObjectMeta
            {
                Name = "ip-1.internal",
                Uid = "n",
                Labels = TreeMap.Of(
                    ("karpenter.sh/provisioner-name", "p"),
                    ("karpenter.sh/capacity-type", "spot"),
                    ("node.kubernetes.io/instance-type", "c5d.4xlarge"),
                    ("topology.kubernetes.io/zone", "us-west-2a")),
            },
            TreeMap.Of(("status", TreeMap.Of(("conditions", TreeList.Of(TreeMap.Of(("type", "Ready"), ("status", "True")))))))));
        store.Put(Pod("driver", "driver", "Running"));
        store.Put(Pod("exec", "executor", "Pending"));
        loop.RunUntil(loop.Clock.Now.AddSeconds(3));
        return history;
    }

    private static ApiObject Pod(string name, string role, string phase) => new(
        CoreTypes.Pod,
        new ObjectMeta { Name = name, Namespace = "team", Uid = name, Labels = TreeMap.Of(("spark-role", role)) },
        TreeMap.Of(("spec", TreeMap.Of(("nodeName", "ip-1.internal"))), ("status", TreeMap.Of(("phase", phase)))));
}
