using System.Text;
using System.Text.Json;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Blueprint;
using Sparkwright.World.Spark.Workloads;

namespace Sparkwright.Cli.Commands;

/// <summary>A job on disk: its job run, and the files that it finds in S3.</summary>
public sealed record JobFolder(string Path, TreeMap Request, IReadOnlyList<(string Key, byte[] Body)> Files)
{
    /// <summary>The bucket that every run has; <c>${S3_BUCKET}</c> in a job run stands for it.</summary>
    public const string Bucket = "sparkwright-run";

    public const string Variable = "${S3_BUCKET}";

    /// <exception cref="InputException">The folder or its job run cannot be used.</exception>
    public static JobFolder Read(string folder)
    {
        if (!Directory.Exists(folder))
        {
            throw new InputException($"{folder}: there is no such folder; give one with a job-run.yaml, such as blueprints/emr-eks-karpenter/examples/compute-optimized");
        }

        var full = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(folder));
        var name = System.IO.Path.GetFileName(full);
        var files = Directory.EnumerateFiles(full, "*", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal)
            .Select(file => ($"{name}/{System.IO.Path.GetRelativePath(full, file).Replace('\\', '/')}", File.ReadAllBytes(file)))
            .ToList();
        var request = ReadRequest(folder, full);
        CheckWorkload(folder, full);
        return new JobFolder(full, request, files);
    }

    private static TreeMap ReadRequest(string folder, string full)
    {
        var file = new[] { "job-run.yaml", "job-run.yml", "job-run.json" }.Select(candidate => System.IO.Path.Combine(full, candidate)).FirstOrDefault(File.Exists)
            ?? throw new InputException($"{folder}: has no job-run.yaml or job-run.json");
        var shown = System.IO.Path.Combine(folder, System.IO.Path.GetFileName(file));
        var text = File.ReadAllText(file, Encoding.UTF8).Replace(Variable, $"s3://{Bucket}", StringComparison.Ordinal);
        try
        {
            if (file.EndsWith(".json", StringComparison.Ordinal))
            {
                return TreeJson.Parse(text) as TreeMap ?? throw new InputException($"{shown}: must be one JSON object with the members of StartJobRun");
            }
        }
        catch (JsonException mistake)
        {
            throw new InputException($"{shown}:{mistake.LineNumber + 1}: is not JSON: {mistake.Message.Split('.')[0]}");
        }

        var read = YamlReader.Read(text);
        if (read.Error is { } error)
        {
            throw new InputException($"{shown}:{error.Line}: {error.Message}");
        }

        return read.Documents is [{ Root: TreeMap request }] ? request : throw new InputException($"{shown}: must be one map with the members of StartJobRun");
    }

    /// <summary>A workload description that cannot be read is a mistake before the job starts, not a job that fails.</summary>
    private static void CheckWorkload(string folder, string full)
    {
        var file = System.IO.Path.Combine(full, "workload.yaml");
        if (!File.Exists(file))
        {
            return;
        }

        var shown = System.IO.Path.Combine(folder, "workload.yaml");
        var read = YamlReader.Read(File.ReadAllText(file, Encoding.UTF8));
        if (read.Error is { } error)
        {
            throw new InputException($"{shown}:{error.Line}: {error.Message}");
        }

        if (WorkloadFile.Read(read.Documents is [var only] ? only.Root : TreeNull.Value, out var problem) is null)
        {
            throw new InputException($"{shown}: {problem}");
        }
    }
}

/// <summary>Blueprints on disk.</summary>
public static class BlueprintFiles
{
    /// <summary>The blueprint that was named, else the nearest one above a folder (if one is given), else the one built in.</summary>
    /// <exception cref="InputException">The blueprint cannot be used.</exception>
    public static PlatformBlueprint Load(string? named, string? folder)
    {
        var path = named ?? (folder is null ? null : Above(folder));
        if (path is null)
        {
            return Checked(BlueprintReader.Read(BuiltInBlueprint.FileName, BuiltInBlueprint.ReadFile(BuiltInBlueprint.FileName)!, BuiltInBlueprint.ReadFile));
        }

        if (!File.Exists(path))
        {
            throw new InputException($"{path}: there is no such blueprint");
        }

        var home = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!;
        return Checked(BlueprintReader.Read(path, File.ReadAllText(path), file =>
            System.IO.Path.Combine(home, file) is var beside && File.Exists(beside) ? File.ReadAllText(beside) : null));
    }

    private static PlatformBlueprint Checked((PlatformBlueprint? Blueprint, BlueprintError? Error) read) =>
        read.Blueprint ?? throw new InputException(read.Error!.ToString());

    private static string? Above(string folder)
    {
        for (var at = new DirectoryInfo(folder); at is not null; at = at.Parent)
        {
            var candidate = System.IO.Path.Combine(at.FullName, BuiltInBlueprint.FileName);
            if (File.Exists(candidate))
            {
                return System.IO.Path.GetRelativePath(Environment.CurrentDirectory, candidate);
            }
        }

        return null;
    }
}

/// <summary>A user's mistake: what is wrong, where, and how to mend it, in one line.</summary>
public sealed class InputException(string message) : Exception(message);
