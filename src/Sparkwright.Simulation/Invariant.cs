using System.Diagnostics.CodeAnalysis;

namespace Sparkwright.Simulation;

/// <summary>States what must always be true; a breach is a bug in Sparkwright, never a user's mistake.</summary>
public static class Invariant
{
    public static void Holds([DoesNotReturnIf(false)] bool condition, string what)
    {
        if (!condition)
        {
            throw new InvariantBrokenException(what);
        }
    }
}

/// <summary>Something that must always hold did not.</summary>
public sealed class InvariantBrokenException(string what) : Exception($"invariant broken: {what}");
