using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Tests.World;

namespace Sparkwright.Tests.Kubernetes;

public sealed class VolumeMatchTests
{
    private const string Once = "ReadWriteOnce";

    [Theory]
    //          volumes: name size modes; claim of 4Gi, ReadWriteOnce        controller scheduler
    [InlineData("a 10Gi ReadWriteOnce, b 5Gi ReadWriteOnce", "b", "b")]
    [InlineData("a 10Gi ReadWriteOnce, b 5Gi ReadWriteOnce+ReadWriteMany", "a", "b")]
    [InlineData("b 5Gi ReadWriteOnce, a 5Gi ReadWriteOnce", "a", "a")]
    [InlineData("a 3Gi ReadWriteOnce, b 5Gi ReadWriteMany", "none", "none")]
    public void The_smallest_that_suits_is_taken_and_by_the_controller_the_one_with_the_fewest_modes(string volumes, string controller, string scheduler)
    {
        ApiObject[] known = [.. volumes.Split(", ").Select(one => one.Split(' ')).Select(one => Volume(one[0], one[1], one[2]))];
        Assert.Equal(controller, VolumeMatch.Best(Claim(), known, onlyKept: false)?.Name ?? "none");
        Assert.Equal(scheduler, VolumeMatch.BestOn(NodeView.Of(SmallCluster.MakeNode("n")), Claim(), known, [])?.Name ?? "none");
        Assert.Null(VolumeMatch.Best(Claim(), known, onlyKept: true));
    }

    [Theory]
    [InlineData("4Gi", Once, "manual", null)]
    [InlineData("3Gi", Once, "fast", "requested PV is too small")]
    [InlineData("4Gi", "ReadOnlyMany", "fast", "storageClassName does not match")]
    [InlineData("4Gi", "ReadOnlyMany", "manual", "incompatible accessMode")]
    public void A_volume_that_is_named_must_suit(string size, string modes, string storageClass, string? fault) =>
        Assert.Equal(fault, VolumeMatch.Mismatch(Volume("v", size, modes, storageClass), Claim()));

    private static ApiObject Claim() => new(
        CoreTypes.PersistentVolumeClaim,
        new ObjectMeta { Name = "c", Namespace = "default" },
        SmallCluster.Json("""{"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"4Gi"}},"storageClassName":"manual"}}"""));

    private static ApiObject Volume(string name, string size, string modes, string storageClass = "manual") => new(
        CoreTypes.PersistentVolume,
        new ObjectMeta { Name = name },
        TreeMap.Of(
            ("spec", TreeMap.Of(
                ("accessModes", TreeList.From(modes.Split('+').Select(mode => (Tree)mode))),
                ("capacity", TreeMap.Of(("storage", size))),
                ("storageClassName", storageClass))),
            ("status", TreeMap.Of(("phase", "Available")))));
}
