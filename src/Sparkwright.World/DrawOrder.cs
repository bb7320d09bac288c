using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;

namespace Sparkwright.World;

/// <summary>
/// Counts the draws of figures that are fixed by a list: the first thing that something is drawn for gets the first value, the second the next.
/// Kept in the store, so that a draw that is repeated, also after a restart, is the same.
/// </summary>
public sealed class DrawOrder(ApiServer api)
{
    /// <summary>One object a figure: <c>spec.draws</c> has the ordinal of everything that it was drawn for.</summary>
    public static ResourceType Type { get; } = new("model.sparkwright.dev", "v1", "FigureDraws", "figuredraws", false, false);

    /// <summary>Which draw of a figure this is, from 0.</summary>
    public long Of(string figure, string key)
    {
        var name = new ObjectKey("", figure.ToLowerInvariant());
        if (api.Store.Get(Type, name) is not { } known)
        {
            api.Create(new ApiObject(Type, new ObjectMeta { Name = name.Name }, TreeMap.Of(("spec", TreeMap.Of(("draws", TreeMap.Of((key, 0))))))));
            return 0;
        }

        var draws = (TreeMap)known.Spec["draws"]!;
        if (draws[key]?.Integer is { } before)
        {
            return before;
        }

        api.Update(known.Set(["spec", "draws"], draws.With(key, draws.Count)));
        return draws.Count;
    }
}
