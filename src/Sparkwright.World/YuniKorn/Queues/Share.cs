namespace Sparkwright.World.YuniKorn.Queues;

/// <summary>A part of a whole, compared exactly by cross-multiplication.</summary>
public readonly record struct Share(long Used, long Whole) : IComparable<Share>
{
    public static Share Nothing { get; } = new(0, 1);

    public static Share Everything { get; } = new(1, 1);

    public int CompareTo(Share other) => ((Int128)Used * other.Whole).CompareTo((Int128)other.Used * Whole);
}
