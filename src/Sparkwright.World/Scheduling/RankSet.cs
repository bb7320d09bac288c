using System.Numerics;

namespace Sparkwright.World.Scheduling;

/// <summary>A set of small numbers that knows its n-th member.</summary>
internal sealed class RankSet(int size)
{
    private readonly ulong[] words = new ulong[(size + 63) / 64];

    public int Count { get; private set; }

    /// <summary>Adds a number that is not in the set.</summary>
    public void Add(int rank)
    {
        words[rank >> 6] |= 1UL << rank;
        Count++;
    }

    /// <summary>Removes a number that is in the set.</summary>
    public void Remove(int rank)
    {
        words[rank >> 6] &= ~(1UL << rank);
        Count--;
    }

    /// <summary>The member with this many smaller ones.</summary>
    public int Nth(int index)
    {
        var at = 0;
        for (var here = BitOperations.PopCount(words[at]); index >= here; here = BitOperations.PopCount(words[at]))
        {
            index -= here;
            at++;
        }

        var word = words[at];
        for (; index > 0; index--)
        {
            word &= word - 1;
        }

        return (at << 6) + BitOperations.TrailingZeroCount(word);
    }
}
