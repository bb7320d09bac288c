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

        return [.. YamlFilesBelow(path).Where(IsMeant)];
    }

    /// <summary>The scenarios of a file, each read when it is asked for: a mistake in one does not silence those before it.</summary>
    /// <exception cref="ScenarioException">The file cannot be read, or is no scenario.</exception>
    public static IEnumerable<Scenario> Read(string file)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
        var reader = new ScenarioReader(file, path => Manifests(Path.Combine(folder, path), path), text => Parse(text, file));
        var documents = Documents(file, file);
        if (documents.Count == 0 || !ScenarioReader.IsScenario(documents[0]))
        {
            throw new ScenarioException($"{file}: is no scenario: it must begin with apiVersion: {ScenarioReader.ApiVersion} and kind: Scenario");
        }

        return documents.Where(ScenarioReader.IsScenario).Select(reader.Read);
    }

    /// <summary>A world made for a scenario, and the run that is to happen in it.</summary>
    /// <exception cref="ScenarioException">The scenario asks for something that there is not.</exception>
    public static ScenarioRun Start(Scenario scenario, string file, long? seed)
    {
        var settings = Platform(scenario, file, seed ?? scenario.Seed);
        var (figures, wrong) = ModelFigures.With(settings.Figures, scenario.Model);
        if (wrong is not null)
        {
            throw new ScenarioException($"{file}: spec.model.{wrong}");
        }

        try
        {
            return new ScenarioRun(scenario, WorldBuilder.Build(settings with { StartTime = scenario.StartTime ?? WorldSettings.Epoch, Figures = figures }));
        }
        catch (PlatformException refused)
        {
            throw new ScenarioException($"{file}: spec.platform: {scenario.Platform}: {refused.Message}");
        }
    }

    /// <summary>The bare platform, or that of a blueprint, which brings its own name, region, version and components.</summary>
    private static WorldSettings Platform(Scenario scenario, string file, long seed)
    {
        if (scenario.Platform == "bare")
        {
            return new WorldSettings { Seed = seed, ClusterName = scenario.ClusterName, Components = scenario.Components };
        }

        var folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
        try
        {
            return WorldSettings.For(BlueprintFiles.Load(Path.GetFullPath(scenario.Platform, folder), folder), seed);
        }
        catch (Exception failure) when (failure is InputException or IOException or UnauthorizedAccessException)
        {
            throw new ScenarioException($"{file}: spec.platform: '{scenario.Platform}' is neither bare nor a blueprint that can be used: {failure.Message}");
        }
    }

    /// <summary>Whether a file of a folder is a scenario; one that cannot be read but looks like one is told of later instead of passed over.</summary>
    private static bool IsMeant(string file)
    {
        try
        {
            var text = File.ReadAllText(file);
            return YamlReader.Read(text) is { Error: null, Documents: var documents }
                ? documents is [var first, ..] && ScenarioReader.IsScenario(first.Root)
                : text.Contains("kind: Scenario", StringComparison.Ordinal);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return true;
        }
    }

    /// <summary>The documents of a file, or of every .yaml and .yml file below a folder in ordinal order.</summary>
    private static IReadOnlyList<Tree> Manifests(string path, string shown)
    {
        if (!Directory.Exists(path))
        {
            return Documents(path, shown);
        }

        var files = YamlFilesBelow(path).ToList();
        return files.Count == 0
            ? throw new ScenarioException($"{shown}: there is no .yaml or .yml file below it")
            : [.. files.SelectMany(file => Documents(file, Path.Combine(shown, Path.GetRelativePath(path, file))))];
    }

    private static IEnumerable<string> YamlFilesBelow(string folder) => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
        .Where(file => Path.GetExtension(file) is ".yaml" or ".yml")
        .Order(StringComparer.Ordinal);

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
