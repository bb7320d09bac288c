using System.Numerics;

namespace Sparkwright.World.Karpenter.Solver;

/// <summary>A growing set of hosts, a bit each, so that many of them are ruled out in one step.</summary>
internal sealed class HostBits
{
    public const int WordBits = 64;
    private ulong[] words = [];

    /// <summary>One past the last word that may have a member.</summary>
    public int Words { get; private set; }

    public void Add(int host)
    {
        var at = host / WordBits;
        if (at >= words.Length)
        {
            Array.Resize(ref words, Math.Max(at + 1, words.Length * 2));
        }

        Words = Math.Max(Words, at + 1);
        words[at] |= 1UL << (host % WordBits);
    }

    public void Remove(int host)
    {
        if (host / WordBits < Words)
        {
            words[host / WordBits] &= ~(1UL << (host % WordBits));
        }
    }

    public bool Contains(int host) => (Word(host / WordBits) >> (host % WordBits) & 1) != 0;

    public ulong Word(int at) => at < Words ? words[at] : 0;

    public void AddAll(HostBits others)
    {
        if (others.Words > words.Length)
        {
            Array.Resize(ref words, others.words.Length);
        }

        Words = Math.Max(Words, others.Words);
        for (var at = 0; at < others.Words; at++)
        {
            words[at] |= others.words[at];
        }
    }

    public HostBits Copy() => new() { words = words.AsSpan(0, Words).ToArray(), Words = Words };

    public void Clear()
    {
        words.AsSpan(0, Words).Clear();
        Words = 0;
    }

    /// <summary>The members of one word, as hosts, in rising order.</summary>
    public static int TakeLowest(ref ulong word, int at)
    {
        var bit = BitOperations.TrailingZeroCount(word);
        word &= word - 1;
        return (at * WordBits) + bit;
    }
}
