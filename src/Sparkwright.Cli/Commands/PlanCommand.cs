using System.CommandLine;
using Sparkwright.Cli.Output;
using Sparkwright.World.Blueprint;

namespace Sparkwright.Cli.Commands;

/// <summary><c>sparkwright plan</c>: what an apply would do to a running platform, as <c>terraform plan</c> tells it.</summary>
internal static class PlanCommand
{
    public static Command Create()
    {
        var options = new PlatformOptions();
        var command = options.Add(
            new Command("plan", """
                Shows what apply would do: which resources of the blueprint would come, change or go, attribute by attribute. It changes nothing.

                Examples:
                  sparkwright plan
                  sparkwright plan --blueprint my-platform/blueprint.yaml
                  sparkwright plan --only teams --output json
                """),
            hasBlueprint: true,
            hasModules: true,
            asks: false);
        command.SetAction((parsed, cancellation) => Run(options.Read(parsed, isDestroy: false), cancellation));
        return command;
    }

    private static Task<int> Run(PlatformWish wish, CancellationToken cancellation) => wish.With(async (client, request) =>
    {
        var answer = await client.Post("plan", request, cancellation).ConfigureAwait(false);
        if (answer["obstacle"]?.Text is { } obstacle)
        {
            throw new PlatformClientException(obstacle);
        }

        if (wish.AsJson)
        {
            Console.Out.WriteLine(answer.With("mark", null));
        }
        else
        {
            Console.Out.Write(PlanText.Print(PlanJson.Read(answer), isDestroy: false, ScreenSettings.ForStdout(wish.NoColor)));
        }

        return 0;
    });
}
