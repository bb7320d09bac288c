using System.Numerics;

namespace Sparkwright.World.Karpenter.InstanceTypes;

/// <summary>A set of the shapes of one <see cref="ShapeTable"/>, a bit each; immutable.</summary>
public readonly struct ShapeSet : IEquatable<ShapeSet>
{
    private const int WordBits = 64;
    private readonly ulong[] words;

    private ShapeSet(ulong[] words) => this.words = words;

    public int Count
    {
        get
        {
            var count = 0;
            foreach (var word in words)
            {
                count += BitOperations.PopCount(word);
            }

            return count;
        }
    }

    public bool IsEmpty => !words.AsSpan().ContainsAnyExcept(0UL);

    public static ShapeSet operator &(ShapeSet left, ShapeSet right)
    {
        var both = new ulong[left.words.Length];
        for (var at = 0; at < both.Length; at++)
        {
            both[at] = left.words[at] & right.words[at];
        }

        return new(both);
    }

    public static ShapeSet operator |(ShapeSet left, ShapeSet right)
    {
        var either = new ulong[left.words.Length];
        for (var at = 0; at < either.Length; at++)
        {
            either[at] = left.words[at] | right.words[at];
        }

        return new(either);
    }

    public static bool operator ==(ShapeSet left, ShapeSet right) => left.Equals(right);

    public static bool operator !=(ShapeSet left, ShapeSet right) => !left.Equals(right);

    /// <summary>The members of 0 … size − 1 for which something holds.</summary>
    public static ShapeSet Where(int size, Func<int, bool> holds)
    {
        var words = new ulong[(size + WordBits - 1) / WordBits];
        for (var at = 0; at < size; at++)
        {
            if (holds(at))
            {
                words[at / WordBits] |= 1UL << (at % WordBits);
            }
        }

        return new(words);
    }

    public static ShapeSet Of(int size, IEnumerable<int> members)
    {
        var words = new ulong[(size + WordBits - 1) / WordBits];
        foreach (var member in members)
        {
            words[member / WordBits] |= 1UL << (member % WordBits);
        }

        return new(words);
    }

    public bool Contains(int member) => (words[member / WordBits] >> (member % WordBits) & 1) != 0;

    public bool IsSubsetOf(ShapeSet other)
    {
        for (var at = 0; at < words.Length; at++)
        {
            if ((words[at] & ~other.words[at]) != 0)
            {
                return false;
            }
        }

        return true;
    }

    public bool Equals(ShapeSet other) => words.AsSpan().SequenceEqual(other.words);

    public override bool Equals(object? obj) => obj is ShapeSet other && Equals(other);

    public override int GetHashCode()
    {
        var code = new HashCode();
        foreach (var word in words)
        {
            code.Add(word);
        }

        return code.ToHashCode();
    }

    /// <summary>The members in rising order.</summary>
    public Enumerator GetEnumerator() => new(words);

    public struct Enumerator(ulong[] words)
    {
        private int at = -1;
        private ulong rest;

        public int Current { get; private set; }

        public bool MoveNext()
        {
            while (rest == 0)
            {
                if (++at >= words.Length)
                {
                    return false;
                }

                rest = words[at];
            }

            Current = (at * WordBits) + BitOperations.TrailingZeroCount(rest);
            rest &= rest - 1;
            return true;
        }
    }
}
