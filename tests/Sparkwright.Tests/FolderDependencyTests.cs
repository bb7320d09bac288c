using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Sparkwright.Tests;

/// <summary>Neighbours inside World meet in the store; these are the few direct arrows that are allowed.</summary>
public sealed partial class FolderDependencyTests
{
    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["Aws"] = [],
        // The platform file names instance types and zones, which the catalogue knows.
        ["Blueprint"] = ["Ec2"],
        ["Controllers"] = [],
        ["Ec2"] = ["Aws"],
        ["Emr"] = ["Spark", "Nodes", "Ec2", "Aws"],
        ["Karpenter"] = ["Ec2", "Aws"],
        ["Nodes"] = ["Ec2", "Aws"],
        ["Scheduling"] = [],
        ["Spark"] = ["Nodes", "Ec2", "Aws"],
        // Fitting pods to nodes is the default scheduler's knowledge.
        // A gang that follows from a Spark configuration is made of the pods that Spark makes.
        ["YuniKorn"] = ["Scheduling", "Spark"],
    };

    // Insight reads everything and nothing depends on it; the scenario runner drives the whole world, as the root does.
    private static readonly string[] ReadsAll = ["Insight", "Scenarios"];

    private static readonly string[] Layers = ["Simulation", "Kubernetes", "World", "Server", "Cli"];

    [Fact]
    public void Folders_of_the_world_use_only_what_they_may()
    {
        var world = Path.Combine(Root(), "src", "Sparkwright.World");
        var wrong = new List<string>();
        foreach (var folder in Directory.GetDirectories(world).Select(path => Path.GetFileName(path)).Where(name => name is not ("bin" or "obj")).Order(StringComparer.Ordinal))
        {
            if (ReadsAll.Contains(folder))
            {
                continue;
            }

            if (!Allowed.TryGetValue(folder, out var allowed))
            {
                wrong.Add($"{folder}: a new folder; say in this test what it may use");
                continue;
            }

            foreach (var (file, used) in UsesOf(Path.Combine(world, folder), WorldUse()).Where(use => use.Used != folder && !allowed.Contains(use.Used)))
            {
                wrong.Add($"{file} uses {used}");
            }
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public void Layers_use_only_those_below()
    {
        var wrong = new List<string>();
        for (var layer = 0; layer < Layers.Length; layer++)
        {
            var source = Path.Combine(Root(), "src", "Sparkwright." + Layers[layer]);
            if (Directory.Exists(source))
            {
                var above = Layers[(layer + 1)..];
                wrong.AddRange(UsesOf(source, LayerUse()).Where(use => above.Contains(use.Used)).Select(use => $"{use.File} uses {use.Used}"));
            }
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public void Namespaces_are_folders()
    {
        var source = Path.Combine(Root(), "src");
        foreach (var file in Sources(source))
        {
            var folder = Path.GetRelativePath(source, Path.GetDirectoryName(file)!).Replace(Path.DirectorySeparatorChar, '.');
            if (NamespaceLine().Match(File.ReadAllText(file)) is { Success: true } found)
            {
                Assert.Equal((file, folder), (file, found.Groups[1].Value));
            }
        }
    }

    private static IEnumerable<(string File, string Used)> UsesOf(string folder, Regex use) =>
        from file in Sources(folder)
        from Match match in use.Matches(File.ReadAllText(file))
        select (Path.GetRelativePath(Root(), file), match.Groups[1].Value);

    private static IEnumerable<string> Sources(string folder) => Directory.GetFiles(folder, "*.cs", SearchOption.AllDirectories)
        .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal)
            && !file.Contains($"{Path.DirectorySeparatorChar}bin{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
        .Order(StringComparer.Ordinal);

    private static string Root([CallerFilePath] string here = "")
    {
        // Compiled in a clean build the path may be rewritten: then the test looks upwards from where it runs.
        var folder = new DirectoryInfo(File.Exists(here) ? Path.GetDirectoryName(here)! : AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Sparkwright.slnx")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("the test does not run inside the repository");
    }

    [GeneratedRegex(@"\bSparkwright\.World\.(Aws|Blueprint|Controllers|Ec2|Emr|Insight|Karpenter|Nodes|Scheduling|Scenarios|Spark|YuniKorn)\b")]
    private static partial Regex WorldUse();

    [GeneratedRegex(@"^using (?:static )?Sparkwright\.(\w+)", RegexOptions.Multiline)]
    private static partial Regex LayerUse();

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex NamespaceLine();
}
