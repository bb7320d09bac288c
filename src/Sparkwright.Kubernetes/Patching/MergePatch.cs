using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.Kubernetes.Patching;

/// <summary>JSON merge patch, RFC 7386: maps are merged, null removes, everything else replaces.</summary>
public static class MergePatch
{
    public static Tree Apply(Tree? target, Tree patch)
    {
        if (patch is not TreeMap changes)
        {
            return patch;
        }

        var result = target as TreeMap ?? TreeMap.Empty;
        foreach (var (key, value) in changes)
        {
            result = result.With(key, value is TreeNull ? null : Apply(result.Get(key), value));
        }

        return result;
    }

    /// <summary>
    /// The patch that client-side apply sends for kinds without merge keys: what is new or changed in the manifest, and null for what the last
    /// manifest had and this one has not.
    /// </summary>
    public static TreeMap ForApply(TreeMap last, TreeMap wanted, TreeMap current)
    {
        var patch = new TreeMapBuilder();
        foreach (var (key, _) in last)
        {
            if (!wanted.ContainsKey(key) && current.ContainsKey(key))
            {
                patch.Set(key, TreeNull.Value);
            }
        }

        foreach (var (key, value) in wanted)
        {
            var known = current.Get(key);
            if (value is TreeMap map && known is TreeMap knownMap)
            {
                var nested = ForApply(last.Get(key) as TreeMap ?? TreeMap.Empty, map, knownMap);
                patch.Set(key, nested.Count == 0 ? null : nested);
            }
            else if (!value.Equals(known))
            {
                patch.Set(key, value);
            }
        }

        return patch.Build();
    }
}
