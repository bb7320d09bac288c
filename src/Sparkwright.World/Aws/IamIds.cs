using Sparkwright.Simulation;

namespace Sparkwright.World.Aws;

/// <summary>Unique ids of IAM, behind the four letters that say of what.</summary>
internal static class IamIds
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    /// <summary>Sixteen of A-Z and 2-7.</summary>
    public static string Of(Draw draw) => string.Create(16, draw, static (text, first) =>
    {
        var next = first;
        for (var at = 0; at < text.Length; at++)
        {
            text[at] = Alphabet[(int)next.Below(Alphabet.Length)];
            next = next.Next;
        }
    });
}
