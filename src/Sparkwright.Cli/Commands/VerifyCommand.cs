using System.CommandLine;
using Sparkwright.Cli.Output;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.Cli.Commands;

/// <summary><c>sparkwright verify</c>: looks whether everything of a blueprint is there and at work.</summary>
internal static class VerifyCommand
{
    public static Command Create()
    {
        var options = new PlatformOptions();
        var command = options.Add(
            new Command("verify", """
                Checks a running platform against its blueprint: cluster, workspace, nodes, namespaces, add-ons, pools, virtual clusters, roles. Exit code 1 when one
                check fails; each failure says how to mend it.

                Examples:
                  sparkwright verify
                  sparkwright verify --output json
                """),
            hasBlueprint: true,
            hasModules: false,
            asks: false);
        command.SetAction((parsed, cancellation) => Run(options.Read(parsed, isDestroy: false), cancellation));
        return command;
    }

    private static Task<int> Run(PlatformWish wish, CancellationToken cancellation) => wish.With(async (client, request) =>
    {
        var answer = await client.Post("verify", request, cancellation).ConfigureAwait(false);
        Console.Out.Write(wish.AsJson ? answer + "\n" : VerifyText.Print(Tree.ItemsOf(answer["checks"]).ToArray(), ScreenSettings.ForStdout(wish.NoColor)));
        return answer["ok"]?.Boolean == true ? 0 : 1;
    });
}
