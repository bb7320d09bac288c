using System.CommandLine;
using Sparkwright.Cli.Output;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Blueprint;

namespace Sparkwright.Cli.Commands;

/// <summary><c>sparkwright apply</c>: makes a running platform what a blueprint says, as <c>terraform apply</c> does.</summary>
internal static class ApplyCommand
{
    public static Command Create()
    {
        var options = new PlatformOptions();
        var command = options.Add(
            new Command("apply", """
                Makes the platform what the blueprint says: shows the plan, asks for a yes, carries it out while telling how far it is, and prints the outputs.
                Of a module, what it needs is built too.

                Examples:
                  sparkwright apply
                  sparkwright apply --blueprint my-platform/blueprint.yaml --auto-approve
                  sparkwright apply --only teams --auto-approve
                """),
            hasBlueprint: true,
            hasModules: true,
            asks: true);
        command.SetAction((parsed, cancellation) => Run(options.Read(parsed, isDestroy: false), cancellation));
        return command;
    }

    /// <summary>Shows a plan, asks, and carries it out; an apply and a destroy differ only in the plan.</summary>
    public static Task<int> Run(PlatformWish wish, CancellationToken cancellation) => wish.With(async (client, request) =>
    {
        var name = wish.IsDestroy ? "destroy" : "apply";
        if (!wish.IsApproved && (wish.AsJson || Console.IsInputRedirected))
        {
            throw new InputException($"{name} asks for a yes on a terminal, and here is none; give --auto-approve to go ahead without");
        }

        var answer = await client.Post("plan", request, cancellation).ConfigureAwait(false);
        if (answer["obstacle"]?.Text is { } obstacle)
        {
            throw new PlatformClientException(obstacle);
        }

        var plan = PlanJson.Read(answer);
        if (!wish.AsJson)
        {
            Console.Out.Write(PlanText.Print(plan, wish.IsDestroy, ScreenSettings.ForStdout(wish.NoColor)));
            if (!plan.Changes.IsEmpty && !wish.IsApproved && !await Agrees(wish.IsDestroy, cancellation).ConfigureAwait(false))
            {
                Console.Out.WriteLine($"\n{(wish.IsDestroy ? "Destroy" : "Apply")} cancelled.");
                return 1;
            }

            await Console.Out.FlushAsync(cancellation).ConfigureAwait(false);
        }

        using var progress = new ApplyProgress(Console.Error, ScreenSettings.ForStderr(wish.NoColor), plan);
        TreeMap? end = null;
        await foreach (var line in client.Apply(request.With("expected", answer["mark"]), cancellation).ConfigureAwait(false))
        {
            if (line["event"]?.Text == "end")
            {
                end = line;
            }
            else
            {
                progress.Show(line);
            }
        }

        progress.Dispose();
        if (end is null)
        {
            throw new PlatformClientException($"the platform of {wish.DataDirectory} went away before the end; run the command again when it is back");
        }

        var failure = end["failure"]?.Text;
        if (wish.AsJson)
        {
            Console.Out.WriteLine(answer.With("mark", null).With("failure", failure is null ? TreeNull.Value : failure).With("outputs", end["outputs"]));
        }
        else if (failure is null)
        {
            Console.Out.Write(PlanText.Summary(plan, wish.IsDestroy));
            if (!wish.IsDestroy)
            {
                Console.Out.WriteLine($"\nOutputs:\n\n{OutputsCommand.Text((TreeMap)end["outputs"]!)}");
            }
        }

        return failure is null ? 0 : throw new PlatformClientException($"{name} stopped: {failure}");
    });

    private static async Task<bool> Agrees(bool isDestroy, CancellationToken cancellation)
    {
        Console.Out.Write(isDestroy
            ? "\nDo you really want to destroy all of this? There is no undo.\n  Only 'yes' will be accepted to confirm.\n\n  Enter a value: "
            : "\nDo you want to perform these actions?\n  Only 'yes' will be accepted to approve.\n\n  Enter a value: ");
        await Console.Out.FlushAsync(cancellation).ConfigureAwait(false);
        return await Console.In.ReadLineAsync(cancellation).ConfigureAwait(false) == "yes";
    }
}
