using System.Globalization;
using Sparkwright.World.Ec2;
using Sparkwright.World.Karpenter.Requirements;

namespace Sparkwright.World.Karpenter.InstanceTypes;

/// <summary>The labels that a type gives its nodes; an attribute that it lacks is a label that must not exist.</summary>
public static class TypeLabels
{
    public static RequirementSet Of(InstanceType type, long pods, string region, Generation generation)
    {
        var labels = new List<Requirement>
        {
            Requirement.In(KarpenterLabels.InstanceType, type.Name),
            Requirement.In(KarpenterLabels.Arch, type.Arch),
            Requirement.In(KarpenterLabels.Os, "linux"),
            Requirement.In(KarpenterLabels.Region, region),
            Requirement.DoesNotExist(KarpenterLabels.WindowsBuild),
            Attribute("category", type.Category),
            Attribute("family", type.Family),
            Attribute("generation", type.Generation),
            Attribute("size", type.Size),
            Attribute("cpu", Text(type.Vcpu)),
            Attribute("memory", Text(type.MemoryMib)),
            Attribute("hypervisor", type.Hypervisor),
            Attribute("local-nvme", type.LocalNvmeGb > 0 ? Text(type.LocalNvmeGb) : ""),
            Attribute("gpu-name", type.GpuCount > 0 ? type.GpuName : ""),
            Attribute("gpu-manufacturer", type.GpuCount > 0 ? type.GpuManufacturer : ""),
            Attribute("gpu-count", type.GpuCount > 0 ? Text(type.GpuCount) : ""),
            Attribute("gpu-memory", type.GpuCount > 0 ? Text(type.GpuMemoryMib) : ""),
        };
        if (generation == Generation.V1Alpha5)
        {
            labels.Add(Attribute("pods", Text(pods)));
        }
        else
        {
            labels.Add(Attribute("encryption-in-transit-supported", type.EncryptionInTransit ? "true" : "false"));
            labels.Add(Attribute("capability-flex", type.Flex ? "true" : "false"));
            labels.Add(Attribute("cpu-manufacturer", type.CpuManufacturer));
            labels.Add(Attribute("cpu-sustained-clock-speed-mhz", type.ClockMhz is { } clock ? Text(clock) : ""));
            labels.Add(Attribute("ebs-bandwidth", type.EbsBandwidthMbps is { } ebs ? Text(ebs) : ""));
            labels.Add(Attribute("network-bandwidth", type.NetworkBandwidthMbps is { } network ? Text(network) : ""));
            labels.Add(Attribute("accelerator-name", type.AcceleratorName));
            labels.Add(Attribute("accelerator-manufacturer", type.AcceleratorManufacturer));
            labels.Add(Attribute("accelerator-count", type.AcceleratorCount > 0 ? Text(type.AcceleratorCount) : ""));
        }

        return RequirementSet.Of(labels);
    }

    private static Requirement Attribute(string name, string value) => value.Length == 0
        ? Requirement.DoesNotExist(KarpenterLabels.InstancePrefix + name)
        : Requirement.In(KarpenterLabels.InstancePrefix + name, value);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
