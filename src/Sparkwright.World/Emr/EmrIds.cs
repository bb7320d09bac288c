using Sparkwright.Simulation;

namespace Sparkwright.World.Emr;

/// <summary>Ids and ARNs of emr-containers.</summary>
public static class EmrIds
{
    private const int VirtualClusterLength = 25;
    private const int ManagedEndpointLength = 13;
    private const int TimeOrderedLength = 19;
    private const int RandomDigits = 4;
    private const string Digits = "0123456789abcdefghijklmnopqrstuvwxyz";

    public static string VirtualCluster(Draw draw) => draw.Base36(VirtualClusterLength);

    public static string ManagedEndpoint(Draw draw) => draw.Base36(ManagedEndpointLength);

    public static string SecurityConfiguration(Draw draw) => draw.Base36(VirtualClusterLength);

    /// <summary>The id of a job run or of a job template: milliseconds in base 36 and chance, padded with zeros, so that later ones sort after earlier ones.</summary>
    public static string TimeOrdered(DateTime now, Draw draw)
    {
        var milliseconds = (now - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMillisecond;
        return (Base36(milliseconds) + draw.Base36(RandomDigits)).PadLeft(TimeOrderedLength, '0');
    }

    /// <summary>An ARN keeps a slash before its resource.</summary>
    /// <param name="resource">Such as <c>virtualclusters/jk518skp01ys9ka8b0npx9nt0</c>.</param>
    public static string Arn(EmrSettings settings, string resource) => $"arn:aws:emr-containers:{settings.Region}:{settings.Account}:/{resource}";

    public static string JobRunPath(string virtualClusterId, string id) => $"virtualclusters/{virtualClusterId}/jobruns/{id}";

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
