using System.CommandLine;
using System.Runtime.InteropServices;
using Sparkwright.Server;
using Sparkwright.Server.Storage;

namespace Sparkwright.Cli.Commands;

/// <summary><c>sparkwright up</c>: serves the platform until it is told to stop.</summary>
internal static class UpCommand
{
    private static readonly ServicePorts DefaultPorts = new(6443, 4566, 8080, 9080);

    public static Command Create()
    {
        var data = new Option<string>("--data-dir") { Description = "Where the platform's state is kept", DefaultValueFactory = _ => DataDirectory.Default };
        var speed = new Option<double>("--speed") { Description = "Seconds of world time in one of wall time", DefaultValueFactory = _ => 1 };
        var blueprint = new Option<string?>("--blueprint") { Description = "The platform; else the one built in; none for an empty account" };
        var inMemory = new Option<bool>("--in-memory") { Description = "Keep nothing of the platform's state" };
        var durability = new Option<string>("--durability") { Description = "process: survives kill -9; full: survives power loss too", DefaultValueFactory = _ => "process" };
        durability.AcceptOnlyFromAmong("process", "full");
        var kubernetesPort = PortOption("--kubernetes-port", "the Kubernetes API", DefaultPorts.Kubernetes);
        var awsPort = PortOption("--aws-port", "the AWS API", DefaultPorts.Aws);
        var dashboardPort = PortOption("--dashboard-port", "the components' metrics", DefaultPorts.Dashboard);
        var yuniKornPort = PortOption("--yunikorn-port", "YuniKorn's web service", DefaultPorts.YuniKorn);
        var seed = new Option<long>("--seed") { Description = "Seed of all chance of a new platform", DefaultValueFactory = _ => 1 };
        var output = new Option<string>("--output", "-o") { Description = "text or json", DefaultValueFactory = _ => "text" };
        output.AcceptOnlyFromAmong("text", "json");
        var command = new Command("up", """
            Serves the platform: a Kubernetes API for kubectl and every other client, an AWS API for aws and the SDKs, YuniKorn's web service and metrics for Prometheus. It goes on until Ctrl-C; what it has acknowledged survives even kill -9,
            and the next up goes on from there.

            Examples:
              sparkwright up
              sparkwright up --speed 60 --in-memory
              sparkwright up --blueprint my-platform/blueprint.yaml --data-dir state
            """)
        {
            data, speed, blueprint, inMemory, durability, kubernetesPort, awsPort, dashboardPort, yuniKornPort, seed, output,
        };
        command.SetAction((parsed, cancellation) => Run(
            new PlatformSettings(
                null, parsed.GetValue(data)!, parsed.GetValue(speed), parsed.GetValue(inMemory), parsed.GetValue(durability) == "full",
                new ServicePorts(parsed.GetValue(kubernetesPort), parsed.GetValue(awsPort), parsed.GetValue(dashboardPort), parsed.GetValue(yuniKornPort)), parsed.GetValue(seed)),
            parsed.GetValue(blueprint),
            parsed.GetValue(output) == "json",
            cancellation));
        return command;
    }

    private static Option<int> PortOption(string name, string serves, int standard)
    {
        var option = new Option<int>(name) { Description = $"Port of {serves}, 0 for any free one", DefaultValueFactory = _ => standard };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 0 or > 65_535)
            {
                result.AddError($"{name}: must be from 0 to 65535");
            }
        });
        return option;
    }

    private static async Task<int> Run(PlatformSettings settings, string? blueprint, bool asJson, CancellationToken cancellation)
    {
        try
        {
            if (settings.Speed is not (> 0 and <= 100_000))
            {
                throw new InputException($"--speed {settings.Speed}: must be more than 0 and at most 100000");
            }

            var platform = await Platform.Start(settings with { Blueprint = blueprint == "none" ? null : BlueprintFiles.Load(blueprint, null) }).ConfigureAwait(false);
            await using (platform.ConfigureAwait(false))
            {
                Console.Out.WriteLine(asJson
                    ? platform.Endpoints.ToString()
                    : $"Kubernetes API at {platform.Endpoints.At("endpoints", "kubernetes")?.Text}, AWS API at {platform.Endpoints.At("endpoints", "aws")?.Text}; eval \"$(sparkwright env{(settings.DataDirectory == DataDirectory.Default ? "" : $" --data-dir {settings.DataDirectory}")})\" for kubectl and aws; Ctrl-C stops");
                await Console.Out.FlushAsync(CancellationToken.None).ConfigureAwait(false);
                if (blueprint is not null && !platform.IsAsWished)
                {
                    await Console.Error.WriteLineAsync(
                        $"sparkwright: the platform of {settings.DataDirectory} goes on with the blueprint that was applied to it, not with {blueprint}; "
                        + (blueprint == "none" ? "sparkwright destroy takes it down" : $"sparkwright apply --blueprint {blueprint} changes it")).ConfigureAwait(false);
                }

                var stop = new TaskCompletionSource();
                using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
                {
                    context.Cancel = true;
                    stop.TrySetResult();
                });
                using var cancelled = cancellation.Register(() => stop.TrySetResult());
                if (await Task.WhenAny(stop.Task, platform.Ended).ConfigureAwait(false) != stop.Task)
                {
                    await platform.Ended.ConfigureAwait(false);
                }
            }

            return 0;
        }
        catch (Exception mistake) when (mistake is InputException or JournalException or IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"sparkwright: {mistake.Message}").ConfigureAwait(false);
            return 2;
        }
    }
}
