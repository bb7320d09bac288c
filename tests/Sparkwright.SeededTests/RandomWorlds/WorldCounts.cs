using System.Globalization;

namespace Sparkwright.SeededTests.RandomWorlds;

/// <summary>How much happens in all random worlds together. Worlds in which little happens prove little, so too few of anything is a failure.</summary>
public sealed class WorldCounts : IDisposable
{
    private int worlds;
    private int pools;
    private int pods;
    private int disruptions;

    /// <summary>Takes note of a world at its end.</summary>
    internal void Add(WorldWatch seen)
    {
        worlds++;
        pools += seen.Pools;
        pods += seen.Pods;
        disruptions += seen.Disruptions;
    }

    public void Dispose()
    {
        var told = string.Create(CultureInfo.InvariantCulture, $"{worlds} random worlds: {pools} pools, {pods} pods, {disruptions} disruptions by Karpenter");
        Console.Error.WriteLine(told);
        Assert.True(worlds < 40 || (pools >= 5 * worlds && pods >= 50 * worlds && disruptions >= 2 * worlds), $"too little: {told}");
    }
}
