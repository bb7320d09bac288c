using Sparkwright.Simulation;

namespace Sparkwright.SeededTests.RandomWorlds;

/// <summary>A sequence of throws that begins at one draw.</summary>
internal sealed class Dice(Draw start)
{
    private Draw next = start;

    /// <summary>A whole number from 0 to below the bound.</summary>
    public int Below(int bound)
    {
        var thrown = (int)next.Below(bound);
        next = next.Next;
        return thrown;
    }

    public int Between(int least, int most) => least + Below(most - least + 1);

    public bool OneIn(int sides) => Below(sides) == 0;

    public T Of<T>(params ReadOnlySpan<T> options) => options[Below(options.Length)];

    /// <summary>The option once in so many throws, otherwise nothing.</summary>
    public IEnumerable<string> Maybe(int sides, Func<string> option)
    {
        if (OneIn(sides))
        {
            yield return option();
        }
    }

    /// <summary>Some of the options, at least one, in their order; written as a YAML list.</summary>
    public string Some(params string[] options)
    {
        var chosen = options.Where(_ => OneIn(2)).ToList();
        return $"[{string.Join(", ", chosen.Count == 0 ? [Of(options)] : chosen)}]";
    }
}
