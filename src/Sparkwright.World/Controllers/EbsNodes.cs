using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Simulation;

namespace Sparkwright.World.Controllers;

/// <summary>The EBS CSI driver on each Ready node that has a zone: its CSINode with the number of volumes, and the driver's zone label.</summary>
public sealed class EbsNodes : Controller
{
    /// <summary>Devices of a Nitro instance (28) less its first network interface and its root volume.</summary>
    private const int NitroVolumes = 26;

    /// <summary>The driver's 39 of older instances less the root volume.</summary>
    private const int XenVolumes = 38;

    private static readonly string[] XenFamilies = ["c3", "c4", "d2", "f1", "g3", "h1", "i2", "i3", "m3", "m4", "p2", "p3", "r3", "r4", "t2", "x1", "x1e"];

    public EbsNodes(EventLoop loop, ApiServer api)
        : base(loop, api, EbsVolumes.Driver) => Follow(CoreTypes.Node);

    /// <summary>How many volumes the driver says that a type of instance takes; local disks of Nitro instances take a place too.</summary>
    public static int VolumesOf(string instanceType)
    {
        var family = instanceType.Split('.')[0];
        return XenFamilies.Contains(family) ? XenVolumes : family.EndsWith('d') || family.EndsWith("dn", StringComparison.Ordinal) ? NitroVolumes - 1 : NitroVolumes;
    }

    protected override void Reconcile(ObjectKey key)
    {
        if (Store.Get(CoreTypes.Node, key) is not { } node || node.Metadata.Label(EbsVolumes.Zone) is not { } zone || !Conditions.IsTrue(node.Status, "Ready"))
        {
            return;
        }

        if (node.Metadata.Label(EbsVolumes.DriverZone) is null)
        {
            Api.Modify(CoreTypes.Node, key, known => known.WithLabel(EbsVolumes.DriverZone, zone));
        }

        if (Store.Get(CoreTypes.CsiNode, key) is null)
        {
            Api.Create(new ApiObject(
                CoreTypes.CsiNode,
                new ObjectMeta { Name = node.Name, OwnerReferences = [node.AsOwner(controller: false)] },
                TreeMap.Of(("spec", TreeMap.Of(("drivers", TreeList.Of(TreeMap.Of(
                    ("allocatable", TreeMap.Of(("count", VolumesOf(node.Metadata.Label("node.kubernetes.io/instance-type") ?? "")))),
                    ("name", EbsVolumes.Driver),
                    ("nodeID", node.Spec["providerID"]?.Text?.Split('/')[^1] ?? node.Name),
                    ("topologyKeys", TreeList.Of(EbsVolumes.DriverZone))))))))));
        }
    }
}
