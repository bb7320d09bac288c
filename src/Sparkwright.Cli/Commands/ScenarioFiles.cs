using Sparkwright.Kubernetes.Objects;
using Sparkwright.World;
using Sparkwright.World.Scenarios;

namespace Sparkwright.Cli.Commands;

/// <summary>Scenarios on disk.</summary>
public static class ScenarioFiles
{
    /// <summary>A file itself; of a folder every .yaml and .yml file below it whose first document is a scenario, in ordinal order.</summary>
    public static IReadOnlyList<string> Find(string path)
    {
        if (!Directory.Exists(path))
        {
            return [path];
        }

        return
        [
            .. Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories)
                .Where(file => Path.GetExtension(file) is ".yaml" or ".yml")
                .Order(StringComparer.Ordinal)
                .Where(file => YamlReader.Read(File.ReadAllText(file)) is { Documents: [var first, ..] } ? ScenarioReader.IsScenario(first.Root) : ClaimsToBeOne(file)),
        ];
    }

    /// <summary>The scenarios of a file.</summary>
    /// <exception cref="ScenarioException">The file cannot be read, or is no scenario.</exception>
    public static IReadOnlyList<Scenario> Read(string file)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
        var reader = new ScenarioReader(file, path => Documents(Path.Combine(folder, path), path), text => Parse(text, file));
        var documents = Documents(file, file);
        if (documents.Count == 0 || !ScenarioReader.IsScenario(documents[0]))
        {
            throw new ScenarioException($"{file}: is no scenario: it must begin with apiVersion: {ScenarioReader.ApiVersion} and kind: Scenario");
        }

        return [.. documents.Where(ScenarioReader.IsScenario).Select(reader.Read)];
    }

    /// <summary>A world made for a scenario, and the run that is to happen in it.</summary>
    /// <exception cref="ScenarioException">The scenario asks for something that there is not.</exception>
    public static ScenarioRun Start(Scenario scenario, string file, long? seed)
    {
        var (figures, wrong) = ModelFigures.With(new ModelFigures(), scenario.Model);
        if (wrong is not null)
        {
            throw new ScenarioException($"{file}: spec.model.{wrong}");
        }

        var world = WorldBuilder.Build(new WorldSettings
        {
            Seed = seed ?? scenario.Seed,
            StartTime = scenario.StartTime ?? WorldSettings.Epoch,
            ClusterName = scenario.ClusterName,
            Components = scenario.Components,
            Figures = figures,
        });
        return new ScenarioRun(scenario, world);
    }

    private static bool ClaimsToBeOne(string file) => File.ReadAllText(file).Contains("kind: Scenario", StringComparison.Ordinal);

    private static IReadOnlyList<Tree> Documents(string path, string shown)
    {
        try
        {
            return Parse(File.ReadAllText(path), shown);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new ScenarioException($"{shown}: cannot be read: {(File.Exists(path) ? failure.Message : "there is no such file")}");
        }
    }

    private static IReadOnlyList<Tree> Parse(string text, string shown)
    {
        var read = YamlReader.Read(text);
        return read.Error is { } error ? throw new ScenarioException($"{shown}: {error}") : [.. read.Documents.Select(document => document.Root)];
    }
}
