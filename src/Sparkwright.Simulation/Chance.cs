namespace Sparkwright.Simulation;

/// <summary>
/// Keyed chance: every draw is a hash of the seed, a purpose and a key. One more draw in one place changes nothing in another, and a
/// restarted world draws the same again.
/// </summary>
public sealed class Chance(long seed)
{
    public long Seed { get; } = seed;

    public Draw For(string purpose, string key)
    {
        var hash = StableHash.Of(purpose, StableHash.Of(key, StableHash.Mix((ulong)Seed + 0x9E3779B97F4A7C15UL)));
        return new Draw(StableHash.Mix(hash));
    }

    public Draw For(string purpose, long key) =>
        new(StableHash.Mix(StableHash.Of(purpose, StableHash.Mix((ulong)Seed + 0x9E3779B97F4A7C15UL)) ^ StableHash.Mix((ulong)key)));
}

/// <summary>The outcome of one keyed draw, and the start of a sequence of further ones.</summary>
public readonly struct Draw(ulong bits)
{
    // Kubernetes leaves vowels and look-alikes out of generated names.
    private const string NameAlphabet = "bcdfghjklmnpqrstvwxz2456789";
    private const string Base36Alphabet = "0123456789abcdefghijklmnopqrstuvwxyz";
    private const string HexAlphabet = "0123456789abcdef";

    public ulong Bits { get; } = bits;

    /// <summary>The next draw of the sequence.</summary>
    public Draw Next => new(StableHash.Mix(Bits + 0x9E3779B97F4A7C15UL));

    /// <summary>A whole number from 0 to below the bound.</summary>
    public long Below(long bound)
    {
        Invariant.Holds(bound > 0, "a draw needs a positive bound");
        return (long)(ulong)(((UInt128)Bits * (ulong)bound) >> 64);
    }

    /// <summary>A whole number from the least to the most, both included.</summary>
    public long Between(long least, long most) => least + Below(most - least + 1);

    /// <summary>A duration between two others, to the millisecond.</summary>
    public TimeSpan Between(TimeSpan least, TimeSpan most) =>
        TimeSpan.FromMilliseconds(Between((long)least.TotalMilliseconds, (long)most.TotalMilliseconds));

    /// <summary>Characters as Kubernetes adds them to <c>generateName</c>.</summary>
    public string NameSuffix(int length) => Characters(NameAlphabet, length);

    public string Base36(int length) => Characters(Base36Alphabet, length);

    public string Hex(int length) => Characters(HexAlphabet, length);

    /// <summary>An id in the form of a random UUID.</summary>
    public string Uuid()
    {
        var digits = Hex(32).ToCharArray();
        digits[12] = '4';
        digits[16] = "89ab"[(int)(Bits & 3)];
        var text = new string(digits);
        return $"{text[..8]}-{text[8..12]}-{text[12..16]}-{text[16..20]}-{text[20..]}";
    }

    private string Characters(string alphabet, int length)
    {
        var draw = this;
        return string.Create(length, (alphabet, draw), static (text, state) =>
        {
            var next = state.draw;
            for (var at = 0; at < text.Length; at++)
            {
                text[at] = state.alphabet[(int)next.Below(state.alphabet.Length)];
                next = next.Next;
            }
        });
    }
}

/// <summary>Hashes that are the same in every process and on every platform.</summary>
public static class StableHash
{
    /// <summary>FNV-1a over the UTF-16 code units, started from another hash.</summary>
    public static ulong Of(string text, ulong start = 0xCBF29CE484222325UL)
    {
        var hash = start;
        foreach (var unit in text)
        {
            hash = (hash ^ unit) * 0x100000001B3UL;
        }

        // Keeps ("a", "bc") apart from ("ab", "c").
        return (hash ^ 0xFFFFUL) * 0x100000001B3UL;
    }

    /// <summary>Spreads every input bit over the whole output (the finaliser of SplitMix64).</summary>
    public static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9UL;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EBUL;
        return value ^ (value >> 31);
    }
}
