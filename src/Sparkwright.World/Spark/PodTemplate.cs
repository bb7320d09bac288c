using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Spark;

/// <summary>A pod template as the user gave it: the pod's tree, and which container is Spark's.</summary>
public static class PodTemplate
{
    /// <summary>
    /// The container that Spark turns into its own: the one that the conf names, else the first. Null when there is none of that name.
    /// </summary>
    public static TreeMap? MainContainer(TreeMap template, string? containerName)
    {
        var containers = Tree.ItemsOf(template.At("spec", "containers")).ToArray().OfType<TreeMap>();
        return containerName is null ? containers.FirstOrDefault() : containers.FirstOrDefault(container => container["name"]?.Text == containerName);
    }

    /// <summary>All containers but the main one, in their order.</summary>
    public static IEnumerable<TreeMap> OtherContainers(TreeMap template, TreeMap? main) =>
        Tree.ItemsOf(template.At("spec", "containers")).ToArray().OfType<TreeMap>().Where(container => !ReferenceEquals(container, main));

    /// <summary>A list of named maps with more added; one of the same name is replaced in its place.</summary>
    public static TreeList Merge(Tree? list, IEnumerable<TreeMap> more, string key = "name")
    {
        var items = Tree.ItemsOf(list).ToArray().ToList();
        foreach (var item in more)
        {
            var at = items.FindIndex(known => known[key]?.Text == item[key]?.Text);
            if (at >= 0)
            {
                items[at] = item;
            }
            else
            {
                items.Add(item);
            }
        }

        return TreeList.From(items);
    }
}
