using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Aws.Api;

/// <summary>Times as most JSON services of AWS write them: seconds since 1970, to the millisecond.</summary>
public static class EpochTime
{
    public static Tree Of(DateTime time)
    {
        var milliseconds = (time - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMillisecond;
        return milliseconds % 1000 == 0 ? milliseconds / 1000 : new TreeReal(milliseconds / 1000d);
    }
}
