using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Scheduling;

/// <summary>Volumes that name a disk outright: two pods of a node may not use the same one (but some disks for reading).</summary>
internal static class Disks
{
    /// <summary>What is the same for the same disk, and whether it is only read; null for other volumes.</summary>
    public static (string Id, bool MayShare)? Of(Tree volume)
    {
        if (volume["awsElasticBlockStore"] is { } ebs)
        {
            return ($"ebs/{ebs["volumeID"]?.Text}", false);
        }

        if (volume["gcePersistentDisk"] is { } gce)
        {
            return ($"gce/{gce["pdName"]?.Text}", gce["readOnly"]?.Boolean == true);
        }

        return volume["iscsi"] is { } iscsi ? ($"iscsi/{iscsi["iqn"]?.Text}", iscsi["readOnly"]?.Boolean == true) : null;
    }

    public static bool Conflict(ApiObject pod, ApiObject other)
    {
        foreach (var volume in Tree.ItemsOf(pod.Spec["volumes"]))
        {
            if (Of(volume) is not { } disk)
            {
                continue;
            }

            foreach (var theirs in Tree.ItemsOf(other.Spec["volumes"]))
            {
                if (Of(theirs) is { } known && known.Id == disk.Id && !(known.MayShare && disk.MayShare))
                {
                    return true;
                }
            }
        }

        return false;
    }
}
