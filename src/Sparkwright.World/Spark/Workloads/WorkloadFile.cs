using System.Collections.Immutable;
using System.Globalization;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Quantities;

namespace Sparkwright.World.Spark.Workloads;

/// <summary>
/// Reads <c>workload.yaml</c>:
/// <code>
/// input: {files: 21, fileSize: 38MB}
/// stages:                     # left out: the default stages over the input
/// - name: scan
///   tasks: input              # one per split of the input, or a number
///   taskTime: 30s             # or [20s, 40s]; left out: modelled from the bytes
/// - name: aggregate
///   tasks: 200
///   bytesPerTask: 16MB
///   dependsOn: [scan]         # reads its shuffle output
///   after: []                 # stages of earlier jobs; default the stage before, where dependsOn is empty
/// </code>
/// </summary>
public static class WorkloadFile
{
    private const int MostTasks = 1_000_000;

    /// <summary>The workload, or null and what is wrong: where, the value, what is allowed.</summary>
    public static Workload? Read(Tree tree, out string? problem)
    {
        problem = null;
        if (tree is not TreeMap map)
        {
            problem = "workload: give a map with input and, if wanted, stages";
            return null;
        }

        problem = UnknownKey("workload", map, "input", "stages");
        var input = problem is null ? ReadInput(map["input"], out problem) : null;
        if (input is null)
        {
            return null;
        }

        if (map["stages"] is not { } list)
        {
            return Workload.Default(input);
        }

        if (list.Items.Length == 0)
        {
            problem = "stages: give a list of at least one stage, or leave it out for the default";
            return null;
        }

        var stages = ImmutableArray.CreateBuilder<StagePlan>();
        foreach (var item in list.Items)
        {
            if (ReadStage(item, $"stages[{stages.Count}]", stages, out problem) is not { } stage)
            {
                return null;
            }

            stages.Add(stage);
        }

        return new Workload(input, stages.ToImmutable());
    }

    private static WorkloadInput? ReadInput(Tree? tree, out string? problem)
    {
        problem = null;
        if (tree is null)
        {
            return WorkloadInput.Default;
        }

        if (tree is not TreeMap map)
        {
            problem = "input: give a map with files and fileSize";
            return null;
        }

        problem = UnknownKey("input", map, "files", "fileSize");
        var files = map["files"] is { } count ? count.Integer : WorkloadInput.Default.Files;
        if (problem is null && files is null or < 1 or > MostTasks)
        {
            problem = $"input.files: '{Show(map["files"])}' is not allowed; give a whole number from 1 to {MostTasks}";
        }

        var bytes = map["fileSize"] is { } size ? ReadBytes(size) : WorkloadInput.Default.FileBytes;
        if (problem is null && bytes is null)
        {
            problem = $"input.fileSize: '{Show(map["fileSize"])}' is not allowed; give bytes such as 38MB or 128Mi";
        }

        return problem is null ? new WorkloadInput((int)files!.Value, bytes!.Value) : null;
    }

    private static StagePlan? ReadStage(Tree tree, string where, ImmutableArray<StagePlan>.Builder earlier, out string? problem)
    {
        if (tree is not TreeMap map)
        {
            problem = $"{where}: give a map with name and tasks";
            return null;
        }

        problem = UnknownKey(where, map, "name", "tasks", "taskTime", "bytesPerTask", "dependsOn", "after");
        var name = map["name"]?.Text ?? "";
        if (problem is null && (name.Length == 0 || earlier.Any(stage => stage.Name == name)))
        {
            problem = $"{where}.name: '{name}' is not allowed; give each stage a name of its own";
        }

        var ofInput = map["tasks"] is null || map["tasks"]?.Text == "input";
        var tasks = map["tasks"]?.Integer;
        if (problem is null && !ofInput && tasks is null or < 1 or > MostTasks)
        {
            problem = $"{where}.tasks: '{Show(map["tasks"])}' is not allowed; give a whole number from 1 to {MostTasks}, or 'input' for one task per split of the input";
        }

        var bytes = map["bytesPerTask"] is { } size ? ReadBytes(size) : 0;
        if (problem is null && bytes is null)
        {
            problem = $"{where}.bytesPerTask: '{Show(map["bytesPerTask"])}' is not allowed; give bytes such as 16MB or 128Mi";
        }

        var time = ReadTime(map["taskTime"], out var timeIsWrong);
        if (problem is null && timeIsWrong)
        {
            problem = $"{where}.taskTime: '{Show(map["taskTime"])}' is not allowed; give a duration such as 30s, or two such as [20s, 40s]";
        }

        var parents = ReadStages(map["dependsOn"], $"{where}.dependsOn", earlier, ref problem);
        var after = ReadStages(map["after"], $"{where}.after", earlier, ref problem);
        if (problem is not null)
        {
            return null;
        }

        // Without a word a program goes on line by line: the stage before it belongs to an earlier job.
        if (map["after"] is null && parents.IsEmpty && earlier.Count > 0)
        {
            after = [earlier.Count - 1];
        }

        return new StagePlan(name) { Tasks = ofInput ? null : (int)tasks!.Value, BytesPerTask = bytes!.Value, TaskTime = time, Parents = parents, After = after };
    }

    private static ImmutableArray<int> ReadStages(Tree? tree, string where, ImmutableArray<StagePlan>.Builder earlier, ref string? problem)
    {
        var positions = ImmutableArray.CreateBuilder<int>();
        foreach (var item in Tree.ItemsOf(tree))
        {
            var at = -1;
            for (var known = 0; known < earlier.Count; known++)
            {
                at = earlier[known].Name == item.Text ? known : at;
            }

            if (at < 0)
            {
                problem ??= $"{where}: '{Show(item)}' is not allowed; give names of stages above";
            }
            else
            {
                positions.Add(at);
            }
        }

        if (tree is not (null or TreeList))
        {
            problem ??= $"{where}: '{Show(tree)}' is not allowed; give a list of names of stages above";
        }

        return positions.ToImmutable();
    }

    private static (TimeSpan Least, TimeSpan Most)? ReadTime(Tree? tree, out bool wrong)
    {
        wrong = false;
        if (tree is null)
        {
            return null;
        }

        if (tree.Text is { } text && GoDuration.TryParse(text, out var always) && always > TimeSpan.Zero)
        {
            return (always, always);
        }

        if (tree.Items.Length == 2 && GoDuration.TryParse(tree.Items[0].Text ?? "", out var least) && GoDuration.TryParse(tree.Items[1].Text ?? "", out var most)
            && least > TimeSpan.Zero && most >= least)
        {
            return (least, most);
        }

        wrong = true;
        return null;
    }

    /// <summary>Bytes as a whole number, or with k, M, G, T (powers of 1000; a B may follow) or Ki, Mi, Gi, Ti (powers of 1024).</summary>
    private static long? ReadBytes(Tree tree)
    {
        if (tree.Integer is { } plain)
        {
            return plain > 0 ? plain : null;
        }

        var text = tree.Text?.Trim() ?? "";
        var digits = text.TakeWhile(character => char.IsAsciiDigit(character) || character == '.').Count();
        if (!decimal.TryParse(text[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
        {
            return null;
        }

        var unit = text[digits..].Trim();
        unit = unit.EndsWith('B') ? unit[..^1] : unit;
        var each = unit switch
        {
            "" => 1m,
            "k" or "K" => 1_000m,
            "M" => 1_000_000m,
            "G" => 1_000_000_000m,
            "T" => 1_000_000_000_000m,
            "Ki" => 1L << 10,
            "Mi" => 1L << 20,
            "Gi" => 1L << 30,
            "Ti" => 1L << 40,
            _ => 0m,
        };
        return number * each is > 0 and < long.MaxValue ? (long)(number * each) : null;
    }

    private static string? UnknownKey(string where, TreeMap map, params string[] allowed)
    {
        foreach (var key in map.Keys)
        {
            if (!allowed.Contains(key))
            {
                return $"{where}.{key}: is not a member; allowed are {string.Join(", ", allowed)}";
            }
        }

        return null;
    }

    private static string Show(Tree? tree) => tree?.Text ?? tree?.ToString() ?? "";
}
