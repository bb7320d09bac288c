using Sparkwright.Simulation;

namespace Sparkwright.World.Emr;

/// <summary>Ids and ARNs of emr-containers.</summary>
public static class EmrIds
{
    private const int VirtualClusterLength = 25;
    private const int JobRunLength = 19;
    private const int JobRunRandomDigits = 4;
    private const string Digits = "0123456789abcdefghijklmnopqrstuvwxyz";

    public static string VirtualCluster(Draw draw) => draw.Base36(VirtualClusterLength);

    /// <summary>A job run's id: milliseconds in base 36 and chance, padded with zeros, so that later ones sort after earlier ones.</summary>
    public static string JobRun(DateTime now, Draw draw)
    {
        var milliseconds = (now - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMillisecond;
        return (Base36(milliseconds) + draw.Base36(JobRunRandomDigits)).PadLeft(JobRunLength, '0');
    }

    /// <summary>The ARN keeps a slash before its resource.</summary>
    public static string VirtualClusterArn(string region, string account, string id) => $"arn:aws:emr-containers:{region}:{account}:/virtualclusters/{id}";

    public static string JobRunArn(string region, string account, string virtualClusterId, string id) =>
        $"{VirtualClusterArn(region, account, virtualClusterId)}/jobruns/{id}";

    private static string Base36(long number)
    {
        var text = "";
        for (; number > 0; number /= Digits.Length)
        {
            text = Digits[(int)(number % Digits.Length)] + text;
        }

        return text;
    }
}
