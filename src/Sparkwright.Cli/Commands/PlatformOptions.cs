using System.CommandLine;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Server.Storage;
using Sparkwright.World.Blueprint;

namespace Sparkwright.Cli.Commands;

/// <summary>The options that plan, apply, verify and destroy have in common.</summary>
internal sealed class PlatformOptions
{
    private readonly Option<string> data = new("--data-dir") { Description = "Of the running platform", DefaultValueFactory = _ => DataDirectory.Default };
    private readonly Option<string> target = new("--target") { Description = "embedded: the platform that sparkwright up serves; aws: an AWS account", DefaultValueFactory = _ => "embedded" };
    private readonly Option<string?> blueprint = new("--blueprint") { Description = "The platform that is wanted; else the one that was applied last, else the one built in" };
    private readonly Option<string[]> only = new("--only") { Description = "A module: network, cluster, teams, observability or addons; may be given several times", DefaultValueFactory = _ => [] };
    private readonly Option<bool> autoApprove = new("--auto-approve") { Description = "Do not ask for a yes" };
    private readonly Option<string> output = new("--output", "-o") { Description = "text or json", DefaultValueFactory = _ => "text" };
    private readonly Option<bool> noColor = new("--no-color") { Description = "No colours; NO_COLOR does the same" };

    public PlatformOptions()
    {
        target.AcceptOnlyFromAmong("embedded", "aws");
        only.AcceptOnlyFromAmong([.. PlatformModules.All.Select(PlatformModules.NameOf)]);
        output.AcceptOnlyFromAmong("text", "json");
    }

    public Command Add(Command command, bool hasBlueprint, bool hasModules, bool asks)
    {
        IEnumerable<Option> options = [data, target, .. hasBlueprint ? [blueprint] : Array.Empty<Option>(), .. hasModules ? [only] : Array.Empty<Option>(), .. asks ? [autoApprove] : Array.Empty<Option>(), output, noColor];
        foreach (var option in options)
        {
            command.Add(option);
        }

        return command;
    }

    public PlatformWish Read(ParseResult parsed, bool isDestroy) => new(
        parsed.GetValue(data)!,
        parsed.GetValue(target) == "aws",
        isDestroy ? null : parsed.GetValue(blueprint),
        parsed.GetValue(only) ?? [],
        isDestroy,
        parsed.GetValue(autoApprove),
        parsed.GetValue(output) == "json",
        parsed.GetValue(noColor));
}

/// <summary>What a command was asked to do with a platform.</summary>
/// <param name="Blueprint">Its file; null for none.</param>
/// <param name="Only">Names of modules; empty for all.</param>
internal sealed record PlatformWish(string DataDirectory, bool IsAws, string? Blueprint, string[] Only, bool IsDestroy, bool IsApproved, bool AsJson, bool NoColor)
{
    /// <summary>The request as the platform takes it.</summary>
    /// <exception cref="InputException">The blueprint cannot be used, or the target is not there yet.</exception>
    public TreeMap Request() => IsAws
        ? throw new InputException("--target aws is not there yet; leave it out for the platform that sparkwright up serves")
        : TreeMap.Of(
            ("destroy", IsDestroy),
            ("files", Blueprint is null ? null : TreeMap.OfTexts(BlueprintFiles.Load(Blueprint, null).Files)),
            ("only", TreeList.OfTexts(Only)));

    /// <summary>Runs a command over the platform; whatever stands against it is one line on stderr.</summary>
    public async Task<int> With(Func<PlatformClient, TreeMap, Task<int>> act)
    {
        try
        {
            var request = Request();
            using var client = PlatformClient.Of(DataDirectory);
            return await act(client, request).ConfigureAwait(false);
        }
        catch (PlatformClientException mistake)
        {
            await Console.Error.WriteLineAsync($"sparkwright: {mistake.Message}").ConfigureAwait(false);
            return 1;
        }
        catch (InputException mistake)
        {
            await Console.Error.WriteLineAsync($"sparkwright: {mistake.Message}").ConfigureAwait(false);
            return 2;
        }
    }
}
