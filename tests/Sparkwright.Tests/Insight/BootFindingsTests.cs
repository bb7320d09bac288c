using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Store;
using Sparkwright.World.Ec2;
using Sparkwright.World.Insight;

namespace Sparkwright.Tests.Insight;

public sealed class BootFindingsTests
{
    [Fact]
    public void A_line_is_told_once_with_the_types_it_ran_on()
    {
        var store = new ObjectStore();
        const string Script = "#!/bin/bash\nfrobnicate /scratch";
        foreach (var (id, type, userData) in new[] { ("i-1", "r5d.4xlarge", Script), ("i-2", "r5d.4xlarge", Script), ("i-3", "c5d.large", Script), ("i-4", "c5d.large", ""), ("i-5", "c5d.large", "#!/bin/bash\nmkdir /a") })
        {
            store.Put(Ec2Types.Make(Ec2Types.Instance, id, TreeMap.Of(("instanceType", type), ("userData", userData), ("zone", "us-west-2a")), TreeMap.Empty));
        }

        Assert.Equal(
            [Finding.Warning("user-data", "userData line 2, `frobnicate /scratch`: frobnicate is not simulated (on c5d.large, r5d.4xlarge)")],
            BootFindings.Of(store));
    }
}
