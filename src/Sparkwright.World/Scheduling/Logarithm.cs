namespace Sparkwright.World.Scheduling;

/// <summary>Natural logarithms that are the same on every platform: only exact operations, no library function.</summary>
internal static class Logarithm
{
    private const double OfTwo = 0.693147180559945309;

    /// <summary>The logarithm of a whole number from 1 on, in millionths.</summary>
    public static long OfWhole(int number)
    {
        // number = 2^power * rest with rest in [1, 2); ln rest = 2 artanh((rest - 1) / (rest + 1)).
        var power = System.Numerics.BitOperations.Log2((uint)number);
        var rest = number / (double)(1L << power);
        var step = (rest - 1) / (rest + 1);
        var square = step * step;
        var term = step;
        var sum = 0.0;
        for (var odd = 1; odd < 40; odd += 2)
        {
            sum += term / odd;
            term *= square;
        }

        return (long)(((power * OfTwo) + (2 * sum)) * 1_000_000 + 0.5);
    }
}
