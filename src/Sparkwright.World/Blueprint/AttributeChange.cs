using System.Collections.Immutable;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Blueprint;

/// <summary>An attribute that differs.</summary>
/// <param name="Path">Such as <c>spec.limits.resources.cpu</c> or <c>spec.taints[0].key</c>.</param>
/// <param name="Before">Null where it is added.</param>
/// <param name="After">Null where it is taken away.</param>
/// <param name="ForcesReplacement">Whether it takes a new resource.</param>
public sealed record AttributeChange(string Path, Tree? Before, Tree? After, bool ForcesReplacement)
{
    /// <summary>What differs between two values, attribute by attribute, in the order of their names.</summary>
    public static ImmutableArray<AttributeChange> Between(string type, Tree? before, Tree? after)
    {
        var changes = ImmutableArray.CreateBuilder<AttributeChange>();
        Collect("", before, after);
        return changes.ToImmutable();

        void Collect(string path, Tree? old, Tree? @new)
        {
            if (Equals(old, @new))
            {
                return;
            }

            if ((old ?? @new) is TreeMap { Count: > 0 } && (old is null or TreeMap) && (@new is null or TreeMap))
            {
                foreach (var name in Names(old).Union(Names(@new), StringComparer.Ordinal).Order(StringComparer.Ordinal))
                {
                    Collect(Join(path, name), old?[name], @new?[name]);
                }

                return;
            }

            if ((old ?? @new) is TreeList { Count: > 0 } && (old is null or TreeList) && (@new is null or TreeList))
            {
                var (was, becomes) = (Tree.ItemsOf(old).ToArray(), Tree.ItemsOf(@new).ToArray());
                for (var at = 0; at < Math.Max(was.Length, becomes.Length); at++)
                {
                    Collect($"{path}[{at}]", was.ElementAtOrDefault(at), becomes.ElementAtOrDefault(at));
                }

                return;
            }

            changes.Add(new AttributeChange(path, old, @new, old is not null && ResourceKinds.ForcesReplacement(type, path)));
        }
    }

    private static IEnumerable<string> Names(Tree? tree) => tree is TreeMap map ? map.Members().Select(member => member.Key) : [];

    /// <summary>Names with dots in them stand in quotes.</summary>
    private static string Join(string path, string name) =>
        name.Contains('.', StringComparison.Ordinal) ? $"{path}[\"{name}\"]" : path.Length == 0 ? name : $"{path}.{name}";
}
