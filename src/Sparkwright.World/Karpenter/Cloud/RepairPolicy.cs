using System.Collections.Immutable;

namespace Sparkwright.World.Karpenter.Cloud;

/// <summary>A condition of a Node that says that its machine is broken, and how long that is put up with.</summary>
/// <param name="Status">The status that is bad: False or Unknown.</param>
/// <param name="Tolerated">From the condition's last transition until the node is replaced.</param>
public sealed record RepairPolicy(string Condition, string Status, TimeSpan Tolerated)
{
    /// <summary>
    /// What the AWS provider calls broken: a kubelet that does not report, and the conditions of the EKS node monitoring agent, as in 1.14.
    /// </summary>
    public static readonly ImmutableArray<RepairPolicy> OfAws =
    [
        new("Ready", "False", TimeSpan.FromMinutes(30)),
        new("Ready", "Unknown", TimeSpan.FromMinutes(30)),
        new("AcceleratedHardwareReady", "False", TimeSpan.FromMinutes(10)),
        new("StorageReady", "False", TimeSpan.FromMinutes(30)),
        new("NetworkingReady", "False", TimeSpan.FromMinutes(30)),
        new("KernelReady", "False", TimeSpan.FromMinutes(30)),
        new("ContainerRuntimeReady", "False", TimeSpan.FromMinutes(30)),
    ];
}
