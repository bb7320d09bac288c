using Sparkwright.Cli.Output;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Blueprint;

namespace Sparkwright.Tests.Cli.Output;

public sealed class PlanTextTests
{
    private static readonly PlatformResource Nodes = new(PlatformModule.Cluster, ResourceKinds.NodeGroup, "core", Map("{desiredSize: 4, instanceType: m5.xlarge, labels: {a: b}}"));

    [Fact]
    public void A_plan_reads_as_terraforms() => Assert.Equal(
        """
        Sparkwright will perform the following actions:

          # module.network.aws_vpc["main"] will be created
          + aws_vpc["main"] {
              + cidr = "10.1.0.0/16"
              + endpoints[0] = "s3"
            }

          # module.cluster.aws_eks_node_group["core"] will be updated in-place
          ~ aws_eks_node_group["core"] {
              ~ desiredSize = 3 -> 4
              - labels.old = "x" -> null
                # (2 unchanged attributes hidden)
            }

          # module.network.aws_subnet["private-a"] must be replaced
        -/+ aws_subnet["private-a"] {
              ~ cidr = "10.1.0.0/18" -> "10.2.0.0/18" # forces replacement
            }

          # module.teams.kubernetes_manifest["Namespace/b"] will be destroyed
          - kubernetes_manifest["Namespace/b"] {
              - kind = "Namespace" -> null
              - metadata.labels["k8s.io/x"] = "[1]" -> null
            }

        Plan: 2 to add, 1 to change, 2 to destroy.

        """,
        PlanText.Print(PlanJson.Read(TreeJson.Parse(PlanJson.Write(Plan()).ToString())), isDestroy: false, ScreenSettings.Plain));

    [Theory]
    [InlineData(false, "No changes. The platform is what the blueprint asks for.\n")]
    [InlineData(true, "No changes. There is nothing to destroy.\n")]
    public void No_change_is_said(bool isDestroy, string text) => Assert.Equal(text, PlanText.Print(new PlatformPlan([]), isDestroy, ScreenSettings.Plain));

    [Theory]
    [InlineData("{action: create, address: a, event: started, seconds: 0}", "a: Creating...")]
    [InlineData("{action: create, address: a, event: waiting, seconds: 12, message: 1 of 3 nodes are Ready}", "a: Still creating... 1 of 3 nodes are Ready [12s elapsed]")]
    [InlineData("{action: create, address: a, event: done, seconds: 64}", "a: Creation complete after 64s")]
    [InlineData("{action: update, address: a, event: started, seconds: 0}", "a: Modifying...")]
    [InlineData("{action: update, address: a, event: done, seconds: 1}", "a: Modifications complete after 1s")]
    [InlineData("{action: delete, address: a, event: done, seconds: 1}", "a: Destruction complete after 1s")]
    [InlineData("{action: delete, address: a, event: failed, seconds: 1, message: refused}", "a: Error: refused")]
    public void Progress_is_told_in_terraforms_words(string told, string line) => Assert.Equal(line, ApplyProgress.Line(Map(told)));

    [Fact]
    public void A_terminal_has_a_bar_below_the_lines()
    {
        using var terminal = new StringWriter { NewLine = "\n" };
        using (var progress = new ApplyProgress(terminal, new ScreenSettings(true, false, 80), Plan()))
        {
            progress.Show(Map("{action: create, address: a, event: done, seconds: 1}"));
        }

        Assert.Equal("a: Creation complete after 1s\n[####                    ] 1/5 a\r\e[K", terminal.ToString());
    }

    [Fact]
    public void A_check_list_tells_how_to_mend_what_fails() => Assert.Equal(
        """
        ok   cluster: ACTIVE
        FAIL role r: there is none
             mend: sparkwright apply --only teams

        1 of 2 checks hold.

        """,
        VerifyText.Print([Map("{name: cluster, ok: true, found: ACTIVE}"), Map("{name: role r, ok: false, found: there is none, mend: sparkwright apply --only teams}")], ScreenSettings.Plain));

    private static PlatformPlan Plan()
    {
        var vpc = new PlatformResource(PlatformModule.Network, ResourceKinds.Vpc, "main", Map("{cidr: 10.1.0.0/16, endpoints: [s3]}"));
        var subnet = new PlatformResource(PlatformModule.Network, ResourceKinds.Subnet, "private-a", Map("{cidr: 10.2.0.0/18}"));
        var space = new PlatformResource(PlatformModule.Teams, ResourceKinds.Manifest, "Namespace/b", Map("{kind: Namespace, metadata: {labels: {k8s.io/x: '[1]'}}}"));
        return new PlatformPlan(
        [
            Change(ChangeKind.Create, vpc, null, vpc.Attributes),
            Change(ChangeKind.Update, Nodes, Map("{desiredSize: 3, instanceType: m5.xlarge, labels: {a: b, old: x}}"), Nodes.Attributes) with { Unchanged = 2 },
            Change(ChangeKind.Replace, subnet, Map("{cidr: 10.1.0.0/18}"), subnet.Attributes),
            Change(ChangeKind.Delete, space, space.Attributes, null),
        ]);
    }

    private static ResourceChange Change(ChangeKind kind, PlatformResource resource, TreeMap? before, TreeMap? after) =>
        new(kind, resource, AttributeChange.Between(resource.Type, before, after), 0);

    private static TreeMap Map(string yaml) => (TreeMap)Yaml.Read(yaml);
}
